"""The engine that all optimizers share: one pass over the parameters, whatever the number of groups.

Five words that torch has not, for AdamW over two leaves, ``a/kernel`` in group "backbone" and ``b/bias`` in "head":

===========  =========================================================================================================
``Rule``     one optimizer: its options, and its arithmetic in four functions.
``Layout``   what a state knows of the parameters when a program is compiled: the paths ("a/kernel", "b/bias"), the
             group of each (0, 1), the groups' names and flags, the schedulers. No number that changes is in it.
*row*        what torch would call a parameter: a leaf, or one layer of a stacked leaf. Here there are two.
``numbers``  what torch keeps per parameter beside tensors, a vector over the rows: {"step": [3, 3]}. (The state has
             them in ``memory``.)
``slots``    the tensors that torch keeps per parameter, trees like the parameters: {"exp_avg": {...}, ...}.
===========  =========================================================================================================

An update takes four steps:

1. The hyperparameters, vectors over the groups, are spread over the rows: {"lr": [1e-5, 1e-3], ...}.
2. ``Rule.scalars`` computes for all rows at once, in float64, what torch computes in Python floats: {"step_size": ...}.
3. ``Rule.update`` computes each leaf with its row of these, in terms of torch's kernels (``_leaves.py``).
4. The schedulers that are due take their step.

A hundred groups therefore cost what one costs: they are longer vectors in steps 1 and 2.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lrspec.brief import cut
from lrspec.check import fail, message
from lrspec.optimizer_options import check_real
from lrspec.patterns import shown
from lrspec.scheduler_arguments import read_schedulers

from .._tree_paths import check_arrays, paths
from ..arithmetic.exact import runtime_zero, zero_from
from ..arithmetic.float64 import Float64, on_device, unpack_tree, vector
from ..arithmetic.kernels import Kernels
from ..arithmetic.platforms import by_platform
from ..lr_scheduler._base import LRScheduler
from ._batches import batch_of_all
from ._given import arrays_in, follow, remembered
from ._groups import Group, as_number, checkable, place, read, static
from ._leaves import Leaf, Updated, update_leaves
from ._rule import Numbers, Rule
from ._schedulers import init_schedulers, step_due
from ._state import Layout, NewParameter, OptState, Tree, slot_lists, slot_tree
from ._transformation import Optimizer

FLOATS = tuple(jnp.dtype(name) for name in ("float16", "bfloat16", "float32", "float64"))  # torch calculates with these


def build(rule: Rule, groups: Any, defaults: Mapping[str, Any], scheduler: Any) -> Optimizer:
    """The transformation of ``rule`` over ``groups``; all arguments are checked here."""
    where = rule.options.name
    defaults = rule.options.read(where, defaults, partial(checkable, rule.options))
    made = read(rule.options, groups, defaults)
    members = [options for group in made for options in group.members]
    arrays = arrays_in(rule.options, members)
    schedulers = read_schedulers(where, scheduler, LRScheduler)
    for one in schedulers:
        one.check_groups([checkable(rule.options, options) for options in members])

    def init(params: Tree) -> Any:
        return init_state(rule, defaults, made, schedulers, params)

    def update(updates: Tree, state: Any, params: Tree = None, *, torch_step: bool = False, **extra: Any) -> Any:
        del extra
        if params is None:
            raise ValueError(f"{where}.update: params must be given (torch's rules read them), got None")
        _check_state(state, rule, defaults, schedulers)
        state = follow(f"{where}.update", state, members, arrays)
        leaves, treedef = jax.tree.flatten(params)
        grads = _leaves_up_to(where, treedef, updates)
        try:
            new, state = _run(rule, leaves, grads, state, fence_zero(state), new_params=torch_step)
        except (TypeError, OverflowError):
            check_arrays(f"{where}.update", "params", params)
            check_arrays(f"{where}.update", "updates", updates)
            raise
        out = [NewParameter(array) for array in new] if torch_step else new
        return jax.tree.unflatten(treedef, out), state

    tx = Optimizer(init, update)
    tx.made_by = (rule, groups, defaults, scheduler)
    return tx


def _check_state(state: Any, rule: Rule, defaults: Mapping[str, Any], schedulers: tuple[LRScheduler, ...]) -> None:
    """Raise where the state is another optimizer's: its numbers and groups may differ, what is compiled in may not."""
    where = f"{rule.options.name}.update"
    if not isinstance(state, OptState):
        fail(where, "state", "must be what init gave", type(state).__name__, TypeError)
    layout = state.layout
    if layout.rule != rule:
        fail(where, "state", f"must be of {rule.options.name}", f"one of {layout.optimizer}")
    if batch := batch_of_all(where, state):
        one_run = "must be the state of one run: call update under jax.vmap, as init was"
        fail(where, "state", one_run, f"{batch} of them")
    theirs = dict(layout.defaults)
    for name in rule.options.flags:
        if theirs[name] != defaults[name]:
            fail(where, "state", f"must be made with {name}={defaults[name]!r}, as the optimizer", theirs[name])
    if layout.schedulers != schedulers:  # functions made anew by the same code differ: then the texts decide
        texts = [[f"{one.text()} every {one.every}" for one in each] for each in (schedulers, layout.schedulers)]
        if texts[0] != texts[1]:
            fail(where, "state", f"must be made with the schedulers {texts[0]}, as the optimizer", texts[1])


