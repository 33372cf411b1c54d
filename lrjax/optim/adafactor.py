"""Adafactor, as ``torch.optim.Adafactor``.

Its arithmetic is torch's, kernel by kernel, but for the sums over rows, columns and whole tensors: torch
adds up in float32 in an order that depends on the processor's vectors, here they are added up in float64.
So a row's mean may differ in its last bits, and from there everything: the results are as close to torch's
as torch's own forms are to each other, not equal in every bit.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lrspec.optimizer_options import ADAFACTOR
from lrspec.types import Number, ParamGroups

from ..arithmetic.float64 import pack, unpack
from ..arithmetic.kernels import Kernels
from ..lr_scheduler._base import LRScheduler
from ._documented import documented
from ._engine import Optimizer, build
from ._rule import Flags, Hyper, Numbers, Rule, Scalars, Slots
from ._shared_steps import ascend, decoupled_decay, next_step, step_numbers
from ._state import OptState


@documented(ADAFACTOR)
def Adafactor(
    groups: ParamGroups | None = None,
    lr: Number = 1e-2,
    beta2_decay: Number = -0.8,
    eps: tuple[Number | None, Number] = (None, 1e-3),
    d: Number = 1.0,
    weight_decay: Number = 0.0,
    *,
    maximize: bool = False,
    scheduler: LRScheduler | Sequence[LRScheduler] | None = None,
) -> Optimizer:
    """Adafactor, as ``torch.optim.Adafactor``; equal up to the rounding of sums (see the module's text).

    With g the gradient (negated if maximize), p the parameter, t the update from 1, RMS the root of the mean
    square, and for tensors of two or more dimensions the means r and c over the last and the last but one::

        b = t**beta2_decay
        alpha = max(eps[1], RMS(p)) * min(lr, 1 / sqrt(t))
        p = p * (1 - lr * weight_decay)
        r, c = lerp(r, row means of g * g, b), lerp(c, column means of g * g, b);  v = r c / max(mean of r, eps[0])
        v = lerp(v, g * g, b) for vectors and numbers
        u = g / sqrt(max(v, eps[0]**2))
        p = p - alpha * u / max(1, RMS(u) / d)

    As in torch, ``eps[0] = None`` takes the machine epsilon of the group's *first* parameter for all of its
    parameters (torch: the first that has a gradient). A tensor's slots that torch does not have (``variance``
    of a matrix; ``row_var`` and ``col_var`` of a vector) hold a single zero here.
    """
    defaults = dict(lr=lr, beta2_decay=beta2_decay, eps=eps, d=d, weight_decay=weight_decay, maximize=maximize)
    return build(_ADAFACTOR, groups, defaults, scheduler)


def _first_dtype(state: OptState, leaves: Sequence[jax.Array]) -> OptState:
    """The state with torch's eps[0] for groups of several dtypes: the first one's machine epsilon."""
    dtypes: dict[int, list[Any]] = {}
    for i, param in enumerate(leaves):
        if not state.layout.is_frozen(i):
            for group in state.layout.groups_of(i):
                dtypes.setdefault(group, []).append(jnp.result_type(param))
    mixed = {group: float(jnp.finfo(found[0]).eps) for group, found in dtypes.items() if len(set(found)) > 1}
    with jax.enable_x64(True):
        eps = unpack(state.hyper["eps"])
        for group, first in mixed.items():
            eps = eps.at[group, 0].set(_given(eps[group, 0], first))
        return dataclasses.replace(state, hyper={**state.hyper, "eps": pack(eps)}) if mixed else state


def _given(eps1: jax.Array, machine: float) -> jax.Array:
    """eps[0], or the machine epsilon where it is None, which a state holds as -1."""
    return jnp.where(eps1 >= 0, eps1, machine)


def _init(
    params: Sequence[jax.Array], options: Sequence[Mapping[str, Any]], momentum_scheduled: bool
) -> dict[str, list[jax.Array]]:
    del options, momentum_scheduled
    shapes = {
        "row_var": [(*param.shape[:-1], 1) if param.ndim > 1 else None for param in params],
        "col_var": [(*param.shape[:-2], 1, param.shape[-1]) if param.ndim > 1 else None for param in params],
        "variance": [param.shape if param.ndim < 2 else None for param in params],
    }
    return {
        name: [
            jnp.zeros((1,) if shape is None else shape, param.dtype)
            for param, shape in zip(params, of_params, strict=True)
        ]
        for name, of_params in shapes.items()
        if any(shape is not None for shape in of_params)
    }


def _scalars(ops: Kernels, hyper: Hyper, numbers: Numbers) -> tuple[Scalars, Numbers]:
    step, t = next_step(numbers)
    scalars = {
        "weight_decay": hyper["weight_decay"],
        "decay": 1 - ops.mul(hyper["lr"], hyper["weight_decay"]),
        "one_minus_beta2": jnp.power(t, hyper["beta2_decay"]),
        "rho": jnp.minimum(hyper["lr"], ops.div(1.0, ops.half_power(t))),
        "eps1": hyper["eps"][:, 0],
        "eps2": hyper["eps"][:, 1],
        "d": hyper["d"],
    }
    return scalars, {"step": step}


def _update(
    ops: Kernels, param: jax.Array, grad: jax.Array, slots: Slots, scalars: Scalars, flags: Flags
) -> tuple[jax.Array, Slots]:
    grad, eps1 = ascend(grad, flags), _given(scalars["eps1"], float(jnp.finfo(param.dtype).eps))
    alpha = ops.mul(_max(scalars["eps2"], _rms(ops, param)), scalars["rho"])
    param = decoupled_decay(ops, param, scalars)
    if param.ndim > 1:
        row_var = ops.lerp(slots["row_var"], _mean_square(ops, grad, -1), scalars["one_minus_beta2"])
        col_var = ops.lerp(slots["col_var"], _mean_square(ops, grad, -2), scalars["one_minus_beta2"])
        v = ops.div(ops.mul(row_var, col_var), _at_least(_mean(ops, row_var), eps1))
        slots = {"row_var": row_var, "col_var": col_var}
    else:
        v = ops.lerp(slots["variance"], ops.mul(grad, grad), scalars["one_minus_beta2"])
        slots = {"variance": v}
    u = ops.stored(ops.mul(_rsqrt(ops, _at_least(v, eps1 * eps1)), grad))
    if ops.cuda:
        denom = _max(1.0, ops.div(_norm(ops, u).astype(jnp.float64), ops.mul(scalars["d"], u.size**0.5)))
        return ops.add(param, ops.mul(u, -ops.div(alpha, denom))), slots
    denom = _max(1.0, ops.div(_rms(ops, u), scalars["d"]))
    return ops.add(param, u, alpha=-ops.div(alpha, denom)), slots


def _max(low: jax.Array | float, x: jax.Array) -> jax.Array:
    """Python's ``max(low, x)``, which is ``low`` where x is NaN; ``jnp.maximum`` would spread the NaN."""
    return jnp.where(x > low, x, low)


