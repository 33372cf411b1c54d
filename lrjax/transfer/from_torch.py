"""``from_torch``: torch's state dicts as an lrjax transformation and its state."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lrspec import check
from lrspec.scheduler_arguments import UNSET

from .. import optim
from .._tree_paths import check_arrays, paths
from ..arithmetic.float64 import from_host
from ..checkpoint import load_scheduler_state_dict, scheduler_state_dict
from ..optim._groups import as_number
from ..optim._nested_states import is_state, placed_as, states_of
from ..optim._state import OptState
from . import _optimizer_state
from ._arrays import plain, to_numpy
from ._optimizer_state import OPTIONS, Source
from ._slots import expected, numbers_of, require_orientation, tensors_of, torchs_slot
from .layouts import Link, axes_of
from .names import match
from .schedulers import in_order, read_schedulers
from .schedulers import states_of as scheduler_states
from .weights import require_like

_WHERE = "from_torch"
_STATE = "optimizer_state"


def from_torch(
    optimizer_state: Mapping[str, Any],
    scheduler_state: Any,
    params: Any,
    *,
    optimizer: Any = None,
    scheduler: Any = None,
    every: int | None = UNSET,
    tx: Any = None,
    names: Any = None,
    mapping: Any = None,
    count: int | None = None,
) -> tuple[Any, Any]:
    """Go on in JAX where a PyTorch run stands: same groups, moments, counts, rates, place in the schedule.

    State dicts may be live or loaded (``load_checkpoint``), hold tensors or NumPy arrays. Nothing of them is
    changed or shared.

    Args:
        optimizer_state: ``optimizer.state_dict()``.
        scheduler_state: ``scheduler.state_dict()``, a list of them where several act on the optimizer, or None.
        params: the JAX parameters of the run, see ``params_from_torch``.
        optimizer: torch's class or its name; None: the options in the groups tell.
        scheduler: an lrjax scheduler, or the name of torch's class (a list where there are several); None: torch's
            state tells. Functions are not in torch's state: LambdaLR, MultiplicativeLR, and CyclicLR with a
            ``scale_fn`` must be given. One given without ``scheduler_state`` begins now, on the groups as they
            stand: ``TableLR`` of a scheduler that torch has not.
        every: step the schedulers of ``scheduler_state`` after this many updates (the number of batches per epoch, to
            step once an epoch); None: you call ``step_scheduler`` yourself. Needed where a scheduler is made from
            torch's state; ReduceLROnPlateau and GreedyLR, which want a metric, have no use for it.
        tx: a transformation of your own to go on with, instead of ``optimizer`` and ``scheduler``; its groups must
            hold the same parameters, in any order. Hyperparameters come from torch.
        names: torch's names of the parameters in the optimizer's order, or a list per group; None: the state has
            them ("param_names": groups were made from (name, parameter) pairs).
        mapping: which name is which path: a ``NameMap``, or what ``match_names`` takes as ``mapping``.
        count: updates taken, by which ``every`` counts; None: the largest step count in the state (0 for a scheduler
            that begins now).

    Returns:
        The transformation and its state.

    Raises:
        TypeError: something that is no state dict.
        ValueError: what does not fit: names, shapes, dtypes, groups, options, schedulers. The message says which.
    """
    source = _optimizer_state.read(_WHERE, _STATE, optimizer_state, names)
    links = _links(source, params, mapping)
    if tx is None:
        tx = _transformation(source, links, optimizer, scheduler, scheduler_state, every)
    elif not (optimizer is None and scheduler is None and every is UNSET):
        check.fail(_WHERE, "optimizer, scheduler and every", "must be left out with tx", (optimizer, scheduler, every))
    elif not callable(getattr(tx, "init", None)):
        check.fail(_WHERE, "tx", "must be an lrjax optimizer, or optax around one", tx, TypeError)
    fresh = tx.init(params)
    state = _only_state(fresh)
    order = _order(state, source, links)
    source = source._replace(groups=[source.groups[i] for i in order], ids=[source.ids[i] for i in order])
    _require_groups(state, source, links)
    state = _filled(state, source, links, params)
    schedulers = [in_order(one, order) for one in scheduler_states(_WHERE, scheduler_state)]
    if scheduler is None or schedulers:
        state = _with_schedulers(replace(state, hyper=_hyper(state, source)), schedulers)
        count = _count(state, schedulers, count)
    # Else the scheduler begins now: it found the groups as torch left them, and has set its first rates.
    state = replace(state, count=jnp.asarray(check.integer(_WHERE, "count", count or 0, 0), jnp.int32))
    return tx, jax.tree.map(lambda x: state if is_state(x) else x, fresh, is_leaf=is_state)


def _links(source: Source, params: Any, mapping: Any) -> dict[str, Link]:
    """Path -> link."""
    check_arrays(_WHERE, "params", params)
    leaves = {p: tuple(np.shape(leaf)) for p, leaf in zip(paths(params), jax.tree.leaves(params), strict=True)}
    return match(_WHERE, source.shapes(_WHERE), leaves, mapping).by_path()


def _transformation(
    source: Source, links: Mapping[str, Link], optimizer: Any, scheduler: Any, scheduler_state: Any, every: int | None
) -> Any:
    name = _optimizer_state.class_of(_WHERE, source, optimizer)
    schedulers = read_schedulers(_WHERE, scheduler, scheduler_state, source.groups, every)
    begun = bool(schedulers and scheduler_states(_WHERE, scheduler_state))
    common = {option: source.groups[0][option] for option in OPTIONS[name].for_all}
    group_of = source.group_of()
    groups = []
    for i, group in enumerate(source.groups):
        shown = str(group.get("name", i))
        members = frozenset(path for path, link in links.items() if group_of[link.name] == i)
        base = {**group, "lr": group["initial_lr"]} if begun and "initial_lr" in group else group
        options = {option: base[option] for option in OPTIONS[name].of_groups if option in base}
        groups.append({**options, "params": Members(shown, members), "name": shown})
    return getattr(optim, name)(groups, scheduler=schedulers or None, **common)


class Members:
    """The predicate of a group that came from torch: the paths that are in it."""

    def __init__(self, name: str, paths: frozenset[str]) -> None:
        self.__name__ = f"torch's group {name}"
        self.paths = frozenset(path.replace(".", "/") for path in paths)

    def __repr__(self) -> str:
        return self.__name__

    def __call__(self, path: str) -> bool:
        """Whether the parameter is in the group."""
        return path in self.paths


def _only_state(opt_state: Any) -> OptState:
    states = states_of(opt_state, _WHERE)
    if len(states) > 1:
        check.fail(_WHERE, "tx", "must hold one lrjax optimizer", len(states))
    layout = states[0].layout
    if any(isinstance(group, tuple) for group in layout.group_of) or any(layout.frozen):
        check.fail(_WHERE, "tx", "must have neither stacked nor frozen groups", layout.names)
    return states[0]


def _order(state: OptState, source: Source, links: Mapping[str, Link]) -> list[int]:
    """Which of torch's groups is each of the state's; as they stand, where they do not fit one another."""
    theirs = [set(_paths(source, links, i)) for i in range(len(source.groups))]
    ours = _members(state.layout)
    if len(ours) != len(theirs) or not all(one in theirs for one in ours):
        return list(range(len(theirs)))
    return [theirs.index(one) for one in ours]


def _require_groups(state: OptState, source: Source, links: Mapping[str, Link]) -> None:
    """The same class, groups, members and fixed options on both sides."""
    layout = state.layout
    _optimizer_state.require_options(_WHERE, _STATE, layout.optimizer, source.groups)
    require_members(_WHERE, "tx", layout, [_paths(source, links, i) for i in range(len(source.groups))])
    for i, (group, flags) in enumerate(zip(source.groups, layout.flags, strict=True)):
        for flag, value in flags:
            if flag in group and group[flag] != value:
                rule = f"must be {value!r}, as in the transformation's group {layout.names[i]!r}"
                check.fail(_WHERE, f"{_STATE}['param_groups'][{i}][{flag!r}]", rule, group[flag])


def _paths(source: Source, links: Mapping[str, Link], group: int) -> list[str]:
    group_of = source.group_of()
    return [path for path, link in links.items() if group_of[link.name] == group]


def _members(layout: Any) -> list[set[str]]:
    """The paths in each group of a layout without stacked leaves."""
    members: list[set[str]] = [set() for _ in layout.names]
    for path, group in zip(layout.paths, layout.group_of, strict=True):
        members[group].add(path)
    return members


def require_members(where: str, argument: str, layout: Any, theirs: list[list[str]]) -> None:
    """The groups of a layout hold the same parameters as torch's, in the same order of groups."""
    ours = _members(layout)
    if len(ours) != len(theirs):
        check.fail(where, argument, f"must have torch's {len(theirs)} groups", layout.names)
    for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        if a != set(b):
            rule = f"must have the groups of the state {layout.names} in this order; group {i} is {sorted(a)}"
            check.fail(where, argument, rule, sorted(b))


