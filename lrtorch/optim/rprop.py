"""Rprop: ``torch.optim.Rprop`` over groups by pattern."""

from typing import Any

import torch

from . import _options
from ._build import build


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
    """``torch.optim.Rprop`` over the parameters of ``model``.

    Args:
        model: a Module, or named parameters.
        groups: patterns and per-group options, see ``lrtorch.param_groups``; None: one group of all parameters.
        lr: learning rate, not negative.
        etas: factors of a step size when the gradient changes sign and when it does not, 0 < etas[0] < 1 < etas[1].
        step_sizes: smallest and largest step size.
        maximize: ascend.
        scheduler: an ``lrtorch.lr_scheduler`` scheduler, a list of them, or None.
        foreach: torch's implementation over lists of tensors; None: torch chooses.

    Returns:
        A real ``torch.optim.Rprop``.

    Raises:
        ValueError: an argument out of its range, or groups that do not fit the parameters.
    """
    defaults = dict(lr=lr, etas=etas, step_sizes=step_sizes, maximize=maximize)
    return build(_options.RPROP, model, groups, defaults, scheduler, {"foreach": foreach})
