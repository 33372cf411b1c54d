"""Adafactor: ``torch.optim.Adafactor`` over groups by pattern."""

from typing import Any

import torch

from lrspec.optimizer_options import ADAFACTOR

from ._build import build
from ._documented import documented


@documented(ADAFACTOR)
def Adafactor(
    model: Any,
    groups: Any = None,
    lr: float = 1e-2,
    beta2_decay: float = -0.8,
    eps: tuple[float | None, float] = (None, 1e-3),
    d: float = 1.0,
    weight_decay: float = 0.0,
    *,
    maximize: bool = False,
    scheduler: Any = None,
    foreach: bool | None = None,
) -> torch.optim.Adafactor:
    """``torch.optim.Adafactor`` over the parameters of ``model``."""
    defaults = dict(lr=lr, beta2_decay=beta2_decay, eps=eps, d=d, weight_decay=weight_decay, maximize=maximize)
    return build(ADAFACTOR, model, groups, defaults, scheduler, {"foreach": foreach})
