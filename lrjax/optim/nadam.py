"""NAdam, as ``torch.optim.NAdam``."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from lrspec.optimizer_options import NADAM
from lrspec.types import Betas, Number, ParamGroups

from ..arithmetic.kernels import Kernels
from ..lr_scheduler._base import LRScheduler
from ._documented import documented
from ._engine import Optimizer, build
from ._rule import Flags, Hyper, Numbers, Rule, Scalars, Slots
from ._shared_steps import ZeroSlots, ascend, either_decay, moment_scalars, moments, step_numbers


@documented(NADAM)
def NAdam(
    groups: ParamGroups | None = None,
    lr: Number = 2e-3,
    betas: Betas = (0.9, 0.999),
    eps: Number = 1e-8,
    weight_decay: Number = 0,
    momentum_decay: Number = 4e-3,
    decoupled_weight_decay: bool = False,
    *,
    maximize: bool = False,
    scheduler: LRScheduler | Sequence[LRScheduler] | None = None,
) -> Optimizer:
    """Adam with Nesterov momentum, equal to ``torch.optim.NAdam`` in every bit.

    With m and v as in Adam, mu(t) = beta1 * (1 - 0.96**(t * momentum_decay) / 2), M the product of mu(1) to mu(t)::

        d = sqrt(v / (1 - beta2**t)) + eps
        p = p - lr * (1 - mu(t)) / (1 - M) * g / d
        p = p - lr * mu(t + 1) / (1 - M * mu(t + 1)) * m / d

    This is not ``optax.nadam``, whose momentum is constant.
    """
    defaults = dict(
        lr=lr,
        betas=betas,
        eps=eps,
        weight_decay=weight_decay,
        momentum_decay=momentum_decay,
        decoupled_weight_decay=decoupled_weight_decay,
        maximize=maximize,
    )
    return build(_NADAM, groups, defaults, scheduler)


def _numbers(n: int) -> Numbers:
    return {**step_numbers(n), "mu_product": jnp.ones(n, jnp.float32)}


def _scalars(ops: Kernels, hyper: Hyper, numbers: Numbers) -> tuple[Scalars, Numbers]:
    step, t, scalars = moment_scalars(ops, hyper, numbers)
    psi = hyper["momentum_decay"]
    mu = ops.mul(scalars["beta1"], 1.0 - 0.5 * jnp.power(0.96, ops.mul(t, psi)))
    mu_next = ops.mul(scalars["beta1"], 1.0 - 0.5 * jnp.power(0.96, ops.mul(t + 1, psi)))
    mu_product = ops.mul(numbers["mu_product"], mu)  # a float32 tensor in torch
    product = mu_product.astype(jnp.float64)
    scalars["grad_value"] = -ops.div(ops.mul(scalars["lr"], 1.0 - mu), 1.0 - product)
    scalars["exp_avg_value"] = -ops.div(ops.mul(scalars["lr"], mu_next), 1.0 - ops.mul(product, mu_next))
    scalars["bias_correction2_sqrt"] = ops.half_power(scalars["bias_correction2"])
    return scalars, {"step": step, "mu_product": mu_product}


def _update(
    ops: Kernels, param: jax.Array, grad: jax.Array, slots: Slots, scalars: Scalars, flags: Flags
) -> tuple[jax.Array, Slots]:
    grad = ascend(grad, flags)
    param, grad = either_decay(ops, param, grad, scalars, decoupled=flags["decoupled_weight_decay"])
    exp_avg, exp_avg_sq = ops.stored(*moments(ops, grad, slots, scalars))
    root = (
        ops.div(ops.sqrt(exp_avg_sq), scalars["bias_correction2_sqrt"])
        if ops.cuda
        else ops.sqrt(ops.div(exp_avg_sq, scalars["bias_correction2"]))
    )
    denom = ops.add(root, scalars["eps"])
    param = ops.addcdiv(param, grad, denom, value=scalars["grad_value"])
    param = ops.addcdiv(param, exp_avg, denom, value=scalars["exp_avg_value"])
    return param, {"exp_avg": exp_avg, "exp_avg_sq": exp_avg_sq}


_NADAM = Rule(NADAM, init=ZeroSlots(("exp_avg", "exp_avg_sq")), numbers=_numbers, scalars=_scalars, update=_update)
