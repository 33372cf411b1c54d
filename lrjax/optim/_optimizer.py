"""The engine all optimizers share: one pass over the tree, whatever the number of groups.

An optimizer is a ``Rule``. Its ``scalars`` is what torch computes in Python floats (step sizes, bias
corrections), done for all parameters at once in float64; its ``update`` is what torch computes in
tensors, one parameter at a time, in terms of ``lrjax.kernels``. Hyperparameters are vectors over the
groups in the state, and a static table says which group each parameter belongs to, so a hundred
groups cost what one costs.
"""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.core import Tracer

from .._check import fail
from .._float64 import Float64, constant, pack_tree, unpack_tree
from .._patterns import shown
from ..kernels import Kernels, held_in_memory, unprovable_zero
from ..lr_scheduler._arguments import read_schedulers
from ..lr_scheduler._base import LRScheduler
from ..param_groups import paths
from ._groups import Group, as_number, place, read
from ._state import Items, slot_lists, slot_tree
from ._state import Layout as Layout
from ._state import OptState as OptState
from ._state import Rule as Rule


class Optimizer(optax.GradientTransformationExtraArgs):
    """An ``optax.GradientTransformation`` that prints as what it is."""

    described: str

    def __repr__(self) -> str:
        return self.described


class NewParameter:
    """A new parameter on its way from ``update`` to ``lrjax.step``.

    Not a number on purpose: a transformation placed after the optimizer, which would take it for an
    update, fails instead of scaling a parameter.
    """

    def __init__(self, array: jax.Array) -> None:
        self.array = array


def build(rule: Rule, groups: Any, defaults: Mapping[str, Any], scheduler: Any) -> Optimizer:
    """The transformation of ``rule`` over ``groups``; all arguments are checked here."""
    rule.options.check(rule.options.name, defaults)
    read_ = read(rule.options, groups, defaults)
    schedulers = read_schedulers(rule.options.name, scheduler)
    for one in schedulers:
        one.check_groups([options for group in read_ for options in group.each])

    def init(params: Any) -> Any:
        return init_state(rule, defaults, read_, schedulers, params)

    def update(updates: Any, state: Any, params: Any = None, *, torch_step: bool = False, **extra: Any) -> Any:
        del extra
        if params is None:
            raise ValueError(f"{rule.options.name}.update: params must be given (torch's rules read them), got None")
        leaves, treedef = jax.tree.flatten(params)
        grads = _leaves_up_to(rule, treedef, updates)
        zero = _zero(state, grads)
        new, state = _run(rule, leaves, grads, state, zero, new_params=torch_step)
        out = [NewParameter(n) for n in new] if torch_step else new
        return jax.tree.unflatten(treedef, out), state

    tx = Optimizer(init, update)
    given = ", ".join(f"{k}={v!r}" for k, v in defaults.items())
    tx.described = f"{rule.options.name}({[group.name for group in read_]}, {given}, scheduler={scheduler!r})"
    return tx


def init_state(
    rule: Rule, defaults: Mapping[str, Any], groups: list[Group], schedulers: tuple[LRScheduler, ...], params: Any
) -> OptState:
    """A fresh state of ``groups`` over ``params``."""
    group_of = place(rule.options.name, groups, params)
    leaves, treedef = jax.tree.flatten(params)
    for leaf in leaves:
        if jnp.iscomplexobj(leaf):
            fail(rule.options.name, "params", "must be real", f"an array of {leaf.dtype}", RuntimeError)  # torch's type
    options = [options for group in groups for options in group.each]
    layout = Layout(
        recipe=rule,
        defaults=tuple((name, tuple(x) if isinstance(x, list) else x) for name, x in sorted(defaults.items())),
        names=tuple(one["name"] for one in options),
        patterns=tuple(shown(group.patterns) for group in groups for _ in group.each),
        frozen=tuple(one["frozen"] for one in options),
        flags=tuple(tuple(sorted((f, one[f]) for f in rule.options.flags)) for one in options),
        paths=tuple(paths(params)),
        group_of=group_of,
        bare=tuple(options[g[0] if isinstance(g, tuple) else g]["frozen"] for g in group_of),
        schedulers=schedulers,
    )
    numbers = {name: np.array([as_number(one[name]) for one in options], np.float64) for name in rule.options.numbers}
    hyper = {name: constant(value) for name, value in numbers.items()}
    hyper, memories = scheduler_init(schedulers, hyper) if schedulers else (hyper, ())
    slots = init_slots(layout, options, leaves, layout.bare)
    return OptState(
        count=_first_count(leaves),
        memory=rule.memory(len(layout.group_of_row)),
        hyper=hyper,
        scheduler=memories,
        slots={name: jax.tree.unflatten(treedef, slot) for name, slot in slots.items()},
        layout=layout,
    )


