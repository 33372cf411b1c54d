"""Adam and AdamW, as ``torch.optim.Adam`` and ``torch.optim.AdamW``."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax

from lrspec.optimizer_options import ADAM, ADAMW
from lrspec.types import Betas, Number, ParamGroups

from ..arithmetic.kernels import Kernels
from ..lr_scheduler._base import LRScheduler
from ._documented import documented
from ._engine import Optimizer, build
from ._rule import Flags, Hyper, Numbers, Rule, Scalars, Slots
from ._shared_steps import ascend, either_decay, moment_scalars, moments, step_numbers, zeros


@documented(ADAM)
def Adam(
    groups: ParamGroups | None = None,
    lr: Number = 1e-3,
    betas: Betas = (0.9, 0.999),
    eps: Number = 1e-8,
    weight_decay: Number = 0,
    amsgrad: bool = False,
    *,
    maximize: bool = False,
    decoupled_weight_decay: bool = False,
    scheduler: LRScheduler | Sequence[LRScheduler] | None = None,
) -> Optimizer:
    """Adam, equal to ``torch.optim.Adam`` in every bit.

    With g the gradient (negated if maximize), m and v its moments, p the parameter, t the update from 1::

        g = g + weight_decay * p
        m = lerp(m, g, 1 - beta1)
        v = beta2 * v + (1 - beta2) * g * g
        p = p - lr / (1 - beta1**t) * m / (sqrt(v) / sqrt(1 - beta2**t) + eps)
    """
    defaults = dict(
        lr=lr,
        betas=betas,
        eps=eps,
        weight_decay=weight_decay,
        amsgrad=amsgrad,
        maximize=maximize,
        decoupled_weight_decay=decoupled_weight_decay,
    )
    return build(_ADAM, groups, defaults, scheduler)


@documented(ADAMW)
def AdamW(
    groups: ParamGroups | None = None,
    lr: Number = 1e-3,
    betas: Betas = (0.9, 0.999),
    eps: Number = 1e-8,
    weight_decay: Number = 1e-2,
    amsgrad: bool = False,
    *,
    maximize: bool = False,
    scheduler: LRScheduler | Sequence[LRScheduler] | None = None,
) -> Optimizer:
    """Adam with decoupled weight decay, equal to ``torch.optim.AdamW`` in every bit.

    With g the gradient (negated if maximize), m and v its moments, p the parameter, t the update from 1::

        p = p * (1 - lr * weight_decay)
        m = lerp(m, g, 1 - beta1)
        v = beta2 * v + (1 - beta2) * g * g
        p = p - lr / (1 - beta1**t) * m / (sqrt(v) / sqrt(1 - beta2**t) + eps)
    """
    defaults = dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad, maximize=maximize)
    return build(_ADAMW, groups, defaults, scheduler)


def _init(
    params: Sequence[jax.Array], options: Sequence[Mapping[str, Any]], momentum_scheduled: bool
) -> dict[str, list[jax.Array]]:
    del momentum_scheduled
    names = ["exp_avg", "exp_avg_sq"] + ["max_exp_avg_sq"] * any(group["amsgrad"] for group in options)
    return zeros(params, *names)


def _scalars(ops: Kernels, hyper: Hyper, numbers: Numbers) -> tuple[Scalars, Numbers]:
    step, _, scalars = moment_scalars(ops, hyper, numbers)
    scalars["step_size"] = ops.div(scalars["lr"], scalars["bias_correction1"])
    scalars["bias_correction2_sqrt"] = ops.half_power(scalars["bias_correction2"])
    return scalars, {"step": step}


def _update(
    ops: Kernels, param: jax.Array, grad: jax.Array, slots: Slots, scalars: Scalars, flags: Flags
) -> tuple[jax.Array, Slots]:
    grad = ascend(grad, flags)
    decoupled = flags.get("decoupled_weight_decay", True)  # AdamW has no such flag
    param, grad = either_decay(ops, param, grad, scalars, decoupled=decoupled)
    exp_avg, exp_avg_sq = ops.stored(*moments(ops, grad, slots, scalars))
    slots = {**slots, "exp_avg": exp_avg, "exp_avg_sq": exp_avg_sq}
    if flags["amsgrad"]:
        exp_avg_sq = slots["max_exp_avg_sq"] = ops.stored(ops.maximum(slots["max_exp_avg_sq"], exp_avg_sq))
    denom = ops.add(ops.div(ops.sqrt(exp_avg_sq), scalars["bias_correction2_sqrt"]), scalars["eps"])
    return ops.addcdiv(param, exp_avg, denom, value=-scalars["step_size"]), slots


_ADAM = Rule(ADAM, init=_init, numbers=step_numbers, scalars=_scalars, update=_update)
_ADAMW = Rule(ADAMW, init=_init, numbers=step_numbers, scalars=_scalars, update=_update)
