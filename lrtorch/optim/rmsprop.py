"""RMSprop: ``torch.optim.RMSprop`` over groups by pattern."""

from collections.abc import Sequence
from typing import Any

import torch

from lrspec.optimizer_options import RMSPROP
from lrspec.types import Number, ParamGroups

from ..lr_scheduler._base import LRScheduler
from ._build import build
from ._documented import documented


@documented(RMSPROP)
def RMSprop(
    model: Any,
    groups: ParamGroups | None = None,
    lr: Number = 1e-2,
    alpha: Number = 0.99,
    eps: Number = 1e-8,
    weight_decay: Number = 0,
    momentum: Number = 0,
    centered: bool = False,
    maximize: bool = False,
    *,
    scheduler: LRScheduler | Sequence[LRScheduler] | None = None,
    foreach: bool | None = None,
) -> torch.optim.RMSprop:
    """``torch.optim.RMSprop`` over the parameters of ``model``."""
    defaults = dict(
        lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum, centered=centered, maximize=maximize
    )
    return build(RMSPROP, model, groups, defaults, scheduler, {"foreach": foreach})
