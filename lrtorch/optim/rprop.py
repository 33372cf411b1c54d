"""Rprop: ``torch.optim.Rprop`` over groups by pattern."""

from typing import Any

import torch

from lrspec.optimizer_options import RPROP

from ._build import build
from ._documented import documented


@documented(RPROP)
def Rprop(
    model: Any,
    groups: Any = None,
    lr: float = 1e-2,
    etas: tuple[float, float] = (0.5, 1.2),
    step_sizes: tuple[float, float] = (1e-6, 50),
    *,
    maximize: bool = False,
    scheduler: Any = None,
    foreach: bool | None = None,
) -> torch.optim.Rprop:
    """``torch.optim.Rprop`` over the parameters of ``model``."""
    defaults = dict(lr=lr, etas=etas, step_sizes=step_sizes, maximize=maximize)
    return build(RPROP, model, groups, defaults, scheduler, {"foreach": foreach})
