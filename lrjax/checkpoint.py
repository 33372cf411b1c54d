"""States as plain data, by name: the optimizer's, and the scheduler's in torch's own layout."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lrspec import check

from .arithmetic.float64 import Float64, constant, from_host, is_over_groups, on_host
from .lr_scheduler._state_dict import from_dict, to_dict
from .optim._batches import batch_of_all, one_run
from .optim._nested_states import map_states, only_state, placed_as
from .optim._state import Layout, OptState, State, slot_lists, slot_tree


def scheduler_state_dict(opt_state: Any, index: int = 0) -> dict[str, Any]:
    """torch's ``scheduler.state_dict()``, in torch's own layout: ``torch.save`` it, and torch loads it.

    Args:
        opt_state: the state of an lrjax optimizer, or one that holds just one.
        index: which of several schedulers.

    Returns:
        A dict of Python numbers and lists.

    Raises:
        TypeError: no lrjax state in ``opt_state``.
        ValueError: more than one, one of several runs (take one of them), or no such scheduler.
    """
    state = _with_scheduler(opt_state, "scheduler_state_dict", index)
    memory = jax.tree.map(_leaf_on_host, state.scheduler[index], is_leaf=lambda x: isinstance(x, Float64))
    return to_dict(state.layout.schedulers[index], memory, len(state.layout.names), beta1="betas" in state.hyper)


def load_scheduler_state_dict(opt_state: State, state_dict: Mapping[str, Any], index: int = 0) -> State:
    """torch's ``scheduler.load_state_dict()``: the scheduler's memory; the groups' rates stay, as in torch.

    torch takes the arguments from the state, too. Here they are compiled in, so they must agree.

    Args:
        opt_state: the state of an lrjax optimizer, or one that holds just one; it is not changed.
        state_dict: what torch's ``scheduler.state_dict()`` gave, or ``scheduler_state_dict``.
        index: which of several schedulers.

    Returns:
        The new state.

    Raises:
        TypeError: no lrjax state in ``opt_state``, or a state_dict that is no dict.
        ValueError: more than one state, one of several runs, no such scheduler, or a state_dict of another scheduler.
    """
    where = "load_scheduler_state_dict"
    state = _with_scheduler(opt_state, where, index)
    old = state.scheduler[index]
    memory = jax.tree.map(_leaf_on_host, old, is_leaf=lambda x: isinstance(x, Float64))
    loaded = from_dict(where, state.layout.schedulers[index], memory, state_dict, len(state.layout.names))
    packed = jax.tree.map(lambda x: from_host(x) if x.dtype == np.float64 else x, loaded)

    def with_memory(state: OptState) -> OptState:
        memories = (*state.scheduler[:index], jax.tree.map(jnp.asarray, packed), *state.scheduler[index + 1 :])
        return replace(state, scheduler=memories)

    return map_states(with_memory, opt_state)


def _leaf_on_host(leaf: Any) -> np.ndarray:
    return on_host(leaf) if isinstance(leaf, Float64) else np.asarray(leaf)


def state_dict(opt_state: Any) -> dict[str, Any]:
    """The state of an optimizer by name, for checkpoints that outlive a change of the groups.

    (A state is a pytree and can be saved as it is; it then comes back only into the same groups in the same order.)

    Args:
        opt_state: the state of an lrjax optimizer, or one that holds just one.

    Returns:
        A dict of dicts and arrays: "groups" (name -> hyperparameter -> float64, and "frozen"), "state" (path ->
        torch's name -> array, "step" among them), "scheduler" (a list, with the groups' numbers by name), "count".
        Groups and schedulers have "arguments", too: what is compiled in, as text (UTF-8 in a uint8 array, for orbax
        takes arrays alone). Of a vmapped state every other array but "frozen" has the axes of ``vmap`` in front.

    Raises:
        TypeError: no lrjax state in ``opt_state``.
        ValueError: more than one.
    """
    state = only_state(opt_state, "state_dict")
    batch = len(batch_of_all("state_dict", state))
    layout, numbers = state.layout, {name: _groups_first(value, batch) for name, value in state.hyper.items()}
    slots = {name: leaves for name, (leaves, _) in slot_lists(state).items()}
    return {
        "count": np.asarray(state.count),
        "groups": {
            group: {
                "arguments": _as_array(_compiled_in(layout, i)),
                "frozen": np.asarray(layout.frozen[i]),
                **{name: x[i] for name, x in numbers.items()},
            }
            for i, group in enumerate(layout.names)
        },
        "state": {
            path: {
                **{name: leaves[i] for name, leaves in slots.items() if leaves[i] is not None},
                **{name: np.asarray(x)[..., layout.rows[i]] for name, x in state.memory.items()},
            }
            for i, path in enumerate(layout.paths)
        },
        "scheduler": [
            {"arguments": _as_array(text), **_named(memory, layout.names, batch)}
            for text, memory in zip(_set_rates(state), state.scheduler, strict=True)
        ],
    }


def _compiled_in(layout: Layout, group: int) -> str:
    """The optimizer, and the options of a group that are compiled in."""
    return f"{layout.optimizer}({', '.join(f'{name}={value}' for name, value in layout.flags[group])})"


def _set_rates(state: OptState) -> list[str]:
    """What sets the rates: the schedulers, and options that were given as arrays."""
    given = state.scheduler[len(state.layout.schedulers) :]
    texts = [f"the arrays {', '.join(sorted(one))}" for one in given]
    return [*(scheduler.text() for scheduler in state.layout.schedulers), *texts]


def _as_array(text: str) -> np.ndarray:
    return np.frombuffer(text.encode(), np.uint8)


def _groups_first(packed: Float64, batch: int) -> np.ndarray:
    """The numbers with the axis of the groups in front of the ``batch`` axes of ``vmap``."""
    return np.moveaxis(on_host(packed), batch, 0)


def _named(memory: Any, groups: Sequence[str], batch: int) -> Any:
    """A scheduler's memory with the vectors over groups as dicts."""
    if isinstance(memory, Float64):
        if not is_over_groups(memory, batch):
            return on_host(memory)
        return dict(zip(groups, _groups_first(memory, batch), strict=True))
    if isinstance(memory, dict):
        return {name: _named(value, groups, batch) for name, value in memory.items()}
    return [_named(value, groups, batch) for value in memory] if isinstance(memory, tuple) else np.asarray(memory)


