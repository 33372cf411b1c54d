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

from ..arithmetic.float64 import pack, unpack
from ..arithmetic.kernels import Kernels
from . import _options
from ._optimizer import Optimizer, Rule, build
from ._shared import Scalars, ascend, decoupled_decay, next_step, step_memory


def Adafactor(
    groups: Any = None,
    lr: float = 1e-2,
    beta2_decay: float = -0.8,
    eps: tuple[float | None, float] = (None, 1e-3),
    d: float = 1.0,
    weight_decay: float = 0.0,
    *,
    maximize: bool = False,
    scheduler: Any = None,
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

    Args:
        groups: patterns and per-group options, see ``lrjax.param_groups``; None: one group of all parameters.
        lr: largest step relative to the parameter's RMS, and factor of the decay; not negative.
        beta2_decay: power by which the mean forgets, not positive.
        eps: smallest root of the squared mean, or None; smallest RMS of a parameter.
        d: largest RMS of an update before the rate, at least 1.
        weight_decay: not negative; decoupled (shrinks the parameter).
        maximize: ascend.
        scheduler: an ``lrjax.lr_scheduler`` scheduler, a list of them, or None.

    Returns:
        An ``optax.GradientTransformationExtraArgs``; its state is an ``OptState``.

    Raises:
        ValueError: an argument out of its range, or groups that do not fit the parameters (at ``init``).
    """
    defaults = dict(lr=lr, beta2_decay=beta2_decay, eps=eps, d=d, weight_decay=weight_decay, maximize=maximize)
    tx = build(_ADAFACTOR, groups, defaults, scheduler)
    made = Optimizer(lambda params: _first_dtype(tx.init(params), jax.tree.leaves(params)), tx.update)
    made.described = tx.described
    return made


def _first_dtype(state: Any, params: Sequence[Any]) -> Any:
    """The state with torch's eps[0] for groups of several dtypes: the first one's machine epsilon."""
    dtypes: dict[int, list[Any]] = {}
    for i, p in enumerate(params):
        for group in state.layout.groups_of(i):
            dtypes.setdefault(group, []).append(p.dtype)
    mixed = {group: float(jnp.finfo(each[0]).eps) for group, each in dtypes.items() if len(set(each)) > 1}
    with jax.enable_x64(True):
        eps = unpack(state.hyper["eps"])
        for group, first in mixed.items():
            eps = eps.at[group, 0].set(_given(eps[group, 0], first))
        return dataclasses.replace(state, hyper={**state.hyper, "eps": pack(eps)}) if mixed else state


def _given(eps1: Any, machine: float) -> Any:
    """eps[0], or the machine epsilon where it is None, which a state holds as -1."""
    return jnp.where(eps1 >= 0, eps1, machine)


def _init(params: Sequence[Any], options: Sequence[Mapping[str, Any]], cycled: bool) -> dict[str, list[Any]]:
    del options, cycled
    shapes = {
        "row_var": [(*p.shape[:-1], 1) if p.ndim > 1 else None for p in params],
        "col_var": [(*p.shape[:-2], 1, p.shape[-1]) if p.ndim > 1 else None for p in params],
        "variance": [p.shape if p.ndim < 2 else None for p in params],
    }
    return {
        name: [jnp.zeros((1,) if shape is None else shape, p.dtype) for p, shape in zip(params, each, strict=True)]
        for name, each in shapes.items()
        if any(shape is not None for shape in each)
    }


def _scalars(k: Kernels, h: Scalars, memory: Scalars) -> tuple[Scalars, Scalars]:
    step, t = next_step(memory)
    c = {
        "weight_decay": h["weight_decay"],
        "decay": 1 - k.mul(h["lr"], h["weight_decay"]),
        "one_minus_beta2": jnp.power(t, h["beta2_decay"]),
        "rho": jnp.minimum(h["lr"], k.div(1.0, k.half_power(t))),
        "eps1": h["eps"][:, 0],
        "eps2": h["eps"][:, 1],
        "d": h["d"],
    }
    return c, {"step": step}


def _update(k: Kernels, p: Any, g: Any, slots: Scalars, c: Scalars, flags: Mapping[str, Any]) -> Any:
    g, eps1 = ascend(g, flags), _given(c["eps1"], float(jnp.finfo(p.dtype).eps))
    alpha = k.mul(_max(c["eps2"], _rms(k, p)), c["rho"])
    p = decoupled_decay(k, p, c)
    if p.ndim > 1:
        row_var = k.lerp(slots["row_var"], _mean_square(k, g, -1), c["one_minus_beta2"])
        col_var = k.lerp(slots["col_var"], _mean_square(k, g, -2), c["one_minus_beta2"])
        v = k.div(k.mul(row_var, col_var), _at_least(_mean(k, row_var), eps1))
        slots = {"row_var": row_var, "col_var": col_var}
    else:
        v = k.lerp(slots["variance"], k.mul(g, g), c["one_minus_beta2"])
        slots = {"variance": v}
    u = k.stored(k.mul(_rsqrt(k, _at_least(v, eps1 * eps1)), g))
    if k.cuda:
        denom = _max(1.0, k.div(_norm(k, u).astype(jnp.float64), k.mul(c["d"], u.size**0.5)))
        return k.add(p, k.mul(u, -k.div(alpha, denom))), slots
    denom = _max(1.0, k.div(_rms(k, u), c["d"]))
    return k.add(p, u, alpha=-k.div(alpha, denom)), slots


def _max(low: Any, x: Any) -> Any:
    """Python's ``max(low, x)``, which is ``low`` where x is NaN; ``jnp.maximum`` would spread the NaN."""
    return jnp.where(x > low, x, low)


def _rms(k: Kernels, x: Any) -> Any:
    """``x.norm(2).item() / x.numel()**0.5``, float64."""
    return k.div(_norm(k, x).astype(jnp.float64), x.size**0.5)


def _mean_square(k: Kernels, g: Any, axis: int) -> Any:
    """``torch.norm(g, dim=axis, keepdim=True).square_().div_(g.size(axis))``."""
    norm = _norm(k, g, axis)
    return k.div(k.mul(norm, norm), g.shape[axis])


def _norm(k: Kernels, x: Any, axis: int | None = None) -> Any:
    """``torch.norm``, but for the order of the sum."""
    total = jnp.sum(jnp.square(x.astype(jnp.float64)), axis, keepdims=axis is not None)
    return k.rounded(k.sqrt(total), x.dtype)


def _mean(k: Kernels, x: Any) -> Any:
    """``x.mean(dim=-2, keepdim=True)``: torch rounds the sum of float32, not that of half precision."""
    total = jnp.sum(x.astype(jnp.float64), -2, keepdims=True)
    if x.dtype.itemsize >= 4:
        total = k.rounded(total, x.dtype)
    return k.rounded(k.div(total, x.shape[-2]), x.dtype)


def _rsqrt(k: Kernels, x: Any) -> Any:
    """``x.rsqrt()``: the root and its reciprocal, both rounded, in the arithmetic type.

    On CUDA it is one approximate instruction, within 2 ulp; here it is rounded once.
    """
    wide = jnp.float64 if k.cuda else jnp.promote_types(x.dtype, jnp.float32)
    return k.rounded(k.reciprocal(k.sqrt(x.astype(wide))), x.dtype)


def _at_least(x: Any, low: Any) -> Any:
    """``x.clamp(min=low)``."""
    return jnp.maximum(x, low.astype(x.dtype))


_ADAFACTOR = Rule(
    _options.ADAFACTOR, init=_init, memory=step_memory, scalars=_scalars, update=_update, elementwise=False
)
