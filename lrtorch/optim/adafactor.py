"""Adafactor: ``torch.optim.Adafactor`` over groups by pattern."""

from collections.abc import Sequence
from typing import Any

import torch

from lrspec.optimizer_options import ADAFACTOR
from lrspec.types import Number, ParamGroups

from ..lr_scheduler._base import LRScheduler
from ._build import build
from ._documented import documented


@documented(ADAFACTOR)
def Adafactor(
    model: Any,
    groups: ParamGroups | None = None,
    lr: Number = 1e-2,
    beta2_decay: Number = -0.8,
    eps: tuple[Number | None, Number] = (None, 1e-3),
    d: Number = 1.0,
    weight_decay: Number = 0.0,
    *,
    maximize: bool = False,
    scheduler: LRScheduler | Sequence[LRScheduler] | None = None,
    foreach: bool | None = None,
) -> torch.optim.Adafactor:
    """``torch.optim.Adafactor`` over the parameters of ``model``."""
    defaults = dict(lr=lr, beta2_decay=beta2_decay, eps=eps, d=d, weight_decay=weight_decay, maximize=maximize)
    return build(ADAFACTOR, model, groups, defaults, scheduler, {"foreach": foreach})
