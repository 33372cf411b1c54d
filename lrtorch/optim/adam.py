"""Adam and AdamW: ``torch.optim.Adam`` and ``torch.optim.AdamW`` over groups by pattern."""

from collections.abc import Sequence
from typing import Any

import torch

from lrspec.optimizer_options import ADAM, ADAMW
from lrspec.types import Betas, Number, ParamGroups

from ..lr_scheduler._base import LRScheduler
from ._build import build
from ._documented import documented


@documented(ADAM)
def Adam(
    model: Any,
    groups: ParamGroups | None = None,
    lr: Number = 1e-3,
    betas: Betas = (0.9, 0.999),
    eps: Number = 1e-8,
    weight_decay: Number = 0,
    amsgrad: bool = False,
    *,
    maximize: bool = False,
    decoupled_weight_decay: bool = False,
    scheduler: LRScheduler | Sequence[LRScheduler] | None = None,
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
    groups: ParamGroups | None = None,
    lr: Number = 1e-3,
    betas: Betas = (0.9, 0.999),
    eps: Number = 1e-8,
    weight_decay: Number = 1e-2,
    amsgrad: bool = False,
    *,
    maximize: bool = False,
    scheduler: LRScheduler | Sequence[LRScheduler] | None = None,
    foreach: bool | None = None,
    fused: bool | None = None,
) -> torch.optim.AdamW:
    """``torch.optim.AdamW`` over the parameters of ``model``."""
    defaults = dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad, maximize=maximize)
    return build(ADAMW, model, groups, defaults, scheduler, {"foreach": foreach, "fused": fused})
