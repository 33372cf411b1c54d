"""NAdam: ``torch.optim.NAdam`` over groups by pattern."""

from collections.abc import Sequence
from typing import Any

import torch

from lrspec.optimizer_options import NADAM
from lrspec.types import Betas, Number, ParamGroups

from ..lr_scheduler._base import LRScheduler
from ._build import build
from ._documented import documented


@documented(NADAM)
def NAdam(
    model: Any,
    groups: ParamGroups | None = None,
    lr: Number = 2e-3,
    betas: Betas = (0.9, 0.999),
    eps: Number = 1e-8,
    weight_decay: Number = 0,
    momentum_decay: Number = 4e-3,
    decoupled_weight_decay: bool = False,
    *,
    maximize: bool = False,
    scheduler: LRScheduler | Sequence[LRScheduler] | None = None,
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
