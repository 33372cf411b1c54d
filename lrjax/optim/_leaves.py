"""The update of every leaf, with leaves that look alike taken together.

A rule is traced once for all leaves of one shape. Small leaves of one shape are put side by side and updated as one
array: a model's hundreds of biases and scales are then a handful of kernels, which is what compiling costs by. Large
leaves stay where they are, for copying them would cost memory.
"""

import math
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ..arithmetic.kernels import Kernels
from ._state import Items, Layout, Rule

Columns = tuple[tuple[str, Any, tuple[int, ...]], ...]  # name, dtype and shape of one row's scalars
_SMALL = 1 << 11  # values; up to here a copy costs less than a kernel of its own


class Leaf(NamedTuple):
    """A parameter with what its update reads: arrays of one shape."""

    p: Any
    g: Any
    slots: dict[str, Any]


def update_leaves(
    k: Kernels, layout: Layout, leaves: dict[int, Leaf], scalars: dict[str, Any]
) -> dict[int, tuple[Any, dict[str, Any]]]:
    """The new parameter and slots of each leaf, by its number in the tree."""
    if not leaves:
        return {}
    batches = _batches(layout, leaves)
    places = _places(max(map(len, batches)), k)
    columns, table = _table(scalars)
    wide = not layout.recipe.elementwise or any(leaf.p.dtype == jnp.float64 for leaf in leaves.values())
    table = table if wide else k.rounded(table, jnp.float32)  # once for all, instead of in every kernel
    new = {}
    for batch, rows in zip(batches, _rows(layout, table, batches, k), strict=True):
        update = partial(_update, type(k), layout.recipe, layout.flags[layout.groups_of(batch[0])[0]], columns, k.zero)
        if len(batch) > 1:
            each = _unstack(update(_stack([leaves[i] for i in batch], k), rows), places[: len(batch)])
        elif isinstance(layout.group_of[batch[0]], tuple):
            each = [update(leaves[batch[0]], rows)]
        else:
            each = [update(leaves[batch[0]], rows[0])]
        new |= zip(batch, each, strict=True)
    return new


def _batches(layout: Layout, leaves: dict[int, Leaf]) -> list[list[int]]:
    """The leaves, those that are updated as one array together."""
    alike: dict[Any, list[int]] = {}
    for i, leaf in leaves.items():
        together = leaf.p.size <= _SMALL and layout.recipe.elementwise and isinstance(layout.group_of[i], int)
        types = jax.tree.map(jax.typeof, leaf)
        flags = layout.flags[layout.groups_of(i)[0]]
        key = (flags, types.p, types.g, tuple(sorted(types.slots.items()))) if together else i
        alike.setdefault(key, []).append(i)
    return list(alike.values())


def _stack(leaves: Sequence[Leaf], k: Kernels) -> Leaf:
    """The leaves along a new first axis; in memory, or each kernel that reads them would put them together anew."""
    return k.held(jax.tree.map(lambda *x: jnp.stack(x), *leaves))


def _unstack(stacked: Any, places: Sequence[jax.Array]) -> list[Any]:
    """The parts again."""
    return [jax.tree.map(lambda x, j=j: lax.dynamic_index_in_dim(x, j, keepdims=False), stacked) for j in places]


def _places(count: int, k: Kernels) -> list[jax.Array]:
    """The numbers from 0 on as int32 scalars that the compiler does not know.

    Cutting at a place it knows is another kernel for each place; cutting at a number in memory is one kernel. So that
    few kernels make the numbers, each has two digits.
    """
    base = math.isqrt(max(count - 1, 0)) + 1
    digits = k.held([k.zero + i for i in range(base)])
    return [digits[i // base] * base + digits[i % base] for i in range(count)]


def _table(scalars: dict[str, Any]) -> tuple[Columns, Any]:
    """What the scalars are, and their values as one float64 matrix, shape=(rows, columns)."""
    columns = tuple((name, scalars[name].dtype, scalars[name].shape[1:]) for name in sorted(scalars))
    values = [scalars[name].astype(jnp.float64) for name, _, _ in columns]
    return columns, jnp.concatenate([value.reshape(len(value), math.prod(value.shape[1:])) for value in values], -1)


def _rows(layout: Layout, table: Any, batches: Sequence[Sequence[int]], k: Kernels) -> list[Any]:
    """The rows of each batch, shape=(rows, columns).

    Each batch gets an array of its own, in memory: leaves of one shape then have the same kernel, and the compiler
    makes it once. (Read from one matrix, each at its own row, they are so many kernels.) The matrix is cut in two
    stages, blocks first and then rows, for a cut at another place is another kernel, too: 35 of them for 300 leaves.
    """
    size = math.isqrt(len(table) - 1) + 1 if len(table) else 1
    padded = jnp.pad(table, ((0, -len(table) % size), (0, 0)))
    blocks = k.held([padded[i : i + size] for i in range(0, len(padded), size)])

    def cut(batch: Sequence[int]) -> Any:
        where = layout.rows[batch[0]]
        if len(batch) > 1:
            return table[np.array([layout.rows[i] for i in batch])]
        return table[where] if isinstance(where, slice) else blocks[where // size][where % size][None]

    return k.held([cut(batch) for batch in batches])


@partial(jax.jit, static_argnums=(0, 1, 2, 3))
def _update(
    table: type[Kernels], rule: Rule, flags: Items, columns: Columns, zero: jax.Array, leaf: Leaf, rows: Any
) -> Any:
    """The rule for one leaf, or, where ``rows`` is a matrix, for each part of it along its first axis."""

    def update(leaf: Leaf, row: Any) -> Any:
        sizes = [math.prod(shape) for _, _, shape in columns]
        parts = jnp.split(row, np.cumsum(sizes)[:-1])
        c = {name: part.reshape(shape) for part, (name, _, shape) in zip(parts, columns, strict=True)}
        c = {name: c[name] != 0 if dtype == jnp.bool_ else c[name] for name, dtype, _ in columns}
        return rule.update(table(zero), *leaf, c, dict(flags))

    return update(leaf, rows) if rows.ndim == 1 else jax.vmap(update)(leaf, rows)
