"""ASGD: ``torch.optim.ASGD`` over groups by pattern."""

from collections.abc import Sequence
from typing import Any

import torch

from lrspec import optimizer_options
from lrspec.types import Number, ParamGroups

from ..lr_scheduler._base import LRScheduler
from ._build import build
from ._documented import documented


@documented(optimizer_options.ASGD)
def ASGD(
    model: Any,
    groups: ParamGroups | None = None,
    lr: Number = 1e-2,
    lambd: Number = 1e-4,
    alpha: Number = 0.75,
    t0: Number = 1e6,
    weight_decay: Number = 0,
    maximize: bool = False,
    *,
    scheduler: LRScheduler | Sequence[LRScheduler] | None = None,
    foreach: bool | None = None,
) -> torch.optim.ASGD:
    """``torch.optim.ASGD`` over the parameters of ``model``."""
    defaults = dict(lr=lr, lambd=lambd, alpha=alpha, t0=t0, weight_decay=weight_decay, maximize=maximize)
    return build(optimizer_options.ASGD, model, groups, defaults, scheduler, {"foreach": foreach})
