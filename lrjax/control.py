"""Reading and setting rates and other hyperparameters in a state.

The functions here find every lrjax state inside a larger one (``optax.chain``, ``multi_transform``, a
``TrainState``). Setters give a new state with the same dtypes, weak types and shardings, so a
compiled step that takes it is not compiled again.

In a state of several runs (a sweep, ``jax.vmap(tx.init)(...)``) a number may be an array with one for each run: of
the shape of the axes that ``vmap`` put in front. In compiled code (jit, scan, vmap) numbers may be traced. Only a
number that is known is checked: what is traced has no value yet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lrspec import check
from lrspec.groups import by_group
from lrspec.types import ByGroup, Number

from .arithmetic.float64 import Float64, is_traced, on_host, pack, unpack, vector
from .arithmetic.platforms import on_cpu
from .optim._batches import batch_of
from .optim._engine import fence_zero
from .optim._groups import ARRAY, as_number, as_option, checkable
from .optim._nested_states import map_named, named_states
from .optim._state import OptState, State
from .optim._values import read_value


def get_lr(opt_state: Any) -> dict[str, Any]:
    """The rate of each group that the next update will use: ``get_hyper(opt_state, "lr")``.

    Args:
        opt_state: a state of an lrjax optimizer, or one that holds some.

    Returns:
        Group name -> rate, a Python float with torch's 64 bits; for a vmapped state a float64 NumPy array, a rate for
        each run. In compiled code (jit, scan, vmap) a traced float32, so that a step can return the rates for a log.

    Raises:
        TypeError: no lrjax state in ``opt_state``.
    """
    return _values(opt_state, "get_lr", "lr")


def set_lr(opt_state: State, lr: ByGroup | Sequence[Number]) -> State:
    """Set rates by hand, between any two steps, without recompiling: ``set_hyper(opt_state, "lr", lr)``.

    Args:
        opt_state: a state of an lrjax optimizer, or one that holds some; it is not changed.
        lr: one rate for all groups, or group name -> rate; groups not named keep theirs. A rate is finite and not
            negative: a number, a 0-d array, perhaps traced, or for a vmapped state an array with a rate for each run.

    Returns:
        The new state.

    Raises:
        TypeError: no lrjax state in ``opt_state``.
        ValueError: an unknown group (the message lists the groups), a negative or non-finite rate, an array of
            another shape. What is traced is not checked.
    """
    return change_hyper(opt_state, "set_lr", "lr", lr)


def scale_lr(opt_state: State, factor: ByGroup | Sequence[Number]) -> State:
    """Multiply rates by hand, in float64.

    Args:
        opt_state: a state of an lrjax optimizer, or one that holds some; it is not changed.
        factor: one for all groups, or group name -> factor. Finite, not negative: numbers or arrays as in ``set_lr``.

    Returns:
        The new state.

    Raises:
        TypeError: no lrjax state in ``opt_state``.
        ValueError: an unknown group, a negative or non-finite factor, an array of another shape. What is traced is
            not checked.
    """
    where = "scale_lr"
    factors = by_group(where, factor, _groups_with(opt_state, where, "lr"))

    def scaled(names: list[str], state: OptState) -> OptState:
        batch, own = batch_of(where, state, "lr"), [group for group in names if group in factors]
        given = {group: _read_factor(where, group, factors[group], batch) for group in own}
        if is_traced([state.hyper["lr"], given]):
            factor = vector([given.get(group, 1.0) for group in names], batch)
            return _replaced(state, "lr", [group in given for group in names], _times(state, factor))
        rates = dict(zip(names, np.moveaxis(on_host(state.hyper["lr"]), -1, 0), strict=True))
        return _changed(where, "lr", names, state, {group: rates[group] * one for group, one in given.items()})

    return map_named(scaled, opt_state, where)


def _read_factor(where: str, group: str, factor: Any, batch: tuple[int, ...]) -> Any:
    def check_one(value: Any) -> None:
        if value is not ARRAY:
            check.at_least(where, f"factor of group {group!r}", value, 0.0)

    return read_value(where, f"factor of group {group!r}", factor, batch, None, check_one)


def _times(state: OptState, factor: Float64) -> Float64:
    """The rates times ``factor``, each product rounded once, to float64."""
    zero = jnp.min(fence_zero(state))  # the counts of several runs have one each
    times = lambda ops, rates, factor: pack(ops.mul(unpack(rates), unpack(factor)))  # noqa: E731
    return on_cpu(times, zero, state.hyper["lr"], factor)


def get_hyper(opt_state: Any, name: str) -> dict[str, Any]:
    """A hyperparameter of each group: what torch has in ``param_groups[i][name]``.

    Args:
        opt_state: a state of an lrjax optimizer, or one that holds some.
        name: torch's name: "lr", "momentum", "betas", "weight_decay", "eps", "initial_lr", ...

    Returns:
        Group name -> Python float (a tuple of two for betas and the like); for a vmapped state float64 NumPy arrays in
        their place, a number for each run. In compiled code traced float32 (one array for betas and the like, the two
        numbers along its last axis).

    Raises:
        TypeError: no lrjax state in ``opt_state``.
        ValueError: a name that no optimizer here has (the message lists those there are).
    """
    return _values(opt_state, "get_hyper", name)


def _values(opt_state: Any, where: str, name: str) -> dict[str, Any]:
    values = {}
    _groups_with(opt_state, where, name)
    for names, state in zip(*named_states(opt_state, where), strict=True):
        if name not in state.hyper:
            continue
        axes = (slice(None),) * len(batch_of(where, state, name))
        traced = is_traced(state.hyper[name])
        numbers = state.hyper[name].value if traced else on_host(state.hyper[name])
        for i, group in enumerate(names):
            one = numbers[(*axes, i)]
            values[group] = one if traced else as_option(name, one, len(axes))
    return values


def set_hyper(opt_state: State, name: str, value: Any) -> State:
    """Set a hyperparameter by hand, between any two steps, without recompiling.

    Args:
        opt_state: a state of an lrjax optimizer, or one that holds some; it is not changed.
        name: torch's name: "lr", "momentum", "betas", "weight_decay", "eps", ...
        value: one for all groups, or group name -> value; groups not named keep theirs. Numbers as the optimizer
            takes them (betas: two), each perhaps a 0-d array, traced, or for a vmapped state an array with a number
            for each run (for betas also one array, the two numbers along its last axis).

    Returns:
        The new state.

    Raises:
        TypeError: no lrjax state in ``opt_state``.
        ValueError: an unknown name or group (the message lists those there are), a value that the optimizer
            refuses, an array of another shape, momentum for an optimizer whose state holds no buffer. What is traced
            is not checked.
    """
    return change_hyper(opt_state, "set_hyper", name, value)


def change_hyper(opt_state: Any, where: str, name: str, value: Any) -> Any:
    """``set_hyper`` for a function of another name, which the errors name."""
    values = by_group(where, value, _groups_with(opt_state, where, name))

    def changed(names: list[str], state: OptState) -> OptState:
        return _changed(where, name, names, state, values) if name in state.hyper else state

    return map_named(changed, opt_state, where)


def _groups_with(opt_state: Any, where: str, name: str) -> list[str]:
    """The groups that have the hyperparameter."""
    found = list(zip(*named_states(opt_state, where), strict=True))
    known = sorted({key for _, state in found for key in state.hyper})
    if not isinstance(name, str) or name not in known:
        check.fail(where, "name", f"must be one of {', '.join(map(repr, known))}", name)
    return [group for names, state in found if name in state.hyper for group in names]


def _changed(where: str, name: str, names: list[str], state: OptState, values: Mapping[str, Any]) -> OptState:
    """The state with these values of a hyperparameter, by group."""
    batch = batch_of(where, state, name)
    width = np.shape(state.hyper[name].value)[-1] if name in state.layout.tuples else None
    read = {group: _read(where, name, group, values[group], batch, width, state) for group in names if group in values}
    kept = 0.0 if width is None else [0.0] * width
    new = vector([as_number(read.get(group, kept)) for group in names], batch)
    return _replaced(state, name, [group in read for group in names], new)


def _read(
    where: str, name: str, group: str, value: Any, batch: tuple[int, ...], width: int | None, state: OptState
) -> Any:
    """A new value as the optimizer's constructor checks it; what is switched on does not matter here."""
    options = state.layout.rule.options
    at, no_buffer = f"{where}: group {group!r}", name == "momentum" and "momentum_buffer" not in state.slots

    def check_one(value: Any) -> None:
        if name in options.hyper and name != "lr":
            others = {**dict(state.layout.defaults), **dict.fromkeys(options.switches, False)}
            options.check(at, checkable(options, {**others, name: value}))
        elif value is not ARRAY and name == "lr":
            check.rate(where, value, f"lr of group {group!r}")
        elif value is not ARRAY:
            check.number(at, name, value)
        if no_buffer and value != 0:
            rule = "must stay 0: the state was made without momentum and holds no buffer"
            check.fail(at, name, rule, value)

    argument = f"lr of group {group!r}" if name == "lr" else name
    return read_value(where if name == "lr" else at, argument, value, batch, width, check_one)


def _replaced(state: OptState, name: str, wanted: list[bool], new: Float64) -> OptState:
    """The state with ``new`` in the groups that are ``wanted``."""
    old = state.hyper[name]
    behind = 1 if name in state.layout.tuples else 0  # axes behind that of the groups
    mask = np.array(wanted).reshape(-1, *(1,) * behind)
    return replace(state, hyper={**state.hyper, name: _choose(Float64(mask, mask[..., None]), new, old)})


@jax.jit
def _choose(mask: Float64, new: Float64, old: Float64) -> Float64:
    return jax.tree.map(jnp.where, mask, new, old)
