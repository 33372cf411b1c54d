"""Adadelta, as ``torch.optim.Adadelta``."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..arithmetic.kernels import Kernels
from . import _options
from ._optimizer import Optimizer, Rule, build
from ._shared import Scalars, ascend, coupled_decay, next_step, step_memory, zeros


def Adadelta(
    groups: Any = None,
    lr: float = 1.0,
    rho: float = 0.9,
    eps: float = 1e-6,
    weight_decay: float = 0,
    *,
    maximize: bool = False,
    scheduler: Any = None,
) -> Optimizer:
    """Adadelta, equal to ``torch.optim.Adadelta`` in every bit.

    With v and a the averages of squared gradients and of squared steps::

        v = rho * v + (1 - rho) * g * g
        d = sqrt(a + eps) / sqrt(v + eps) * g
        a = rho * a + (1 - rho) * d * d
        p = p - lr * d

    Args:
        groups: patterns and per-group options, see ``lrjax.param_groups``; None: one group of all parameters.
        lr: learning rate, not negative.
        rho: decay of the two averages, in [0, 1].
        eps: added to the denominator, not negative.
        weight_decay: not negative; coupled (added to the gradient).
        maximize: ascend.
        scheduler: an ``lrjax.lr_scheduler`` scheduler, a list of them, or None.

    Returns:
        An ``optax.GradientTransformationExtraArgs``; its state is an ``OptState``.

    Raises:
        ValueError: an argument out of its range, or groups that do not fit the parameters (at ``init``).
    """
    defaults = dict(lr=lr, rho=rho, eps=eps, weight_decay=weight_decay, maximize=maximize)
    return build(_ADADELTA, groups, defaults, scheduler)


def _init(params: Sequence[Any], options: Sequence[Mapping[str, Any]], cycled: bool) -> dict[str, list[Any]]:
    del options, cycled
    return zeros(params, "square_avg", "acc_delta")


def _scalars(k: Kernels, h: Scalars, memory: Scalars) -> tuple[Scalars, Scalars]:
    del k
    return {**h, "one_less_rho": 1 - h["rho"]}, {"step": next_step(memory)[0]}


def _update(k: Kernels, p: Any, g: Any, slots: Scalars, c: Scalars, flags: Mapping[str, Any]) -> Any:
    g = ascend(g, flags)
    grad = coupled_decay(k, p, g, c)
    v = k.addcmul(k.mul(slots["square_avg"], c["rho"]), grad, grad, value=c["one_less_rho"])
    v, p = k.stored(v, p)
    grad = coupled_decay(k, p, g, c)  # once more, from the same p: XLA would keep the first one in memory
    std = k.sqrt(k.add(v, c["eps"]))
    delta = k.mul(k.div(k.sqrt(k.add(slots["acc_delta"], c["eps"])), std), grad)
    delta = k.stored(delta)
    acc_delta = k.addcmul(k.mul(slots["acc_delta"], c["rho"]), delta, delta, value=c["one_less_rho"])
    return k.add(p, delta, alpha=-c["lr"]), {"square_avg": v, "acc_delta": acc_delta}


_ADADELTA = Rule(_options.ADADELTA, init=_init, memory=step_memory, scalars=_scalars, update=_update)
