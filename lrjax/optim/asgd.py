"""ASGD, as ``torch.optim.ASGD``."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from ..arithmetic.kernels import Kernels
from . import _options
from ._optimizer import Optimizer, Rule, build
from ._shared import Scalars, ascend, coupled_decay, next_step, step_memory, zeros


def ASGD(
    groups: Any = None,
    lr: float = 1e-2,
    lambd: float = 1e-4,
    alpha: float = 0.75,
    t0: float = 1e6,
    weight_decay: float = 0,
    maximize: bool = False,
    *,
    scheduler: Any = None,
) -> Optimizer:
    """Averaged stochastic gradient descent, equal to ``torch.optim.ASGD`` in every bit.

    With e the rate computed at the end of the update before, and a the average::

        p = p * (1 - lambd * e) - e * g
        a = a + mu * (p - a)
        e = lr / (1 + lambd * lr * t) ** alpha,  mu = 1 / max(1, t - t0)

    As in torch, a new rate takes effect one update late, and the average stays in the state (``slots["ax"]``).

    Args:
        groups: patterns and per-group options, see ``lrjax.param_groups``; None: one group of all parameters.
        lr: learning rate, not negative.
        lambd: decay term.
        alpha: power of the decay of eta.
        t0: step at which averaging begins.
        weight_decay: not negative; coupled (added to the gradient).
        maximize: ascend.
        scheduler: an ``lrjax.lr_scheduler`` scheduler, a list of them, or None.

    Returns:
        An ``optax.GradientTransformationExtraArgs``; its state is an ``OptState``.

    Raises:
        ValueError: an argument out of its range, or groups that do not fit the parameters (at ``init``).
    """
    defaults = dict(lr=lr, lambd=lambd, alpha=alpha, t0=t0, weight_decay=weight_decay, maximize=maximize)
    return build(_ASGD, groups, defaults, scheduler)


def _init(params: Sequence[Any], options: Sequence[Mapping[str, Any]], cycled: bool) -> dict[str, list[Any]]:
    del options, cycled
    return zeros(params, "ax")


def _memory(n: int) -> dict[str, jax.Array]:
    return {**step_memory(n), "eta": jnp.zeros(n, jnp.float32), "mu": jnp.ones(n, jnp.float32)}


def _scalars(k: Kernels, h: Scalars, memory: Scalars) -> tuple[Scalars, Scalars]:
    step, t = next_step(memory)
    lr, lambd = h["lr"], h["lambd"]
    eta = jnp.where(memory["step"] == 0, k.rounded(lr, jnp.float32), memory["eta"]).astype(jnp.float64)
    c = {"weight_decay": h["weight_decay"], "eta": eta, "mu": memory["mu"], "decay": 1 - k.mul(lambd, eta)}
    c["lambd"] = lambd
    if k.cuda:  # torch computes it in float32 tensors; only the power is computed in float64 here, and rounded once
        factor = k.add(k.mul(k.rounded(t, jnp.float32), k.mul(lambd, lr)), 1.0)
        power = k.rounded(jnp.power(factor.astype(jnp.float64), h["alpha"]), jnp.float32)
        new_eta = k.mul(k.reciprocal(power), lr)
    else:
        new_eta = k.rounded(k.div(lr, jnp.power(1 + k.mul(k.mul(lambd, lr), t), h["alpha"])), jnp.float32)
    new_mu = k.rounded(k.div(1.0, jnp.maximum(1.0, t - h["t0"])), jnp.float32)
    return c, {"step": step, "eta": new_eta, "mu": new_mu}


def _update(k: Kernels, p: Any, g: Any, slots: Scalars, c: Scalars, flags: Mapping[str, Any]) -> Any:
    g = coupled_decay(k, p, ascend(g, flags), c)
    if k.cuda:
        p = k.addcmul(p, k.add(g, p, alpha=c["lambd"]), c["eta"], value=-1.0)
        ax = slots["ax"]
        return p, {"ax": k.addcmul(ax, k.sub(p, ax), c["mu"], value=1.0)}
    p = k.add(k.mul(p, c["decay"]), g, alpha=-c["eta"])
    p = k.stored(p)
    ax = slots["ax"]
    moved = k.add(ax, k.mul(k.sub(p, ax), c["mu"]))
    return p, {"ax": jnp.where(c["mu"] != 1, moved, p)}


_ASGD = Rule(_options.ASGD, init=_init, memory=_memory, scalars=_scalars, update=_update)
