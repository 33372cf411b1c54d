"""AdamW: ``torch.optim.AdamW`` over groups by pattern."""

from typing import Any

import torch

from . import _options
from ._build import build


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
        weight_decay: not negative; decoupled.
        amsgrad: divide by the largest second moment so far.
        maximize: ascend.
        scheduler: an ``lrtorch.lr_scheduler`` scheduler, or None.
        foreach: torch's implementation over lists of tensors; None: torch chooses.
        fused: torch's fused implementation; None: torch chooses.

    Returns:
        A real ``torch.optim.AdamW``.

    Raises:
        ValueError: an argument out of its range, or groups that do not fit the parameters.
    """
    defaults = dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad, maximize=maximize)
    return build(_options.ADAMW, model, groups, defaults, scheduler, {"foreach": foreach, "fused": fused})
