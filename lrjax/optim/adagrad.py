"""Adagrad, as ``torch.optim.Adagrad``."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lrspec.optimizer_options import ADAGRAD
from lrspec.types import Number, ParamGroups

from ..arithmetic.kernels import Kernels
from ..lr_scheduler._base import LRScheduler
from ._documented import documented
from ._engine import Optimizer, build
from ._rule import Flags, Hyper, Numbers, Rule, Scalars, Slots
from ._shared_steps import ascend, coupled_decay, next_step, step_numbers


@documented(ADAGRAD)
def Adagrad(
    groups: ParamGroups | None = None,
    lr: Number = 1e-2,
    lr_decay: Number = 0,
    weight_decay: Number = 0,
    initial_accumulator_value: Number = 0,
    eps: Number = 1e-10,
    *,
    maximize: bool = False,
    scheduler: LRScheduler | Sequence[LRScheduler] | None = None,
) -> Optimizer:
    """Adagrad, equal to ``torch.optim.Adagrad`` in every bit.

    With s the sum of squares::

        s = s + g * g
        p = p - lr / (1 + (t - 1) * lr_decay) * g / (sqrt(s) + eps)
    """
    defaults = dict(
        lr=lr,
        lr_decay=lr_decay,
        weight_decay=weight_decay,
        initial_accumulator_value=initial_accumulator_value,
        eps=eps,
        maximize=maximize,
    )
    return build(_ADAGRAD, groups, defaults, scheduler)


def _init(
    params: Sequence[jax.Array], options: Sequence[Mapping[str, Any]], momentum_scheduled: bool
) -> dict[str, list[jax.Array]]:
    del momentum_scheduled
    pairs = zip(params, options, strict=True)
    return {"sum": [jnp.full_like(param, group["initial_accumulator_value"]) for param, group in pairs]}


def _scalars(ops: Kernels, hyper: Hyper, numbers: Numbers) -> tuple[Scalars, Numbers]:
    step, t = next_step(numbers)
    return {**hyper, "clr": ops.div(hyper["lr"], 1 + ops.mul(t - 1, hyper["lr_decay"]))}, {"step": step}


def _update(
    ops: Kernels, param: jax.Array, grad: jax.Array, slots: Slots, scalars: Scalars, flags: Flags
) -> tuple[jax.Array, Slots]:
    grad = coupled_decay(ops, param, ascend(grad, flags), scalars)
    total = ops.stored(ops.addcmul(slots["sum"], grad, grad, value=1.0))
    std = ops.add(ops.sqrt(total), scalars["eps"])
    if ops.cuda:
        return ops.addcdiv(param, ops.mul(grad, -scalars["clr"]), std, value=1.0), {"sum": total}
    return ops.addcdiv(param, grad, std, value=-scalars["clr"]), {"sum": total}


_ADAGRAD = Rule(ADAGRAD, init=_init, numbers=step_numbers, scalars=_scalars, update=_update)
