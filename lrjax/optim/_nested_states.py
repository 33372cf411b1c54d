"""lrjax states inside larger ones (``optax.chain``, ``multi_transform``, a ``TrainState``): found and replaced."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
from jax.core import Tracer

from lrspec import check
from lrspec.habits import is_optimizer

from ._state import OptState


def is_state(x: Any) -> bool:
    """Whether it is a state of an lrjax optimizer."""
    return isinstance(x, OptState)


def states_of(opt_state: Any, where: str) -> list[OptState]:
    """All lrjax states inside ``opt_state``, in tree order."""
    return named_states(opt_state, where)[1]


def only_state(opt_state: Any, where: str) -> OptState:
    """The lrjax state inside ``opt_state``, where there may be one only."""
    states = states_of(opt_state, where)
    if len(states) > 1:
        check.fail(where, "opt_state", "must hold one lrjax state", len(states))
    return states[0]


def named_states(opt_state: Any, where: str) -> tuple[list[list[str]], list[OptState]]:
    """The states with their group names; names that occur twice get their place in the tree in front.

    ``nnx.Optimizer`` wraps each number of a state in a variable; here they are arrays.
    """
    found = [(p, s) for p, s in jax.tree_util.tree_leaves_with_path(opt_state, is_leaf=is_state) if is_state(s)]
    if not found:
        hint = "; the state is what init gave: opt_state = tx.init(params)" if is_optimizer(opt_state) else ""
        rule, got = "must hold the state of an lrjax optimizer", type(opt_state).__name__
        check.fail(where, "opt_state", rule, got, TypeError, hint=hint)
    names = [list(state.layout.names) for _, state in found]
    flat = [name for part in names for name in part]
    if len(set(flat)) < len(flat):
        places = [jax.tree_util.keystr(path, simple=True, separator="/") for path, _ in found]
        names = [[f"{place}: {n}" for n in part] for place, part in zip(places, names, strict=True)]
    return names, [plain_state(state) for _, state in found]


def map_states(function: Callable[[OptState], OptState], opt_state: Any) -> Any:
    """``opt_state`` with ``function`` applied to every lrjax state in it.

    The function sees arrays, as ``named_states`` gives them; what it gives is wrapped again as it was.
    """

    def mapped(state: OptState) -> OptState:
        new = function(plain_state(state))
        pairs = {name: (getattr(new, name), getattr(state, name)) for name in _NUMBERS}
        return replace(new, **{name: jax.tree.map(placed_as, a, b) for name, (a, b) in pairs.items() if a is not b})

    return jax.tree.map(lambda x: mapped(x) if is_state(x) else x, opt_state, is_leaf=is_state)


def map_named(function: Callable[[list[str], OptState], OptState], opt_state: Any, where: str) -> Any:
    """``map_states`` of a function that takes the names of the state's groups, too."""
    names = iter(named_states(opt_state, where)[0])
    return map_states(lambda state: function(next(names), state), opt_state)


_NUMBERS = ("count", "memory", "hyper", "scheduler")


def plain_state(state: OptState) -> OptState:
    if jax.tree_util.all_leaves([state.count]):  # nothing is wrapped
        return state
    return replace(state, **{name: unwrapped(getattr(state, name)) for name in _NUMBERS})


def unwrapped(tree: Any) -> Any:
    """The arrays of a tree of dicts and tuples, also where they are wrapped in nodes of another kind."""
    return jax.tree.map(lambda x: jax.tree.leaves(x)[0], tree, is_leaf=lambda x: not isinstance(x, dict | tuple))


def placed_as(new: Any, old: Any) -> Any:
    """``new`` in the wrapper and with the sharding of ``old``."""
    if new is old:
        return old
    (was,), wrapper = jax.tree.flatten(old)
    if not (isinstance(new, Tracer) or not isinstance(was, jax.Array) or new.sharding == was.sharding):
        new = jax.device_put(new, was.sharding)  # only here: a committed argument is compiled for anew
    return wrapper.unflatten([new])
