"""torch's two ``step()`` calls: the optimizer's and the scheduler's."""

from dataclasses import replace
from functools import partial
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.core import Tracer

from lrspec import check
from lrspec.scheduler_arguments import by_hand
from lrspec.types import Number

from .arithmetic.float64 import Float64, from_host
from .optim._batches import batch_of_all, for_each_run
from .optim._engine import fence_zero
from .optim._nested_states import map_states, states_of
from .optim._schedulers import step_one, steps_taken
from .optim._state import NewParameter, OptState, Params, State


def step(tx: optax.GradientTransformation, grads: Any, opt_state: State, params: Params) -> tuple[Params, State]:
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
        TypeError: what surrounds the optimizer calculates with its updates (a transformation that follows it,
            ``optax.MultiSteps``, ``apply_if_finite``), so that there are no new parameters to take: use ``tx.update``
            and ``optax.apply_updates`` there.
    """
    rule = "must be an lrjax optimizer, or optax around one that ends in it (else use tx.update and apply_updates)"
    if not (hasattr(tx, "init") and hasattr(tx, "update")):
        check.fail("step", "tx", rule, tx, TypeError)
    try:
        out, opt_state = cast(Any, tx).update(grads, opt_state, params, torch_step=True)
    except TypeError as error:
        if NewParameter.__name__ not in str(error):
            raise
        check.fail("step", "tx", rule, type(tx).__name__, TypeError)
    leaves, treedef = jax.tree.flatten(params)
    updates = treedef.flatten_up_to(out)
    if leaves and not any(isinstance(u, NewParameter) for u in updates):
        check.fail("step", "tx", rule, type(tx).__name__, TypeError)
    new = [u.array if isinstance(u, NewParameter) else p + u for p, u in zip(leaves, updates, strict=True)]
    return jax.tree.unflatten(treedef, new), opt_state


def step_scheduler(
    tx: optax.GradientTransformation | None, opt_state: State, metric: Number | None = None, index: int | None = None
) -> State:
    """torch's ``scheduler.step()`` by hand.

    Args:
        tx: the optimizer (its state knows the schedulers; the argument is there for symmetry with ``step``).
        opt_state: its state.
        metric: what ReduceLROnPlateau and GreedyLR watch, a number. One of Python, NumPy or torch keeps its 53
            bits, as in torch (of magnitudes from 1.9e-37 to 3.4e38); a JAX scalar has those of its dtype. For a vmapped
            state also an array, a number for each run.
        index: which of several schedulers; None: all that have no ``every``, in order.

    Returns:
        The new state.

    Raises:
        TypeError: no lrjax state in ``opt_state``; a metric that is no real number.
        ValueError: no scheduler, no such scheduler, no metric where one is needed, or an array of another shape than
            the axes of ``vmap`` have; a step past the end of OneCycleLR or TableLR. Only for these two does a call
            outside compiled code wait for the count; compiled code cannot raise, and holds the last rate.
    """
    del tx
    states = states_of(opt_state, _WHERE)
    chosen = by_hand([scheduler for state in states for scheduler in state.layout.schedulers], index)
    index = None if index is None else int(chosen[0])
    batches = {batch_of_all(_WHERE, state) for state in states}
    for state in states:
        _check_ends(state, index)
    metric = _read_metric(metric, batches)
    return map_states(lambda state: _step_runs(state, metric, index), opt_state)


_WHERE = "step_scheduler"


def _step_runs(state: OptState, metric: Any, index: int | None) -> OptState:
    """The step of one run, or of each run of a vmapped state."""
    zero, batch = jnp.min(fence_zero(state)) if state.count.ndim else fence_zero(state), np.shape(state.count)
    own_metric = 0 if metric is not None and _shape(metric) == batch else None
    step = for_each_run(lambda state, metric: _stepped(state, metric, index, zero), batch, (0, own_metric))
    return step(state, metric)


def _shape(metric: Any) -> tuple[int, ...]:
    return np.shape(metric.value if isinstance(metric, Float64) else metric)


def _read_metric(metric: Any, batches: set[tuple[int, ...]]) -> Any:
    """A metric of Python's 64 bits as float32 parts, so that ``jit`` does not round it; a JAX array as it is."""
    if metric is None:
        return None
    batch, shape = max(batches, key=len), np.shape(metric)
    if batch and shape not in ((), batch):
        check.fail(_WHERE, "metric", f"must be one number, or an array of shape {batch}: one for each run", metric)
    if len(batches) > 1 and shape:
        check.fail(_WHERE, "metric", "must be one number, for the states hold other numbers of runs", metric)
    of_jax = isinstance(metric, Tracer) or (isinstance(metric, jax.Array) and metric.dtype != np.float64)
    if of_jax and shape in ((), batch):
        if not (jnp.issubdtype(metric.dtype, jnp.floating) or jnp.issubdtype(metric.dtype, jnp.integer)):
            check.fail(_WHERE, "metric", "must be a real number", metric, TypeError)
        return metric
    if not (batch and shape):
        return from_host(check.metric(_WHERE, metric))
    return from_host(np.reshape([check.metric(_WHERE, one) for one in np.ravel(metric).tolist()], batch))


def _check_ends(state: OptState, index: int | None) -> None:
    """Raise where a step would lie past a schedule's end, as torch does; traced counts are not known."""
    schedulers = state.layout.schedulers
    for i in by_hand(schedulers, index) if schedulers else ():
        if (last := schedulers[i].last_step()) is None:
            continue
        count = steps_taken(state.scheduler[i])
        if not isinstance(count, Tracer) and (step := int(np.max(np.asarray(count))) + 1) > last:
            rule = f"must not be stepped past step {last}, where the {type(schedulers[i]).__name__} ends"
            check.fail("step_scheduler", "opt_state", rule, step)


@partial(jax.jit, static_argnums=2, inline=True)
def _stepped(state: OptState, metric: Any, index: int | None, zero: jax.Array) -> OptState:
    schedulers = state.layout.schedulers
    hyper, states = state.hyper, list(state.scheduler)
    for i in by_hand(schedulers, index) if schedulers else ():
        hyper, states[i] = step_one(schedulers[i], zero, hyper, states[i], metric)
    return replace(state, hyper=hyper, scheduler=tuple(states))
