"""RMSprop, as ``torch.optim.RMSprop``."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax.numpy as jnp

from ..arithmetic.kernels import Kernels
from . import _options
from ._optimizer import Optimizer, Rule, build
from ._shared import Scalars, ascend, coupled_decay, next_step, step_memory, zeros


def RMSprop(
    groups: Any = None,
    lr: float = 1e-2,
    alpha: float = 0.99,
    eps: float = 1e-8,
    weight_decay: float = 0,
    momentum: float = 0,
    centered: bool = False,
    maximize: bool = False,
    *,
    scheduler: Any = None,
) -> Optimizer:
    """RMSprop, equal to ``torch.optim.RMSprop`` in every bit.

    With v the average of squares, a the average of gradients (centered), b the momentum buffer::

        v = alpha * v + (1 - alpha) * g * g
        d = sqrt(v - a * a if centered else v) + eps
        b = momentum * b + g / d
        p = p - lr * (b if momentum > 0 else g / d)

    Args:
        groups: patterns and per-group options, see ``lrjax.param_groups``; None: one group of all parameters.
        lr: learning rate, not negative.
        alpha: decay of the average of squares, not negative.
        eps: added to the denominator, not negative.
        weight_decay: not negative; coupled (added to the gradient).
        momentum: not negative. If it is 0 in every group and no scheduler cycles it, the state holds no buffer.
        centered: divide by the standard deviation instead of the root of the mean square.
        maximize: ascend.
        scheduler: an ``lrjax.lr_scheduler`` scheduler, a list of them, or None.

    Returns:
        An ``optax.GradientTransformationExtraArgs``; its state is an ``OptState``.

    Raises:
        ValueError: an argument out of its range, or groups that do not fit the parameters (at ``init``).
    """
    defaults = dict(
        lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum, centered=centered, maximize=maximize
    )
    return build(_RMSPROP, groups, defaults, scheduler)


def _init(params: Sequence[Any], options: Sequence[Mapping[str, Any]], cycled: bool) -> dict[str, list[Any]]:
    momentum = ["momentum_buffer"] * (cycled or any(group["momentum"] > 0 for group in options))
    centered = ["grad_avg"] * any(group["centered"] for group in options)
    return zeros(params, "square_avg", *momentum, *centered)


def _scalars(k: Kernels, h: Scalars, memory: Scalars) -> tuple[Scalars, Scalars]:
    del k
    return {**h, "one_less_alpha": 1 - h["alpha"]}, {"step": next_step(memory)[0]}


def _update(k: Kernels, p: Any, g: Any, slots: Scalars, c: Scalars, flags: Mapping[str, Any]) -> Any:
    g = coupled_decay(k, p, ascend(g, flags), c)
    v = k.addcmul(k.mul(slots["square_avg"], c["alpha"]), g, g, value=c["one_less_alpha"])
    v = k.stored(v)
    slots, square = {**slots, "square_avg": v}, v
    if flags["centered"]:
        grad_avg = slots["grad_avg"] = k.stored(k.lerp(slots["grad_avg"], g, c["one_less_alpha"]))
        square = k.addcmul(v, grad_avg, grad_avg, value=-1.0)
    avg = k.add(k.sqrt(square), c["eps"])
    new = k.addcdiv(p, g, avg, value=-c["lr"])
    if "momentum_buffer" in slots:
        old, on = slots["momentum_buffer"], c["momentum"] > 0
        buf = slots["momentum_buffer"] = k.stored(
            jnp.where(on, k.addcdiv(k.mul(old, c["momentum"]), g, avg, value=1.0), old)
        )
        new = jnp.where(on, k.add(p, buf, alpha=-c["lr"]), new)
    return new, slots


_RMSPROP = Rule(_options.RMSPROP, init=_init, memory=step_memory, scalars=_scalars, update=_update)
