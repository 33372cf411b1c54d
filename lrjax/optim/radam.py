"""RAdam, as ``torch.optim.RAdam``."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from lrspec.optimizer_options import RADAM
from lrspec.types import Betas, Number, ParamGroups

from ..arithmetic.kernels import Kernels
from ..lr_scheduler._base import LRScheduler
from ._documented import documented
from ._engine import Optimizer, build
from ._rule import Flags, Hyper, Numbers, Rule, Scalars, Slots
from ._shared_steps import ZeroSlots, ascend, either_decay, moment_scalars, moments, step_numbers


@documented(RADAM)
def RAdam(
    groups: ParamGroups | None = None,
    lr: Number = 1e-3,
    betas: Betas = (0.9, 0.999),
    eps: Number = 1e-8,
    weight_decay: Number = 0,
    decoupled_weight_decay: bool = False,
    *,
    maximize: bool = False,
    scheduler: LRScheduler | Sequence[LRScheduler] | None = None,
) -> Optimizer:
    """Rectified Adam, equal to ``torch.optim.RAdam`` in every bit.

    With m and v as in Adam, r = 2 / (1 - beta2) - 1, rho = r - 2 * t * beta2**t / (1 - beta2**t)::

        m' = m / (1 - beta1**t)
        rect = sqrt((rho - 4) * (rho - 2) * r / ((r - 4) * (r - 2) * rho))
        p = p - m' * lr * sqrt(1 - beta2**t) / (sqrt(v) + eps) * rect  if rho > 5
        p = p - m' * lr                                                  if not
    """
    defaults = dict(
        lr=lr,
        betas=betas,
        eps=eps,
        weight_decay=weight_decay,
        decoupled_weight_decay=decoupled_weight_decay,
        maximize=maximize,
    )
    return build(_RADAM, groups, defaults, scheduler)


def _scalars(ops: Kernels, hyper: Hyper, numbers: Numbers) -> tuple[Scalars, Numbers]:
    step, t, scalars = moment_scalars(ops, hyper, numbers)
    rho_inf = ops.div(2.0, scalars["one_less_beta2"]) - 1
    rho_t = rho_inf - ops.div(ops.mul(2 * t, jnp.power(scalars["beta2"], t)), scalars["bias_correction2"])
    above = ops.mul(ops.mul(rho_t - 4, rho_t - 2), rho_inf)
    below = ops.mul(ops.mul(rho_inf - 4, rho_inf - 2), rho_t)
    rectified = rho_t > 5.0
    rect = ops.half_power(jnp.where(rectified, ops.div(above, below), 1.0))
    root = ops.half_power(scalars["bias_correction2"])
    scalars |= {"rectified": rectified, "rect": rect, "bias_correction2_sqrt": root}
    if ops.cuda:  # the two step sizes of the foreach form: one of them is zero
        corrected = ops.mul(scalars["lr"], jnp.where(rectified, rect, jnp.zeros_like(rect)))
        plain = ops.mul(scalars["lr"], jnp.where(rectified, jnp.zeros_like(rect), 1.0))
        scalars["rect"] = -ops.mul(root, ops.div(corrected, scalars["bias_correction1"]))
        scalars["lr"] = -ops.div(plain, scalars["bias_correction1"])
    return scalars, {"step": step}


def _update(
    ops: Kernels, param: jax.Array, grad: jax.Array, slots: Slots, scalars: Scalars, flags: Flags
) -> tuple[jax.Array, Slots]:
    grad = ascend(grad, flags)
    param, grad = either_decay(ops, param, grad, scalars, decoupled=flags["decoupled_weight_decay"])
    exp_avg, exp_avg_sq = ops.stored(*moments(ops, grad, slots, scalars))
    slots = {"exp_avg": exp_avg, "exp_avg_sq": exp_avg_sq}
    denom = ops.add(ops.sqrt(exp_avg_sq), scalars["eps"])
    if ops.cuda:
        factor = ops.reciprocal(ops.div(denom, scalars["rect"]))
        return ops.addcmul(param, exp_avg, ops.add(factor, scalars["lr"]), value=1.0), slots
    plain = ops.mul(ops.div(exp_avg, scalars["bias_correction1"]), scalars["lr"])
    adaptive_lr = ops.mul(ops.reciprocal(denom), scalars["bias_correction2_sqrt"])
    step = jnp.where(scalars["rectified"], ops.mul(ops.mul(plain, adaptive_lr), scalars["rect"]), plain)
    return ops.sub(param, step), slots


_RADAM = Rule(RADAM, init=ZeroSlots(("exp_avg", "exp_avg_sq")), numbers=step_numbers, scalars=_scalars, update=_update)
