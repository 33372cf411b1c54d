"""SequentialLR and ChainedScheduler: one scheduler after the other, and several at once."""

from bisect import bisect_right
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from ..arithmetic.kernels import Kernels
from . import _arguments
from ._base import Hyper, LRScheduler, Memory
from .cycles import CyclicLR, OneCycleLR
from .factors import ConstantLR, ExponentialLR, LinearLR, PolynomialLR
from .steps import MultiStepLR, StepLR
from .swa import SWALR

_UNLIKE_ALONE = (CyclicLR, OneCycleLR, SWALR)  # in company they change, or depend on, more than their own rate
_FACTORS = (StepLR, MultiStepLR, ConstantLR, LinearLR, ExponentialLR, PolynomialLR)  # base rate times a factor


class _Composite(_arguments.Composite, LRScheduler):
    """What both share: the schedulers are made in order, each finding what the ones before it left."""

    def init(self, k: Kernels, hyper: Hyper) -> tuple[Hyper, Memory]:
        """torch's constructors of all schedulers, then this one's."""
        memories = []
        for scheduler in self.schedulers:
            hyper, memory = scheduler.init(k, hyper)
            memories.append(memory)
        return self.start(k, hyper, {"_schedulers": tuple(memories), "_last_lr": hyper["lr"]})

    def start(self, k: Kernels, hyper: Hyper, memory: Memory) -> tuple[Hyper, Memory]:
        """The constructor's own work, once the schedulers are made."""
        raise NotImplementedError

    def initial_step(self, k: Kernels, hyper: Hyper, memory: Memory) -> tuple[Hyper, Memory]:
        """torch's ``_initial_step``: a composite passes no initial flag on to its schedulers."""
        return self.step(k, hyper, memory)

    def undo(self, memory: Memory) -> Memory:
        """The schedulers' counts, not the composite's own."""
        pairs = zip(self.schedulers, memory["_schedulers"], strict=True)
        return {**memory, "_schedulers": tuple(scheduler.undo(m) for scheduler, m in pairs)}


class SequentialLR(_arguments.SequentialLR, _Composite):
    """One scheduler after the other, changing over at the ``milestones``.

    From milestone i on scheduler i + 1 is in charge, counting from 0. Equal to
    ``torch.optim.lr_scheduler.SequentialLR``: a scheduler with a closed form starts its phase from the
    base rate, whatever the rate was; one without goes on from the current rate or its own numbers.

    Args:
        schedulers: schedulers; SequentialLR and ChainedScheduler only in first place.
        milestones: increasing integers, one fewer than the schedulers.
        every: updates per scheduler step, see ``LRScheduler``.
        last_epoch: resume after this epoch, see ``LRScheduler``.

    Raises:
        TypeError: something that is no scheduler.
        ValueError: ReduceLROnPlateau among the schedulers, or milestones that do not fit.

    >>> from lrjax import ConstantLR, ExponentialLR
    >>> schedule = SequentialLR([ConstantLR(0.5, 9), ExponentialLR(0.5)], milestones=[2]).schedule(1.0)
    >>> [float(schedule(count)) for count in range(5)]
    [0.5, 0.5, 1.0, 0.5, 0.25]
    """

    def start(self, k: Kernels, hyper: Hyper, memory: Memory) -> tuple[Hyper, Memory]:
        """Back to ``initial_lr``, uncount the schedulers' first steps, and take that of the one in charge."""
        memory = self.undo({**memory, "last_epoch": jnp.zeros((), jnp.int32)})
        memories = list(memory["_schedulers"])
        i = bisect_right(self.milestones, 0)
        hyper = {**hyper, "lr": hyper["initial_lr"]}
        hyper, memories[i] = self.schedulers[i].initial_step(k, hyper, memories[i])
        return hyper, {**memory, "_schedulers": tuple(memories), "_last_lr": hyper["lr"]}

    def step(self, k: Kernels, hyper: Hyper, memory: Memory, metric: Any = None) -> tuple[Hyper, Memory]:
        """torch's ``step()``."""
        del metric
        e = memory["last_epoch"] + 1
        milestones = jnp.asarray(self.milestones, jnp.int32)
        i = jnp.searchsorted(milestones, e, side="right")
        branches = [partial(self._phase, k, n, e) for n in range(len(self.schedulers))]
        hyper, memories = jax.lax.switch(i, branches, hyper, memory["_schedulers"])
        return hyper, {"last_epoch": e, "_schedulers": memories, "_last_lr": hyper["lr"]}

    def _phase(self, k: Kernels, i: int, e: Any, hyper: Hyper, memories: tuple[Memory, ...]) -> Any:
        """Scheduler i in charge at e: its first step restarts it at 0."""
        scheduler, memory = self.schedulers[i], memories[i]
        if i == 0:
            hyper, memory = scheduler.step(k, hyper, memory)
        else:
            hyper, memory = jax.lax.cond(
                e == self.milestones[i - 1],
                lambda: scheduler.update_lr(k, hyper, memory, restart=True),
                lambda: scheduler.step(k, hyper, memory),
            )
        return hyper, (*memories[:i], memory, *memories[i + 1 :])

    @property
    def has_schedule(self) -> bool:
        """Whether every phase follows from the base rate and its own count."""
        composite = isinstance(self.schedulers[0], _Composite)
        own = all(s.has_schedule and not isinstance(s, _UNLIKE_ALONE) for s in self.schedulers)
        return own and not composite

    def closed_form(self, k: Kernels, base_lr: Any, e: Any) -> Any:
        """The closed form of the scheduler in charge, at its own count."""
        lr = self.schedulers[0].closed_form(k, base_lr, e)
        for milestone, scheduler in zip(self.milestones, self.schedulers[1:], strict=True):
            phase = scheduler.closed_form(k, base_lr, jnp.maximum(e - milestone, 0))
            lr = jnp.where(e >= milestone, phase, lr)
        return lr


