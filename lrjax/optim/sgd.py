"""SGD, as ``torch.optim.SGD``."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lrspec import optimizer_options
from lrspec.types import Number, ParamGroups

from ..arithmetic.kernels import Kernels
from ..lr_scheduler._base import LRScheduler
from ._documented import documented
from ._engine import Optimizer, build
from ._rule import Flags, Hyper, Numbers, Rule, Scalars, Slots
from ._shared_steps import ascend, coupled_decay, is_on, zeros


@documented(optimizer_options.SGD)
def SGD(
    groups: ParamGroups | None = None,
    lr: Number = 1e-3,
    momentum: Number = 0,
    dampening: Number = 0,
    weight_decay: Number = 0,
    nesterov: bool = False,
    *,
    maximize: bool = False,
    scheduler: LRScheduler | Sequence[LRScheduler] | None = None,
) -> Optimizer:
    """Stochastic gradient descent, equal to ``torch.optim.SGD`` in every bit.

    With g the gradient (negated if maximize), b the momentum buffer, p the parameter::

        g = g + weight_decay * p
        b = g at the first update, then momentum * b + (1 - dampening) * g
        p = p - lr * (g + momentum * b if nesterov else b if momentum else g)
    """
    defaults = dict(lr=lr, momentum=momentum, dampening=dampening, weight_decay=weight_decay)
    return build(_SGD, groups, {**defaults, "nesterov": nesterov, "maximize": maximize}, scheduler)


def _init(
    params: Sequence[jax.Array], options: Sequence[Mapping[str, Any]], momentum_scheduled: bool
) -> dict[str, list[jax.Array]]:
    needed = momentum_scheduled or any(is_on(group["momentum"]) for group in options)
    return zeros(params, "momentum_buffer") if needed else {}


def _numbers(n: int) -> Numbers:
    return {"has_buffer": jnp.zeros(n, bool)}


def _scalars(ops: Kernels, hyper: Hyper, numbers: Numbers) -> tuple[Scalars, Numbers]:
    del ops
    scalars = {**hyper, "has_buffer": numbers["has_buffer"], "one_less_dampening": 1 - hyper["dampening"]}
    return scalars, {"has_buffer": numbers["has_buffer"] | (hyper["momentum"] != 0)}


def _update(
    ops: Kernels, param: jax.Array, grad: jax.Array, slots: Slots, scalars: Scalars, flags: Flags
) -> tuple[jax.Array, Slots]:
    gradient = ascend(grad, flags)
    grad = coupled_decay(ops, param, gradient, scalars)
    if slots:
        old, on = slots["momentum_buffer"], scalars["momentum"] != 0
        buf = ops.add(ops.mul(old, scalars["momentum"]), grad, alpha=scalars["one_less_dampening"])
        buf, param = ops.stored(jnp.where(on, jnp.where(scalars["has_buffer"], buf, grad), old), param)
        grad = coupled_decay(ops, param, gradient, scalars)  # again, or XLA would keep the first one in memory
        ahead = ops.add(grad, buf, alpha=scalars["momentum"]) if flags["nesterov"] else buf
        grad, slots = jnp.where(on, ahead, grad), {"momentum_buffer": buf}
    return ops.add(param, grad, alpha=-scalars["lr"]), slots


_SGD = Rule(optimizer_options.SGD, init=_init, numbers=_numbers, scalars=_scalars, update=_update)
