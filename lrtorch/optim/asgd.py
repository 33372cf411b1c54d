"""ASGD: ``torch.optim.ASGD`` over groups by pattern."""

from typing import Any

import torch

from lrspec import optimizer_options

from ._build import build
from ._documented import documented


@documented(optimizer_options.ASGD)
def ASGD(
    model: Any,
    groups: Any = None,
    lr: float = 1e-2,
    lambd: float = 1e-4,
    alpha: float = 0.75,
    t0: float = 1e6,
    weight_decay: float = 0,
    maximize: bool = False,
    *,
    scheduler: Any = None,
    foreach: bool | None = None,
) -> torch.optim.ASGD:
    """``torch.optim.ASGD`` over the parameters of ``model``."""
    defaults = dict(lr=lr, lambd=lambd, alpha=alpha, t0=t0, weight_decay=weight_decay, maximize=maximize)
    return build(optimizer_options.ASGD, model, groups, defaults, scheduler, {"foreach": foreach})
