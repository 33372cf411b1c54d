"""Adam and AdamW, as ``torch.optim.Adam`` and ``torch.optim.AdamW``."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..arithmetic.kernels import Kernels
from . import _options
from ._optimizer import Optimizer, Rule, build
from ._shared import Scalars, ascend, either_decay, moment_scalars, moments, step_memory, zeros


def Adam(
    groups: Any = None,
    lr: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0,
    amsgrad: bool = False,
    *,
    maximize: bool = False,
    decoupled_weight_decay: bool = False,
    scheduler: Any = None,
) -> Optimizer:
    """Adam, equal to ``torch.optim.Adam`` in every bit.

    With g the gradient (negated if maximize), m and v its moments, p the parameter, t the update from 1::

        g = g + weight_decay * p
        m = lerp(m, g, 1 - beta1)
        v = beta2 * v + (1 - beta2) * g * g
        p = p - lr / (1 - beta1**t) * m / (sqrt(v) / sqrt(1 - beta2**t) + eps)

    Args:
        groups: patterns and per-group options, see ``lrjax.param_groups``; None: one group of all parameters.
        lr: learning rate, not negative.
        betas: decay of the two moments, each in [0, 1).
        eps: added to the denominator, not negative.
        weight_decay: not negative; coupled (added to the gradient), unless decoupled_weight_decay.
        amsgrad: divide by the largest v so far (uncorrected, as torch does).
        maximize: ascend.
        decoupled_weight_decay: shrink the parameter instead of adding to the gradient.
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
        amsgrad=amsgrad,
        maximize=maximize,
        decoupled_weight_decay=decoupled_weight_decay,
    )
    return build(_ADAM, groups, defaults, scheduler)


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
        weight_decay: not negative; decoupled (shrinks the parameter).
        amsgrad: divide by the largest v so far (uncorrected, as torch does).
        maximize: ascend.
        scheduler: an ``lrjax.lr_scheduler`` scheduler, a list of them, or None.

    Returns:
        An ``optax.GradientTransformationExtraArgs``; its state is an ``OptState``.

    Raises:
        ValueError: an argument out of its range, or groups that do not fit the parameters (at ``init``).
    """
    defaults = dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad, maximize=maximize)
    return build(_ADAMW, groups, defaults, scheduler)


def _init(params: Sequence[Any], options: Sequence[Mapping[str, Any]], cycled: bool) -> dict[str, list[Any]]:
    del cycled
    names = ["exp_avg", "exp_avg_sq"] + ["max_exp_avg_sq"] * any(group["amsgrad"] for group in options)
    return zeros(params, *names)


def _scalars(k: Kernels, h: Scalars, memory: Scalars) -> tuple[Scalars, Scalars]:
    step, _, c = moment_scalars(k, h, memory)
    c["step_size"] = k.div(c["lr"], c["bias_correction1"])
    c["bias_correction2_sqrt"] = k.half_power(c["bias_correction2"])
    return c, {"step": step}


def _update(k: Kernels, p: Any, g: Any, slots: Scalars, c: Scalars, flags: Mapping[str, Any]) -> Any:
    g = ascend(g, flags)
    p, g = either_decay(k, p, g, c, decoupled=flags.get("decoupled_weight_decay", True))  # AdamW has no such flag
    m, v = k.stored(*moments(k, g, slots, c))
    slots = {**slots, "exp_avg": m, "exp_avg_sq": v}
    if flags["amsgrad"]:
        v = slots["max_exp_avg_sq"] = k.stored(k.maximum(slots["max_exp_avg_sq"], v))
    denom = k.add(k.div(k.sqrt(v), c["bias_correction2_sqrt"]), c["eps"])
    return k.addcdiv(p, m, denom, value=-c["step_size"]), slots


_ADAM = Rule(_options.ADAM, init=_init, memory=step_memory, scalars=_scalars, update=_update)
_ADAMW = Rule(_options.ADAMW, init=_init, memory=step_memory, scalars=_scalars, update=_update)
