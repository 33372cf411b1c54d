"""The steps that several optimizers share, written as in torch's ``_single_tensor_*`` functions."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from ..arithmetic.kernels import Kernels
from ._rule import Flags, Hyper, Numbers, Scalars, Slots


def coupled_decay(ops: Kernels, param: jax.Array, grad: jax.Array, scalars: Scalars) -> jax.Array:
    """``grad = grad.add(param, alpha=weight_decay)``, where weight_decay is not 0."""
    return jnp.where(scalars["weight_decay"] != 0, ops.add(grad, param, alpha=scalars["weight_decay"]), grad)


def decoupled_decay(ops: Kernels, param: jax.Array, scalars: Scalars) -> jax.Array:
    """``param.mul_(1 - lr * weight_decay)``, where weight_decay is not 0."""
    return jnp.where(scalars["weight_decay"] != 0, ops.mul(param, scalars["decay"]), param)


def either_decay(
    ops: Kernels, param: jax.Array, grad: jax.Array, scalars: Scalars, *, decoupled: bool
) -> tuple[jax.Array, jax.Array]:
    """The parameter and the gradient after the one or the other."""
    if decoupled:
        return decoupled_decay(ops, param, scalars), grad
    return param, coupled_decay(ops, param, grad, scalars)


def moments(ops: Kernels, grad: jax.Array, slots: Slots, scalars: Scalars) -> tuple[jax.Array, jax.Array]:
    """``exp_avg.lerp_(grad, 1 - beta1)`` and ``exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)``."""
    exp_avg = ops.lerp(slots["exp_avg"], grad, scalars["one_less_beta1"])
    decayed = ops.mul(slots["exp_avg_sq"], scalars["beta2"])
    return exp_avg, ops.addcmul(decayed, grad, grad, value=scalars["one_less_beta2"])


def moment_scalars(ops: Kernels, hyper: Hyper, numbers: Numbers) -> tuple[jax.Array, jax.Array, Scalars]:
    """The step, as a count and in float64, and what the Adam family computes with it in Python floats."""
    step, t = next_step(numbers)
    beta1, beta2 = hyper["betas"][:, 0], hyper["betas"][:, 1]
    scalars = {
        "lr": hyper["lr"],
        "eps": hyper["eps"],
        "weight_decay": hyper["weight_decay"],
        "decay": 1 - ops.mul(hyper["lr"], hyper["weight_decay"]),
        "beta1": beta1,
        "beta2": beta2,
        "one_less_beta1": 1 - beta1,
        "one_less_beta2": 1 - beta2,
        "bias_correction1": 1 - jnp.power(beta1, t),
        "bias_correction2": 1 - jnp.power(beta2, t),
    }
    return step, t, scalars


def next_step(numbers: Numbers) -> tuple[jax.Array, jax.Array]:
    """The step of this update as int32 and float64. torch counts in float32, which stops at 2**24."""
    step = jnp.minimum(numbers["step"] + 1, 2**24)
    return step, step.astype(jnp.float64)


def step_numbers(n: int) -> Numbers:
    """torch's ``state["step"]``, for all parameters."""
    return {"step": jnp.zeros(n, jnp.int32)}


class ZeroSlots(NamedTuple):
    """``Rule.init`` of an optimizer whose slots have these names and are zero at first."""

    names: tuple[str, ...]

    def __call__(
        self, params: Sequence[jax.Array], options: Sequence[Mapping[str, Any]], momentum_scheduled: bool
    ) -> dict[str, list[jax.Array]]:
        """A zero tensor like each parameter, under each name."""
        del options, momentum_scheduled
        return zeros(params, *self.names)


def zeros(params: Sequence[jax.Array], *names: str) -> dict[str, list[jax.Array]]:
    """A zero tensor like each parameter, under each name."""
    return {name: [jnp.zeros_like(param) for param in params] for name in names}


def is_on(momentum: Any) -> bool:
    """Whether there must be a buffer: a momentum that is an array may become another, see ``_given.py``."""
    return isinstance(momentum, jax.Array) or momentum != 0


def ascend(grad: jax.Array, flags: Flags) -> jax.Array:
    """``-grad`` if maximize."""
    return -grad if flags["maximize"] else grad