def init_state(
    rule: Rule,
    defaults: Mapping[str, Any],
    groups: list[Group],
    schedulers: tuple[LRScheduler, ...],
    params: Tree,
    where: str | None = None,
) -> OptState:
    """A fresh state of ``groups`` over ``params``; errors name ``where``, or the optimizer."""
    where, (leaves, treedef) = where or rule.options.name, jax.tree.flatten(params)
    if not leaves:
        fail(where, "params", "must have at least one array", params)
    check_arrays(where, "params", params)
    group_of = place(where, groups, params)
    options = [options for group in groups for options in group.members]
    _check_params(where, list(zip(paths(params), leaves, strict=True)), [options[first(g)]["frozen"] for g in group_of])
    layout = Layout(
        rule=rule,
        defaults=tuple((name, static(x)) for name, x in sorted(defaults.items())),
        names=tuple(one["name"] for one in options),
        patterns=tuple(shown(group.patterns) for group in groups for _ in group.members),
        frozen=tuple(one["frozen"] for one in options),
        flags=tuple(tuple(sorted((f, one[f]) for f in rule.options.flags)) for one in options),
        paths=tuple(paths(params)),
        group_of=group_of,
        stateless=tuple(options[first(g)]["frozen"] for g in group_of),
        schedulers=schedulers,
    )
    values = {name: vector([as_number(one[name]) for one in options]) for name in rule.options.hyper}
    hyper, scheduler_states = init_schedulers(schedulers, on_device(values))
    slots = init_slots(layout, options, leaves, without=layout.stateless)
    state = OptState(
        count=runtime_zero(),
        memory=rule.numbers(len(layout.group_of_row)),
        hyper=hyper,
        scheduler=(*scheduler_states, *remembered(rule.options, options)),
        slots={name: jax.tree.unflatten(treedef, slot) for name, slot in slots.items()},
        layout=layout,
    )
    return state if rule.complete is None else rule.complete(state, leaves)


def first(group: int | tuple[int, ...]) -> int:
    """The group of a leaf, or of the first layer of a stacked one."""
    return group[0] if isinstance(group, tuple) else group


def _check_params(where: str, named: list[tuple[str, Any]], frozen: Sequence[bool]) -> None:
    """Parameters are real, each has a path of its own, and what is updated is of floats."""
    seen: set[str] = set()
    for (path, leaf), still in zip(named, frozen, strict=True):
        dtype = jnp.result_type(leaf)
        check_real(where, [str(dtype)])
        if not (still or dtype in FLOATS):
            rule = f"must be floats of 16, 32 or 64 bits ({path} is not: leave it out, or set frozen=True in its group)"
            fail(where, "params", rule, f"an array of {dtype}", TypeError)
        if path in seen:
            fail(where, "params", "must have paths that differ (a name with a slash reads as two)", path)
        seen.add(path)


