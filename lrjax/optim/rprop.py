"""Rprop, as ``torch.optim.Rprop``."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax.numpy as jnp

from ..arithmetic.kernels import Kernels
from . import _options
from ._optimizer import Optimizer, Rule, build
from ._shared import Scalars, ascend, next_step, step_memory, zeros


def Rprop(
    groups: Any = None,
    lr: float = 1e-2,
    etas: tuple[float, float] = (0.5, 1.2),
    step_sizes: tuple[float, float] = (1e-6, 50),
    *,
    maximize: bool = False,
    scheduler: Any = None,
) -> Optimizer:
    """Resilient backpropagation, equal to ``torch.optim.Rprop`` in every bit.

    With s a step size for each element, and h the gradient before::

        s = clamp(s * (etas[1] if g * h > 0 else etas[0] if g * h < 0 else 1))
        g = 0 where g * h < 0
        p = p - sign(g) * s

    As in torch, ``lr`` is the first step size only: a rate set or scheduled later changes nothing.

    Args:
        groups: patterns and per-group options, see ``lrjax.param_groups``; None: one group of all parameters.
        lr: learning rate, not negative.
        etas: factors of a step size when the gradient changes sign and when it does not, 0 < etas[0] < 1 < etas[1].
        step_sizes: smallest and largest step size.
        maximize: ascend.
        scheduler: an ``lrjax.lr_scheduler`` scheduler, a list of them, or None.

    Returns:
        An ``optax.GradientTransformationExtraArgs``; its state is an ``OptState``.

    Raises:
        ValueError: an argument out of its range, or groups that do not fit the parameters (at ``init``).
    """
    defaults = dict(lr=lr, etas=etas, step_sizes=step_sizes, maximize=maximize)
    return build(_RPROP, groups, defaults, scheduler)


def _init(params: Sequence[Any], options: Sequence[Mapping[str, Any]], cycled: bool) -> dict[str, list[Any]]:
    del options, cycled
    return zeros(params, "prev", "step_size")


def _scalars(k: Kernels, h: Scalars, memory: Scalars) -> tuple[Scalars, Scalars]:
    del k
    c = {"lr": h["lr"], "first": memory["step"] == 0, "etaminus": h["etas"][:, 0], "etaplus": h["etas"][:, 1]}
    return {**c, "low": h["step_sizes"][:, 0], "high": h["step_sizes"][:, 1]}, {"step": next_step(memory)[0]}


def _update(k: Kernels, p: Any, g: Any, slots: Scalars, c: Scalars, flags: Mapping[str, Any]) -> Any:
    g = ascend(g, flags)
    number = {name: value.astype(p.dtype) for name, value in c.items() if name != "first"}
    step_size = jnp.where(c["first"], number["lr"], slots["step_size"])
    prev = slots["prev"]
    sign = k.sign_of_product(g, prev)
    factor = jnp.where(sign > 0, number["etaplus"], jnp.where(sign < 0, number["etaminus"], 1))
    step_size = k.clamp(k.mul(step_size, factor), number["low"], number["high"])
    step_size, prev = k.stored(step_size, prev)  # in this order: the next line overwrites prev, which both read
    g = k.stored(jnp.where(k.sign_of_product(g, prev) < 0, 0, g))
    return k.sub(p, k.mul(k.sign(g), step_size)), {"prev": g, "step_size": step_size}


_RPROP = Rule(_options.RPROP, init=_init, memory=step_memory, scalars=_scalars, update=_update)