class ChainedScheduler(_arguments.ChainedScheduler, _Composite):
    """Several schedulers at once, each stepping on what the ones before it left.

    Equal to ``torch.optim.lr_scheduler.ChainedScheduler``: schedulers that multiply the current rate
    multiply up; one that computes its rate from the base (LambdaLR, OneCycleLR) erases those before it.

    Args:
        schedulers: schedulers, in order.
        every: updates per scheduler step, see ``LRScheduler``.
        last_epoch: resume after this epoch, see ``LRScheduler``.

    Raises:
        TypeError: something that is no scheduler.
        ValueError: ReduceLROnPlateau among the schedulers.

    >>> from lrjax import ConstantLR, ExponentialLR
    >>> schedule = ChainedScheduler([ConstantLR(0.5, 2), ExponentialLR(0.5)]).schedule(1.0)
    >>> [float(schedule(count)) for count in range(4)]
    [0.5, 0.25, 0.25, 0.125]
    """

    def start(self, k: Kernels, hyper: Hyper, memory: Memory) -> tuple[Hyper, Memory]:
        """Nothing: the schedulers have taken their own first steps."""
        return hyper, memory

    def step(self, k: Kernels, hyper: Hyper, memory: Memory, metric: Any = None) -> tuple[Hyper, Memory]:
        """torch's ``step()``."""
        memories = []
        for scheduler, own in zip(self.schedulers, memory["_schedulers"], strict=True):
            hyper, own = scheduler.step(k, hyper, own, metric)
            memories.append(own)
        return hyper, {"_schedulers": tuple(memories), "_last_lr": hyper["lr"]}

    @property
    def has_schedule(self) -> bool:
        """Whether each multiplies the rate by a factor of the count (or there is only one)."""
        factors = all(isinstance(s, _FACTORS) for s in self.schedulers)
        return (factors or len(self.schedulers) == 1) and all(s.has_schedule for s in self.schedulers)

    def closed_form(self, k: Kernels, base_lr: Any, e: Any) -> Any:
        """The product of the closed forms' factors."""
        lr = self.schedulers[0].closed_form(k, base_lr, e)
        for scheduler in self.schedulers[1:]:
            lr = k.mul(lr, scheduler.closed_form(k, jnp.ones_like(base_lr), e))
        return lr
