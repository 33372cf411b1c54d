"""ASGD: ``torch.optim.ASGD`` over groups by pattern."""

from typing import Any

import torch

from . import _options
from ._build import build


def ASGD(
    model: Any,
    groups: Any = None,
    lr: float = 1e-2,
    lambd: float = 1e-4,
    alpha: float = 0.75,
    t0: float = 1e6,
    weight_decay: float = 0,
    maximize: bool = False,
    *,
    scheduler: Any = None,
    foreach: bool | None = None,
) -> torch.optim.ASGD:
    """``torch.optim.ASGD`` over the parameters of ``model``.

    Args:
        model: a Module, or named parameters.
        groups: patterns and per-group options, see ``lrtorch.param_groups``; None: one group of all parameters.
        lr: learning rate, not negative.
        lambd: decay term.
        alpha: power of the decay of eta.
        t0: step at which averaging begins.
        weight_decay: not negative; coupled (added to the gradient).
        maximize: ascend.
        scheduler: an ``lrtorch.lr_scheduler`` scheduler, a list of them, or None.
        foreach: torch's implementation over lists of tensors; None: torch chooses.

    Returns:
        A real ``torch.optim.ASGD``.

    Raises:
        ValueError: an argument out of its range, or groups that do not fit the parameters.
    """
    defaults = dict(lr=lr, lambd=lambd, alpha=alpha, t0=t0, weight_decay=weight_decay, maximize=maximize)
    return build(_options.ASGD, model, groups, defaults, scheduler, {"foreach": foreach})
