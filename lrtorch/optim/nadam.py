"""NAdam: ``torch.optim.NAdam`` over groups by pattern."""

from typing import Any

import torch

from lrspec.optimizer_options import NADAM

from ._build import build
from ._documented import documented


@documented(NADAM)
def NAdam(
    model: Any,
    groups: Any = None,
    lr: float = 2e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0,
    momentum_decay: float = 4e-3,
    decoupled_weight_decay: bool = False,
    *,
    maximize: bool = False,
    scheduler: Any = None,
    foreach: bool | None = None,
) -> torch.optim.NAdam:
    """``torch.optim.NAdam`` over the parameters of ``model``."""
    defaults = dict(
        lr=lr,
        betas=betas,
        eps=eps,
        weight_decay=weight_decay,
        momentum_decay=momentum_decay,
        decoupled_weight_decay=decoupled_weight_decay,
        maximize=maximize,
    )
    return build(NADAM, model, groups, defaults, scheduler, {"foreach": foreach})
