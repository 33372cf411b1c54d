"""SequentialLR and ChainedScheduler: one scheduler after the other, and several at once."""

from bisect import bisect_right
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from lrspec import scheduler_arguments as arguments

from ..arithmetic.kernels import Kernels
from ._base import Hyper, LRScheduler, SchedulerState, Stepped
from .cycles import CyclicLR, OneCycleLR
from .factors import ConstantLR, ExponentialLR, LinearLR, PolynomialLR
from .steps import MultiStepLR, StepLR
from .swa import SWALR

_UNLIKE_ALONE = (CyclicLR, OneCycleLR, SWALR)  # in company they change, or depend on, more than their own rate
_FACTORS = (StepLR, MultiStepLR, ConstantLR, LinearLR, ExponentialLR, PolynomialLR)  # base rate times a factor


class _Composite(arguments.Composite, LRScheduler):
    """What both share: the schedulers are made in order, each finding what the ones before it left."""

    def init(self, ops: Kernels, hyper: Hyper) -> Stepped:
        """torch's constructors of all schedulers, then this one's."""
        states = []
        for scheduler in self.schedulers:
            hyper, state = scheduler.init(ops, hyper)
            states.append(state)
        return self.start(ops, hyper, {"_schedulers": tuple(states), "_last_lr": hyper["lr"]})

    def start(self, ops: Kernels, hyper: Hyper, state: SchedulerState) -> Stepped:
        """The constructor's own work, once the schedulers are made."""
        raise NotImplementedError

    def initial_step(self, ops: Kernels, hyper: Hyper, state: SchedulerState) -> Stepped:
        """torch's ``_initial_step``: a composite passes no initial flag on to its schedulers."""
        return self.take_step(ops, hyper, state)

    def undo(self, state: SchedulerState) -> SchedulerState:
        """The schedulers' counts, not the composite's own."""
        pairs = zip(self.schedulers, state["_schedulers"], strict=True)
        return {**state, "_schedulers": tuple(scheduler.undo(m) for scheduler, m in pairs)}


class SequentialLR(arguments.SequentialLR, _Composite):
    """One scheduler after the other, changing over at the ``milestones``.

    From milestone i on scheduler i + 1 is in charge, counting from 0. Equal to
    ``torch.optim.lr_scheduler.SequentialLR``: a scheduler with a closed form starts its phase from the
    base rate, whatever the rate was; one without goes on from the current rate or its own numbers.

    >>> from lrjax import ConstantLR, ExponentialLR
    >>> schedule = SequentialLR([ConstantLR(0.5, 9), ExponentialLR(0.5)], milestones=[2]).schedule(1.0)
    >>> [float(schedule(count)) for count in range(5)]
    [0.5, 0.5, 1.0, 0.5, 0.25]
    """

    def start(self, ops: Kernels, hyper: Hyper, state: SchedulerState) -> Stepped:
        """Back to ``initial_lr``, uncount the schedulers' first steps, and take that of the one in charge."""
        state = self.undo({**state, "last_epoch": jnp.zeros((), jnp.int32)})
        states = list(state["_schedulers"])
        i = bisect_right(self.milestones, 0)
        hyper = {**hyper, "lr": hyper["initial_lr"]}
        hyper, states[i] = self.schedulers[i].initial_step(ops, hyper, states[i])
        return hyper, {**state, "_schedulers": tuple(states), "_last_lr": hyper["lr"]}

    def take_step(self, ops: Kernels, hyper: Hyper, state: SchedulerState, metric: Any = None) -> Stepped:
        """torch's ``step()``."""
        del metric
        e = state["last_epoch"] + 1
        milestones = jnp.asarray(self.milestones, jnp.int32)
        i = jnp.searchsorted(milestones, e, side="right")
        branches = [partial(self._phase, ops, n, e) for n in range(len(self.schedulers))]
        hyper, states = jax.lax.switch(i, branches, hyper, state["_schedulers"])
        return hyper, {"last_epoch": e, "_schedulers": states, "_last_lr": hyper["lr"]}

    def _phase(self, ops: Kernels, i: int, e: jax.Array, hyper: Hyper, states: tuple[SchedulerState, ...]) -> Any:
        """Scheduler i in charge at e: its first step restarts it at 0."""
        scheduler, state = self.schedulers[i], states[i]
        if i == 0:
            hyper, state = scheduler.take_step(ops, hyper, state)
        else:
            hyper, state = jax.lax.cond(
                e == self.milestones[i - 1],
                lambda: scheduler.update_lr(ops, hyper, state, restart=True),
                lambda: scheduler.take_step(ops, hyper, state),
            )
        return hyper, (*states[:i], state, *states[i + 1 :])

    @property
    def has_schedule(self) -> bool:
        """Whether every phase follows from the base rate and its own count."""
        composite = isinstance(self.schedulers[0], _Composite)
        alone = all(s.has_schedule and not isinstance(s, _UNLIKE_ALONE) for s in self.schedulers)
        return alone and not composite

    def closed_form(self, ops: Kernels, base_lr: jax.Array, e: jax.Array) -> jax.Array:
        """The closed form of the scheduler in charge, at its own count."""
        lr = self.schedulers[0].closed_form(ops, base_lr, e)
        for milestone, scheduler in zip(self.milestones, self.schedulers[1:], strict=True):
            phase = scheduler.closed_form(ops, base_lr, jnp.maximum(e - milestone, 0))
            lr = jnp.where(e >= milestone, phase, lr)
        return lr


class ChainedScheduler(arguments.ChainedScheduler, _Composite):
    """Several schedulers at once, each stepping on what the ones before it left.

    Equal to ``torch.optim.lr_scheduler.ChainedScheduler``: schedulers that multiply the current rate
    multiply up; one that computes its rate from the base (LambdaLR, OneCycleLR) erases those before it.

    >>> from lrjax import ConstantLR, ExponentialLR
    >>> schedule = ChainedScheduler([ConstantLR(0.5, 2), ExponentialLR(0.5)]).schedule(1.0)
    >>> [float(schedule(count)) for count in range(4)]
    [0.5, 0.25, 0.25, 0.125]
    """

    def start(self, ops: Kernels, hyper: Hyper, state: SchedulerState) -> Stepped:
        """Nothing: the schedulers have taken their own first steps."""
        return hyper, state

    def take_step(self, ops: Kernels, hyper: Hyper, state: SchedulerState, metric: Any = None) -> Stepped:
        """torch's ``step()``."""
        states = []
        for scheduler, inner in zip(self.schedulers, state["_schedulers"], strict=True):
            hyper, inner = scheduler.take_step(ops, hyper, inner, metric)
            states.append(inner)
        return hyper, {"_schedulers": tuple(states), "_last_lr": hyper["lr"]}

    @property
    def has_schedule(self) -> bool:
        """Whether each multiplies the rate by a factor of the count (or there is only one)."""
        factors = all(isinstance(s, _FACTORS) for s in self.schedulers)
        return (factors or len(self.schedulers) == 1) and all(s.has_schedule for s in self.schedulers)

    def closed_form(self, ops: Kernels, base_lr: jax.Array, e: jax.Array) -> jax.Array:
        """The product of the closed forms' factors."""
        lr = self.schedulers[0].closed_form(ops, base_lr, e)
        for scheduler in self.schedulers[1:]:
            lr = ops.mul(lr, scheduler.closed_form(ops, jnp.ones_like(base_lr), e))
        return lr
