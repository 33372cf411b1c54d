"""Muon: ``torch.optim.Muon`` over groups by pattern."""

from collections.abc import Sequence
from typing import Any

import torch

from lrspec.optimizer_options import MUON, check_matrices
from lrspec.types import AdjustLr, Number, ParamGroups

from .._named_parameters import named_parameters
from ..lr_scheduler._base import LRScheduler
from ._build import build
from ._documented import documented


@documented(
    MUON, "an argument out of its range, groups that do not fit the parameters, or parameters that are not matrices."
)
def Muon(
    model: Any,
    groups: ParamGroups | None = None,
    lr: Number = 1e-3,
    weight_decay: Number = 0.1,
    momentum: Number = 0.95,
    nesterov: bool = True,
    ns_coefficients: tuple[Number, Number, Number] = (3.4445, -4.775, 2.0315),
    eps: Number = 1e-7,
    ns_steps: int = 5,
    adjust_lr_fn: AdjustLr | None = None,
    *,
    scheduler: LRScheduler | Sequence[LRScheduler] | None = None,
) -> torch.optim.Muon:
    """``torch.optim.Muon`` over the parameters of ``model``, which must all be matrices."""
    defaults = dict(lr=lr, weight_decay=weight_decay, momentum=momentum, nesterov=nesterov)
    defaults |= dict(ns_coefficients=ns_coefficients, eps=eps, ns_steps=ns_steps, adjust_lr_fn=adjust_lr_fn)
    MUON.check("Muon", defaults)
    named = named_parameters("Muon", model)  # read once: it may be an iterator
    check_matrices("Muon", [tuple(p.shape) for _, p in named])
    return build(MUON, named, groups, defaults, scheduler, {})
