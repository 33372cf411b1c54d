"""RMSprop, as ``torch.optim.RMSprop``."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lrspec.optimizer_options import RMSPROP
from lrspec.types import Number, ParamGroups

from ..arithmetic.kernels import Kernels
from ..lr_scheduler._base import LRScheduler
from ._documented import documented
from ._engine import Optimizer, build
from ._rule import Flags, Hyper, Numbers, Rule, Scalars, Slots
from ._shared_steps import ascend, coupled_decay, is_on, next_step, step_numbers, zeros


@documented(RMSPROP)
def RMSprop(
    groups: ParamGroups | None = None,
    lr: Number = 1e-2,
    alpha: Number = 0.99,
    eps: Number = 1e-8,
    weight_decay: Number = 0,
    momentum: Number = 0,
    centered: bool = False,
    maximize: bool = False,
    *,
    scheduler: LRScheduler | Sequence[LRScheduler] | None = None,
) -> Optimizer:
    """RMSprop, equal to ``torch.optim.RMSprop`` in every bit.

    With v the average of squares, a the average of gradients (centered), b the momentum buffer::

        v = alpha * v + (1 - alpha) * g * g
        d = sqrt(v - a * a if centered else v) + eps
        b = momentum * b + g / d
        p = p - lr * (b if momentum > 0 else g / d)
    """
    defaults = dict(
        lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum, centered=centered, maximize=maximize
    )
    return build(_RMSPROP, groups, defaults, scheduler)


def _init(
    params: Sequence[jax.Array], options: Sequence[Mapping[str, Any]], momentum_scheduled: bool
) -> dict[str, list[jax.Array]]:
    momentum = ["momentum_buffer"] * (momentum_scheduled or any(is_on(group["momentum"]) for group in options))
    centered = ["grad_avg"] * any(group["centered"] for group in options)
    return zeros(params, "square_avg", *momentum, *centered)


def _scalars(ops: Kernels, hyper: Hyper, numbers: Numbers) -> tuple[Scalars, Numbers]:
    del ops
    return {**hyper, "one_less_alpha": 1 - hyper["alpha"]}, {"step": next_step(numbers)[0]}


def _update(
    ops: Kernels, param: jax.Array, grad: jax.Array, slots: Slots, scalars: Scalars, flags: Flags
) -> tuple[jax.Array, Slots]:
    grad = coupled_decay(ops, param, ascend(grad, flags), scalars)
    square_avg = ops.addcmul(
        ops.mul(slots["square_avg"], scalars["alpha"]), grad, grad, value=scalars["one_less_alpha"]
    )
    square_avg = ops.stored(square_avg)
    slots, square = {**slots, "square_avg": square_avg}, square_avg
    if flags["centered"]:
        grad_avg = slots["grad_avg"] = ops.stored(ops.lerp(slots["grad_avg"], grad, scalars["one_less_alpha"]))
        square = ops.addcmul(square_avg, grad_avg, grad_avg, value=-1.0)
    avg = ops.add(ops.sqrt(square), scalars["eps"])
    new = ops.addcdiv(param, grad, avg, value=-scalars["lr"])
    if "momentum_buffer" in slots:
        old, on = slots["momentum_buffer"], scalars["momentum"] > 0
        buf = slots["momentum_buffer"] = ops.stored(
            jnp.where(on, ops.addcdiv(ops.mul(old, scalars["momentum"]), grad, avg, value=1.0), old)
        )
        new = jnp.where(on, ops.add(param, buf, alpha=-scalars["lr"]), new)
    return new, slots


_RMSPROP = Rule(RMSPROP, init=_init, numbers=step_numbers, scalars=_scalars, update=_update)