def load_state_dict(opt_state: State, state_dict: Mapping[str, Any]) -> State:
    """The state that ``state_dict`` gave, in a state whose groups have the same names, in any order.

    Args:
        opt_state: a state fresh from ``init``, or one that holds just one; it is not changed.
        state_dict: what ``lrjax.state_dict`` gave, perhaps by way of a file.

    Returns:
        The new state. Parameters that moved to another group keep their moments and take that group's rate.

    Raises:
        TypeError: no lrjax state in ``opt_state``, or a state_dict that is no dict.
        ValueError: more than one state; other groups, parameters, names or shapes; another optimizer, scheduler or
            arguments, the scheduler's ``every`` apart (delete "arguments" where you mean it).
    """
    state = only_state(opt_state, _LOAD)
    if not isinstance(state_dict, Mapping):
        check.fail(_LOAD, "state_dict", "must be a dict", type(state_dict).__name__, TypeError)
    _same_names("state_dict", ("count", "groups", "state", "scheduler"), state_dict)
    loaded = _loaded(state, state_dict)

    def take(old: OptState) -> OptState:
        slots = {
            name: slot_tree(
                [
                    None if was is None else placed_as(new, was)
                    for new, was in zip(loaded[1][name], leaves, strict=True)
                ],
                treedef,
            )
            for name, (leaves, treedef) in slot_lists(old).items()
        }
        return replace(old, slots=slots, **loaded[0])

    return map_states(take, opt_state)


_LOAD = "load_state_dict"


