"""Adam and AdamW: ``torch.optim.Adam`` and ``torch.optim.AdamW`` over groups by pattern."""

from typing import Any

import torch

from . import _options
from ._build import build


def Adam(
    model: Any,
    groups: Any = None,
    lr: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0,
    amsgrad: bool = False,
    *,
    maximize: bool = False,
    decoupled_weight_decay: bool = False,
    scheduler: Any = None,
    foreach: bool | None = None,
    fused: bool | None = None,
) -> torch.optim.Adam:
    """``torch.optim.Adam`` over the parameters of ``model``.

    Args:
        model: a Module, or named parameters.
        groups: patterns and per-group options, see ``lrtorch.param_groups``; None: one group of all parameters.
        lr: learning rate, not negative.
        betas: decay of the two moments, each in [0, 1).
        eps: added to the denominator, not negative.
        weight_decay: not negative; coupled (added to the gradient), unless decoupled_weight_decay.
        amsgrad: divide by the largest v so far (uncorrected, as torch does).
        maximize: ascend.
        decoupled_weight_decay: shrink the parameter instead of adding to the gradient.
        scheduler: an ``lrtorch.lr_scheduler`` scheduler, a list of them, or None.
        foreach: torch's implementation over lists of tensors; None: torch chooses.
        fused: torch's fused implementation; None: torch chooses.

    Returns:
        A real ``torch.optim.Adam``.

    Raises:
        ValueError: an argument out of its range, or groups that do not fit the parameters.
    """
    defaults = dict(
        lr=lr,
        betas=betas,
        eps=eps,
        weight_decay=weight_decay,
        amsgrad=amsgrad,
        maximize=maximize,
        decoupled_weight_decay=decoupled_weight_decay,
    )
    return build(_options.ADAM, model, groups, defaults, scheduler, {"foreach": foreach, "fused": fused})


def AdamW(
    model: Any,
    groups: Any = None,
    lr: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 1e-2,
    amsgrad: bool = False,
    *,
    maximize: bool = False,
    scheduler: Any = None,
    foreach: bool | None = None,
    fused: bool | None = None,
) -> torch.optim.AdamW:
    """``torch.optim.AdamW`` over the parameters of ``model``.

    Args:
        model: a Module, or named parameters.
        groups: patterns and per-group options, see ``lrtorch.param_groups``; None: one group of all parameters.
        lr: learning rate, not negative.
        betas: decay of the two moments, each in [0, 1).
        eps: added to the denominator, not negative.
        weight_decay: not negative; decoupled (shrinks the parameter).
        amsgrad: divide by the largest v so far (uncorrected, as torch does).
        maximize: ascend.
        scheduler: an ``lrtorch.lr_scheduler`` scheduler, a list of them, or None.
        foreach: torch's implementation over lists of tensors; None: torch chooses.
        fused: torch's fused implementation; None: torch chooses.

    Returns:
        A real ``torch.optim.AdamW``.

    Raises:
        ValueError: an argument out of its range, or groups that do not fit the parameters.
    """
    defaults = dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad, maximize=maximize)
    return build(_options.ADAMW, model, groups, defaults, scheduler, {"foreach": foreach, "fused": fused})
