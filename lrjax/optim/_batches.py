"""The axes that ``vmap`` puts in front of a state: which there are, and whether all its arrays have them."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from lrspec import check

from ._schedulers import scheduler_states, steps_taken
from ._state import OptState


def batch_of(where: str, state: OptState, name: str) -> tuple[int, ...]:
    """The axes in front of a hyperparameter: none, but where the state of several runs is one, as ``vmap`` makes it.

    Raises:
        ValueError: axes elsewhere, as ``vmap(..., out_axes=-1)`` puts them.
    """
    groups, packed = len(state.layout.names), state.hyper[name]
    shape = np.shape(packed.value)
    own = 1 + (name in state.layout.tuples)
    if np.shape(packed.rest) != (*shape, 3) or shape[len(shape) - own : len(shape) - own + 1] != (groups,):
        rule = f"must have the axes of vmap in front of every array (out_axes=0): {name!r} of {groups} groups"
        check.fail(where, "opt_state", rule, shape)
    return shape[: len(shape) - own]


def batch_of_all(where: str, state: OptState) -> tuple[int, ...]:
    """The axes in front of every array of the state.

    Raises:
        ValueError: arrays that differ in it.
    """
    batch = np.shape(state.count)
    found = {name: batch_of(where, state, name) for name in state.hyper}
    found |= {f"scheduler {i}": np.shape(steps_taken(one)) for i, one in enumerate(scheduler_states(state))}
    for name, other in found.items():
        if other != batch:
            rule = "must have the axes of vmap in front of every array (out_axes=0)"
            check.fail(where, "opt_state", f"{rule}: {name} has {other}, the count others", batch)
    return batch


def one_run(where: str, state: OptState) -> OptState:
    """The state itself.

    Raises:
        ValueError: a state of several runs.
    """
    if batch := batch_of_all(where, state):
        rule = "must be the state of one run (take one: jax.tree.map(lambda x: x[i], opt_state))"
        check.fail(where, "opt_state", rule, f"{batch} of them")
    return state


def for_each_run(function: Callable[..., Any], batch: tuple[int, ...], in_axes: Any = 0) -> Callable[..., Any]:
    """The function of one run, mapped over the axes of ``batch``; ``in_axes`` is that of ``jax.vmap``."""
    for _ in batch:
        function = jax.vmap(function, in_axes=in_axes)
    return function