def _loaded(state: OptState, saved: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """The numbers and the slots that ``saved`` holds for ``state``, checked before anything is put together."""
    layout = state.layout
    _same_names("groups", layout.names, saved["groups"])
    _same_names("parameters", layout.paths, saved["state"])
    if len(saved["scheduler"]) != len(state.scheduler):
        check.fail(_LOAD, "scheduler", f"must be {len(state.scheduler)} in number", len(saved["scheduler"]))
    for i, (text, new) in enumerate(zip(_set_rates(state), saved["scheduler"], strict=True)):
        _same_arguments(f"scheduler[{i}]", text, new)
    for i, group in enumerate(layout.names):
        _same_arguments(f"group {group!r}", _compiled_in(layout, i), saved["groups"][group])
        _same_names(f"options of group {group!r}", ("frozen", *state.hyper), saved["groups"][group])
        if bool(saved["groups"][group]["frozen"]) != layout.frozen[i]:
            rule = f"must be {layout.frozen[i]}, as in the state (see lrjax.freeze and lrjax.thaw)"
            check.fail(_LOAD, f"'frozen' of group {group!r}", rule, not layout.frozen[i])
        for lr in np.ravel(saved["groups"][group]["lr"]).tolist():  # several where the state is vmapped
            _check_rate(f"lr of group {group!r}", lr, made_by_hand=not layout.schedulers)
    batch = batch_of_all(_LOAD, state)
    hyper = {
        name: _vector(name, {group: saved["groups"][group][name] for group in layout.names}, old, len(batch))
        for name, old in state.hyper.items()
    }
    slots: dict[str, list[Any]] = {name: [] for name in state.slots}
    held = {name: leaves for name, (leaves, _) in slot_lists(state).items()}
    memory = {name: np.array(value) for name, value in state.memory.items()}
    for i, (path, where) in enumerate(zip(layout.paths, layout.rows, strict=True)):
        mine = saved["state"][path]
        _same_names(f"state of {path}", (*state.memory, *(() if layout.stateless[i] else state.slots)), mine)
        for name in state.memory:
            memory[name][..., where] = _same_shape(f"{name} of {path}", mine[name], memory[name][..., where])
        for name, leaves in held.items():
            slots[name].append(_same_shape(f"{name} of {path}", mine.get(name), leaves[i]))
    pairs = zip(saved["scheduler"], state.scheduler, strict=True)
    memories = tuple(_memory(layout.names, new, old, len(batch)) for new, old in pairs)
    count = _same_shape("count", saved["count"], np.asarray(state.count))
    numbers = {"memory": jax.tree.map(jnp.asarray, memory), "hyper": hyper, "scheduler": memories, "count": count}
    return numbers, slots


def _same_arguments(what: str, ours: str, saved: Mapping[str, Any]) -> None:
    """Raise where what is compiled in differs. A state_dict of an earlier version does not say."""
    theirs = np.asarray(saved.get("arguments", _as_array(ours)), np.uint8).tobytes().decode(errors="replace")
    if theirs != ours:
        check.fail(_LOAD, what, f"must be of {ours}", theirs)


def _check_rate(what: str, lr: Any, *, made_by_hand: bool) -> None:
    """A rate; only a scheduler (of a negative gamma, say) may have made it negative."""
    check.rate(_LOAD, lr if made_by_hand or not check.is_number(lr) else abs(lr), what)


def _memory(groups: Sequence[str], new: Any, old: Any, batch: int) -> Any:
    """A scheduler's memory from the form that ``_named`` gives it."""
    if isinstance(old, Float64):
        if is_over_groups(old, batch):
            _same_names("groups of a scheduler", groups, new)
            return _vector("scheduler", {group: new[group] for group in groups}, old, batch)
        return constant(_shaped("scheduler", new, old.value))
    if isinstance(old, dict):
        _same_names("a scheduler's state", old, new)
        return {name: _memory(groups, new[name], value, batch) for name, value in old.items()}
    if isinstance(old, tuple):
        return tuple(_memory(groups, a, b, batch) for a, b in zip(new, old, strict=True))
    return _same_shape("scheduler", new, old)


def _vector(what: str, new: Mapping[str, Any], old: Float64, batch: int) -> Float64:
    """The numbers of the groups as the state has them, behind the ``batch`` axes of ``vmap``."""
    like = np.moveaxis(np.asarray(old.value), batch, 0)
    numbers = [_shaped(f"{what} of group {g!r}", x, one) for (g, x), one in zip(new.items(), like, strict=True)]
    return constant(np.moveaxis(np.stack(numbers), 0, batch))


def _same_names(what: str, ours: Iterable[str], theirs: Iterable[str]) -> None:
    missing, extra = sorted(set(ours) - set(theirs)), sorted(set(theirs) - {*ours, "arguments"})
    if missing or extra:
        check.fail(_LOAD, what, f"must have the names of the state (missing: {missing})", extra)


def _same_shape(what: str, new: Any, old: Any) -> Any:
    return None if old is None else jnp.asarray(_shaped(what, new, old), old.dtype)


def _shaped(what: str, new: Any, old: Any) -> Any:
    if np.shape(new) != np.shape(old):
        check.fail(_LOAD, what, f"must have the shape {np.shape(old)}", np.shape(new))
    return new


def _with_scheduler(opt_state: Any, where: str, index: int) -> OptState:
    state = one_run(where, only_state(opt_state, where))
    count = len(state.layout.schedulers)
    check.index(where, "index", index, count, f"must name one of the {count} schedulers")
    return state
