"""Adagrad: ``torch.optim.Adagrad`` over groups by pattern."""

from collections.abc import Sequence
from typing import Any

import torch

from lrspec.optimizer_options import ADAGRAD
from lrspec.types import Number, ParamGroups

from ..lr_scheduler._base import LRScheduler
from ._build import build
from ._documented import documented


@documented(ADAGRAD)
def Adagrad(
    model: Any,
    groups: ParamGroups | None = None,
    lr: Number = 1e-2,
    lr_decay: Number = 0,
    weight_decay: Number = 0,
    initial_accumulator_value: Number = 0,
    eps: Number = 1e-10,
    *,
    maximize: bool = False,
    scheduler: LRScheduler | Sequence[LRScheduler] | None = None,
    foreach: bool | None = None,
    fused: bool | None = None,
) -> torch.optim.Adagrad:
    """``torch.optim.Adagrad`` over the parameters of ``model``."""
    defaults = dict(
        lr=lr,
        lr_decay=lr_decay,
        weight_decay=weight_decay,
        initial_accumulator_value=initial_accumulator_value,
        eps=eps,
        maximize=maximize,
    )
    return build(ADAGRAD, model, groups, defaults, scheduler, {"foreach": foreach, "fused": fused})
