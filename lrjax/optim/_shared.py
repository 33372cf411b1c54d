"""What several optimizers' rules have in common, each as torch's ``_single_tensor_*`` has it."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from ..arithmetic.kernels import Kernels

Scalars = dict[str, Any]


def coupled_decay(k: Kernels, p: Any, g: Any, c: Scalars) -> Any:
    """``grad = grad.add(param, alpha=weight_decay)``, where weight_decay is not 0."""
    return jnp.where(c["weight_decay"] != 0, k.add(g, p, alpha=c["weight_decay"]), g)


def decoupled_decay(k: Kernels, p: Any, c: Scalars) -> Any:
    """``param.mul_(1 - lr * weight_decay)``, where weight_decay is not 0."""
    return jnp.where(c["weight_decay"] != 0, k.mul(p, c["decay"]), p)


def either_decay(k: Kernels, p: Any, g: Any, c: Scalars, *, decoupled: bool) -> tuple[Any, Any]:
    """The parameter and the gradient after the one or the other."""
    return (decoupled_decay(k, p, c), g) if decoupled else (p, coupled_decay(k, p, g, c))


def moments(k: Kernels, g: Any, slots: Mapping[str, Any], c: Scalars) -> tuple[Any, Any]:
    """``exp_avg.lerp_(grad, 1 - beta1)`` and ``exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)``."""
    m = k.lerp(slots["exp_avg"], g, c["one_less_beta1"])
    return m, k.addcmul(k.mul(slots["exp_avg_sq"], c["beta2"]), g, g, value=c["one_less_beta2"])


def moment_scalars(k: Kernels, h: Scalars, memory: Mapping[str, Any]) -> tuple[Any, Any, Scalars]:
    """The step, as a count and in float64, and what the Adam family computes with it in Python floats."""
    step, t = next_step(memory)
    beta1, beta2 = h["betas"][:, 0], h["betas"][:, 1]
    c = {
        "lr": h["lr"],
        "eps": h["eps"],
        "weight_decay": h["weight_decay"],
        "decay": 1 - k.mul(h["lr"], h["weight_decay"]),
        "beta1": beta1,
        "beta2": beta2,
        "one_less_beta1": 1 - beta1,
        "one_less_beta2": 1 - beta2,
        "bias_correction1": 1 - jnp.power(beta1, t),
        "bias_correction2": 1 - jnp.power(beta2, t),
    }
    return step, t, c


def next_step(memory: Mapping[str, Any]) -> tuple[Any, Any]:
    """The step of this update as int32 and float64. torch counts in float32, which stops at 2**24."""
    step = jnp.minimum(memory["step"] + 1, 2**24)
    return step, step.astype(jnp.float64)


def step_memory(n: int) -> dict[str, jax.Array]:
    """torch's ``state["step"]``, for all parameters."""
    return {"step": jnp.zeros(n, jnp.int32)}


def zeros(params: Sequence[Any], *names: str) -> dict[str, list[Any]]:
    """A zero tensor like each parameter, under each name."""
    return {name: [jnp.zeros_like(p) for p in params] for name in names}


def ascend(g: Any, flags: Mapping[str, Any]) -> Any:
    """``-grad`` if maximize."""
    return -g if flags["maximize"] else g
