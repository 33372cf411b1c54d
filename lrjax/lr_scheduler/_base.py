"""What every scheduler shares: torch's step, as a pure function of a state.

A scheduler's state is a dict with the names torch uses in ``state_dict``; the rates it changes are float64 vectors
over the groups, in ``hyper``. Call everything here but ``schedule`` under ``jax.enable_x64(True)``.
"""

from collections.abc import Callable
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from lrspec import check
from lrspec.scheduler_arguments import Arguments
from lrspec.simulation import read_simulation

from ..arithmetic.float64 import from_host, vector
from ..arithmetic.kernels import Kernels
from ..arithmetic.platforms import on_cpu
from ._chain import run_chain, trace_chain

Hyper = dict[str, jax.Array]  # name -> float64, shape=(G,) or (G, 2) for betas
SchedulerState = dict[str, Any]  # torch's attribute name -> int32 scalar or float64, shape=(G,)
Stepped = tuple[Hyper, SchedulerState]  # the groups and the scheduler after a step


class LRScheduler(Arguments):
    """The base of the schedulers, as ``torch.optim.lr_scheduler.LRScheduler`` is.

    A subclass writes ``get_lr`` (the chain form) and, where torch has one, ``closed_form``.

    Args:
        every: step the scheduler after this many optimizer updates: 1 for each of them, the number of batches per epoch
            to step it once an epoch; None: the rate stays as it is until you call ``step_scheduler``. An optimizer
            wants one of them; by itself (``schedule``, ``simulate``, ``plot``) a scheduler counts its own steps.
        last_epoch: resume after this epoch: the scheduler begins where it would be after ``last_epoch + 1`` steps
            from the groups' rates. (torch's own argument of this name resumes some classes wrongly.)
    """

    closed: ClassVar[bool] = False  # whether torch has a closed form: SequentialLR starts a phase with it

    @classmethod
    def family(cls) -> type[Arguments]:
        """The schedulers of this package."""
        return LRScheduler

    def get_lr(self, ops: Kernels, e: jax.Array, hyper: Hyper, state: SchedulerState, *, initial: bool) -> jax.Array:
        """Chain form: the next rates from the current ones, in torch's order of operations.

        Args:
            ops: arithmetic that rounds as torch's Python floats do.
            e: last_epoch, int32 scalar.
            hyper: the groups' numbers; ``hyper["lr"]`` are the current rates.
            state: the scheduler's own, "base_lrs" in it.
            initial: whether this is the step torch's constructor takes.
        """
        raise NotImplementedError

    def closed_form(self, ops: Kernels, base_lr: jax.Array, e: jax.Array) -> jax.Array:
        """The rate after e steps from the base rate alone: float64, the shape of base_lr and e together."""
        raise NotImplementedError

    def update_hyper(self, ops: Kernels, e: jax.Array, hyper: Hyper) -> Hyper:
        """The hyperparameters beside lr that the scheduler changes: none, but for CyclicLR and OneCycleLR."""
        del ops, e
        return hyper

    def init(self, ops: Kernels, hyper: Hyper) -> Stepped:
        """torch's constructor: remember ``initial_lr`` and take the first step."""
        hyper = {"initial_lr": hyper["lr"], **hyper}
        state = {
            "base_lrs": hyper["initial_lr"],
            "last_epoch": jnp.full((), -1, jnp.int32),
            "_step_count": jnp.zeros((), jnp.int32),
            "_last_lr": hyper["lr"],
            **self.own_state(hyper),
        }
        return self.initial_step(ops, hyper, state)

    def own_state(self, hyper: Hyper) -> SchedulerState:
        """What the class has in its state beside that, before its first step."""
        return {}

    def for_steps(self, num_steps: int) -> "LRScheduler":
        """The same scheduler, for at most so many steps: where that is faster, with a table."""
        del num_steps
        return self

    def init_and_resume(self, ops: Kernels, hyper: Hyper) -> Stepped:
        """``init``, then the steps that ``last_epoch`` says have been taken."""
        state = self.init(ops, hyper)
        if self.last_epoch == -1:
            return state
        return jax.lax.fori_loop(
            0,
            self.last_epoch + 1,
            lambda _, state: self.take_step(ops, *state),
            state,
        )

    def initial_step(self, ops: Kernels, hyper: Hyper, state: SchedulerState) -> Stepped:
        """torch's ``_initial_step``."""
        state = {**state, "_step_count": jnp.ones((), jnp.int32)}
        return self.update_lr(ops, hyper, state, initial=True)

    def take_step(self, ops: Kernels, hyper: Hyper, state: SchedulerState, metric: Any = None) -> Stepped:
        """torch's ``step()``."""
        del metric
        state = {**state, "_step_count": state["_step_count"] + 1}
        return self.update_lr(ops, hyper, state)

    def update_lr(
        self, ops: Kernels, hyper: Hyper, state: SchedulerState, *, initial: bool = False, restart: bool = False
    ) -> Stepped:
        """torch's ``_update_lr``: ``restart`` is its ``epoch=0``, which prefers the closed form."""
        e = jnp.zeros((), jnp.int32) if restart else state["last_epoch"] + 1
        if restart and self.closed:
            lr = self.closed_form(ops, state["base_lrs"], e)
        else:
            lr = self.get_lr(ops, e, hyper, state, initial=initial)
        hyper = {**self.update_hyper(ops, e, hyper), "lr": lr}
        return hyper, {**state, "last_epoch": e, "_last_lr": lr}

    def undo(self, state: SchedulerState) -> SchedulerState:
        """What SequentialLR does to its schedulers first: take back the count of their constructor's step."""
        return {**state, "last_epoch": state["last_epoch"] - 1}

    @property
    def has_schedule(self) -> bool:
        """Whether ``schedule`` works without a table."""
        return self.closed

    def schedule(self, base_lr: float, num_steps: int | None = None) -> Callable[[Any], jax.Array]:
        """The rates as an optax schedule, a pure function of the count.

        Args:
            base_lr: the group's rate before the scheduler is attached (torch's ``initial_lr``); in compiled or
                differentiated code it may be traced, shape=(), and is not checked then.
            num_steps: None: the closed form. A number: a table of so many rates made with the chain form,
                for schedulers without a closed form; from count ``num_steps`` on the last of them.

        Returns:
            ``count -> rate``: an integer (shape s) to float32 (shape s), computed in float64 and rounded once.

        Raises:
            ValueError: a negative or non-finite rate (one that is traced is not checked); no closed form and no
                ``num_steps``.
        """
        where = f"{self._name}.schedule"
        traced = isinstance(base_lr, Tracer) and base_lr.ndim == 0
        if not traced:
            base_lr = check.rate(where, check.plain(base_lr), "base_lr")
        if num_steps is not None:
            return self._table(base_lr, check.integer(where, "num_steps", num_steps, 1))
        if not self.has_schedule:
            check.fail(where, "num_steps", "must be given (there is no closed form, so a table is made)", None)

        def closed(ops: Kernels, base: jax.Array, count: jax.Array) -> jax.Array:
            return self.closed_form(ops, base.astype(jnp.float64), count).astype(jnp.float32)

        def rate(count: Any) -> jax.Array:
            count = read_count(where, count) + (self.last_epoch + 1)
            if traced:
                return on_cpu(closed, jnp.minimum(count, 0), jnp.broadcast_to(base_lr, count.shape), count)
            with jax.enable_x64(True):
                return closed(Kernels(jnp.minimum(count, 0)), jnp.full(count.shape, base_lr, jnp.float64), count)

        return rate

    def _table(self, base_lr: float, num_steps: int) -> Callable[[Any], jax.Array]:
        traced = isinstance(base_lr, Tracer)
        read = read_simulation(self.family(), self, [1.0 if traced else base_lr], num_steps, None, None)
        if traced:
            rates, _ = trace_chain(self, vector([base_lr]), read[1], from_host(read[2]), from_host(read[3]))
        else:
            rates, _ = run_chain(self, *read)
        table = rates[:, 0].astype(np.float32)
        where = f"{self._name}.schedule"
        return lambda count: jnp.asarray(table)[jnp.minimum(read_count(where, count), num_steps - 1)]


def read_count(where: str, count: Any) -> jax.Array:
    """How many scheduler steps: an int32 array of any shape."""
    try:
        if not isinstance(count, str | bytes):
            return jnp.asarray(count, jnp.int32)
    except (TypeError, ValueError, OverflowError):
        pass
    check.fail(where, "count", "must be an integer, or an array of them", count, TypeError)
