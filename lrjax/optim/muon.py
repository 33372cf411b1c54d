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
import numpy as np

from lrspec.optimizer_options import MUON, check_matrices
from lrspec.types import AdjustLr, Number, ParamGroups

from ..arithmetic.kernels import Kernels
from ..lr_scheduler._base import LRScheduler
from ._documented import documented
from ._engine import Optimizer, build
from ._rule import Flags, Hyper, Numbers, Rule, Scalars, Slots
from ._shared_steps import zeros
from ._state import OptState


@documented(
    MUON,
    "an argument out of its range; at ``init``, groups that do not fit the parameters, or parameters that are not "
    "matrices.",
)
def Muon(
    groups: ParamGroups | None = None,
    lr: Number = 1e-3,
    weight_decay: Number = 0.1,
    momentum: Number = 0.95,
    nesterov: bool = True,
    ns_coefficients: tuple[Number, Number, Number] = (3.4445, -4.775, 2.0315),
    eps: Number = 1e-7,
    ns_steps: int = 5,
    adjust_lr_fn: AdjustLr | None = None,
    *,
    scheduler: LRScheduler | Sequence[LRScheduler] | None = None,
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
    """
    defaults = dict(lr=lr, weight_decay=weight_decay, momentum=momentum, nesterov=nesterov)
    defaults |= dict(ns_coefficients=ns_coefficients, eps=eps, ns_steps=ns_steps, adjust_lr_fn=adjust_lr_fn)
    return build(_MUON, groups, defaults, scheduler)


def _init(
    params: Sequence[jax.Array], options: Sequence[Mapping[str, Any]], momentum_scheduled: bool
) -> dict[str, list[jax.Array]]:
    del options, momentum_scheduled
    return zeros(params, "momentum_buffer")


def _matrices(state: OptState, leaves: Sequence[jax.Array]) -> OptState:
    """The state, if all parameters are matrices, frozen ones and layers of stacked ones included (torch's rule)."""
    stacked = [isinstance(group, tuple) for group in state.layout.group_of]
    check_matrices(MUON.name, [np.shape(leaf)[s:] for leaf, s in zip(leaves, stacked, strict=True)])
    return state


def _numbers(n: int) -> Numbers:
    del n
    return {}


def _scalars(ops: Kernels, hyper: Hyper, numbers: Numbers) -> tuple[Scalars, Numbers]:
    scalars = {
        **hyper,
        "decay": 1 - ops.mul(hyper["lr"], hyper["weight_decay"]),
        "one_less_momentum": 1 - hyper["momentum"],
    }
    return scalars, numbers


def _update(
    ops: Kernels, param: jax.Array, grad: jax.Array, slots: Slots, scalars: Scalars, flags: Flags
) -> tuple[jax.Array, Slots]:
    buf = ops.lerp(slots["momentum_buffer"], grad, scalars["one_less_momentum"])
    x = _unit(ops, ops.lerp(grad, buf, scalars["momentum"]) if flags["nesterov"] else buf, scalars["eps"])
    if param.dtype == jnp.bfloat16 and not flags["nesterov"]:
        buf = x  # torch's bfloat16() has not made a copy, so its div_ has divided the buffer
    u = _orthogonal(ops, x, scalars["ns_coefficients"], flags["ns_steps"])
    alpha = -ops.mul(scalars["lr"], _adjust(flags["adjust_lr_fn"], param.shape))
    common = jnp.float32 if param.dtype == jnp.float16 else param.dtype  # where it meets bfloat16
    new = ops.add(ops.mul(param, scalars["decay"]).astype(common), u, alpha=alpha)
    return ops.rounded(new, param.dtype), {"momentum_buffer": buf}


def _unit(ops: Kernels, u: jax.Array, eps: jax.Array) -> jax.Array:
    """``u.bfloat16()`` divided by its norm, ``.norm().clamp(min=eps)``."""
    x = ops.bfloat16(u)
    norm = ops.bfloat16(ops.sqrt(jnp.sum(jnp.square(x.astype(jnp.float64)))))
    return ops.div(x, jnp.maximum(norm, eps.astype(norm.dtype)))


def _orthogonal(ops: Kernels, u: jax.Array, coefficients: jax.Array, steps: int) -> jax.Array:
    """The iterations of ``_zeropower_via_newtonschulz``; an ``addmm`` rounds once, at its end."""
    a, b, c = (coefficient.astype(jnp.float32) for coefficient in coefficients)
    x = u.T if u.shape[0] > u.shape[1] else u
    for _ in range(steps):
        gram = ops.bfloat16(_matmul(x, x.T))
        gram = ops.bfloat16(b * gram.astype(jnp.float32) + c * _matmul(gram, gram))
        x = ops.bfloat16(a * x.astype(jnp.float32) + _matmul(gram, x))
    return x.T if u.shape[0] > u.shape[1] else x


def _matmul(a: jax.Array, b: jax.Array) -> jax.Array:
    """The product of bfloat16 matrices, added up and left in float32."""
    return jnp.matmul(a, b, preferred_element_type=jnp.float32)


def _adjust(how: str | None, shape: tuple[int, ...]) -> float:
    """``_adjust_lr``, without the rate."""
    n, m = shape
    return 0.2 * max(n, m) ** 0.5 if how == "match_rms_adamw" else max(1, n / m) ** 0.5


_MUON = Rule(
    MUON, init=_init, numbers=_numbers, scalars=_scalars, update=_update, elementwise=False, complete=_matrices
)
