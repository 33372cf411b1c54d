"""The schedulers of an optimizer: their start, and their steps on the groups in its state."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from ..arithmetic.exact import runtime_zero
from ..arithmetic.float64 import Float64, pack_tree, unpack_tree
from ..arithmetic.kernels import Kernels
from ..arithmetic.platforms import on_cpu
from ..lr_scheduler._base import LRScheduler, SchedulerState
from ._state import OptState

Groups = dict[str, Float64]  # hyperparameter -> its value in every group
Stepped = tuple[Groups, tuple[SchedulerState, ...]]


def init_schedulers(schedulers: Sequence[LRScheduler], hyper: Groups) -> Stepped:
    """What torch's constructors do to the groups, one after the other."""
    return _init(tuple(schedulers), hyper, runtime_zero()) if schedulers else (hyper, ())


@partial(jax.jit, static_argnums=0)
def _init(schedulers: tuple[LRScheduler, ...], hyper: Groups, zero: jax.Array) -> Stepped:
    def init(ops: Kernels, hyper: Groups) -> Stepped:
        numbers, states = unpack_tree(hyper), []
        for scheduler in schedulers:
            numbers, state = scheduler.init_and_resume(ops, numbers)
            states.append(state)
        return pack_tree(numbers), tuple(pack_tree(states))

    return on_cpu(init, zero, hyper)


def step_due(schedulers: Sequence[LRScheduler], zero: jax.Array, state: OptState) -> Stepped:
    """The step of each scheduler that is due after the update that follows ``state``, by its ``every``."""
    hyper, states = state.hyper, list(state.scheduler)
    for i, scheduler in enumerate(schedulers):
        if scheduler.every is not None:
            due = (state.count + 1) % scheduler.every == 0
            before = hyper, states[i]
            after = step_one(scheduler, zero, *before, None)
            hyper, states[i] = jax.tree.map(partial(jnp.where, due), after, before)
    return hyper, tuple(states)


def scheduler_states(state: OptState) -> tuple[SchedulerState, ...]:
    """The states of the schedulers alone, see ``_given.py``."""
    return state.scheduler[: len(state.layout.schedulers)]


def steps_taken(state: SchedulerState) -> jax.Array:
    """torch's ``last_epoch``; that of its first scheduler where a ChainedScheduler has none."""
    return state["last_epoch"] if "last_epoch" in state else steps_taken(state["_schedulers"][0])


def step_one(
    scheduler: LRScheduler, zero: jax.Array, hyper: Groups, state: SchedulerState, metric: Any
) -> tuple[Groups, SchedulerState]:
    """One step of one scheduler: the new hyperparameters and its new state."""

    def step(ops: Kernels, hyper: Groups, state: SchedulerState, metric: Any) -> tuple[Groups, SchedulerState]:
        numbers, state = scheduler.take_step(ops, unpack_tree(hyper), unpack_tree(state), unpack_tree(metric))
        return pack_tree(numbers), pack_tree(state)

    return on_cpu(step, zero, hyper, state, metric)
