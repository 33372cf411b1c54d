"""Adadelta, as ``torch.optim.Adadelta``."""

from collections.abc import Sequence

import jax

from lrspec.optimizer_options import ADADELTA
from lrspec.types import Number, ParamGroups

from ..arithmetic.kernels import Kernels
from ..lr_scheduler._base import LRScheduler
from ._documented import documented
from ._engine import Optimizer, build
from ._rule import Flags, Hyper, Numbers, Rule, Scalars, Slots
from ._shared_steps import ZeroSlots, ascend, coupled_decay, next_step, step_numbers


@documented(ADADELTA)
def Adadelta(
    groups: ParamGroups | None = None,
    lr: Number = 1.0,
    rho: Number = 0.9,
    eps: Number = 1e-6,
    weight_decay: Number = 0,
    *,
    maximize: bool = False,
    scheduler: LRScheduler | Sequence[LRScheduler] | None = None,
) -> Optimizer:
    """Adadelta, equal to ``torch.optim.Adadelta`` in every bit.

    With v and a the averages of squared gradients and of squared steps::

        v = rho * v + (1 - rho) * g * g
        d = sqrt(a + eps) / sqrt(v + eps) * g
        a = rho * a + (1 - rho) * d * d
        p = p - lr * d
    """
    defaults = dict(lr=lr, rho=rho, eps=eps, weight_decay=weight_decay, maximize=maximize)
    return build(_ADADELTA, groups, defaults, scheduler)


def _scalars(ops: Kernels, hyper: Hyper, numbers: Numbers) -> tuple[Scalars, Numbers]:
    del ops
    return {**hyper, "one_less_rho": 1 - hyper["rho"]}, {"step": next_step(numbers)[0]}


def _update(
    ops: Kernels, param: jax.Array, grad: jax.Array, slots: Slots, scalars: Scalars, flags: Flags
) -> tuple[jax.Array, Slots]:
    gradient = ascend(grad, flags)
    grad = coupled_decay(ops, param, gradient, scalars)
    square_avg = ops.addcmul(ops.mul(slots["square_avg"], scalars["rho"]), grad, grad, value=scalars["one_less_rho"])
    square_avg, param = ops.stored(square_avg, param)
    grad = coupled_decay(ops, param, gradient, scalars)  # again, or XLA would keep the first one in memory
    std = ops.sqrt(ops.add(square_avg, scalars["eps"]))
    delta = ops.mul(ops.div(ops.sqrt(ops.add(slots["acc_delta"], scalars["eps"])), std), grad)
    delta = ops.stored(delta)
    acc_delta = ops.addcmul(ops.mul(slots["acc_delta"], scalars["rho"]), delta, delta, value=scalars["one_less_rho"])
    return ops.add(param, delta, alpha=-scalars["lr"]), {"square_avg": square_avg, "acc_delta": acc_delta}


_ADADELTA = Rule(
    ADADELTA, init=ZeroSlots(("square_avg", "acc_delta")), numbers=step_numbers, scalars=_scalars, update=_update
)
