"""Muon: ``torch.optim.Muon`` over groups by pattern."""

from typing import Any

import torch

from ..param_groups import named_parameters
from . import _options
from ._build import build


def Muon(
    model: Any,
    groups: Any = None,
    lr: float = 1e-3,
    weight_decay: float = 0.1,
    momentum: float = 0.95,
    nesterov: bool = True,
    ns_coefficients: tuple[float, float, float] = (3.4445, -4.775, 2.0315),
    eps: float = 1e-7,
    ns_steps: int = 5,
    adjust_lr_fn: str | None = None,
    *,
    scheduler: Any = None,
) -> torch.optim.Muon:
    """``torch.optim.Muon`` over the parameters of ``model``, which must all be matrices.

    Args:
        model: a Module, or named parameters.
        groups: patterns and per-group options, see ``lrtorch.param_groups``; None: one group of all parameters.
        lr: learning rate, not negative.
        weight_decay: not negative; decoupled (shrinks the parameter, by the rate without the adjustment).
        momentum: not negative.
        nesterov: look ahead.
        ns_coefficients: the three coefficients of the iteration's polynomial.
        eps: smallest norm to divide by.
        ns_steps: iterations, 0 to 99.
        adjust_lr_fn: "original", "match_rms_adamw", or None, which is "original".
        scheduler: an ``lrtorch.lr_scheduler`` scheduler, a list of them, or None.

    Returns:
        A real ``torch.optim.Muon``.

    Raises:
        ValueError: an argument out of its range, groups that do not fit the parameters, or parameters that are
            not matrices.
    """
    defaults = dict(lr=lr, weight_decay=weight_decay, momentum=momentum, nesterov=nesterov)
    defaults |= dict(ns_coefficients=ns_coefficients, eps=eps, ns_steps=ns_steps, adjust_lr_fn=adjust_lr_fn)
    _options.MUON.check("Muon", defaults)
    named = named_parameters("Muon", model)  # read once: it may be an iterator
    _options.check_matrices("Muon", [tuple(p.shape) for _, p in named])
    return build(_options.MUON, named, groups, defaults, scheduler, {})
