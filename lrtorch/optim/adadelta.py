"""Adadelta: ``torch.optim.Adadelta`` over groups by pattern."""

from collections.abc import Sequence
from typing import Any

import torch

from lrspec.optimizer_options import ADADELTA
from lrspec.types import Number, ParamGroups

from ..lr_scheduler._base import LRScheduler
from ._build import build
from ._documented import documented


@documented(ADADELTA)
def Adadelta(
    model: Any,
    groups: ParamGroups | None = None,
    lr: Number = 1.0,
    rho: Number = 0.9,
    eps: Number = 1e-6,
    weight_decay: Number = 0,
    *,
    maximize: bool = False,
    scheduler: LRScheduler | Sequence[LRScheduler] | None = None,
    foreach: bool | None = None,
) -> torch.optim.Adadelta:
    """``torch.optim.Adadelta`` over the parameters of ``model``."""
    defaults = dict(lr=lr, rho=rho, eps=eps, weight_decay=weight_decay, maximize=maximize)
    return build(ADADELTA, model, groups, defaults, scheduler, {"foreach": foreach})
