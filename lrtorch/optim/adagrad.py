"""Adagrad: ``torch.optim.Adagrad`` over groups by pattern."""

from typing import Any

import torch

from . import _options
from ._build import build


def Adagrad(
    model: Any,
    groups: Any = None,
    lr: float = 1e-2,
    lr_decay: float = 0,
    weight_decay: float = 0,
    initial_accumulator_value: float = 0,
    eps: float = 1e-10,
    *,
    maximize: bool = False,
    scheduler: Any = None,
    foreach: bool | None = None,
    fused: bool | None = None,
) -> torch.optim.Adagrad:
    """``torch.optim.Adagrad`` over the parameters of ``model``.

    Args:
        model: a Module, or named parameters.
        groups: patterns and per-group options, see ``lrtorch.param_groups``; None: one group of all parameters.
        lr: learning rate, not negative.
        lr_decay: the rate falls with 1 / (1 + (t - 1) * lr_decay); not negative.
        weight_decay: not negative; coupled (added to the gradient).
        initial_accumulator_value: of the sum of squares, not negative.
        eps: added to the denominator, not negative.
        maximize: ascend.
        scheduler: an ``lrtorch.lr_scheduler`` scheduler, a list of them, or None.
        foreach: torch's implementation over lists of tensors; None: torch chooses.
        fused: torch's fused implementation; None: torch chooses.

    Returns:
        A real ``torch.optim.Adagrad``.

    Raises:
        ValueError: an argument out of its range, or groups that do not fit the parameters.
    """
    defaults = dict(
        lr=lr,
        lr_decay=lr_decay,
        weight_decay=weight_decay,
        initial_accumulator_value=initial_accumulator_value,
        eps=eps,
        maximize=maximize,
    )
    return build(_options.ADAGRAD, model, groups, defaults, scheduler, {"foreach": foreach, "fused": fused})
