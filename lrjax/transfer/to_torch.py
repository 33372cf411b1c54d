"""``to_torch``: an lrjax state as torch's state dicts."""

from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np

from lrspec import check

from ..checkpoint import scheduler_state_dict
from ..optim._batches import one_run
from ..optim._nested_states import states_of
from ..optim._state import OptState, options_of
from . import _optimizer_state
from ._optimizer_state import Source
from ._slots import expected, require_orientation, torchs_slot
from .from_torch import require_members
from .layouts import Link, axes_of
from .names import NameMap, match
from .weights import laid_out, maker

_WHERE = "to_torch"


def to_torch(
    opt_state: Any,
    *,
    names: Any = None,
    like: Mapping[str, Any] | None = None,
    mapping: Any = None,
    tensor: Callable[[np.ndarray], Any] | None = None,
) -> tuple[dict[str, Any], Any]:
    """Go on in PyTorch where a JAX run stands: the state dicts of torch's optimizer and scheduler.

    Args:
        opt_state: the state of an lrjax optimizer, alone or in ``optax.chain``.
        names: torch's names of the parameters, in the optimizer's order within each group, or a list per group;
            None: those of ``like``, or of ``mapping``.
        like: ``optimizer.state_dict()`` of the torch optimizer that is to go on, fresh or not. It is checked against
            the state, gives the order of the parameters, and keeps what lrjax does not know (fused, ...).
        mapping: which name is which path: a ``NameMap``, or what ``match_names`` takes as ``mapping``. Needed where
            nothing else tells a transposed layout from torch's own (parameters called "weight").
        tensor: what makes a tensor of an array: ``torch.from_numpy``, for ``load_state_dict`` in the same process.
            None leaves NumPy arrays, for ``save_checkpoint``.

    Returns:
        ``optimizer.state_dict()``, and ``scheduler.state_dict()`` (None without, a list with several schedulers).

    Raises:
        TypeError: no lrjax state in ``opt_state``.
        ValueError: more than one, one of several runs (take one: ``jax.tree.map(lambda x: x[i], opt_state)``), names
            that do not fit, groups of ``like`` that differ, an unknown layout.
    """
    states = states_of(opt_state, _WHERE)
    if len(states) > 1:
        check.fail(_WHERE, "opt_state", "must hold one lrjax state", len(states))
    state = one_run(_WHERE, states[0])
    if any(isinstance(group, tuple) for group in state.layout.group_of) or any(state.layout.frozen):
        check.fail(_WHERE, "opt_state", "must have neither stacked nor frozen groups", state.layout.names)
    groups = _groups(state)
    source = None if like is None else _optimizer_state.read(_WHERE, "like", like, names)
    if source is not None:
        _optimizer_state.require_options(_WHERE, "like", state.layout.optimizer, source.groups)
    links = _links(state, source, names, mapping)
    source = source or _own(state, groups, links)
    _require_like(state, source, links)
    make = maker(_WHERE, tensor)
    kept = _parameters(state, groups, links, make)
    ids = {name: id_ for id_, name in source.names.items()}
    theirs = like["param_groups"] if like is not None else source.groups
    written = [
        {**dict(old), **new, "params": list(ids)} for old, new, ids in zip(theirs, groups, source.ids, strict=True)
    ]
    by_id = {ids[name]: one for name, one in kept.items() if one}
    optimizer_state = {"state": {id_: by_id[id_] for id_ in source.names if id_ in by_id}, "param_groups": written}
    schedulers = [scheduler_state_dict(state, i) for i in range(len(state.layout.schedulers))]
    return optimizer_state, schedulers[0] if len(schedulers) == 1 else schedulers or None


def _groups(state: OptState) -> list[dict[str, Any]]:
    """torch's options of each group, without the parameters."""
    always = {"decoupled_weight_decay": True} if state.layout.optimizer == "AdamW" else {}
    return [{**group, **always} for group in options_of(state)]


def _links(state: OptState, source: Source | None, names: Any, mapping: Any) -> dict[str, Link]:
    """Path -> link, in the order of torch's parameters."""
    if source is not None:
        shapes: dict[str, Any] = source.shapes(_WHERE)
    elif names is not None:
        if not isinstance(names, list | tuple):
            check.fail(_WHERE, "names", "must be a list of names, or a list of them for each group", names, TypeError)
        flat = [n for entry in names for n in (entry if isinstance(entry, list | tuple) else [entry])]
        for name in flat:
            if not isinstance(name, str):
                check.fail(_WHERE, "names", "must be strings", name, TypeError)
        shapes = dict.fromkeys(flat)
    elif isinstance(mapping, NameMap):
        shapes = {link.name: None for link in mapping.links if link.path in state.layout.paths}
    else:
        rule = "must be given: like=optimizer.state_dict(), a list of names, or mapping=match_names(...)"
        check.fail(_WHERE, "names", rule, None)
    return match(_WHERE, shapes, dict(zip(state.layout.paths, _shapes(state), strict=True)), mapping).by_path()


