"""Muon, as ``torch.optim.Muon``.

The momentum buffer equals torch's in every bit. The Newton-Schulz iteration is done in bfloat16, as torch
does it: each product of matrices is added up in float32 and rounded once, to bfloat16, after its multiple of
the other summand is added. The two frameworks add up in different orders, so now and then a sum that lies
next to the middle between two bfloat16 numbers is rounded the other way.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from ..arithmetic.kernels import Kernels
from . import _options
from ._optimizer import Optimizer, Rule, build
from ._shared import Scalars, zeros


def Muon(
    groups: Any = None,
    lr: float = 1e-3,
    weight_decay: float = 0.1,
    momentum: float = 0.95,
    nesterov: bool = True,
    ns_coefficients: tuple[float, float, float] = (3.4445, -4.775, 2.0315),
    eps: float = 1e-7,
    ns_steps: int = 5,
    adjust_lr_fn: str | None = None,
    *,
    scheduler: Any = None,
) -> Optimizer:
    """Momentum made orthogonal, as ``torch.optim.Muon``; equal up to the order of sums (see the module's text).

    With g the gradient, b the momentum buffer, p the parameter, a matrix of n rows and m columns::

        b = lerp(b, g, 1 - momentum)
        u = lerp(g, b, momentum) if nesterov else b
        x = bfloat16(u) / max(norm(u), eps), transposed if n > m
        ns_steps times:  A = x x';  x = ns_coefficients[0] x + (ns_coefficients[1] A + ns_coefficients[2] A A) x
        p = p * (1 - lr * weight_decay) - lr * adjust * x

    ``adjust`` is sqrt(max(1, n / m)) ("original"), or 0.2 sqrt(max(n, m)) ("match_rms_adamw"). The rule is
    applied to the array as it stands: "original" wants outputs as rows, as in torch's weights, and a JAX kernel
    has them as columns, so a kernel of shape (in, out) takes steps of sqrt(max(1, in / out)) where torch's
    weight takes sqrt(max(1, out / in)). "match_rms_adamw" and the rest do not tell the two apart.

    As in torch, a bfloat16 parameter without nesterov has its momentum buffer divided by its norm at every update.

    Args:
        groups: patterns and per-group options, see ``lrjax.param_groups``; None: one group of all parameters.
        lr: learning rate, not negative.
        weight_decay: not negative; decoupled (shrinks the parameter, by the rate without ``adjust``).
        momentum: not negative.
        nesterov: look ahead.
        ns_coefficients: the three coefficients of the iteration's polynomial.
        eps: smallest norm to divide by.
        ns_steps: iterations, 0 to 99.
        adjust_lr_fn: "original", "match_rms_adamw", or None, which is "original".
        scheduler: an ``lrjax.lr_scheduler`` scheduler, a list of them, or None.

    Returns:
        An ``optax.GradientTransformationExtraArgs``; its state is an ``OptState``.

    Raises:
        ValueError: an argument out of its range; at ``init``, groups that do not fit the parameters, or
            parameters that are not matrices.
    """
    defaults = dict(lr=lr, weight_decay=weight_decay, momentum=momentum, nesterov=nesterov)
    defaults |= dict(ns_coefficients=ns_coefficients, eps=eps, ns_steps=ns_steps, adjust_lr_fn=adjust_lr_fn)
    return build(_MUON, groups, defaults, scheduler)


def _init(params: Sequence[Any], options: Sequence[Mapping[str, Any]], cycled: bool) -> dict[str, list[Any]]:
    del options, cycled
    _options.check_matrices(_options.MUON.name, [p.shape for p in params])
    return zeros(params, "momentum_buffer")


def _memory(n: int) -> dict[str, jax.Array]:
    del n
    return {}


def _scalars(k: Kernels, h: Scalars, memory: Scalars) -> tuple[Scalars, Scalars]:
    c = {**h, "decay": 1 - k.mul(h["lr"], h["weight_decay"]), "one_less_momentum": 1 - h["momentum"]}
    return c, memory


def _update(k: Kernels, p: Any, g: Any, slots: Scalars, c: Scalars, flags: Mapping[str, Any]) -> Any:
    buf = k.lerp(slots["momentum_buffer"], g, c["one_less_momentum"])
    x = _unit(k, k.lerp(g, buf, c["momentum"]) if flags["nesterov"] else buf, c["eps"])
    if buf.dtype == jnp.bfloat16 and not flags["nesterov"]:
        buf = x  # torch's bfloat16() has not made a copy, so its div_ has divided the buffer
    u = _orthogonal(k, x, c["ns_coefficients"], flags["ns_steps"])
    alpha = -k.mul(c["lr"], _adjust(flags["adjust_lr_fn"], p.shape))
    common = jnp.promote_types(p.dtype, u.dtype)  # float16 and bfloat16 meet in float32
    new = k.add(k.mul(p, c["decay"]).astype(common), u, alpha=alpha)
    return k.rounded(new, p.dtype), {"momentum_buffer": buf}


def _unit(k: Kernels, u: Any, eps: Any) -> Any:
    """``u.bfloat16()`` divided by its norm, ``.norm().clamp(min=eps)``."""
    x = _bfloat16(k, u)
    norm = _bfloat16(k, k.sqrt(jnp.sum(jnp.square(x.astype(jnp.float64)))))
    return k.div(x, jnp.maximum(norm, eps.astype(jnp.bfloat16)))


def _orthogonal(k: Kernels, u: Any, coefficients: Any, steps: int) -> Any:
    """The iterations of ``_zeropower_via_newtonschulz``; an ``addmm`` rounds once, at its end."""
    a, b, c = (coefficient.astype(jnp.float32) for coefficient in coefficients)
    x = u.T if u.shape[0] > u.shape[1] else u
    for _ in range(steps):
        gram = _bfloat16(k, _matmul(x, x.T))
        gram = _bfloat16(k, b * gram + c * _matmul(gram, gram))
        x = _bfloat16(k, a * x + _matmul(gram, x))
    return x.T if u.shape[0] > u.shape[1] else x


def _matmul(a: Any, b: Any) -> Any:
    """The product of bfloat16 matrices, added up and left in float32."""
    return jnp.matmul(a, b, preferred_element_type=jnp.float32)


def _bfloat16(k: Kernels, x: Any) -> Any:
    """``x.bfloat16()``, rounded here: XLA drops a plain conversion there and back."""
    return k.rounded(x.astype(jnp.float32), jnp.bfloat16)


def _adjust(how: str | None, shape: tuple[int, int]) -> float:
    """``_adjust_lr``, without the rate."""
    n, m = shape
    return 0.2 * max(n, m) ** 0.5 if how == "match_rms_adamw" else max(1, n / m) ** 0.5


_MUON = Rule(_options.MUON, init=_init, memory=_memory, scalars=_scalars, update=_update, elementwise=False)
