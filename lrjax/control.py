"""Reading and setting rates in a state, and torch's two ``step()`` calls.

The functions here find every lrjax state inside a larger one (``optax.chain``, ``multi_transform``, a
``TrainState``). Setters give a new state with the same dtypes, weak types and shardings, so a
compiled step that takes it is not compiled again.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from . import _check as check
from ._float64 import Float64, from_host, on_host
from .kernels import Kernels
from .lr_scheduler._arguments import by_hand
from .lr_scheduler._state_dict import from_dict, to_dict
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
    return replace(state, hyper={**state.hyper, "lr": lr})


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


def step_scheduler(tx: Any, opt_state: Any, metric: Any = None, index: int | None = None) -> Any:
    """torch's ``scheduler.step()`` by hand.

    Args:
        tx: the optimizer (its state knows the schedulers; the argument is there for symmetry with ``step``).
        opt_state: its state.
        metric: what ReduceLROnPlateau watches, a scalar.
        index: which of several schedulers; None: all that have no ``every``, in order.

    Returns:
        The new state.

    Raises:
        TypeError: no lrjax state in ``opt_state``.
        ValueError: no scheduler, no such scheduler, or no metric where one is needed.
    """
    del tx
    states = states_of(opt_state, "step_scheduler")
    by_hand([scheduler for state in states for scheduler in state.layout.schedulers], index)
    return jax.tree.map(lambda x: _stepped(x, metric, index) if _is_state(x) else x, opt_state, is_leaf=_is_state)


@partial(jax.jit, static_argnums=2, inline=True)
def _stepped(state: OptState, metric: Any, index: int | None) -> OptState:
    schedulers = state.layout.schedulers
    hyper, memories, k = state.hyper, list(state.scheduler), Kernels(jnp.minimum(state.count, 0))
    for i in by_hand(schedulers, index) if schedulers else ():
        hyper, memories[i] = scheduler_step(schedulers[i], k, hyper, memories[i], metric)
    return replace(state, hyper=hyper, scheduler=tuple(memories))


def scheduler_state_dict(opt_state: Any, index: int = 0) -> dict[str, Any]:
    """torch's ``scheduler.state_dict()``, in torch's own layout: ``torch.save`` it, and torch loads it.

    Args:
        opt_state: the state of an lrjax optimizer, or one that holds just one.
        index: which of several schedulers.

    Returns:
        A dict of Python numbers and lists.

    Raises:
        TypeError: no lrjax state in ``opt_state``.
        ValueError: more than one, or no such scheduler.
    """
    state = _only_one(opt_state, "scheduler_state_dict", index)
    memory = jax.tree.map(_leaf_on_host, state.scheduler[index], is_leaf=lambda x: isinstance(x, Float64))
    return to_dict(state.layout.schedulers[index], memory, len(state.layout.names), beta1="betas" in state.hyper)


def load_scheduler_state_dict(opt_state: Any, state_dict: Mapping[str, Any], index: int = 0) -> Any:
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
        ValueError: more than one state, no such scheduler, or a state_dict of another scheduler.
    """
    where = "load_scheduler_state_dict"
    state = _only_one(opt_state, where, index)
    old = state.scheduler[index]
    memory = jax.tree.map(_leaf_on_host, old, is_leaf=lambda x: isinstance(x, Float64))
    loaded = from_dict(where, state.layout.schedulers[index], memory, state_dict, len(state.layout.names))
    packed = jax.tree.map(lambda x: from_host(x) if x.dtype == np.float64 else x, loaded)
    memories = list(state.scheduler)
    memories[index] = jax.tree.map(lambda new, was: _keep_sharding(jnp.asarray(new), was), packed, old)
    new = replace(state, scheduler=tuple(memories))
    return jax.tree.map(lambda x: new if _is_state(x) else x, opt_state, is_leaf=_is_state)


def _leaf_on_host(leaf: Any) -> np.ndarray:
    return on_host(leaf) if isinstance(leaf, Float64) else np.asarray(leaf)


def _only_one(opt_state: Any, where: str, index: int) -> OptState:
    states = states_of(opt_state, where)
    if len(states) > 1:
        check.fail(where, "opt_state", "must hold one lrjax state", len(states))
    if index not in range(len(states[0].layout.schedulers)):
        check.fail(where, "index", f"must name one of the {len(states[0].layout.schedulers)} schedulers", index)
    return states[0]


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
