"""SGD, as ``torch.optim.SGD``."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from ..arithmetic.kernels import Kernels
from . import _options
from ._optimizer import Optimizer, Rule, build
from ._shared import Scalars, ascend, coupled_decay, zeros


def SGD(
    groups: Any = None,
    lr: float = 1e-3,
    momentum: float = 0,
    dampening: float = 0,
    weight_decay: float = 0,
    nesterov: bool = False,
    *,
    maximize: bool = False,
    scheduler: Any = None,
) -> Optimizer:
    """Stochastic gradient descent, equal to ``torch.optim.SGD`` in every bit.

    With g the gradient (negated if maximize), b the momentum buffer, p the parameter::

        g = g + weight_decay * p
        b = g at the first update, then momentum * b + (1 - dampening) * g
        p = p - lr * (g + momentum * b if nesterov else b if momentum else g)

    Args:
        groups: patterns and per-group options, see ``lrjax.param_groups``; None: one group of all parameters.
        lr: learning rate, not negative.
        momentum: not negative. If it is 0 in every group and no scheduler cycles it, the state holds no buffer.
        dampening: how much less than 1 the gradient enters the buffer.
        weight_decay: not negative; coupled (added to the gradient).
        nesterov: look ahead; needs momentum > 0 and dampening = 0.
        maximize: ascend.
        scheduler: an ``lrjax.lr_scheduler`` scheduler, a list of them, or None.

    Returns:
        An ``optax.GradientTransformationExtraArgs``; its state is an ``OptState``.

    Raises:
        ValueError: an argument out of its range, or groups that do not fit the parameters (at ``init``).
    """
    defaults = dict(lr=lr, momentum=momentum, dampening=dampening, weight_decay=weight_decay)
    return build(_SGD, groups, {**defaults, "nesterov": nesterov, "maximize": maximize}, scheduler)


def _init(params: Sequence[Any], options: Sequence[Mapping[str, Any]], cycled: bool) -> dict[str, list[Any]]:
    needed = cycled or any(group["momentum"] != 0 for group in options)
    return zeros(params, "momentum_buffer") if needed else {}


def _memory(n: int) -> dict[str, jax.Array]:
    return {"has_buffer": jnp.zeros(n, bool)}


def _scalars(k: Kernels, h: Scalars, memory: Scalars) -> tuple[Scalars, Scalars]:
    del k
    c = {**h, "has_buffer": memory["has_buffer"], "one_less_dampening": 1 - h["dampening"]}
    return c, {"has_buffer": memory["has_buffer"] | (h["momentum"] != 0)}


def _update(k: Kernels, p: Any, g: Any, slots: Scalars, c: Scalars, flags: Mapping[str, Any]) -> Any:
    gradient = ascend(g, flags)
    g = coupled_decay(k, p, gradient, c)
    if slots:
        old, on = slots["momentum_buffer"], c["momentum"] != 0
        buf = k.add(k.mul(old, c["momentum"]), g, alpha=c["one_less_dampening"])
        buf, p = k.stored(jnp.where(on, jnp.where(c["has_buffer"], buf, g), old), p)
        g = coupled_decay(k, p, gradient, c)  # once more, from the same p: XLA would keep the first one in memory
        d = k.add(g, buf, alpha=c["momentum"]) if flags["nesterov"] else buf
        g, slots = jnp.where(on, d, g), {"momentum_buffer": buf}
    return k.add(p, g, alpha=-c["lr"]), slots


_SGD = Rule(_options.SGD, init=_init, memory=_memory, scalars=_scalars, update=_update)