def _filled(state: OptState, source: Source, links: Mapping[str, Link], params: Any) -> OptState:
    """The state with what torch keeps per parameter."""
    ids = {name: id_ for id_, name in source.names.items()}
    per_leaf = [source.state.get(ids[links[path].name]) or {} for path in state.layout.paths]
    treedef = jax.tree.structure(params)
    slots = {name: treedef.flatten_up_to(tree) for name, tree in state.slots.items()}
    memory = {name: np.array(vector) for name, vector in state.memory.items()}
    for i, (path, theirs) in enumerate(zip(state.layout.paths, per_leaf, strict=True)):
        group = source.groups[state.layout.group_of[i]]  # type: ignore[index]
        if theirs:
            _read_parameter(state.layout.optimizer, links[path], group, theirs, i, slots, memory)
    return replace(
        state,
        memory={name: placed_as(jnp.asarray(new), state.memory[name]) for name, new in memory.items()},
        slots={name: jax.tree.map(placed_as, treedef.unflatten(new), state.slots[name]) for name, new in slots.items()},
    )


def _read_parameter(
    rule: str,
    link: Link,
    group: Mapping[str, Any],
    theirs: Mapping[str, Any],
    i: int,
    slots: dict[str, list[Any]],
    memory: dict[str, np.ndarray],
) -> None:
    """What torch keeps for one parameter, into place i."""
    tensors, numbers = dict(tensors_of(theirs)), dict(numbers_of(theirs))
    if "has_buffer" in memory:
        memory["has_buffer"][i] = "momentum_buffer" in tensors
    for name in memory.keys() - {"has_buffer"}:
        if name not in numbers:
            check.fail(_WHERE, f"{_STATE}: {link.name}", f"must have {name!r}, as {rule} has", sorted(theirs))
        memory[name][i] = plain(numbers.pop(name))
    axes = axes_of(_WHERE, link) if tensors else ()
    for name, leaves in slots.items():
        source = torchs_slot(_WHERE, name, link.path, axes)
        if source in tensors:
            array = np.transpose(to_numpy(_WHERE, f"{source!r} of {link.name}", tensors.pop(source)), axes)
            require_like(_WHERE, f"{_STATE}: {source!r} of {link.name}", array, leaves[i])
            require_orientation(_WHERE, rule, group, link.path, axes, array.shape)
            leaves[i] = jnp.asarray(np.array(array, order="C"))
        elif expected(rule, name, group, len(axes)):
            check.fail(_WHERE, f"{_STATE}: {link.name}", f"must have {source!r}, as {rule} has", sorted(theirs))
    if tensors or numbers:
        what = f"must have nothing but what {rule} keeps with these options"
        check.fail(_WHERE, f"{_STATE}: {link.name}", what, sorted({**tensors, **numbers}))


