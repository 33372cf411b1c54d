"""NAdam: ``torch.optim.NAdam`` over groups by pattern."""

from typing import Any

import torch

from . import _options
from ._build import build


def NAdam(
    model: Any,
    groups: Any = None,
    lr: float = 2e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0,
    momentum_decay: float = 4e-3,
    decoupled_weight_decay: bool = False,
    *,
    maximize: bool = False,
    scheduler: Any = None,
    foreach: bool | None = None,
) -> torch.optim.NAdam:
    """``torch.optim.NAdam`` over the parameters of ``model``.

    Args:
        model: a Module, or named parameters.
        groups: patterns and per-group options, see ``lrtorch.param_groups``; None: one group of all parameters.
        lr: learning rate, not negative.
        betas: decay of the two moments, each in [0, 1).
        eps: added to the denominator, not negative.
        weight_decay: not negative; coupled (added to the gradient), unless decoupled_weight_decay.
        momentum_decay: psi, how fast the momentum warms up; not negative.
        decoupled_weight_decay: shrink the parameter instead of adding to the gradient.
        maximize: ascend.
        scheduler: an ``lrtorch.lr_scheduler`` scheduler, a list of them, or None.
        foreach: torch's implementation over lists of tensors; None: torch chooses.

    Returns:
        A real ``torch.optim.NAdam``.

    Raises:
        ValueError: an argument out of its range, or groups that do not fit the parameters.
    """
    defaults = dict(
        lr=lr,
        betas=betas,
        eps=eps,
        weight_decay=weight_decay,
        momentum_decay=momentum_decay,
        decoupled_weight_decay=decoupled_weight_decay,
        maximize=maximize,
    )
    return build(_options.NADAM, model, groups, defaults, scheduler, {"foreach": foreach})
