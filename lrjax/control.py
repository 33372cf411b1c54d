"""Reading and setting rates and other hyperparameters in a state.

The functions here find every lrjax state inside a larger one (``optax.chain``, ``multi_transform``, a
``TrainState``). Setters give a new state with the same dtypes, weak types and shardings, so a
compiled step that takes it is not compiled again.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from lrspec import check
from lrspec.groups import by_group, scaled

from .arithmetic.float64 import Float64, from_host, on_host
from .optim._groups import as_number, as_option
from .optim._nested_states import is_state, named_states, placed_as
from .optim._state import OptState


def get_lr(opt_state: Any) -> dict[str, Any]:
    """The rate of each group that the next update will use: ``get_hyper(opt_state, "lr")``.

    Args:
        opt_state: a state of an lrjax optimizer, or one that holds some.

    Returns:
        Group name -> rate, a Python float with torch's 64 bits; for a vmapped state an array per group. In compiled
        code (jit, scan, vmap) a traced float32, so that a step can return the rates for a log.

    Raises:
        TypeError: no lrjax state in ``opt_state``.
    """
    return get_hyper(opt_state, "lr")


def set_lr(opt_state: Any, lr: float | Mapping[str, float]) -> Any:
    """Set rates by hand, between any two steps, without recompiling: ``set_hyper(opt_state, "lr", lr)``.

    Args:
        opt_state: a state of an lrjax optimizer, or one that holds some; it is not changed.
        lr: one rate for all groups, or group name -> rate; groups not named keep theirs. Finite, not negative.

    Returns:
        The new state.

    Raises:
        TypeError: no lrjax state in ``opt_state``.
        ValueError: an unknown group (the message lists the groups), a negative or non-finite rate.
    """
    return _set(opt_state, "set_lr", "lr", lr)


def scale_lr(opt_state: Any, factor: float | Mapping[str, float]) -> Any:
    """Multiply rates by hand, in float64.

    Args:
        opt_state: a state of an lrjax optimizer, or one that holds some; it is not changed.
        factor: one for all groups, or group name -> factor. Finite, not negative.

    Returns:
        The new state.

    Raises:
        TypeError: no lrjax state in ``opt_state``.
        ValueError: an unknown group, a negative or non-finite factor.
    """
    rates = get_lr(opt_state)
    factors = {group: _plain(one) for group, one in by_group("scale_lr", factor, list(rates)).items()}
    return _set(opt_state, "scale_lr", "lr", scaled(rates, factors))


def get_hyper(opt_state: Any, name: str) -> dict[str, Any]:
    """A hyperparameter of each group: what torch has in ``param_groups[i][name]``.

    Args:
        opt_state: a state of an lrjax optimizer, or one that holds some.
        name: torch's name: "lr", "momentum", "betas", "weight_decay", "eps", "initial_lr", ...

    Returns:
        Group name -> Python float (a tuple of two for betas and the like); for a vmapped state arrays. In compiled code
        traced float32.

    Raises:
        TypeError: no lrjax state in ``opt_state``.
        ValueError: a name that no optimizer here has (the message lists those there are).
    """
    values: dict[str, Any] = {}
    for names, state in zip(*_having(opt_state, "get_hyper", name), strict=True):
        traced = isinstance(state.hyper[name].value, Tracer)
        numbers = state.hyper[name].value if traced else on_host(state.hyper[name])
        batch = int(np.ndim(state.count))  # more axes in front, where the state is vmapped
        axis = (slice(None),) * batch
        for i, group in enumerate(names):
            one = numbers[(*axis, i)]
            values[group] = one if traced else one.tolist() if batch else as_option(name, one)
    return values


def set_hyper(opt_state: Any, name: str, value: Any) -> Any:
    """Set a hyperparameter by hand, between any two steps, without recompiling.

    Args:
        opt_state: a state of an lrjax optimizer, or one that holds some; it is not changed.
        name: torch's name: "lr", "momentum", "betas", "weight_decay", "eps", ...
        value: one for all groups, or group name -> value; groups not named keep theirs. Numbers as the optimizer
            takes them (betas: two).

    Returns:
        The new state.

    Raises:
        TypeError: no lrjax state in ``opt_state``.
        ValueError: an unknown name or group (the message lists those there are), a value that the optimizer
            refuses, momentum for an optimizer whose state holds no buffer.
    """
    return _set(opt_state, "set_hyper", name, value)


def _set(opt_state: Any, where: str, name: str, value: Any) -> Any:
    all_names, states = _having(opt_state, where, name)
    known = [group for names in all_names for group in names]
    values = {group: _plain(one) for group, one in by_group(where, value, known).items()}
    for names, state in zip(all_names, states, strict=True):
        _check_values(where, name, names, state, values)
    having = {id(state): names for names, state in zip(all_names, states, strict=True)}
    return jax.tree.map(
        lambda x: _with_values(x, name, having[id(x)], values) if id(x) in having else x, opt_state, is_leaf=is_state
    )


def _plain(value: Any) -> Any:
    """Python's number for a 0-d array of NumPy or JAX (a rate computed in a notebook); a tuple of them likewise."""
    if isinstance(value, tuple):
        return tuple(_plain(one) for one in value)
    array = isinstance(value, np.ndarray | jax.Array) and not isinstance(value, Tracer) and value.ndim == 0
    return value.item() if array else value


def _having(opt_state: Any, where: str, name: str) -> tuple[list[list[str]], list[OptState]]:
    """The states that have the hyperparameter, with their group names."""
    found = list(zip(*named_states(opt_state, where), strict=True))
    having = [(names, state) for names, state in found if isinstance(name, str) and name in state.hyper]
    if not having:
        known = sorted({key for _, state in found for key in state.hyper})
        check.fail(where, "name", f"must be one of {', '.join(map(repr, known))}", name)
    return [names for names, _ in having], [state for _, state in having]


def _check_values(where: str, name: str, names: list[str], state: OptState, values: Mapping[str, Any]) -> None:
    """Each new value as the optimizer's constructor checks it; what is switched on does not matter here."""
    options, defaults = state.layout.rule.options, dict(state.layout.defaults)
    defaults |= dict.fromkeys(options.switches, False)
    for group in names:
        if group in values:
            if name == "lr":
                check.rate(where, values[group], f"lr of group {group!r}")
            elif name in options.hyper:
                options.check(f"{where}: group {group!r}", {**defaults, name: values[group]})
            else:
                check.number(f"{where}: group {group!r}", name, values[group])
            no_buffer = name == "momentum" and "momentum_buffer" not in state.slots
            if no_buffer and values[group] != 0:
                rule = "must stay 0: the state was made without momentum and holds no buffer"
                check.fail(f"{where}: group {group!r}", name, rule, values[group])


def _with_values(state: OptState, name: str, names: list[str], values: Mapping[str, Any]) -> OptState:
    old = state.hyper[name]
    shape = np.shape(old.value)[np.ndim(state.count) :]
    mask = np.array([group in values for group in names])
    numbers = np.zeros(shape)
    for i, group in enumerate(names):
        numbers[i] = as_number(values.get(group, 0.0))
    new = jax.tree.map(placed_as, Float64(*_choose(mask, from_host(numbers), old)), old)
    return replace(state, hyper={**state.hyper, name: new})


@jax.jit
def _choose(mask: Any, new: Float64, old: Float64) -> Float64:
    def choose(new: Any, old: Any) -> Any:
        return jnp.where(mask.reshape(mask.shape + (1,) * (new.ndim - 1)), new, old)

    return Float64(choose(new.value, old.value), choose(new.rest, old.rest))
