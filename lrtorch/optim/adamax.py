"""Adamax: ``torch.optim.Adamax`` over groups by pattern."""

from typing import Any

import torch

from lrspec.optimizer_options import ADAMAX

from ._build import build
from ._documented import documented


@documented(ADAMAX)
def Adamax(
    model: Any,
    groups: Any = None,
    lr: float = 2e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0,
    *,
    maximize: bool = False,
    scheduler: Any = None,
    foreach: bool | None = None,
) -> torch.optim.Adamax:
    """``torch.optim.Adamax`` over the parameters of ``model``."""
    defaults = dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, maximize=maximize)
    return build(ADAMAX, model, groups, defaults, scheduler, {"foreach": foreach})