def _shapes(state: OptState) -> list[Any]:
    """The shape of each parameter, None where the state holds nothing of its shape."""
    slots = {name: [tuple(x.shape) for x in jax.tree.leaves(tree)] for name, tree in state.slots.items()}
    if not slots:
        return [None] * len(state.layout.paths)
    if state.layout.optimizer != "Adafactor":
        return next(iter(slots.values()))
    empty = [(1,)] * len(state.layout.paths)
    of_leaves = zip(*(slots.get(name, empty) for name in ("row_var", "col_var", "variance")), strict=True)
    return [(*row[:-1], col[-1]) if len(row) > 1 else vector for row, col, vector in of_leaves]


def _own(state: OptState, groups: list[dict[str, Any]], links: Mapping[str, Link]) -> Source:
    """A state dict's frame without ``like``: torch's numbering and its defaults for what lrjax does not know."""
    group_of = dict(zip(state.layout.paths, state.layout.group_of, strict=True))
    members = [[link.name for path, link in links.items() if group_of[path] == i] for i in range(len(groups))]
    flat = [name for group in members for name in group]
    ids = [[flat.index(name) for name in group] for group in members]
    forms = _optimizer_state.forms(state.layout.optimizer)
    frame = [
        {**forms, "name": name, "param_names": group} for name, group in zip(state.layout.names, members, strict=True)
    ]
    return Source(frame, ids, dict(enumerate(flat)), {})


def _require_like(state: OptState, source: Source, links: Mapping[str, Link]) -> None:
    """The groups of ``like`` are the state's."""
    group_of = source.group_of()
    theirs = [[p for p, link in links.items() if group_of[link.name] == i] for i in range(len(source.groups))]
    require_members(_WHERE, "like", state.layout, theirs)


def _parameters(
    state: OptState, groups: list[dict[str, Any]], links: Mapping[str, Link], make: Callable[[np.ndarray], Any]
) -> dict[str, dict[str, Any]]:
    """What torch keeps for each parameter: name -> its state, empty where torch has none yet."""
    layout = state.layout
    memory = {name: np.asarray(vector) for name, vector in state.memory.items()}
    slots = {name: jax.tree.leaves(tree) for name, tree in state.slots.items()}
    kept: dict[str, dict[str, Any]] = {}
    for i, (path, group) in enumerate(zip(layout.paths, layout.group_of, strict=True)):
        link, options = links[path], groups[group]  # type: ignore[index]
        kept[link.name] = {}
        mine = {name: leaves[i] for name, leaves in slots.items()}
        if not _touched(layout.optimizer, memory, mine, i):
            continue
        numbers = {name: make(np.array(v[i], np.float32)) for name, v in memory.items() if name != "has_buffer"}
        kept[link.name] = numbers | _tensors(layout.optimizer, link, options, mine, make)
    return kept


def _touched(rule: str, memory: Mapping[str, np.ndarray], slots: Mapping[str, Any], i: int) -> bool:
    """Whether torch has a state for the parameter: from its first update on, in Adagrad from the start."""
    if not memory:  # Muon counts nothing; its first buffer is zero, so none is the same
        return any(np.asarray(leaf).any() for leaf in slots.values())
    return rule == "Adagrad" or bool(memory["has_buffer" if rule == "SGD" else "step"][i])


def _tensors(
    rule: str, link: Link, group: Mapping[str, Any], mine: Mapping[str, Any], make: Callable[[np.ndarray], Any]
) -> dict[str, Any]:
    tensors = {}
    for name, leaf in mine.items():
        axes = axes_of(_WHERE, link)
        begun = name == "momentum_buffer" and np.asarray(leaf).any()  # also where momentum is 0 by now
        if rule == "SGD" or begun or expected(rule, name, group, len(axes)):
            require_orientation(_WHERE, rule, group, link.path, axes, leaf.shape)
            tensors[torchs_slot(_WHERE, name, link.path, axes)] = make(laid_out(_WHERE, leaf, link))
    return tensors
