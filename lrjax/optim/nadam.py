"""NAdam, as ``torch.optim.NAdam``."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from ..arithmetic.kernels import Kernels
from . import _options
from ._optimizer import Optimizer, Rule, build
from ._shared import Scalars, ascend, either_decay, moment_scalars, moments, step_memory, zeros


def NAdam(
    groups: Any = None,
    lr: float = 2e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0,
    momentum_decay: float = 4e-3,
    decoupled_weight_decay: bool = False,
    *,
    maximize: bool = False,
    scheduler: Any = None,
) -> Optimizer:
    """Adam with Nesterov momentum, equal to ``torch.optim.NAdam`` in every bit.

    With m and v as in Adam, mu(t) = beta1 * (1 - 0.96**(t * momentum_decay) / 2), M the product of mu(1) to mu(t)::

        d = sqrt(v / (1 - beta2**t)) + eps
        p = p - lr * (1 - mu(t)) / (1 - M) * g / d
        p = p - lr * mu(t + 1) / (1 - M * mu(t + 1)) * m / d

    This is not ``optax.nadam``, whose momentum is constant.

    Args:
        groups: patterns and per-group options, see ``lrjax.param_groups``; None: one group of all parameters.
        lr: learning rate, not negative.
        betas: decay of the two moments, each in [0, 1).
        eps: added to the denominator, not negative.
        weight_decay: not negative; coupled (added to the gradient), unless decoupled_weight_decay.
        momentum_decay: psi, how fast the momentum warms up; not negative.
        decoupled_weight_decay: shrink the parameter instead of adding to the gradient.
        maximize: ascend.
        scheduler: an ``lrjax.lr_scheduler`` scheduler, a list of them, or None.

    Returns:
        An ``optax.GradientTransformationExtraArgs``; its state is an ``OptState``.

    Raises:
        ValueError: an argument out of its range, or groups that do not fit the parameters (at ``init``).
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


def _init(params: Sequence[Any], options: Sequence[Mapping[str, Any]], cycled: bool) -> dict[str, list[Any]]:
    del options, cycled
    return zeros(params, "exp_avg", "exp_avg_sq")


def _memory(n: int) -> dict[str, jax.Array]:
    return {**step_memory(n), "mu_product": jnp.ones(n, jnp.float32)}


def _scalars(k: Kernels, h: Scalars, memory: Scalars) -> tuple[Scalars, Scalars]:
    step, t, c = moment_scalars(k, h, memory)
    psi = h["momentum_decay"]
    mu = k.mul(c["beta1"], 1.0 - 0.5 * jnp.power(0.96, k.mul(t, psi)))
    mu_next = k.mul(c["beta1"], 1.0 - 0.5 * jnp.power(0.96, k.mul(t + 1, psi)))
    mu_product = k.mul(memory["mu_product"], mu)  # a float32 tensor in torch
    product = mu_product.astype(jnp.float64)
    c["grad_value"] = -k.div(k.mul(c["lr"], 1.0 - mu), 1.0 - product)
    c["exp_avg_value"] = -k.div(k.mul(c["lr"], mu_next), 1.0 - k.mul(product, mu_next))
    c["bias_correction2_sqrt"] = k.half_power(c["bias_correction2"])
    return c, {"step": step, "mu_product": mu_product}


def _update(k: Kernels, p: Any, g: Any, slots: Scalars, c: Scalars, flags: Mapping[str, Any]) -> Any:
    g = ascend(g, flags)
    p, g = either_decay(k, p, g, c, decoupled=flags["decoupled_weight_decay"])
    m, v = k.stored(*moments(k, g, slots, c))
    root = k.div(k.sqrt(v), c["bias_correction2_sqrt"]) if k.cuda else k.sqrt(k.div(v, c["bias_correction2"]))
    denom = k.add(root, c["eps"])
    p = k.addcdiv(p, g, denom, value=c["grad_value"])
    p = k.addcdiv(p, m, denom, value=c["exp_avg_value"])
    return p, {"exp_avg": m, "exp_avg_sq": v}


_NADAM = Rule(_options.NADAM, init=_init, memory=_memory, scalars=_scalars, update=_update)
