"""The update of every leaf, with leaves that look alike taken together.

A rule is traced once for all leaves of one shape. Small leaves of one shape are put side by side and updated as one
array: a model's hundreds of biases and scales are then a handful of kernels, which is what compiling costs by. Large
leaves stay where they are, for copying them would cost memory.
"""

import math
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ..arithmetic.kernels import Kernels
from ._rule import Rule, Scalars, Slots
from ._state import Items, Layout

Columns = tuple[tuple[str, Any, tuple[int, ...]], ...]  # name, dtype and shape of one row's scalars
Updated = tuple[jax.Array, Slots]  # a parameter and its slots after the update


class Leaf(NamedTuple):
    """A parameter with what its update reads: arrays of one shape."""

    param: jax.Array
    grad: jax.Array
    slots: Slots


def update_leaves(ops: Kernels, layout: Layout, leaves: dict[int, Leaf], scalars: Scalars) -> dict[int, Updated]:
    """The new parameter and slots of each leaf, by its number in the tree."""
    if not leaves:
        return {}
    columns, table = _table(ops, layout, leaves, scalars)
    places, new = _places(len(table), ops), {}
    for batch in _batches(ops, layout, leaves):
        rows, flags = layout.rows[batch[0]], layout.flags[layout.groups_of(batch[0])[0]]
        update = partial(_update, type(ops), layout.rule, flags, columns, ops.zero)
        if len(batch) > 1:
            stacked = ops.held(jax.tree.map(lambda *x: jnp.stack(x), *(leaves[i] for i in batch)))
            done = ops.held(update(stacked, table, np.array([layout.rows[i] for i in batch])))
            updated = [_part(done, place) for place in places[: len(batch)]]
        elif isinstance(rows, slice):
            updated = [update(leaves[batch[0]], table, np.arange(rows.start, rows.stop))]
        else:
            updated = [update(leaves[batch[0]], table, places[rows])]
        new |= zip(batch, updated, strict=True)
    return new


def _batches(ops: Kernels, layout: Layout, leaves: dict[int, Leaf]) -> list[list[int]]:
    """The leaves, those that are updated as one array together."""
    alike: dict[Any, list[int]] = {}
    for i, leaf in leaves.items():
        small = leaf.param.size <= ops.small and layout.rule.elementwise and isinstance(layout.group_of[i], int)
        types = jax.tree.map(jax.typeof, leaf)
        flags = layout.flags[layout.groups_of(i)[0]]
        key = (flags, types.param, types.grad, tuple(sorted(types.slots.items()))) if small else i
        alike.setdefault(key, []).append(i)
    return list(alike.values())


def _part(stacked: Any, place: jax.Array) -> Any:
    """One part of arrays along their first axis."""
    cut = partial(lax.dynamic_index_in_dim, index=place, keepdims=False, allow_negative_indices=False)
    return jax.tree.map(cut, stacked)


def _places(count: int, ops: Kernels) -> list[jax.Array]:
    """The numbers from 0 on as int32 scalars that the compiler does not know.

    Cutting at a place it knows is another kernel for each place; cutting at a number in memory is one kernel. So that
    few kernels make the numbers, each has two digits.
    """
    base = math.isqrt(max(count - 1, 0)) + 1
    digits = ops.held([ops.zero + i for i in range(base)])
    return ops.held([digits[i // base] * base + digits[i % base] for i in range(count)])


def _table(ops: Kernels, layout: Layout, leaves: dict[int, Leaf], scalars: Scalars) -> tuple[Columns, jax.Array]:
    """What the scalars are, and their values as one matrix in memory, shape=(rows, columns).

    In float32, rounded once for all leaves, unless a rule goes on calculating with them, or a leaf is float64.
    """
    columns = tuple((name, scalars[name].dtype, scalars[name].shape[1:]) for name in sorted(scalars))
    values = [scalars[name].astype(jnp.float64) for name, _, _ in columns]
    table = jnp.concatenate([value.reshape(len(value), math.prod(value.shape[1:])) for value in values], -1)
    wide = not layout.rule.elementwise or any(leaf.param.dtype == jnp.float64 for leaf in leaves.values())
    return columns, ops.held(table if wide else ops.rounded(table, jnp.float32))


@partial(jax.jit, static_argnums=(0, 1, 2, 3))
def _update(
    kernel_table: type[Kernels],
    rule: Rule,
    flags: Items,
    columns: Columns,
    zero: jax.Array,
    leaf: Leaf,
    table: jax.Array,
    place: Any,
) -> Updated:
    """The rule for one leaf with one row of the table, or for each part of a stacked one with a row of its own."""

    def update(leaf: Leaf, row: jax.Array) -> Updated:
        sizes = [math.prod(shape) for _, _, shape in columns]
        parts, ops = jnp.split(row, np.cumsum(sizes)[:-1]), kernel_table(zero)
        scalars = {
            name: ops.exact.trust(part.reshape(shape)) for part, (name, _, shape) in zip(parts, columns, strict=True)
        }
        scalars = {name: scalars[name] != 0 if dtype == jnp.bool_ else scalars[name] for name, dtype, _ in columns}
        param, grad, slots = jax.tree.map(ops.exact.distrust, leaf)
        return rule.update(ops, param, grad, slots, scalars, dict(flags))

    if jnp.ndim(place) > 0:
        return jax.vmap(update)(leaf, table[place])
    return update(leaf, _part(table, place))
