"""Gradient clipping: ``torch.nn.utils.clip_grad_norm_`` and ``clip_grad_value_``, with lrjax's argument checks."""

from collections.abc import Iterable
from typing import Any

import torch
from torch.nn import utils

from lrspec import check
from lrspec.clipping import not_finite, read_norm, read_value

Parameters = torch.Tensor | Iterable[torch.Tensor]


def clip_grad_norm_(
    parameters: Parameters,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> torch.Tensor:
    """Scale all gradients, in place, so that their common norm is at most ``max_norm``.

    Args:
        parameters: one tensor or several; those without a gradient are skipped.
        max_norm: not negative; infinity only measures.
        norm_type: p of the p-norm, as in ``torch.linalg.vector_norm``; "inf" or infinity: the largest magnitude.
        error_if_nonfinite: raise where the norm is NaN or infinite, before any gradient is scaled.
        foreach: torch's implementation over lists of tensors; None: torch chooses.

    Returns:
        The norm before the scaling: shape=().

    Raises:
        ValueError: a bad max_norm or norm_type.
        RuntimeError: error_if_nonfinite, and the norm is not.
    """
    max_norm, norm_type = read_norm("clip_grad_norm_", max_norm, norm_type)
    check.flag("clip_grad_norm_", "error_if_nonfinite", error_if_nonfinite)
    several = _tensors("clip_grad_norm_", parameters, foreach)
    grads = [p.grad for p in several if p.grad is not None]
    total = utils.get_total_norm(grads, norm_type, foreach=foreach)
    if error_if_nonfinite and not total.isfinite():
        not_finite("clip_grad_norm_", total.item())
    utils.clip_grads_with_norm_(several, max_norm, total, foreach)
    return total


def clip_grad_value_(parameters: Parameters, clip_value: float, foreach: bool | None = None) -> None:
    """Clip every gradient, in place, to [-clip_value, clip_value]; where there is none, nothing happens.

    Args:
        parameters: one tensor or several; those without a gradient are skipped.
        clip_value: not negative.
        foreach: torch's implementation over lists of tensors; None: torch chooses.

    Raises:
        ValueError: a bad clip_value.
    """
    value = read_value("clip_grad_value_", clip_value)
    with_grad = [p for p in _tensors("clip_grad_value_", parameters, foreach) if p.grad is not None]
    if with_grad:  # torch fails where there is none
        utils.clip_grad_value_(with_grad, value, foreach)


def _tensors(where: str, parameters: Any, foreach: Any) -> list[torch.Tensor]:
    """The parameters as a list, checked, as is ``foreach``."""
    if foreach is not None:
        check.flag(where, "foreach", foreach)
    if isinstance(parameters, torch.Tensor):
        return [parameters]
    try:
        several = list(parameters)
    except TypeError:  # a number
        check.fail(where, "parameters", "must be a tensor or several", parameters, TypeError)
    for one in several:
        if not isinstance(one, torch.Tensor):
            check.fail(where, "parameters", "must be a tensor or several", one, TypeError)
    return several
