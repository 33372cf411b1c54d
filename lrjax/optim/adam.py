"""AdamW, as ``torch.optim.AdamW``."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from ..kernels import Kernels
from . import _options
from ._optimizer import Optimizer, Rule, build


def AdamW(
    groups: Any = None,
    lr: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 1e-2,
    amsgrad: bool = False,
    *,
    maximize: bool = False,
    scheduler: Any = None,
) -> Optimizer:
    """Adam with decoupled weight decay, equal to ``torch.optim.AdamW`` in every bit.

    With g the gradient (negated if maximize), m and v its moments, p the parameter, t the update from 1::

        p = p * (1 - lr * weight_decay)
        m = lerp(m, g, 1 - beta1)
        v = beta2 * v + (1 - beta2) * g * g
        p = p - lr / (1 - beta1**t) * m / (sqrt(v) / sqrt(1 - beta2**t) + eps)

    Args:
        groups: patterns and per-group options, see ``lrjax.param_groups``; None: one group of all parameters.
        lr: learning rate, not negative.
        betas: decay of the two moments, each in [0, 1).
        eps: added to the denominator, not negative.
        weight_decay: not negative.
        amsgrad: divide by the largest v so far (uncorrected, as torch does).
        maximize: ascend.
        scheduler: an ``lrjax.lr_scheduler`` scheduler, or None.

    Returns:
        An ``optax.GradientTransformationExtraArgs``; its state is an ``OptState``.

    Raises:
        ValueError: an argument out of its range, or groups that do not fit the parameters (at ``init``).
    """
    defaults = dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad, maximize=maximize)
    return build(_RULE, groups, defaults, scheduler)


def _init(params: Sequence[Any], options: Sequence[Mapping[str, Any]], cycled: bool) -> dict[str, list[Any]]:
    del cycled
    names = ["exp_avg", "exp_avg_sq"] + ["max_exp_avg_sq"] * any(group["amsgrad"] for group in options)
    return {name: [jnp.zeros_like(p) for p in params] for name in names}


def _memory(n: int) -> dict[str, jax.Array]:
    return {"step": jnp.zeros(n, jnp.int32)}


def _scalars(k: Kernels, h: dict[str, Any], memory: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    step = jnp.minimum(memory["step"] + 1, 2**24)  # torch counts in float32, which stops at 2**24
    t = step.astype(jnp.float64)
    beta1, beta2 = h["betas"][:, 0], h["betas"][:, 1]
    bias_correction1, bias_correction2 = 1 - jnp.power(beta1, t), 1 - jnp.power(beta2, t)
    c = {
        "eps": h["eps"],
        "decay": 1 - k.mul(h["lr"], h["weight_decay"]),
        "beta2": beta2,
        "one_less_beta1": 1 - beta1,
        "one_less_beta2": 1 - beta2,
        "step_size": k.div(h["lr"], bias_correction1),
        "bias_correction2_sqrt": jnp.sqrt(bias_correction2),
        "weight_decay": h["weight_decay"],
    }
    return c, {"step": step}


def _update(k: Kernels, p: Any, g: Any, slots: dict[str, Any], c: dict[str, Any], flags: dict[str, Any]) -> Any:
    g = -g if flags["maximize"] else g
    p = jnp.where(c["weight_decay"] != 0, k.mul(p, c["decay"]), p)
    m = k.lerp(slots["exp_avg"], g, c["one_less_beta1"])
    v = k.addcmul(k.mul(slots["exp_avg_sq"], c["beta2"]), g, g, value=c["one_less_beta2"])
    new = {**slots, "exp_avg": m, "exp_avg_sq": v}
    if flags["amsgrad"]:
        v = new["max_exp_avg_sq"] = jnp.maximum(slots["max_exp_avg_sq"], v)
    denom = k.add(k.div(k.sqrt(v), c["bias_correction2_sqrt"]), c["eps"])
    return k.addcdiv(p, m, denom, value=-c["step_size"]), new


_RULE = Rule(_options.ADAMW, init=_init, memory=_memory, scalars=_scalars, update=_update)