def init_slots(
    layout: Layout, options: Sequence[Mapping[str, Any]], leaves: Sequence[Any], without: Sequence[bool]
) -> dict[str, list[Any]]:
    """The slots of each leaf, None for those ``without``. A stacked leaf's are stacked; ``options`` is by group."""
    rows, owners = [], []
    for i, leaf in enumerate(leaves):
        groups = layout.groups_of(i)
        stacked = isinstance(layout.group_of[i], tuple)
        own_rows = [leaf[j] for j in range(len(groups))] if stacked else [leaf]
        rows += [jnp.zeros((0,) * row.ndim, row.dtype) if without[i] else row for row in own_rows]  # costs no memory
        owners += groups
    momentum_scheduled = any(scheduler.cycles_momentum() for scheduler in layout.schedulers)
    made = layout.rule.init(rows, [options[g] for g in owners], momentum_scheduled)

    def of_leaf(slot: list[jax.Array], i: int, where: int | slice) -> jax.Array | None:
        if without[i]:
            return None
        return jnp.stack(slot[where]) if isinstance(where, slice) else slot[where]

    return {name: [of_leaf(slot, i, where) for i, where in enumerate(layout.rows)] for name, slot in made.items()}


def _leaves_up_to(where: str, treedef: Any, updates: Tree) -> list[Any]:
    """The gradient of each parameter, None where there is none."""
    try:
        return treedef.flatten_up_to(updates)
    except ValueError as error:
        rule = f"must have the structure of params ({cut(str(error), 100)})"
        raise ValueError(message(f"{where}.update", "updates", rule, updates)) from None


def fence_zero(state: OptState) -> jax.Array:
    """The zero of the fences, from the state's counter."""
    return zero_from(state.count)


@partial(jax.jit, static_argnums=0, static_argnames="new_params", inline=True)
def _run(
    rule: Rule, params: list[Any], grads: list[Any], state: OptState, zero: jax.Array, *, new_params: bool
) -> tuple[list[jax.Array], OptState]:
    """One update of every parameter that has a gradient."""
    layout, slots = state.layout, slot_lists(state)
    _check_gradients(layout, params, grads)
    leaves = {
        i: Leaf(params[i], grad.astype(params[i].dtype), {name: slot[i] for name, (slot, _) in slots.items()})
        for i, grad in enumerate(grads)
        if grad is not None and not layout.is_frozen(i)
    }

    row_moves = np.repeat(
        [i in leaves for i in range(len(params))], [len(layout.groups_of(i)) for i in range(len(params))]
    )

    def update(ops: Kernels, leaves: dict[int, Leaf], groups: dict[str, Float64], memory: Numbers) -> Any:
        hyper = {name: value[layout.group_of_row] for name, value in unpack_tree(groups).items()}
        scalars, numbers = rule.scalars(ops, hyper, memory)
        numbers = {name: jnp.where(row_moves, new, memory[name]) for name, new in numbers.items()}
        return update_leaves(ops, layout, leaves, scalars), numbers

    updated, numbers = by_platform(update, zero, leaves, state.hyper, state.memory)
    new = _new_leaves(params, updated, new_params=new_params)
    for i, (_, own_slots) in updated.items():
        for name, value in own_slots.items():
            slots[name][0][i] = value
    hyper_now, scheduler_states = step_due(layout.schedulers, zero, state)
    return new, OptState(
        count=state.count + 1,
        memory=numbers,
        hyper=hyper_now,
        scheduler=scheduler_states,
        slots={name: slot_tree(leaves, treedef) for name, (leaves, treedef) in slots.items()},
        layout=layout,
    )


def _check_gradients(layout: Layout, params: list[Any], grads: list[Any]) -> None:
    """As many parameters as the state is about, and a real gradient of its shape for each, or none."""
    where = f"{layout.optimizer}.update"
    if len(params) != len(layout.paths):
        fail(where, "params", f"must be the {len(layout.paths)} parameters of the state", f"{len(params)} arrays")
    for path, param, grad in zip(layout.paths, params, grads, strict=True):
        if grad is None:
            continue
        if jnp.shape(grad) != jnp.shape(param):
            fail(where, f"the gradient of {path}", f"must have its shape, {jnp.shape(param)}", jnp.shape(grad))
        if jnp.iscomplexobj(grad):
            fail(where, f"the gradient of {path}", "must be real", f"an array of {jnp.result_type(grad)}")


def _new_leaves(params: list[Any], updated: Mapping[int, Updated], *, new_params: bool) -> list[jax.Array]:
    """The new parameters, or how far they are from the old ones."""
    new = list(params) if new_params else [jnp.zeros_like(param) for param in params]
    for i, (param, _) in updated.items():
        new[i] = param if new_params else param - params[i]
    return new
