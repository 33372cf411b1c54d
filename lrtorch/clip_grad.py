"""Gradient clipping: ``torch.nn.utils.clip_grad_norm_`` and ``clip_grad_value_``, with lrjax's argument checks."""

from collections.abc import Iterable

import torch
from torch.nn import utils

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
    several = [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)
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
    several = [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)
    if any(p.grad is not None for p in several):  # torch fails where there is none
        utils.clip_grad_value_(several, value, foreach)
