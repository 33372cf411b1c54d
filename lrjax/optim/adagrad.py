"""Adagrad, as ``torch.optim.Adagrad``."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax.numpy as jnp

from ..arithmetic.kernels import Kernels
from . import _options
from ._optimizer import Optimizer, Rule, build
from ._shared import Scalars, ascend, coupled_decay, next_step, step_memory


def Adagrad(
    groups: Any = None,
    lr: float = 1e-2,
    lr_decay: float = 0,
    weight_decay: float = 0,
    initial_accumulator_value: float = 0,
    eps: float = 1e-10,
    *,
    maximize: bool = False,
    scheduler: Any = None,
) -> Optimizer:
    """Adagrad, equal to ``torch.optim.Adagrad`` in every bit.

    With s the sum of squares::

        s = s + g * g
        p = p - lr / (1 + (t - 1) * lr_decay) * g / (sqrt(s) + eps)

    Args:
        groups: patterns and per-group options, see ``lrjax.param_groups``; None: one group of all parameters.
        lr: learning rate, not negative.
        lr_decay: the rate falls with 1 / (1 + (t - 1) * lr_decay); not negative.
        weight_decay: not negative; coupled (added to the gradient).
        initial_accumulator_value: of the sum of squares, not negative.
        eps: added to the denominator, not negative.
        maximize: ascend.
        scheduler: an ``lrjax.lr_scheduler`` scheduler, a list of them, or None.

    Returns:
        An ``optax.GradientTransformationExtraArgs``; its state is an ``OptState``.

    Raises:
        ValueError: an argument out of its range, or groups that do not fit the parameters (at ``init``).
    """
    defaults = dict(
        lr=lr,
        lr_decay=lr_decay,
        weight_decay=weight_decay,
        initial_accumulator_value=initial_accumulator_value,
        eps=eps,
        maximize=maximize,
    )
    return build(_ADAGRAD, groups, defaults, scheduler)


def _init(params: Sequence[Any], options: Sequence[Mapping[str, Any]], cycled: bool) -> dict[str, list[Any]]:
    del cycled
    pairs = zip(params, options, strict=True)
    return {"sum": [jnp.full_like(p, group["initial_accumulator_value"]) for p, group in pairs]}


def _scalars(k: Kernels, h: Scalars, memory: Scalars) -> tuple[Scalars, Scalars]:
    step, t = next_step(memory)
    return {**h, "clr": k.div(h["lr"], 1 + k.mul(t - 1, h["lr_decay"]))}, {"step": step}


def _update(k: Kernels, p: Any, g: Any, slots: Scalars, c: Scalars, flags: Mapping[str, Any]) -> Any:
    g = coupled_decay(k, p, ascend(g, flags), c)
    total = k.stored(k.addcmul(slots["sum"], g, g, value=1.0))
    std = k.add(k.sqrt(total), c["eps"])
    if k.cuda:
        return k.addcdiv(p, k.mul(g, -c["clr"]), std, value=1.0), {"sum": total}
    return k.addcdiv(p, g, std, value=-c["clr"]), {"sum": total}


_ADAGRAD = Rule(_options.ADAGRAD, init=_init, memory=step_memory, scalars=_scalars, update=_update)
