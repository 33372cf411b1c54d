"""Options that are given to an optimizer as JAX arrays, traced or not.

``vmap`` over the rate makes the optimizer inside the run, with a traced rate, and ``optax.inject_hyperparams`` makes a
new optimizer for every update, with arrays. An array has no place in what is static, so the layout has ``ARRAY`` there;
and the state remembers what was given: where an update is given something else than the last one, the groups take it,
as by ``set_hyper``, and go on from it. Otherwise what is in the state counts: what a scheduler made of it, or a hand.

What is remembered stands behind the states of the schedulers: hyperparameter -> a number for each group.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lrspec.check import fail
from lrspec.optimizer_options import Options

from ..arithmetic.float64 import Float64, vector
from ._groups import as_number, holds_array, is_array
from ._state import Layout, OptState

Remembered = dict[str, Float64]  # hyperparameter -> its value in every group


def arrays_in(options: Options, groups: Sequence[Mapping[str, Any]]) -> list[str]:
    """The options that some group has as an array."""
    return [name for name in options.hyper if any(holds_array(group[name]) for group in groups)]


def remembered(options: Options, groups: Sequence[Mapping[str, Any]]) -> tuple[Remembered, ...]:
    """What a fresh state remembers: nothing, where no group has an array."""
    given = {name: vector([as_number(group[name]) for group in groups]) for name in arrays_in(options, groups)}
    return (jax.tree.map(jnp.asarray, given),) if given else ()


def follow(where: str, state: OptState, groups: Sequence[Mapping[str, Any]], arrays: Sequence[str]) -> OptState:
    """The state with the options that are others than those it remembers.

    Args:
        where: the function that errors name.
        state: a state.
        groups: the options of the optimizer's groups, "name" among them.
        arrays: what ``arrays_in`` says of them.

    Raises:
        ValueError: an array that the state was not made with.
    """
    own = len(state.layout.schedulers)
    was = state.scheduler[own] if len(state.scheduler) > own else {}
    for name in arrays:
        if name not in was:
            rule = "must be an array when init is called, too (or be set in the state, by lrjax.set_hyper)"
            fail(where, name, rule, groups[0][name])
    if not was:
        return state
    named = {group["name"]: group for group in groups}
    here = np.array([name in named for name in state.layout.names])
    some = groups[0]
    now = {name: vector([as_number(named.get(group, some)[name]) for group in state.layout.names]) for name in was}
    hyper, given = _follow(here, now, was, {name: state.hyper[name] for name in was})
    return replace(state, hyper={**state.hyper, **hyper}, scheduler=(*state.scheduler[:own], given))


@jax.jit
def _follow(here: Any, now: Remembered, was: Remembered, hyper: Remembered) -> tuple[Remembered, Remembered]:
    def choose(wanted: jax.Array, yes: Float64, no: Float64) -> Float64:
        return Float64(jnp.where(wanted, yes.value, no.value), jnp.where(wanted[..., None], yes.rest, no.rest))

    new, given = {}, {}
    for name, value in now.items():
        mine = here.reshape(here.shape + (1,) * (value.value.ndim - 1))
        other = (value.value != was[name].value) | (value.rest != was[name].rest).any(axis=-1)
        new[name] = choose(mine & other, value, hyper[name])
        given[name] = choose(mine & other, value, was[name])
    return new, given


def require_numbers(where: str, layout: Layout, group: Mapping[str, Any]) -> None:
    """Raise where a new group has to set an option, because the optimizer's own is an array."""
    for name in layout.rule.options.hyper:
        value = group[name] if isinstance(group[name], list | tuple) else [group[name]]
        if any(map(is_array, value)):
            fail(where, f"group[{name!r}]", "must be set, for the optimizer's own is an array", "none")