def _rms(ops: Kernels, x: jax.Array) -> jax.Array:
    """``x.norm(2).item() / x.numel()**0.5``, float64."""
    return ops.div(_norm(ops, x).astype(jnp.float64), x.size**0.5)


def _mean_square(ops: Kernels, grad: jax.Array, axis: int) -> jax.Array:
    """``torch.norm(g, dim=axis, keepdim=True).square_().div_(g.size(axis))``."""
    norm = _norm(ops, grad, axis)
    return ops.div(ops.mul(norm, norm), grad.shape[axis])


def _norm(ops: Kernels, x: jax.Array, axis: int | None = None) -> jax.Array:
    """``torch.norm``, but for the order of the sum."""
    total = jnp.sum(jnp.square(x.astype(jnp.float64)), axis, keepdims=axis is not None)
    return ops.rounded(ops.sqrt(total), x.dtype)


def _mean(ops: Kernels, x: jax.Array) -> jax.Array:
    """``x.mean(dim=-2, keepdim=True)``: torch rounds the sum of float32, not that of half precision."""
    total = jnp.sum(x.astype(jnp.float64), -2, keepdims=True)
    if x.dtype.itemsize >= 4:
        total = ops.rounded(total, x.dtype)
    return ops.rounded(ops.div(total, x.shape[-2]), x.dtype)


def _rsqrt(ops: Kernels, x: jax.Array) -> jax.Array:
    """``x.rsqrt()``: the root and its reciprocal, both rounded, in the arithmetic type.

    On CUDA it is one approximate instruction, within 2 ulp; here it is rounded once.
    """
    wide = jnp.float64 if ops.cuda else jnp.promote_types(x.dtype, jnp.float32)
    return ops.rounded(ops.reciprocal(ops.sqrt(x.astype(wide))), x.dtype)


def _at_least(x: jax.Array, low: jax.Array) -> jax.Array:
    """``x.clamp(min=low)``."""
    return jnp.maximum(x, low.astype(x.dtype))


_ADAFACTOR = Rule(
    ADAFACTOR,
    init=_init,
    numbers=step_numbers,
    scalars=_scalars,
    update=_update,
    elementwise=False,
    complete=_first_dtype,
)
