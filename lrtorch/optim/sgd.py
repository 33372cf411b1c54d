"""SGD: ``torch.optim.SGD`` over groups by pattern."""

from typing import Any

import torch

from lrspec import optimizer_options

from ._build import build
from ._documented import documented


@documented(optimizer_options.SGD)
def SGD(
    model: Any,
    groups: Any = None,
    lr: float = 1e-3,
    momentum: float = 0,
    dampening: float = 0,
    weight_decay: float = 0,
    nesterov: bool = False,
    *,
    maximize: bool = False,
    scheduler: Any = None,
    foreach: bool | None = None,
    fused: bool | None = None,
) -> torch.optim.SGD:
    """``torch.optim.SGD`` over the parameters of ``model``."""
    defaults = dict(lr=lr, momentum=momentum, dampening=dampening, weight_decay=weight_decay)
    defaults |= dict(nesterov=nesterov, maximize=maximize)
    return build(optimizer_options.SGD, model, groups, defaults, scheduler, {"foreach": foreach, "fused": fused})
