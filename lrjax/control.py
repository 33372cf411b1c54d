"""Reading and setting rates in a state, and torch's two ``step()`` calls.

The functions here find every lrjax state inside a larger one (``optax.chain``, ``multi_transform``, a
``TrainState``). Setters give a new state with the same dtypes, weak types and shardings, so a
compiled step that takes it is not compiled again.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from . import _check as check
from ._float64 import Float64, from_host, on_host
from .kernels import Kernels
from .optim._optimizer import NewParameter, OptState, scheduler_step


def get_lr(opt_state: Any) -> dict[str, float]:
    """The rate of each group that the next update will use.

    Args:
        opt_state: a state of an lrjax optimizer, or one that holds some.

    Returns:
        Group name -> rate, a Python float with torch's 64 bits; for a vmapped state an array per group.

    Raises:
        TypeError: no lrjax state in ``opt_state``.
    """
    rates: dict[str, float] = {}
    for names, state in zip(*_named_states(opt_state, "get_lr"), strict=True):
        lr = on_host(state.hyper["lr"])
        rates.update((name, lr[..., i].tolist()) for i, name in enumerate(names))
    return rates


def set_lr(opt_state: Any, lr: float | Mapping[str, float]) -> Any:
    """Set rates by hand, between any two steps, without recompiling.

    Args:
        opt_state: a state of an lrjax optimizer, or one that holds some; it is not changed.
        lr: one rate for all groups, or group name -> rate; groups not named keep theirs. Finite, not negative.

    Returns:
        The new state.

    Raises:
        TypeError: no lrjax state in ``opt_state``.
        ValueError: an unknown group (the message lists the groups), a negative or non-finite rate.
    """
    all_names, states = _named_states(opt_state, "set_lr")
    known = [name for names in all_names for name in names]
    rates = lr if isinstance(lr, Mapping) else dict.fromkeys(known, lr)
    for name, value in rates.items():
        if name not in known:
            check.fail("set_lr", "group", f"must be one of {', '.join(map(repr, known))}", name)
        check.rate("set_lr", value, f"lr of group {name!r}")
    new = iter([_with_rates(state, names, rates) for names, state in zip(all_names, states, strict=True)])
    return jax.tree.map(lambda x: next(new) if _is_state(x) else x, opt_state, is_leaf=_is_state)


def _with_rates(state: OptState, names: list[str], rates: Mapping[str, Any]) -> OptState:
    mask = np.array([name in rates for name in names])
    new = from_host([float(rates.get(name, 0.0)) for name in names])
    old = state.hyper["lr"]
    lr = jax.tree.map(_keep_sharding, Float64(*_choose(mask, new, old)), old)
    return OptState(state.count, state.memory, {**state.hyper, "lr": lr}, state.scheduler, state.slots, state.layout)


@jax.jit
def _choose(mask: Any, new: Float64, old: Float64) -> Float64:
    return Float64(jnp.where(mask, new.value, old.value), jnp.where(mask[:, None], new.rest, old.rest))


def _keep_sharding(new: Any, old: Any) -> Any:
    if isinstance(new, Tracer) or not isinstance(old, jax.Array) or new.sharding == old.sharding:
        return new  # moving it would commit it to its device, and a committed argument is compiled for anew
    return jax.device_put(new, old.sharding)


def step(tx: Any, grads: Any, opt_state: Any, params: Any) -> tuple[Any, Any]:
    """torch's ``optimizer.step()``: the new parameters, exact where ``update`` + ``apply_updates`` rounds.

    ``update`` gives ``new - old``, and adding that to ``old`` misses ``new`` where a weight nearly vanishes.

    Args:
        tx: an lrjax optimizer, alone, in ``optax.multi_transform``, or last in ``optax.chain``.
        grads: gradients, a tree like params; None where a parameter has none (it is skipped, as in torch).
        opt_state: the state of ``tx``.
        params: the parameters.

    Returns:
        The new parameters and the new state.

    Raises:
        TypeError: a transformation follows the optimizer, so that there are no new parameters to take.
    """
    out, opt_state = tx.update(grads, opt_state, params, torch_step=True)
    leaves, treedef = jax.tree.flatten(params)
    updates = treedef.flatten_up_to(out)
    if leaves and not any(isinstance(u, NewParameter) for u in updates):
        check.fail("step", "tx", "must be an lrjax optimizer, or optax around one that ends in it", tx, TypeError)
    new = [u.array if isinstance(u, NewParameter) else p + u for p, u in zip(leaves, updates, strict=True)]
    return jax.tree.unflatten(treedef, new), opt_state


def step_scheduler(tx: Any, opt_state: Any, metric: Any = None) -> Any:
    """torch's ``scheduler.step()`` by hand, for schedulers without ``every``.

    Args:
        tx: the optimizer (its state knows the scheduler; the argument is there for symmetry with ``step``).
        opt_state: its state.
        metric: what ReduceLROnPlateau watches, a scalar.

    Returns:
        The new state.

    Raises:
        TypeError: no lrjax state in ``opt_state``.
        ValueError: no scheduler in any of them.
    """
    del tx
    states = states_of(opt_state, "step_scheduler")
    if all(state.layout.scheduler is None for state in states):
        raise ValueError("step_scheduler: the optimizer must have a scheduler (scheduler=...), got None")
    return jax.tree.map(lambda x: _stepped(x, metric) if _is_state(x) else x, opt_state, is_leaf=_is_state)


@partial(jax.jit, inline=True)
def _stepped(state: OptState, metric: Any) -> OptState:
    if state.layout.scheduler is None:
        return state
    hyper, memory = scheduler_step(state, Kernels(jnp.minimum(state.count, 0)), metric)
    return OptState(state.count, state.memory, hyper, memory, state.slots, state.layout)


def _is_state(x: Any) -> bool:
    return isinstance(x, OptState)


def states_of(opt_state: Any, where: str) -> list[OptState]:
    """All lrjax states inside ``opt_state``, in tree order."""
    return _named_states(opt_state, where)[1]


def _named_states(opt_state: Any, where: str) -> tuple[list[list[str]], list[OptState]]:
    """The states with their group names; names that occur twice get their place in the tree in front."""
    found = [(p, s) for p, s in jax.tree_util.tree_leaves_with_path(opt_state, is_leaf=_is_state) if _is_state(s)]
    if not found:
        check.fail(where, "opt_state", "must hold the state of an lrjax optimizer", type(opt_state).__name__, TypeError)
    names = [list(state.layout.names) for _, state in found]
    flat = [name for part in names for name in part]
    if len(set(flat)) < len(flat):
        places = [jax.tree_util.keystr(path, simple=True, separator="/") for path, _ in found]
        names = [[f"{place}: {n}" for n in part] for place, part in zip(places, names, strict=True)]
    return names, [state for _, state in found]
