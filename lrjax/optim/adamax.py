"""Adamax, as ``torch.optim.Adamax``."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax.numpy as jnp

from ..arithmetic.kernels import Kernels
from . import _options
from ._optimizer import Optimizer, Rule, build
from ._shared import Scalars, ascend, coupled_decay, moment_scalars, step_memory, zeros


def Adamax(
    groups: Any = None,
    lr: float = 2e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0,
    *,
    maximize: bool = False,
    scheduler: Any = None,
) -> Optimizer:
    """Adam with the largest gradient in place of the second moment, equal to ``torch.optim.Adamax`` in every bit.

    With m as in Adam::

        u = max(beta2 * u, |g| + eps)
        p = p - lr / (1 - beta1**t) * m / u

    Args:
        groups: patterns and per-group options, see ``lrjax.param_groups``; None: one group of all parameters.
        lr: learning rate, not negative.
        betas: decay of the two moments, each in [0, 1).
        eps: added to the denominator, not negative.
        weight_decay: not negative; coupled (added to the gradient).
        maximize: ascend.
        scheduler: an ``lrjax.lr_scheduler`` scheduler, a list of them, or None.

    Returns:
        An ``optax.GradientTransformationExtraArgs``; its state is an ``OptState``.

    Raises:
        ValueError: an argument out of its range, or groups that do not fit the parameters (at ``init``).
    """
    defaults = dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, maximize=maximize)
    return build(_ADAMAX, groups, defaults, scheduler)


def _init(params: Sequence[Any], options: Sequence[Mapping[str, Any]], cycled: bool) -> dict[str, list[Any]]:
    del options, cycled
    return zeros(params, "exp_avg", "exp_inf")


def _scalars(k: Kernels, h: Scalars, memory: Scalars) -> tuple[Scalars, Scalars]:
    step, _, c = moment_scalars(k, h, memory)
    return {**c, "clr": k.div(c["lr"], c["bias_correction1"])}, {"step": step}


def _update(k: Kernels, p: Any, g: Any, slots: Scalars, c: Scalars, flags: Mapping[str, Any]) -> Any:
    g = coupled_decay(k, p, ascend(g, flags), c)
    m = k.lerp(slots["exp_avg"], g, c["one_less_beta1"])
    u = k.maximum(k.mul(slots["exp_inf"], c["beta2"]), k.add(jnp.abs(g), c["eps"]))
    m, u = k.stored(m, u)
    return k.addcdiv(p, m, u, value=-c["clr"]), {"exp_avg": m, "exp_inf": u}


_ADAMAX = Rule(_options.ADAMAX, init=_init, memory=step_memory, scalars=_scalars, update=_update)
