"""Adafactor: ``torch.optim.Adafactor`` over groups by pattern."""

from typing import Any

import torch

from . import _options
from ._build import build


def Adafactor(
    model: Any,
    groups: Any = None,
    lr: float = 1e-2,
    beta2_decay: float = -0.8,
    eps: tuple[float | None, float] = (None, 1e-3),
    d: float = 1.0,
    weight_decay: float = 0.0,
    *,
    maximize: bool = False,
    scheduler: Any = None,
    foreach: bool | None = None,
) -> torch.optim.Adafactor:
    """``torch.optim.Adafactor`` over the parameters of ``model``.

    Args:
        model: a Module, or named parameters.
        groups: patterns and per-group options, see ``lrtorch.param_groups``; None: one group of all parameters.
        lr: largest step relative to the parameter's RMS, and factor of the decay; not negative.
        beta2_decay: power by which the mean forgets, not positive.
        eps: smallest root of the squared mean, or None; smallest RMS of a parameter.
        d: largest RMS of an update before the rate, at least 1.
        weight_decay: not negative; decoupled (shrinks the parameter).
        maximize: ascend.
        scheduler: an ``lrtorch.lr_scheduler`` scheduler, a list of them, or None.
        foreach: torch's implementation over lists of tensors; None: torch chooses.

    Returns:
        A real ``torch.optim.Adafactor``.

    Raises:
        ValueError: an argument out of its range, or groups that do not fit the parameters.
    """
    defaults = dict(lr=lr, beta2_decay=beta2_decay, eps=eps, d=d, weight_decay=weight_decay, maximize=maximize)
    return build(_options.ADAFACTOR, model, groups, defaults, scheduler, {"foreach": foreach})
