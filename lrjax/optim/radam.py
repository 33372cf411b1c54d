"""RAdam, as ``torch.optim.RAdam``."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax.numpy as jnp

from ..arithmetic.kernels import Kernels
from . import _options
from ._optimizer import Optimizer, Rule, build
from ._shared import Scalars, ascend, either_decay, moment_scalars, moments, step_memory, zeros


def RAdam(
    groups: Any = None,
    lr: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0,
    decoupled_weight_decay: bool = False,
    *,
    maximize: bool = False,
    scheduler: Any = None,
) -> Optimizer:
    """Rectified Adam, equal to ``torch.optim.RAdam`` in every bit.

    With m and v as in Adam, r = 2 / (1 - beta2) - 1, rho = r - 2 * t * beta2**t / (1 - beta2**t)::

        m' = m / (1 - beta1**t)
        rect = sqrt((rho - 4) * (rho - 2) * r / ((r - 4) * (r - 2) * rho))
        p = p - m' * lr * sqrt(1 - beta2**t) / (sqrt(v) + eps) * rect  if rho > 5
        p = p - m' * lr                                                  if not

    Args:
        groups: patterns and per-group options, see ``lrjax.param_groups``; None: one group of all parameters.
        lr: learning rate, not negative.
        betas: decay of the two moments, each in [0, 1).
        eps: added to the denominator, not negative.
        weight_decay: not negative; coupled (added to the gradient), unless decoupled_weight_decay.
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
        decoupled_weight_decay=decoupled_weight_decay,
        maximize=maximize,
    )
    return build(_RADAM, groups, defaults, scheduler)


def _init(params: Sequence[Any], options: Sequence[Mapping[str, Any]], cycled: bool) -> dict[str, list[Any]]:
    del options, cycled
    return zeros(params, "exp_avg", "exp_avg_sq")


def _scalars(k: Kernels, h: Scalars, memory: Scalars) -> tuple[Scalars, Scalars]:
    step, t, c = moment_scalars(k, h, memory)
    rho_inf = k.div(2.0, c["one_less_beta2"]) - 1
    rho_t = rho_inf - k.div(k.mul(2 * t, jnp.power(c["beta2"], t)), c["bias_correction2"])
    above = k.mul(k.mul(rho_t - 4, rho_t - 2), rho_inf)
    below = k.mul(k.mul(rho_inf - 4, rho_inf - 2), rho_t)
    rectified = rho_t > 5.0
    rect = k.half_power(jnp.where(rectified, k.div(above, below), 1.0))
    root = k.half_power(c["bias_correction2"])
    c |= {"rectified": rectified, "rect": rect, "bias_correction2_sqrt": root}
    if k.cuda:  # the two step sizes of the foreach form: one of them is zero
        zero = jnp.zeros_like(rect)
        c["rect"] = -k.mul(root, k.div(k.mul(c["lr"], jnp.where(rectified, rect, zero)), c["bias_correction1"]))
        c["lr"] = -k.div(k.mul(c["lr"], jnp.where(rectified, zero, 1.0)), c["bias_correction1"])
    return c, {"step": step}


def _update(k: Kernels, p: Any, g: Any, slots: Scalars, c: Scalars, flags: Mapping[str, Any]) -> Any:
    g = ascend(g, flags)
    p, g = either_decay(k, p, g, c, decoupled=flags["decoupled_weight_decay"])
    m, v = k.stored(*moments(k, g, slots, c))
    if k.cuda:
        factor = k.reciprocal(k.div(k.add(k.sqrt(v), c["eps"]), c["rect"]))
        return k.addcmul(p, m, k.add(factor, c["lr"]), value=1.0), {"exp_avg": m, "exp_avg_sq": v}
    plain = k.mul(k.div(m, c["bias_correction1"]), c["lr"])
    adaptive_lr = k.mul(k.reciprocal(k.add(k.sqrt(v), c["eps"])), c["bias_correction2_sqrt"])
    step = jnp.where(c["rectified"], k.mul(k.mul(plain, adaptive_lr), c["rect"]), plain)
    return k.sub(p, step), {"exp_avg": m, "exp_avg_sq": v}


_RADAM = Rule(_options.RADAM, init=_init, memory=step_memory, scalars=_scalars, update=_update)
