"""Adamax, as ``torch.optim.Adamax``."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from lrspec.optimizer_options import ADAMAX
from lrspec.types import Betas, Number, ParamGroups

from ..arithmetic.kernels import Kernels
from ..lr_scheduler._base import LRScheduler
from ._documented import documented
from ._engine import Optimizer, build
from ._rule import Flags, Hyper, Numbers, Rule, Scalars, Slots
from ._shared_steps import ZeroSlots, ascend, coupled_decay, moment_scalars, step_numbers


@documented(ADAMAX)
def Adamax(
    groups: ParamGroups | None = None,
    lr: Number = 2e-3,
    betas: Betas = (0.9, 0.999),
    eps: Number = 1e-8,
    weight_decay: Number = 0,
    *,
    maximize: bool = False,
    scheduler: LRScheduler | Sequence[LRScheduler] | None = None,
) -> Optimizer:
    """Adam with the largest gradient in place of the second moment, equal to ``torch.optim.Adamax`` in every bit.

    With m as in Adam::

        u = max(beta2 * u, |g| + eps)
        p = p - lr / (1 - beta1**t) * m / u
    """
    defaults = dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, maximize=maximize)
    return build(_ADAMAX, groups, defaults, scheduler)


def _scalars(ops: Kernels, hyper: Hyper, numbers: Numbers) -> tuple[Scalars, Numbers]:
    step, _, scalars = moment_scalars(ops, hyper, numbers)
    return {**scalars, "clr": ops.div(scalars["lr"], scalars["bias_correction1"])}, {"step": step}


def _update(
    ops: Kernels, param: jax.Array, grad: jax.Array, slots: Slots, scalars: Scalars, flags: Flags
) -> tuple[jax.Array, Slots]:
    grad = coupled_decay(ops, param, ascend(grad, flags), scalars)
    exp_avg = ops.lerp(slots["exp_avg"], grad, scalars["one_less_beta1"])
    exp_inf = ops.maximum(ops.mul(slots["exp_inf"], scalars["beta2"]), ops.add(jnp.abs(grad), scalars["eps"]))
    exp_avg, exp_inf = ops.stored(exp_avg, exp_inf)
    return ops.addcdiv(param, exp_avg, exp_inf, value=-scalars["clr"]), {"exp_avg": exp_avg, "exp_inf": exp_inf}


_ADAMAX = Rule(ADAMAX, init=ZeroSlots(("exp_avg", "exp_inf")), numbers=step_numbers, scalars=_scalars, update=_update)
