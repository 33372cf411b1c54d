"""RMSprop: ``torch.optim.RMSprop`` over groups by pattern."""

from typing import Any

import torch

from . import _options
from ._build import build


def RMSprop(
    model: Any,
    groups: Any = None,
    lr: float = 1e-2,
    alpha: float = 0.99,
    eps: float = 1e-8,
    weight_decay: float = 0,
    momentum: float = 0,
    centered: bool = False,
    maximize: bool = False,
    *,
    scheduler: Any = None,
    foreach: bool | None = None,
) -> torch.optim.RMSprop:
    """``torch.optim.RMSprop`` over the parameters of ``model``.

    Args:
        model: a Module, or named parameters.
        groups: patterns and per-group options, see ``lrtorch.param_groups``; None: one group of all parameters.
        lr: learning rate, not negative.
        alpha: decay of the average of squares, not negative.
        eps: added to the denominator, not negative.
        weight_decay: not negative; coupled (added to the gradient).
        momentum: not negative. If it is 0 in every group and no scheduler cycles it, the state holds no buffer.
        centered: divide by the standard deviation instead of the root of the mean square.
        maximize: ascend.
        scheduler: an ``lrtorch.lr_scheduler`` scheduler, a list of them, or None.
        foreach: torch's implementation over lists of tensors; None: torch chooses.

    Returns:
        A real ``torch.optim.RMSprop``.

    Raises:
        ValueError: an argument out of its range, or groups that do not fit the parameters.
    """
    defaults = dict(
        lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum, centered=centered, maximize=maximize
    )
    return build(_options.RMSPROP, model, groups, defaults, scheduler, {"foreach": foreach})
