"""The state of an optimizer, and what it knows of the parameters when a program is compiled."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

import jax
import numpy as np

from lrspec.habits import no_attribute

from ..arithmetic.float64 import Float64, on_host
from ..lr_scheduler._base import LRScheduler, SchedulerState
from ._groups import as_option
from ._rule import Rule

Items = tuple[tuple[str, Any], ...]  # a dict as sorted pairs, so that it has a hash
Tree = Any  # a tree like the parameters, or its structure
State = TypeVar("State")  # an ``OptState``, or what optax has around it
Params = TypeVar("Params")  # a tree of arrays


@dataclass(frozen=True, eq=False, repr=False)
class Layout:
    """What a state knows of its parameters at compile time; equal layouts compare equal.

    A *row* is what torch would call a parameter: a leaf, or one layer of a stacked leaf.

    Attributes:
        rule: the optimizer's rule.
        defaults: the options of groups that do not set them, as sorted items; ``_given.ARRAY`` for an array.
        names: the groups' names, in order.
        patterns: the patterns of each group, as text.
        frozen: whether each group is frozen.
        flags: the fixed options of each group, as sorted items.
        paths: the path of each leaf, in leaf order.
        group_of: the group's index of each leaf; for a stacked leaf a tuple, the index of each layer.
        stateless: whether each leaf has no state yet, because it has been frozen from the start.
        schedulers: the schedulers, in order.
    """

    rule: Rule
    defaults: Items
    names: tuple[str, ...]
    patterns: tuple[tuple[str, ...], ...]
    frozen: tuple[bool, ...]
    flags: tuple[Items, ...]
    paths: tuple[str, ...]
    group_of: tuple[int | tuple[int, ...], ...]
    stateless: tuple[bool, ...]
    schedulers: tuple[LRScheduler, ...]
    _key: tuple[Any, ...] = field(init=False, repr=False)
    _hash: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        parts = (self.rule, self.defaults, self.names, self.patterns, self.frozen, self.flags)
        key = (*parts, self.paths, self.group_of, self.stateless, self.schedulers)
        object.__setattr__(self, "_key", key)
        object.__setattr__(self, "_hash", hash(key))

    def __repr__(self) -> str:
        return f"Layout({self.optimizer}, {len(self.names)} groups, {len(self.paths)} leaves)"

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Layout) and self._key == other._key)

    @property
    def optimizer(self) -> str:
        """torch's class name."""
        return self.rule.options.name

    def groups_of(self, leaf: int) -> tuple[int, ...]:
        """The group of each row of a leaf."""
        group = self.group_of[leaf]
        return group if isinstance(group, tuple) else (group,)

    @cached_property
    def tuples(self) -> frozenset[str]:
        """The options that are several numbers: "betas" and the like."""
        return frozenset(name for name, value in self.defaults if isinstance(value, tuple))

    @cached_property
    def group_of_row(self) -> np.ndarray:
        """The group's index of each row: shape=(rows,), dtype=int32."""
        return np.array([g for i in range(len(self.group_of)) for g in self.groups_of(i)], np.int32)

    @cached_property
    def rows(self) -> tuple[int | slice, ...]:
        """Where the rows of each leaf are in vectors over rows: an int, or a slice for a stacked leaf."""
        ends = np.cumsum([len(self.groups_of(i)) for i in range(len(self.group_of))]).tolist()
        stacked = [isinstance(group, tuple) for group in self.group_of]
        starts = [0, *ends[:-1]] if ends else []
        return tuple(slice(a, b) if s else a for a, b, s in zip(starts, ends, stacked, strict=True))

    def is_frozen(self, leaf: int) -> bool:
        """Whether the leaf's group is frozen (the layers of a stacked leaf are frozen together)."""
        return self.frozen[self.groups_of(leaf)[0]]


# The names of the fields are keys in checkpoints of a state: they stay as they are.
@partial(
    jax.tree_util.register_dataclass,
    data_fields=["count", "memory", "hyper", "scheduler", "slots"],
    meta_fields=["layout"],
)
@dataclass(frozen=True, repr=False)
class OptState:
    """The state of an lrjax optimizer: what torch keeps in ``param_groups`` and ``state``.

    G groups; R rows: one for each parameter tensor, one for each layer of a stacked one.
    """

    count: jax.Array  # shape=(), dtype=int32: updates taken
    memory: dict[str, jax.Array]  # name -> shape=(R,): torch's numbers per parameter ("step", int32)
    hyper: dict[str, Float64]  # name -> shape=(G,) or (G, 2) for betas: rates and other hyperparameters
    scheduler: tuple[SchedulerState, ...]  # the state of each scheduler; then that of ``_given.py``, where it is needed
    slots: dict[str, Tree]  # torch's tensors per parameter ("momentum_buffer", ...), trees like params
    layout: Layout

    def __repr__(self) -> str:
        return import_module("._shown", __package__).state_text(self)

    if not TYPE_CHECKING:  # a type checker would take any name for an attribute

        def __getattr__(self, name: str) -> Any:
            no_attribute("the state of an lrjax optimizer", name, import_module("._shown", __package__).INSTEAD)


class NewParameter:
    """A new parameter on its way from ``update`` to ``lrjax.step``.

    Not a number on purpose: a transformation placed after the optimizer, which would take it for an
    update, fails instead of scaling a parameter.
    """

    def __init__(self, array: jax.Array) -> None:
        self.array = array


def slot_lists(state: OptState) -> dict[str, tuple[list[Any], Tree]]:
    """Each slot as a list with one entry per leaf (None for a stateless one), and its tree's structure."""
    lists = {}
    for name, tree in state.slots.items():
        held, treedef = jax.tree.flatten(tree)
        arrays = iter(held)
        lists[name] = [None if stateless else next(arrays) for stateless in state.layout.stateless], treedef
    return lists


def slot_tree(leaves: Sequence[jax.Array | None], treedef: Tree) -> Tree:
    """The slot's tree again, without the stateless leaves."""
    return jax.tree.unflatten(treedef, [leaf for leaf in leaves if leaf is not None])


def options_of(state: OptState) -> list[dict[str, Any]]:
    """The options of each group as they are now; arrays of numbers where the state is that of several runs."""
    batch = np.ndim(state.count)
    numbers = {name: np.moveaxis(on_host(value), batch, 0) for name, value in state.hyper.items()}
    return [
        {**dict(flags), **{name: as_option(name, x[i], batch) for name, x in numbers.items()}}
        for i, flags in enumerate(state.layout.flags)
    ]
