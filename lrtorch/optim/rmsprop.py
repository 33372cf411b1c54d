"""RMSprop: ``torch.optim.RMSprop`` over groups by pattern."""

from typing import Any

import torch

from lrspec.optimizer_options import RMSPROP

from ._build import build
from ._documented import documented


@documented(RMSPROP)
def RMSprop(
    model: Any,
    groups: Any = None,
    lr: float = 1e-2,
    alpha: float = 0.99,
    eps: float = 1e-8,
    weight_decay: float = 0,
    momentum: float = 0,
    centered: bool = False,
    maximize: bool = False,
    *,
    scheduler: Any = None,
    foreach: bool | None = None,
) -> torch.optim.RMSprop:
    """``torch.optim.RMSprop`` over the parameters of ``model``."""
    defaults = dict(
        lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum, centered=centered, maximize=maximize
    )
    return build(RMSPROP, model, groups, defaults, scheduler, {"foreach": foreach})