def _first_count(leaves: Sequence[Any]) -> jax.Array:
    """Zero. The fences need one that the compiler cannot know, also where init is compiled into the step."""
    if leaves and isinstance(leaves[0], Tracer):
        return unprovable_zero(leaves[0])
    with jax.ensure_compile_time_eval():  # an array even inside a trace: see ``_zero``
        return jnp.zeros((), jnp.int32)


def init_slots(
    layout: Layout, options: Sequence[Mapping[str, Any]], leaves: Sequence[Any], bare: Sequence[bool]
) -> dict[str, list[Any]]:
    """The slots of each leaf, None for the bare ones. A stacked leaf's are stacked; ``options`` is by group."""
    rows, owners = [], []
    for i, leaf in enumerate(leaves):
        layers = layout.groups_of(i)
        stacked = isinstance(layout.group_of[i], tuple)
        each = [leaf[j] for j in range(len(layers))] if stacked else [leaf]
        rows += [jnp.zeros((0,) * row.ndim, row.dtype) if bare[i] else row for row in each]  # costs no memory
        owners += layers
    cycled = any(scheduler.cycles_momentum() for scheduler in layout.schedulers)
    made = layout.recipe.init(rows, [options[g] for g in owners], cycled)
    return {
        name: [
            None if bare[i] else jnp.stack(slot[where]) if isinstance(where, slice) else slot[where]
            for i, where in enumerate(layout.rows)
        ]
        for name, slot in made.items()
    }


def _leaves_up_to(rule: Rule, treedef: Any, updates: Any) -> list[Any]:
    """The gradient of each parameter, None where there is none."""
    try:
        return treedef.flatten_up_to(updates)
    except ValueError as error:
        raise ValueError(f"{rule.options.name}.update: updates must have the structure of params: {error}") from None


def _zero(state: OptState, grads: Sequence[Any]) -> jax.Array:
    """The zero of the fences: from the state's counter, or from data where the state is a constant of the trace."""
    tracing = [g for g in grads if isinstance(g, Tracer)]
    if tracing and not isinstance(state.count, Tracer):
        return unprovable_zero(tracing[0])
    return jnp.minimum(state.count, 0)


@partial(jax.jit, static_argnums=0, static_argnames="new_params", inline=True)
def _run(
    rule: Rule, params: list[Any], grads: list[Any], state: OptState, zero: jax.Array, *, new_params: bool
) -> tuple[list[Any], OptState]:
    """One update of every parameter that has a gradient."""
    layout, k = state.layout, Kernels(zero)
    moving = [g is not None and not layout.is_frozen(i) for i, g in enumerate(grads)]
    row_moves = np.repeat(moving, [len(layout.groups_of(i)) for i in range(len(grads))])
    with jax.enable_x64(True):
        hyper = unpack_tree(state.hyper)
        per_row = {name: value[layout.group_of_row] for name, value in hyper.items()}
        scalars, memory = rule.scalars(k, per_row, state.memory)
        memory = {name: jnp.where(row_moves, new, state.memory[name]) for name, new in memory.items()}
        columns, rows = _rows(layout, scalars, zero)
    slots = slot_lists(state)
    new = []
    for i, (p, g) in enumerate(zip(params, grads, strict=True)):
        if not moving[i]:
            new.append(p if new_params else jnp.zeros_like(p))
            continue
        mine = {name: leaves[i] for name, (leaves, _) in slots.items()}
        with jax.enable_x64(True):
            stacked, flags = isinstance(layout.group_of[i], tuple), layout.flags[layout.groups_of(i)[0]]
            p_new, mine = _leaf_update(rule, flags, columns, stacked, zero, p, g.astype(p.dtype), mine, rows[i])
        for name, value in mine.items():
            slots[name][0][i] = value
        new.append(p_new if new_params else p_new - p)
    count = state.count + 1
    hyper_now, memories = state.hyper, list(state.scheduler)
    for i, scheduler in enumerate(layout.schedulers):
        if scheduler.every is not None:
            old = (hyper_now, memories[i])
            stepped = scheduler_step(scheduler, k, *old, None)
            due = count % scheduler.every == 0
            hyper_now, memories[i] = jax.tree.map(lambda a, b, due=due: jnp.where(due, a, b), stepped, old)
    return new, OptState(
        count=count,
        memory=memory,
        hyper=hyper_now,
        scheduler=tuple(memories),
        slots={name: slot_tree(leaves, treedef) for name, (leaves, treedef) in slots.items()},
        layout=layout,
    )


