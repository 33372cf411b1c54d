"""A float64 that lives in float32 leaves.

PyTorch keeps rates in Python floats. A float64 leaf in a JAX state would do the same, but any
arithmetic outside of ``jax.enable_x64`` (``tree.map(lambda x: x * 1, state)``) turns it into
float32. Three float32 numbers hold the same 53 bits and survive: what you see and may edit is
``value``, the float64 rounded once; ``rest`` is what rounding took away, scaled by 2**24 and 2**48
so that no part underflows where ``value`` is above 2**-122, behind a copy of ``value`` that tells
whether it still belongs to it.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax


class Float64(NamedTuple):
    """One float64 number, or an array of them, in float32 leaves (any shape ``s``)."""

    value: Any  # shape=s, dtype=float32: the number rounded to nearest
    rest: Any  # shape=s + (3,), dtype=float32: the number rounded again, then its next 2 x 24 bits


def pack(x: Any, xp: Any = jnp) -> Float64:
    """Split a float64 array. Exact for magnitudes from 2**-122 (1.9e-37) to 3.4e38.

    Below that XLA takes the last bits, subnormal in float32, for 0.

    Inside jit, call it under ``jax.enable_x64(True)``; on the host, pass ``xp=numpy``.
    """
    value = _rounded(x, xp)
    with np.errstate(invalid="ignore"):  # inf - inf is NaN, and NumPy warns of it
        rest = xp.where(xp.isfinite(value), x - value.astype(np.float64), 0.0) * 2.0**24
    middle = _rounded(rest, xp)
    low = ((rest - middle.astype(np.float64)) * 2.0**24).astype(np.float32)
    return Float64(value, xp.stack([value, middle, low], axis=-1))


def _rounded(x: Any, xp: Any) -> Any:
    """``x`` in float32. XLA on a GPU drops the rounding where the result is widened again, unless it is asked twice."""
    return x.astype(np.float32) if xp is np else lax.reduce_precision(x.astype(np.float32), 8, 23)


def unpack(packed: Float64, xp: Any = jnp) -> Any:
    """The float64 array. A ``value`` that was edited alone counts as it stands: its old ``rest`` is dropped."""
    value = packed.value.astype(np.float64)
    rest = packed.rest.astype(np.float64)
    whole = value + (rest[..., 1] * 2.0**-24 + rest[..., 2] * 2.0**-48)
    return xp.where(packed.rest[..., 0] == packed.value, whole, value)


def on_host(packed: Float64) -> np.ndarray:
    """``unpack`` for concrete leaves, in NumPy: float64, same shape."""
    return unpack(Float64(np.asarray(packed.value), np.asarray(packed.rest)), np)


def from_host(x: Any) -> Float64:
    """``pack`` for Python and NumPy numbers: strongly typed float32 NumPy leaves."""
    return pack(np.asarray(x, np.float64), np)


def constant(x: Any) -> Float64:
    """``from_host`` as jax arrays, for a fresh state."""
    return jax.device_put(from_host(x))


def pack_tree(tree: Any) -> Any:
    """``pack`` for every float64 leaf of a tree; other leaves stay."""
    return jax.tree.map(lambda x: pack(x) if x.dtype == jnp.float64 else x, tree)


def unpack_tree(tree: Any) -> Any:
    """``unpack`` for every ``Float64`` of a tree; other leaves stay."""
    is_packed = lambda x: isinstance(x, Float64)  # noqa: E731
    return jax.tree.map(lambda x: unpack(x) if is_packed(x) else x, tree, is_leaf=is_packed)
