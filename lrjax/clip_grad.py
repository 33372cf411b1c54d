"""Gradient clipping with torch's arithmetic: ``torch.nn.utils.clip_grad_norm_`` and ``clip_grad_value_``.

torch takes the norm of each tensor, then the norm of these norms, and multiplies every gradient by
``max_norm / (norm + 1e-6)``, at most 1 - also where that is 1. (optax's ``clip_by_global_norm`` has no 1e-6,
and leaves small gradients alone.)

The order of a sum decides its last bits. On an x86-64 CPU torch's 2-norm of float32 adds squares in eight lanes,
one row of eight after the other, then the lanes, then what is left; ``_lanes`` does the same, so the norm is
torch's in every bit. bfloat16 likewise, with rows in pairs. Such a chain of n / 8 additions is no good on a GPU,
nor is it accurate (torch is 157 ulp off at a million normal values, 1,186 at five million). So everything else -
other platforms, other types, other norms but the infinity norm, which has no order - is summed in float64 and
rounded once.
"""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import lax
from jax.core import Tracer

from lrspec.check import fail, flag
from lrspec.clipping import not_finite, read_norm, read_value

from ._tree_paths import check_arrays, paths
from .arithmetic.derivatives import in_64_bit
from .arithmetic.exact import unprovable_zero
from .arithmetic.kernels import Kernels
from .arithmetic.smooth import SmoothKernels


def clip_grad_norm_(
    grads: Any, max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False
) -> tuple[Any, jax.Array]:
    """Scale all gradients so that their common norm is at most ``max_norm``.

    ``torch.nn.utils.clip_grad_norm_`` as a pure function::

        norm = vector_norm([vector_norm(g) for g in grads])
        g = g * min(max_norm / (norm + 1e-6), 1)

    Given the norm, every bit is torch's; the norm itself too, for contiguous float32 and bfloat16 on an x86-64 CPU
    with norm_type 2 or inf and the tensors in the same order.

    Args:
        grads: a tree of gradients; None where there is none.
        max_norm: not negative; infinity only measures.
        norm_type: p of the p-norm, as in ``torch.linalg.vector_norm``; "inf" or infinity: the largest magnitude.
        error_if_nonfinite: raise where the norm is NaN or infinite; not in compiled code, which cannot raise.

    Returns:
        The scaled gradients, and the norm before that: shape=(), dtype that of the gradients.

    Raises:
        ValueError: a bad max_norm or norm_type, or error_if_nonfinite in compiled code.
        RuntimeError: error_if_nonfinite, and the norm is not.
    """
    where = "clip_grad_norm_"
    max_norm, p = read_norm(where, max_norm, norm_type)
    flag(where, "error_if_nonfinite", error_if_nonfinite)
    _check_grads(where, grads)
    leaves, treedef = jax.tree.flatten(grads)
    leaves = [jnp.asarray(g) for g in leaves]
    if not leaves:
        return grads, jnp.zeros((), jnp.float32)
    with jax.enable_x64(True):
        clipped, total = _clip(leaves, np.float64(max_norm), p)
    if error_if_nonfinite:
        _check_finite(where, total)
    return jax.tree.unflatten(treedef, clipped), total


def clip_grad_value_(grads: Any, clip_value: float) -> Any:
    """Clip every gradient to [-clip_value, clip_value]: ``torch.nn.utils.clip_grad_value_`` as a pure function.

    Args:
        grads: a tree of gradients; None where there is none.
        clip_value: not negative.

    Returns:
        The clipped gradients; NaN stays NaN.

    Raises:
        ValueError: a bad clip_value.
    """
    value = read_value("clip_grad_value_", clip_value)
    _check_grads("clip_grad_value_", grads)
    return jax.tree.map(lambda g: jnp.clip(g, -value, value), grads)


def ClipGradNorm(max_norm: float, norm_type: float = 2.0) -> optax.GradientTransformation:
    """``clip_grad_norm_`` to put in front of an optimizer: ``optax.chain(ClipGradNorm(1.0), AdamW(...))``.

    Args:
        max_norm: not negative.
        norm_type: see ``clip_grad_norm_``.

    Returns:
        A stateless transformation; ``lrjax.step`` takes the chain.

    Raises:
        ValueError: a bad max_norm or norm_type.
    """
    max_norm, norm_type = read_norm("ClipGradNorm", max_norm, norm_type)
    return optax.stateless(lambda updates, _: clip_grad_norm_(updates, max_norm, norm_type)[0])


def ClipGradValue(clip_value: float) -> optax.GradientTransformation:
    """``clip_grad_value_`` to put in front of an optimizer, see ``ClipGradNorm``.

    Args:
        clip_value: not negative.

    Returns:
        A stateless transformation.

    Raises:
        ValueError: a bad clip_value.
    """
    value = read_value("ClipGradValue", clip_value)
    return optax.stateless(lambda updates, _: clip_grad_value_(updates, value))


