"""StepLR and MultiStepLR: the rate drops at given epochs."""

from collections import Counter

import jax
import jax.numpy as jnp
import numpy as np

from lrspec import scheduler_arguments as arguments

from ..arithmetic.kernels import Kernels
from ._base import Hyper, LRScheduler, SchedulerState
from ._functions import power


class StepLR(arguments.StepLR, LRScheduler):
    """Multiply the rate by ``gamma`` every ``step_size`` epochs.

    rate(e) = base_lr * gamma ** (e // step_size). Equal to ``torch.optim.lr_scheduler.StepLR``; a rate
    set by hand is kept and decays from there.

    >>> schedule = StepLR(step_size=2, gamma=0.5).schedule(1.0)
    >>> [float(schedule(count)) for count in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    closed = True

    def get_lr(self, ops: Kernels, e: jax.Array, hyper: Hyper, state: SchedulerState, *, initial: bool) -> jax.Array:
        """lr * gamma at multiples of step_size, else lr."""
        lr = hyper["lr"]
        return jnp.where((e == 0) | (e % self.step_size != 0), lr, ops.mul(lr, self.gamma))

    def closed_form(self, ops: Kernels, base_lr: jax.Array, e: jax.Array) -> jax.Array:
        """base_lr * gamma ** (e // step_size)."""
        return ops.mul(base_lr, power(self.gamma, e // self.step_size))


class MultiStepLR(arguments.MultiStepLR, LRScheduler):
    """Multiply the rate by ``gamma`` at each of the ``milestones``.

    rate(e) = base_lr * gamma ** (number of milestones <= e). Equal to
    ``torch.optim.lr_scheduler.MultiStepLR``: order does not matter, a milestone given twice counts
    twice, and milestone 0 acts before the first update. A rate set by hand is kept.

    >>> schedule = MultiStepLR(milestones=[1, 3], gamma=0.5).schedule(1.0)
    >>> [float(schedule(count)) for count in range(5)]
    [1.0, 0.5, 0.5, 0.25, 0.25]
    """

    closed = True

    def get_lr(self, ops: Kernels, e: jax.Array, hyper: Hyper, state: SchedulerState, *, initial: bool) -> jax.Array:
        """lr * gamma ** (how often e is a milestone)."""
        lr = hyper["lr"]
        for milestone, times in Counter(self.milestones).items():
            lr = jnp.where(e == milestone, ops.mul(hyper["lr"], float(self.gamma) ** times), lr)
        return lr

    def closed_form(self, ops: Kernels, base_lr: jax.Array, e: jax.Array) -> jax.Array:
        """base_lr * gamma ** (number of milestones <= e)."""
        milestones = sorted(self.milestones)
        factors = np.array([float(self.gamma) ** n for n in range(len(milestones) + 1)])
        passed = jnp.searchsorted(jnp.asarray(milestones, jnp.int32), e, side="right")
        return ops.mul(base_lr, jnp.asarray(factors)[passed])
