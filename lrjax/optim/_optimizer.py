"""The engine all optimizers share: one pass over the tree, whatever the number of groups.

An optimizer is a ``Rule``. Its ``scalars`` is what torch computes in Python floats (step sizes, bias
corrections), done for all parameters at once in float64; its ``update`` is what torch computes in
tensors, one parameter at a time, in terms of ``lrjax.kernels``. Hyperparameters are vectors over the
groups in the state, and a static table says which group each parameter belongs to, so a hundred
groups cost what one costs.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.core import Tracer

from .._check import fail
from .._patterns import shown
from ..arithmetic.exact import runtime_zero
from ..arithmetic.float64 import Float64, constant, pack_tree, unpack_tree
from ..arithmetic.kernels import Kernels, by_platform
from ..lr_scheduler._arguments import read_schedulers
from ..lr_scheduler._base import LRScheduler
from ..param_groups import paths
from ._groups import Group, as_number, place, read
from ._leaves import Leaf, update_leaves
from ._state import Layout as Layout
from ._state import OptState as OptState
from ._state import Rule as Rule
from ._state import slot_lists, slot_tree


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
        new, state = _run(rule, leaves, grads, state, fence_zero(state), new_params=torch_step)
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
        count=runtime_zero(),
        memory=rule.memory(len(layout.group_of_row)),
        hyper=hyper,
        scheduler=memories,
        slots={name: jax.tree.unflatten(treedef, slot) for name, slot in slots.items()},
        layout=layout,
    )


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


def fence_zero(state: OptState) -> jax.Array:
    """The zero of the fences, which the compiler must not know: from the state's counter, unless that is a constant."""
    return jnp.minimum(state.count, 0) if isinstance(state.count, Tracer) else runtime_zero()


@partial(jax.jit, static_argnums=0, static_argnames="new_params", inline=True)
def _run(
    rule: Rule, params: list[Any], grads: list[Any], state: OptState, zero: jax.Array, *, new_params: bool
) -> tuple[list[Any], OptState]:
    """One update of every parameter that has a gradient."""
    layout, slots = state.layout, slot_lists(state)
    moving = [i for i, g in enumerate(grads) if g is not None and not layout.is_frozen(i)]
    leaves = {
        i: Leaf(params[i], grads[i].astype(params[i].dtype), {name: each[i] for name, (each, _) in slots.items()})
        for i in moving
    }
    row_moves = np.repeat(
        [i in leaves for i in range(len(params))], [len(layout.groups_of(i)) for i in range(len(params))]
    )

    def update(k: Kernels, leaves: dict[int, Leaf], per_row: dict[str, Any], memory: dict[str, Any]) -> Any:
        scalars, memory = rule.scalars(k, per_row, memory)
        return update_leaves(k, layout, leaves, scalars), memory

    with jax.enable_x64(True):
        per_row = {name: value[layout.group_of_row] for name, value in unpack_tree(state.hyper).items()}
        updated, memory = by_platform(update, zero, leaves, per_row, state.memory)
        memory = {name: jnp.where(row_moves, new, state.memory[name]) for name, new in memory.items()}
    new = list(params) if new_params else [jnp.zeros_like(p) for p in params]
    for i, (p, own) in updated.items():
        new[i] = p if new_params else p - params[i]
        for name, value in own.items():
            slots[name][0][i] = value
    k, count = Kernels(zero), state.count + 1
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


def scheduler_init(schedulers: tuple[LRScheduler, ...], hyper: dict[str, Float64]) -> tuple[dict[str, Float64], Any]:
    """What torch's constructors do to the groups, one after the other."""
    return _scheduler_init(schedulers, hyper, runtime_zero())


@partial(jax.jit, static_argnums=0)
def _scheduler_init(schedulers: tuple[LRScheduler, ...], hyper: dict[str, Float64], zero: jax.Array) -> Any:
    with jax.enable_x64(True):
        numbers, memories = unpack_tree(hyper), []
        for scheduler in schedulers:
            numbers, memory = scheduler.begin(Kernels(zero), numbers)
            memories.append(memory)
        return pack_tree(numbers), tuple(pack_tree(memories))


def scheduler_step(
    scheduler: LRScheduler, k: Kernels, hyper: dict[str, Float64], memory: Any, metric: Any
) -> tuple[dict[str, Float64], Any]:
    """One scheduler step: the new hyperparameters and the scheduler's new memory."""
    with jax.enable_x64(True):
        numbers, memory = scheduler.step(k, unpack_tree(hyper), unpack_tree(memory), metric)
        return pack_tree(numbers), pack_tree(memory)