def _check_grads(where: str, grads: Any) -> None:
    check_arrays(where, "grads", grads)
    for path, leaf in zip(paths(grads), jax.tree.leaves(grads), strict=True):
        if not jnp.issubdtype(dtype := jnp.result_type(leaf), jnp.floating):
            fail(where, "grads", f"must be floats ({path or 'it'} is not)", f"an array of {dtype}", TypeError)


def _check_finite(where: str, total: jax.Array) -> None:
    if isinstance(total, Tracer):
        fail(where, "error_if_nonfinite", "must be False in compiled code, which cannot raise", True)
    if not np.isfinite(total):
        not_finite(where, float(total))


@partial(jax.jit, static_argnums=2, inline=True)
def _clip(grads: Sequence[jax.Array], max_norm: Any, p: float) -> tuple[list[jax.Array], jax.Array]:
    return in_64_bit(partial(_clipped, p=p), partial(_clipped, p=p, smooth=True), grads, max_norm)


def _clipped(grads: Sequence[jax.Array], max_norm: Any, *, p: float, smooth: bool = False) -> tuple[Any, jax.Array]:
    norms = partial(_smooth_norms if smooth else _norms, p=p)
    total = _total_norm(grads, norms)
    ops = (SmoothKernels if smooth else Kernels)(unprovable_zero(total))  # a constant only where all gradients are
    clip_coef = ops.mul(ops.reciprocal(ops.add(total, 1e-6)), max_norm)
    return [ops.mul(g, jnp.minimum(clip_coef, 1.0)) for g in grads], total


def _total_norm(leaves: Sequence[jax.Array], norms_of: Callable[[jax.Array], jax.Array]) -> jax.Array:
    """The norm of the norms. Tensors of equal size share one loop, which saves 0.15 s of compiling for each."""
    alike: dict[Any, list[int]] = {}
    for i, g in enumerate(leaves):
        alike.setdefault((g.size, g.dtype), []).append(i)
    norms = {}
    for places in alike.values():
        of_each = norms_of(jnp.stack([leaves[i].ravel() for i in places]))
        norms.update(zip(places, of_each, strict=True))
    dtype = jnp.result_type(*norms.values())
    return norms_of(jnp.stack([norms[i].astype(dtype) for i in range(len(leaves))])[None])[0]


def _norms(x: jax.Array, p: float) -> jax.Array:
    """``torch.linalg.vector_norm(x, p, dim=-1)`` of a matrix."""
    if p == 2 and x.dtype in (jnp.float32, jnp.bfloat16):
        return lax.platform_dependent(x, cpu=_lanes, default=lambda x: _accurate(x, p))
    return _accurate(x, p)


def _smooth_norms(x: jax.Array, p: float) -> jax.Array:
    """The same, to be differentiated: that of a row of zeros does not move, as in torch."""
    zero = jnp.all(x == 0, -1)
    return jnp.where(zero, 0, _accurate(jnp.where(zero[:, None], 1, x), p))


def _accurate(x: jax.Array, p: float) -> jax.Array:
    """The p-norm of each row, computed in float64 and rounded once."""
    a = jnp.abs(x).astype(jnp.float64)
    if p == 0:
        norm = jnp.sum(a != 0, -1)
    elif math.isinf(p):
        norm = a.max(-1, initial=0.0) if p > 0 else a.min(-1, initial=jnp.inf)
    elif p == 2:
        norm = jnp.sqrt(jnp.sum(a * a, -1))
    else:
        norm = jnp.sum(a, -1) if p == 1 else jnp.sum(a**p, -1) ** (1 / p)
    return norm.astype(x.dtype)


def _lanes(x: jax.Array) -> jax.Array:
    """The 2-norm of each row, float32 or bfloat16, in the order of torch's AVX2 kernel.

    Squares are rounded before they are added, four at a time also after the last whole row of eight; the last
    n % 4 go through a fused multiply-add, which is what the compiler made of torch's loop over the rest.
    """
    ops = Kernels(unprovable_zero(x[:, :1]))
    (m, n), wide = x.shape, x.astype(jnp.float32)
    whole, unfused = n - n % (8 if x.dtype == jnp.float32 else 16), n - n % 4
    squares = ops.mul(wide, wide)
    rows = squares[:, :whole].reshape(m, -1, 8).swapaxes(0, 1)
    unroll = True if len(rows) <= 32 else 8  # 8 is fastest, and without a loop there is less to compile
    lanes, _ = lax.scan(lambda sums, row: (sums + row, None), jnp.zeros((m, 8), jnp.float32), rows, unroll=unroll)
    total = lanes[:, 0]
    for square in (*lanes.T[1:], *squares.T[whole:unfused]):
        total = total + square
    for value in wide.T[unfused:]:
        total = ops.addcmul(total, value, value, value=1.0)
    return ops.sqrt(total).astype(x.dtype)
