"""Adam and AdamW: ``torch.optim.Adam`` and ``torch.optim.AdamW`` over groups by pattern."""

from typing import Any

import torch

from lrspec.optimizer_options import ADAM, ADAMW

from ._build import build
from ._documented import documented


@documented(ADAM)
def Adam(
    model: Any,
    groups: Any = None,
    lr: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0,
    amsgrad: bool = False,
    *,
    maximize: bool = False,
    decoupled_weight_decay: bool = False,
    scheduler: Any = None,
    foreach: bool | None = None,
    fused: bool | None = None,
) -> torch.optim.Adam:
    """``torch.optim.Adam`` over the parameters of ``model``."""
    defaults = dict(
        lr=lr,
        betas=betas,
        eps=eps,
        weight_decay=weight_decay,
        amsgrad=amsgrad,
        maximize=maximize,
        decoupled_weight_decay=decoupled_weight_decay,
    )
    return build(ADAM, model, groups, defaults, scheduler, {"foreach": foreach, "fused": fused})


@documented(ADAMW)
def AdamW(
    model: Any,
    groups: Any = None,
    lr: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 1e-2,
    amsgrad: bool = False,
    *,
    maximize: bool = False,
    scheduler: Any = None,
    foreach: bool | None = None,
    fused: bool | None = None,
) -> torch.optim.AdamW:
    """``torch.optim.AdamW`` over the parameters of ``model``."""
    defaults = dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad, maximize=maximize)
    return build(ADAMW, model, groups, defaults, scheduler, {"foreach": foreach, "fused": fused})
