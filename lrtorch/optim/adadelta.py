"""Adadelta: ``torch.optim.Adadelta`` over groups by pattern."""

from typing import Any

import torch

from . import _options
from ._build import build


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
    """``torch.optim.Adadelta`` over the parameters of ``model``.

    Args:
        model: a Module, or named parameters.
        groups: patterns and per-group options, see ``lrtorch.param_groups``; None: one group of all parameters.
        lr: learning rate, not negative.
        rho: decay of the two averages, in [0, 1].
        eps: added to the denominator, not negative.
        weight_decay: not negative; coupled (added to the gradient).
        maximize: ascend.
        scheduler: an ``lrtorch.lr_scheduler`` scheduler, a list of them, or None.
        foreach: torch's implementation over lists of tensors; None: torch chooses.

    Returns:
        A real ``torch.optim.Adadelta``.

    Raises:
        ValueError: an argument out of its range, or groups that do not fit the parameters.
    """
    defaults = dict(lr=lr, rho=rho, eps=eps, weight_decay=weight_decay, maximize=maximize)
    return build(_options.ADADELTA, model, groups, defaults, scheduler, {"foreach": foreach})
