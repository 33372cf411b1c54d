"""A float64 that lives in float32 leaves.

PyTorch keeps rates in Python floats. A float64 leaf in a JAX state would do the same, but any
arithmetic outside of ``jax.enable_x64`` (``tree.map(lambda x: x * 1, state)``) turns it into
float32. Three float32 numbers hold the same 53 bits and survive: what you see and may edit is
``value``, the float64 rounded once; ``rest`` is what rounding took away, scaled by 2**24 and 2**48
so that no part underflows where ``value`` is above 2**-122, behind a copy of ``value`` that tells
whether it still belongs to it.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import Tracer


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
    return on_device(from_host(x))


def on_device(tree: Any) -> Any:
    """NumPy leaves as jax arrays."""
    return jax.tree.map(lambda x: jax.device_put(x) if isinstance(x, np.ndarray) else x, tree)


def is_traced(tree: Any) -> bool:
    """Whether a number in the tree is known only when a compiled program runs."""
    return any(isinstance(x, Tracer) for x in jax.tree.leaves(tree))


def vector(numbers: Sequence[Any], batch: tuple[int, ...] = ()) -> Float64:
    """Numbers side by side, shape=(*batch, n), or shape=(*batch, n, m) for n lists of m.

    Args:
        numbers: Python's, NumPy's, JAX's, traced or not; each one number, or an array of shape ``batch``. Those that
            are not traced keep their 64 bits; a traced float32 is a value without a rest.
        batch: the axes in front.

    Returns:
        NumPy leaves, or traced ones where a number is traced.
    """
    if not is_traced(numbers):
        return from_host(_stacked(np, numbers, batch, (), np.float64) if batch else np.array(numbers, np.float64))
    parts = jax.tree.map(packed, numbers, is_leaf=lambda x: not isinstance(x, list | tuple))
    value, rest = ([_part(one, name) for one in parts] for name in ("value", "rest"))
    return Float64(_stacked(jnp, value, batch, (), jnp.float32), _stacked(jnp, rest, batch, (3,), jnp.float32))


def packed(x: Any) -> Float64:
    """A number or an array; see ``vector``."""
    if not isinstance(x, Tracer):
        return from_host(x)
    if jnp.issubdtype(x.dtype, jnp.floating) and x.dtype.itemsize <= 4:
        value = x.astype(jnp.float32)
        return Float64(value, jnp.stack([value, jnp.zeros_like(value), jnp.zeros_like(value)], axis=-1))
    with jax.enable_x64(True):
        return pack(x.astype(jnp.float64))


def _part(packed: Any, name: str) -> Any:
    return getattr(packed, name) if isinstance(packed, Float64) else [_part(one, name) for one in packed]


def _stacked(xp: Any, numbers: Any, batch: tuple[int, ...], tail: tuple[int, ...], dtype: Any) -> Any:
    """Lists as an axis each, behind those of ``batch``."""
    if isinstance(numbers, list | tuple):
        return xp.stack([_stacked(xp, one, batch, tail, dtype) for one in numbers], axis=len(batch))
    return xp.broadcast_to(xp.asarray(numbers, dtype), (*batch, *tail))


def is_over_groups(x: Any, batch: int) -> bool:
    """Whether something that a scheduler remembers is a vector over the groups, behind the ``batch`` axes of ``vmap``.

    What else it remembers is a number, or has two axes.
    """
    return isinstance(x, Float64) and np.ndim(x.value) == batch + 1


def pack_tree(tree: Any) -> Any:
    """``pack`` for every float64 leaf of a tree; other leaves stay."""
    return jax.tree.map(lambda x: pack(x) if x.dtype == jnp.float64 else x, tree)


def unpack_tree(tree: Any) -> Any:
    """``unpack`` for every ``Float64`` of a tree; other leaves stay."""
    is_packed = lambda x: isinstance(x, Float64)  # noqa: E731
    return jax.tree.map(lambda x: unpack(x) if is_packed(x) else x, tree, is_leaf=is_packed)
