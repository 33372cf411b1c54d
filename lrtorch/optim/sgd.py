"""SGD: ``torch.optim.SGD`` over groups by pattern."""

from typing import Any

import torch

from . import _options
from ._build import build


def SGD(
    model: Any,
    groups: Any = None,
    lr: float = 1e-3,
    momentum: float = 0,
    dampening: float = 0,
    weight_decay: float = 0,
    nesterov: bool = False,
    *,
    maximize: bool = False,
    scheduler: Any = None,
    foreach: bool | None = None,
    fused: bool | None = None,
) -> torch.optim.SGD:
    """``torch.optim.SGD`` over the parameters of ``model``.

    Args:
        model: a Module, or named parameters.
        groups: patterns and per-group options, see ``lrtorch.param_groups``; None: one group of all parameters.
        lr: learning rate, not negative.
        momentum: not negative.
        dampening: how much less than 1 the gradient enters the buffer.
        weight_decay: not negative; coupled (added to the gradient).
        nesterov: look ahead; needs momentum > 0 and dampening = 0.
        maximize: ascend.
        scheduler: an ``lrtorch.lr_scheduler`` scheduler, a list of them, or None.
        foreach: torch's implementation over lists of tensors; None: torch chooses.
        fused: torch's fused implementation; None: torch chooses.

    Returns:
        A real ``torch.optim.SGD``.

    Raises:
        ValueError: an argument out of its range, or groups that do not fit the parameters.
    """
    defaults = dict(lr=lr, momentum=momentum, dampening=dampening, weight_decay=weight_decay)
    defaults |= dict(nesterov=nesterov, maximize=maximize)
    return build(_options.SGD, model, groups, defaults, scheduler, {"foreach": foreach, "fused": fused})
