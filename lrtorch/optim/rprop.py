"""Rprop: ``torch.optim.Rprop`` over groups by pattern."""

from collections.abc import Sequence
from typing import Any

import torch

from lrspec.optimizer_options import RPROP
from lrspec.types import Betas, Number, ParamGroups

from ..lr_scheduler._base import LRScheduler
from ._build import build
from ._documented import documented


@documented(RPROP)
def Rprop(
    model: Any,
    groups: ParamGroups | None = None,
    lr: Number = 1e-2,
    etas: Betas = (0.5, 1.2),
    step_sizes: Betas = (1e-6, 50),
    *,
    maximize: bool = False,
    scheduler: LRScheduler | Sequence[LRScheduler] | None = None,
    foreach: bool | None = None,
) -> torch.optim.Rprop:
    """``torch.optim.Rprop`` over the parameters of ``model``."""
    defaults = dict(lr=lr, etas=etas, step_sizes=step_sizes, maximize=maximize)
    return build(RPROP, model, groups, defaults, scheduler, {"foreach": foreach})
