"""Adadelta: ``torch.optim.Adadelta`` over groups by pattern."""

from typing import Any

import torch

from lrspec.optimizer_options import ADADELTA

from ._build import build
from ._documented import documented


@documented(ADADELTA)
def Adadelta(
    model: Any,
    groups: Any = None,
    lr: float = 1.0,
    rho: float = 0.9,
    eps: float = 1e-6,
    weight_decay: float = 0,
    *,
    maximize: bool = False,
    scheduler: Any = None,
    foreach: bool | None = None,
) -> torch.optim.Adadelta:
    """``torch.optim.Adadelta`` over the parameters of ``model``."""
    defaults = dict(lr=lr, rho=rho, eps=eps, weight_decay=weight_decay, maximize=maximize)
    return build(ADADELTA, model, groups, defaults, scheduler, {"foreach": foreach})
