"""Rprop, as ``torch.optim.Rprop``."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from lrspec.optimizer_options import RPROP
from lrspec.types import Betas, Number, ParamGroups

from ..arithmetic.kernels import Kernels
from ..lr_scheduler._base import LRScheduler
from ._documented import documented
from ._engine import Optimizer, build
from ._rule import Flags, Hyper, Numbers, Rule, Scalars, Slots
from ._shared_steps import ZeroSlots, ascend, next_step, step_numbers


@documented(RPROP)
def Rprop(
    groups: ParamGroups | None = None,
    lr: Number = 1e-2,
    etas: Betas = (0.5, 1.2),
    step_sizes: Betas = (1e-6, 50),
    *,
    maximize: bool = False,
    scheduler: LRScheduler | Sequence[LRScheduler] | None = None,
) -> Optimizer:
    """Resilient backpropagation, equal to ``torch.optim.Rprop`` in every bit.

    With s a step size for each element, and h the gradient before::

        s = clamp(s * (etas[1] if g * h > 0 else etas[0] if g * h < 0 else 1))
        g = 0 where g * h < 0
        p = p - sign(g) * s

    As in torch, ``lr`` is the first step size only: a rate set or scheduled later changes nothing.
    """
    defaults = dict(lr=lr, etas=etas, step_sizes=step_sizes, maximize=maximize)
    return build(_RPROP, groups, defaults, scheduler)


def _scalars(ops: Kernels, hyper: Hyper, numbers: Numbers) -> tuple[Scalars, Numbers]:
    del ops
    scalars = {
        "lr": hyper["lr"],
        "first": numbers["step"] == 0,
        "etaminus": hyper["etas"][:, 0],
        "etaplus": hyper["etas"][:, 1],
    }
    scalars |= {"low": hyper["step_sizes"][:, 0], "high": hyper["step_sizes"][:, 1]}
    return scalars, {"step": next_step(numbers)[0]}


def _update(
    ops: Kernels, param: jax.Array, grad: jax.Array, slots: Slots, scalars: Scalars, flags: Flags
) -> tuple[jax.Array, Slots]:
    grad = ascend(grad, flags)
    number = {name: value.astype(param.dtype) for name, value in scalars.items() if name != "first"}
    step_size = jnp.where(scalars["first"], number["lr"], slots["step_size"])
    prev = slots["prev"]
    sign = ops.sign_of_product(grad, prev)
    factor = jnp.where(sign > 0, number["etaplus"], jnp.where(sign < 0, number["etaminus"], 1))
    step_size = ops.clamp(ops.mul(step_size, factor), number["low"], number["high"])
    step_size, prev = ops.stored(step_size, prev)  # in this order: the next line overwrites prev, which both read
    grad = ops.stored(jnp.where(ops.sign_of_product(grad, prev) < 0, 0, grad))
    return ops.sub(param, ops.mul(ops.sign(grad), step_size)), {"prev": grad, "step_size": step_size}


_RPROP = Rule(RPROP, init=ZeroSlots(("prev", "step_size")), numbers=step_numbers, scalars=_scalars, update=_update)