Columns = tuple[tuple[str, Any, tuple[int, ...]], ...]  # name, dtype, shape of one leaf's value


def _rows(layout: Layout, scalars: dict[str, Any], zero: jax.Array) -> tuple[Columns, list[Any]]:
    """What the scalars are, and a float64 array per leaf with its values, shape=(1 or layers, columns).

    Each leaf gets an array of its own, in memory: leaves of one shape then have the same kernel, and the compiler
    makes it once. (Read from one matrix, each at its own row, they are so many kernels.) The matrix is cut in two
    stages, blocks first and then rows, for a cut at another place is another kernel, too: 35 of them for 300 leaves.
    """
    columns = tuple((name, scalars[name].dtype, scalars[name].shape[1:]) for name in sorted(scalars))
    values = [scalars[name].astype(jnp.float64) for name, _, _ in columns]
    table = jnp.concatenate([value.reshape(len(value), math.prod(value.shape[1:])) for value in values], axis=-1)
    size = math.isqrt(len(table) - 1) + 1 if len(table) else 1
    padded = jnp.pad(table, ((0, -len(table) % size), (0, 0)))
    blocks = held_in_memory([padded[i : i + size] for i in range(0, len(padded), size)], zero)

    def cut(where: int | slice) -> Any:
        return table[where] if isinstance(where, slice) else blocks[where // size][where % size][None]

    return columns, list(held_in_memory([cut(where) for where in layout.rows], zero))


@partial(jax.jit, static_argnums=(0, 1, 2, 3))
def _leaf_update(
    rule: Rule, flags: Items, columns: Columns, stacked: bool, zero: jax.Array, p: Any, g: Any, slots: Any, row: Any
) -> Any:
    """The rule for one leaf, or for each layer of a stacked one; traced once for all leaves that look the same."""

    def update(p: Any, g: Any, slots: Any, row: Any) -> Any:
        sizes = [math.prod(shape) for _, _, shape in columns]
        parts = jnp.split(row, np.cumsum(sizes)[:-1])
        c = {name: part.reshape(shape).astype(dtype) for part, (name, dtype, shape) in zip(parts, columns, strict=True)}
        return rule.update(Kernels(zero).of(p), p, g, slots, c, dict(flags))

    return jax.vmap(update)(p, g, slots, row) if stacked else update(p, g, slots, row[0])


@partial(jax.jit, static_argnums=0)
def scheduler_init(schedulers: tuple[LRScheduler, ...], hyper: dict[str, Float64]) -> tuple[dict[str, Float64], Any]:
    """What torch's constructors do to the groups, one after the other."""
    with jax.enable_x64(True):
        numbers, memories = unpack_tree(hyper), []
        for scheduler in schedulers:
            numbers, memory = scheduler.begin(Kernels(jnp.zeros((), jnp.int32)), numbers)
            memories.append(memory)
        return pack_tree(numbers), tuple(pack_tree(memories))


def scheduler_step(
    scheduler: LRScheduler, k: Kernels, hyper: dict[str, Float64], memory: Any, metric: Any
) -> tuple[dict[str, Float64], Any]:
    """One scheduler step: the new hyperparameters and the scheduler's new memory."""
    with jax.enable_x64(True):
        numbers, memory = scheduler.step(k, unpack_tree(hyper), unpack_tree(memory), metric)
        return pack_tree(numbers), pack_tree(memory)