def _hyper(state: OptState, source: Source) -> dict[str, Any]:
    """The groups' numbers, those of the schedulers among them."""
    hyper = {}
    for name, old in state.hyper.items():
        values = []
        for i, group in enumerate(source.groups):
            if name not in group:
                rule = f"must have {name!r}, which the scheduler keeps there (save both states at the same moment)"
                check.fail(_WHERE, f"{_STATE}['param_groups'][{i}]", rule, sorted(group))
            values.append(group[name])
        array = np.array([as_number(value) for value in values], np.float64)
        flat = np.ravel(np.array(values, object))
        known = [name == "eps" if value is None else np.isfinite(value) for value in flat]  # Adafactor's may be None
        if array.shape != old.value.shape or not all(known):
            check.fail(_WHERE, f"{_STATE}: {name}", f"must be finite numbers of shape {old.value.shape}", values)
        hyper[name] = jax.tree.map(lambda new, was: placed_as(jnp.asarray(new), was), from_host(array), old)
    return hyper


def _with_schedulers(state: OptState, states: list[Mapping[str, Any]]) -> OptState:
    """The state with the schedulers' memories."""
    if len(states) != len(state.layout.schedulers):
        rule = f"must hold one state for each of the {len(state.layout.schedulers)} schedulers"
        check.fail(_WHERE, "scheduler_state", rule, len(states))
    for i, theirs in enumerate(states):
        known = {*scheduler_state_dict(state, i), "verbose"}  # older versions of torch wrote the last
        if unknown := sorted(set(theirs) - known):
            rule = f"must be that of a {type(state.layout.schedulers[i]).__name__}"
            check.fail(_WHERE, "scheduler_state", rule, unknown)
        try:
            state = load_scheduler_state_dict(state, theirs, i)
        except ValueError as error:
            raise ValueError(f"{_WHERE}: {error}") from None
    return state


def _count(state: OptState, states: list[Mapping[str, Any]], count: int | None) -> int:
    """How many updates were taken, which ``every`` counts by."""
    if count is not None:
        return check.integer(_WHERE, "count", count, 0)
    steps = int(np.max(state.memory["step"])) if "step" in state.memory else None
    for scheduler, its in zip(state.layout.schedulers, states, strict=True):
        every, done = scheduler.every, its.get("last_epoch")
        if every is None or (every == 1 and steps is None):
            continue
        if steps is None or (done is not None and steps // every != done):
            rule = f"must be given: the updates taken, for every={every} (the scheduler has taken {done} steps)"
            check.fail(_WHERE, "count", rule, steps)
    return steps or 0
