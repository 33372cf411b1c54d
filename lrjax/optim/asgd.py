"""ASGD, as ``torch.optim.ASGD``."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from lrspec import optimizer_options
from lrspec.types import Number, ParamGroups

from ..arithmetic.kernels import Kernels
from ..lr_scheduler._base import LRScheduler
from ._documented import documented
from ._engine import Optimizer, build
from ._rule import Flags, Hyper, Numbers, Rule, Scalars, Slots
from ._shared_steps import ZeroSlots, ascend, coupled_decay, next_step, step_numbers


@documented(optimizer_options.ASGD)
def ASGD(
    groups: ParamGroups | None = None,
    lr: Number = 1e-2,
    lambd: Number = 1e-4,
    alpha: Number = 0.75,
    t0: Number = 1e6,
    weight_decay: Number = 0,
    maximize: bool = False,
    *,
    scheduler: LRScheduler | Sequence[LRScheduler] | None = None,
) -> Optimizer:
    """Averaged stochastic gradient descent, equal to ``torch.optim.ASGD`` in every bit.

    With e the rate computed at the end of the update before, and a the average::

        p = p * (1 - lambd * e) - e * g
        a = a + mu * (p - a)
        e = lr / (1 + lambd * lr * t) ** alpha,  mu = 1 / max(1, t - t0)

    As in torch, a new rate takes effect one update late, and the average stays in the state (``slots["ax"]``).
    """
    defaults = dict(lr=lr, lambd=lambd, alpha=alpha, t0=t0, weight_decay=weight_decay, maximize=maximize)
    return build(_ASGD, groups, defaults, scheduler)


def _numbers(n: int) -> Numbers:
    return {**step_numbers(n), "eta": jnp.zeros(n, jnp.float32), "mu": jnp.ones(n, jnp.float32)}


def _scalars(ops: Kernels, hyper: Hyper, numbers: Numbers) -> tuple[Scalars, Numbers]:
    step, t = next_step(numbers)
    lr, lambd = hyper["lr"], hyper["lambd"]
    eta = jnp.where(numbers["step"] == 0, ops.rounded(lr, jnp.float32), numbers["eta"]).astype(jnp.float64)
    scalars = {
        "weight_decay": hyper["weight_decay"],
        "eta": eta,
        "mu": numbers["mu"],
        "lambd": lambd,
        "decay": 1 - ops.mul(lambd, eta),
    }
    if ops.cuda:  # torch computes it in float32 tensors; only the power is computed in float64 here, and rounded once
        factor = ops.add(ops.mul(ops.rounded(t, jnp.float32), ops.mul(lambd, lr)), 1.0)
        power = ops.rounded(jnp.power(factor.astype(jnp.float64), hyper["alpha"]), jnp.float32)
        new_eta = ops.mul(ops.reciprocal(power), lr)
    else:
        new_eta = ops.rounded(ops.div(lr, jnp.power(1 + ops.mul(ops.mul(lambd, lr), t), hyper["alpha"])), jnp.float32)
    new_mu = ops.rounded(ops.div(1.0, jnp.maximum(1.0, t - hyper["t0"])), jnp.float32)
    return scalars, {"step": step, "eta": new_eta, "mu": new_mu}


def _update(
    ops: Kernels, param: jax.Array, grad: jax.Array, slots: Slots, scalars: Scalars, flags: Flags
) -> tuple[jax.Array, Slots]:
    grad = coupled_decay(ops, param, ascend(grad, flags), scalars)
    if ops.cuda:
        param = ops.addcmul(param, ops.add(grad, param, alpha=scalars["lambd"]), scalars["eta"], value=-1.0)
        ax = slots["ax"]
        return param, {"ax": ops.addcmul(ax, ops.sub(param, ax), scalars["mu"], value=1.0)}
    param = ops.add(ops.mul(param, scalars["decay"]), grad, alpha=-scalars["eta"])
    param = ops.stored(param)
    ax = slots["ax"]
    moved = ops.add(ax, ops.mul(ops.sub(param, ax), scalars["mu"]))
    return param, {"ax": jnp.where(scalars["mu"] != 1, moved, param)}


_ASGD = Rule(optimizer_options.ASGD, init=ZeroSlots(("ax",)), numbers=_numbers, scalars=_scalars, update=_update)
