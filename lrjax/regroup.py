"""Changing the groups of a running state: freezing, thawing, and adding a group."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from lrspec import check
from lrspec.groups import chosen
from lrspec.scheduler_arguments import check_new_group
from lrspec.types import ByGroup, ParamGroup

from ._tree_paths import paths
from .arithmetic.float64 import Float64, constant, is_over_groups, on_host
from .control import change_hyper
from .optim._batches import batch_of_all, for_each_run
from .optim._engine import init_slots, init_state
from .optim._given import require_numbers
from .optim._groups import is_array, read
from .optim._nested_states import map_named, map_states, named_states, only_state, states_of
from .optim._schedulers import scheduler_states
from .optim._state import Layout, OptState, Params, State, options_of, slot_lists


def freeze(opt_state: State, groups: str | Sequence[str]) -> State:
    """Stop updating groups, as ``requires_grad_(False)`` does in torch; what their state holds stays.

    The layout changes, so a compiled step is compiled once more.

    Args:
        opt_state: a state of an lrjax optimizer, or one that holds some; it is not changed.
        groups: a group's name, or several.

    Returns:
        The new state.

    Raises:
        TypeError: no lrjax state in ``opt_state``.
        ValueError: an unknown group (the message lists the groups).
    """
    return _set_frozen(opt_state, "freeze", groups, True)


def thaw(opt_state: State, params: Any, groups: str | Sequence[str], lr: ByGroup | None = None) -> State:
    """Update frozen groups again, as ``requires_grad_(True)`` does in torch.

    Groups that were frozen from the start get their state now; the others' is not touched. The layout
    changes, so a compiled step is compiled once more.

    Args:
        opt_state: a state of an lrjax optimizer, or one that holds some; it is not changed.
        params: the parameters, for the shapes of the new state; of a vmapped state those of all runs.
        groups: a group's name, or several.
        lr: their rate from now on, as ``set_lr`` takes it; None: the one they have (a scheduler moves it while they are
            frozen, too).

    Returns:
        The new state.

    Raises:
        TypeError: no lrjax state in ``opt_state``.
        ValueError: an unknown group (the message lists the groups), a bad rate.
    """
    thawed = map_states(lambda state: _with_slots(state, params), _set_frozen(opt_state, "thaw", groups, False))
    names = [groups] if isinstance(groups, str) else groups
    return thawed if lr is None else change_hyper(thawed, "thaw", "lr", dict.fromkeys(names, lr))


def trainable(opt_state: Any, params: Params) -> Params:
    """``params`` with the gradient stopped at frozen parameters: no backward work is done for them.

    Call it inside the loss: ``loss(lrjax.trainable(opt_state, params), batch)``. The frozen gradients are then
    zero and the optimizer, in the same jit, does not read them, so the compiler drops what would compute them.

    Args:
        opt_state: the state of an lrjax optimizer, or one that holds some.
        params: the parameters, a tree.

    Returns:
        A tree like ``params``, with the same values.

    Raises:
        TypeError: no lrjax state in ``opt_state``.
    """
    frozen = {
        path
        for state in states_of(opt_state, "trainable")
        for i, path in enumerate(state.layout.paths)
        if state.layout.is_frozen(i)
    }
    leaves, treedef = jax.tree.flatten(params)
    stopped = [jax.lax.stop_gradient(x) if path in frozen else x for path, x in zip(paths(params), leaves, strict=True)]
    return jax.tree.unflatten(treedef, stopped)


def _set_frozen(opt_state: Any, where: str, groups: str | Sequence[str], frozen: bool) -> Any:
    wanted = chosen(where, groups, [name for names in named_states(opt_state, where)[0] for name in names])

    def marked(names: list[str], state: OptState) -> OptState:
        flags = zip(names, state.layout.frozen, strict=True)
        new = tuple(frozen if name in wanted else old for name, old in flags)
        layout = replace(state.layout, frozen=new)
        for i, path in enumerate(layout.paths):
            if len({new[g] for g in layout.groups_of(i)}) > 1:
                check.fail(where, "groups", f"must name all layers of the stacked {path}", wanted)
        return replace(state, layout=layout)

    return map_named(marked, opt_state, where)


def _with_slots(state: OptState, params: Any) -> OptState:
    """The state with slots for the leaves that have none and are not frozen."""
    layout = state.layout
    missing = [stateless and not layout.is_frozen(i) for i, stateless in enumerate(layout.stateless)]
    if not any(missing):
        return state
    leaves, treedef = jax.tree.flatten(_known(layout, params))
    if len(leaves) != len(layout.paths):
        check.fail("thaw", "params", f"must be the parameters of the state: {list(layout.paths)}", paths(params))
    made = _slots_for("thaw", state, leaves, [not m for m in missing])
    slots = {}
    for name, (old, _) in slot_lists(state).items():
        fresh = made.get(name) or list(map(jnp.zeros_like, leaves))  # momentum that was set to 0 since
        merged = [new if m else was for m, new, was in zip(missing, fresh, old, strict=True)]
        slots[name] = jax.tree.unflatten(treedef, merged)
    stateless = tuple(b and not m for b, m in zip(layout.stateless, missing, strict=True))
    return replace(state, slots=slots, layout=replace(layout, stateless=stateless))


def _slots_for(where: str, state: OptState, leaves: list[Any], without: list[bool]) -> dict[str, list[Any]]:
    """Fresh slots of each leaf, of each run where the state is that of several."""
    layout, batch = state.layout, batch_of_all(where, state)
    defaults = dict(layout.defaults)
    for_all = {name: defaults[name] for name in layout.rule.options.for_all if not is_array(defaults[name])}
    if not batch:
        return init_slots(layout, [{**group, **for_all} for group in options_of(state)], leaves, without)
    _require_batch(where, batch, zip(layout.paths, leaves, strict=True))

    def make(leaves: list[Any], hyper: Mapping[str, Float64]) -> dict[str, list[Any]]:
        of_group = [{name: x.value[i] for name, x in hyper.items()} for i in range(len(layout.names))]
        options = [{**dict(flags), **one, **for_all} for flags, one in zip(layout.flags, of_group, strict=True)]
        return init_slots(layout, options, leaves, without)

    return for_each_run(make, batch)(leaves, state.hyper)


def _require_batch(where: str, batch: tuple[int, ...], named: Iterable[tuple[str, Any]]) -> None:
    """The parameters have the axes of the state in front."""
    for path, leaf in named:
        if np.shape(leaf)[: len(batch)] != batch:
            rule = f"must have the axes {batch} of the vmapped state in front ({path} has not)"
            check.fail(where, "params", rule, np.shape(leaf))


def _known(layout: Layout, params: Any) -> Any:
    """The parameters that the state is about; ``optax.multi_transform`` gives a state some of them."""
    leaves, treedef = jax.tree.flatten(params)
    known = [x if path in layout.paths else optax.MaskedNode() for path, x in zip(paths(params), leaves, strict=True)]
    return jax.tree.unflatten(treedef, known)


def add_param_group(opt_state: State, params: Any, group: ParamGroup) -> State:
    """Add a group to a running state, as torch's ``optimizer.add_param_group``.

    The new group takes the parameters that the state does not know yet, all of them; the others keep their state.
    Options that it does not set are the optimizer's defaults. The layout changes, so a compiled step is compiled
    once more.

    Args:
        opt_state: the state of an lrjax optimizer, or one that holds just one; it is not changed.
        params: the parameters, old and new, a tree with the old paths among its own; of a vmapped state those of all
            runs.
        group: a group as the optimizer takes it, ``{"params": pattern, "lr": ..., ...}``.

    Returns:
        The new state.

    Raises:
        TypeError: no lrjax state in ``opt_state``.
        ValueError: a bad group, patterns that miss a new parameter, a name that is there already, old parameters
            that are gone, or a scheduler that knows only the old groups. (In torch, StepLR, MultiStepLR,
            ConstantLR, LinearLR, ExponentialLR, PolynomialLR and ReduceLROnPlateau go on with the new group, and
            so they do here; the others fail at a later step.)
    """
    where = "add_param_group"
    only_state(opt_state, where)
    return map_states(lambda state: _with_group(where, state, params, group), opt_state)


def _with_group(where: str, state: OptState, params: Any, group: Mapping[str, Any]) -> OptState:
    old, tree_paths, (leaves, treedef) = state.layout, paths(params), jax.tree.flatten(params)
    gone = [path for path in old.paths if path not in tree_paths]
    if gone:
        check.fail(where, "params", f"must hold the parameters of the state, {gone} among them", tree_paths)
    fresh = {path: leaf for path, leaf in zip(tree_paths, leaves, strict=True) if path not in old.paths}
    if not fresh:
        check.fail(where, "params", "must hold parameters that the state does not know", tree_paths)
    added = read(old.rule.options, [group], dict(old.defaults), where)
    for one in (one for added_group in added for one in added_group.members):
        require_numbers(where, old, one)
    batch = batch_of_all(where, state)
    _require_batch(where, batch, fresh.items())
    new = for_each_run(lambda fresh: init_state(old.rule, dict(old.defaults), added, (), fresh, where), batch)(fresh)
    for name in new.layout.names:
        if name in old.names:
            check.fail(where, "group['name']", "must differ from the names there are", name)
    check_new_group(where, old.schedulers, [*options_of(state), *options_of(new)])
    sides = [(state, old.paths.index(p)) if p in old.paths else (new, new.layout.paths.index(p)) for p in tree_paths]
    layout = _joined(old, new.layout, len(old.names), [(side.layout, i) for side, i in sides])
    rows = [(side.memory, side.layout.rows[i]) for side, i in sides]
    lists = {id(side): slot_lists(side) for side in (state, new)}
    return replace(
        state,
        memory={
            name: jnp.concatenate([_rows(np.asarray(m[name]), row) for m, row in rows], axis=-1)
            for name in state.memory
        },
        hyper={
            name: _longer(value, new.hyper.get(name, new.hyper["lr"]), len(batch))
            for name, value in state.hyper.items()
        },
        scheduler=_longer_schedulers(state, new.hyper, len(batch)),
        slots={
            name: jax.tree.unflatten(
                treedef,
                [
                    lists[id(side)][name][0][i] if name in side.slots else jnp.zeros_like(leaf)
                    for (side, i), leaf in zip(sides, leaves, strict=True)
                ],
            )
            for name in {**state.slots, **new.slots}
        },
        layout=layout,
    )


def _joined(old: Layout, new: Layout, base: int, sides: Sequence[tuple[Layout, int]]) -> Layout:
    """Both layouts as one; ``sides`` says where each leaf is found, in the order of the new tree."""

    def shifted(side: Layout, i: int) -> int | tuple[int, ...]:
        group = side.group_of[i]
        by = base if side is new else 0
        return tuple(g + by for g in group) if isinstance(group, tuple) else group + by

    both = {name: getattr(old, name) + getattr(new, name) for name in ("names", "patterns", "frozen", "flags")}
    return replace(
        old,
        **both,
        paths=tuple(side.paths[i] for side, i in sides),
        group_of=tuple(shifted(side, i) for side, i in sides),
        stateless=tuple(side.stateless[i] for side, i in sides),
    )


def _rows(vector: np.ndarray, row: int | slice) -> np.ndarray:
    return vector[..., row] if isinstance(row, slice) else vector[..., row, None]


def _longer(old: Float64, more: Float64, batch: int) -> Float64:
    """The numbers of old and new groups, behind the ``batch`` axes of ``vmap``."""
    return constant(np.concatenate([on_host(old), on_host(more)], axis=batch))


def _longer_schedulers(state: OptState, more: Mapping[str, Float64], batch: int) -> tuple[Any, ...]:
    """What the schedulers know of the groups, with the new ones; and the options that were given as arrays."""
    schedulers = jax.tree.map(
        lambda x: _longer(x, more["lr"], batch) if is_over_groups(x, batch) else x,
        scheduler_states(state),
        is_leaf=lambda x: isinstance(x, Float64),
    )
    given = state.scheduler[len(schedulers) :]
    return (*schedulers, *({name: _longer(x, more[name], batch) for name, x in one.items()} for one in given))
