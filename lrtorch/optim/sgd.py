"""SGD: ``torch.optim.SGD`` over groups by pattern."""

from collections.abc import Sequence
from typing import Any

import torch

from lrspec import optimizer_options
from lrspec.types import Number, ParamGroups

from ..lr_scheduler._base import LRScheduler
from ._build import build
from ._documented import documented


@documented(optimizer_options.SGD)
def SGD(
    model: Any,
    groups: ParamGroups | None = None,
    lr: Number = 1e-3,
    momentum: Number = 0,
    dampening: Number = 0,
    weight_decay: Number = 0,
    nesterov: bool = False,
    *,
    maximize: bool = False,
    scheduler: LRScheduler | Sequence[LRScheduler] | None = None,
    foreach: bool | None = None,
    fused: bool | None = None,
) -> torch.optim.SGD:
    """``torch.optim.SGD`` over the parameters of ``model``."""
    defaults = dict(lr=lr, momentum=momentum, dampening=dampening, weight_decay=weight_decay)
    defaults |= dict(nesterov=nesterov, maximize=maximize)
    return build(optimizer_options.SGD, model, groups, defaults, scheduler, {"foreach": foreach, "fused": fused})
