"""StepLR and MultiStepLR: the rate drops at given epochs."""

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np

from .. import _check as check
from ..kernels import Kernels
from ._base import LRScheduler


@dataclass(frozen=True, repr=False)
class StepLR(LRScheduler):
    """Multiply the rate by ``gamma`` every ``step_size`` epochs.

    rate(e) = base_lr * gamma ** (e // step_size). Equal to ``torch.optim.lr_scheduler.StepLR``; a rate
    set by hand is kept and decays from there.

    Args:
        step_size: epochs between two drops, an integer, at least 1.
        gamma: factor of a drop.
        every: updates per scheduler step, see ``LRScheduler``.

    Raises:
        ValueError: an argument out of its range.

    >>> schedule = StepLR(step_size=2, gamma=0.5).schedule(1.0)
    >>> [float(schedule(count)) for count in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    step_size: int
    gamma: float = 0.1

    def __post_init__(self) -> None:
        """Check the arguments."""
        super().__post_init__()
        check.integer("StepLR", "step_size", self.step_size, 1)
        check.number("StepLR", "gamma", self.gamma)

    def get_lr(self, k: Kernels, e: Any, lr: Any, memory: dict[str, Any], *, initial: bool) -> Any:
        """lr * gamma at multiples of step_size, else lr."""
        return jnp.where((e == 0) | (e % self.step_size != 0), lr, k.mul(lr, self.gamma))

    def closed_form(self, k: Kernels, base_lr: Any, e: Any) -> Any:
        """base_lr * gamma ** (e // step_size)."""
        return k.mul(base_lr, power(self.gamma, e // self.step_size))


@dataclass(frozen=True, repr=False)
class MultiStepLR(LRScheduler):
    """Multiply the rate by ``gamma`` at each of the ``milestones``.

    rate(e) = base_lr * gamma ** (number of milestones <= e). Equal to
    ``torch.optim.lr_scheduler.MultiStepLR``: order does not matter, a milestone given twice counts
    twice, and milestone 0 acts before the first update.

    Args:
        milestones: epochs, integers, at least 0.
        gamma: factor of a drop.
        every: updates per scheduler step, see ``LRScheduler``.

    Raises:
        TypeError: milestones that are no sequence.
        ValueError: an argument out of its range.

    >>> schedule = MultiStepLR(milestones=[1, 3], gamma=0.5).schedule(1.0)
    >>> [float(schedule(count)) for count in range(5)]
    [1.0, 0.5, 0.5, 0.25, 0.25]
    """

    milestones: tuple[int, ...]
    gamma: float = 0.1

    def __post_init__(self) -> None:
        """Check the arguments."""
        super().__post_init__()
        if not isinstance(self.milestones, list | tuple):
            check.fail("MultiStepLR", "milestones", "must be a list of integers", self.milestones, TypeError)
        for milestone in self.milestones:
            check.integer("MultiStepLR", "milestones", milestone, 0)
        check.number("MultiStepLR", "gamma", self.gamma)
        object.__setattr__(self, "milestones", tuple(int(m) for m in self.milestones))

    def get_lr(self, k: Kernels, e: Any, lr: Any, memory: dict[str, Any], *, initial: bool) -> Any:
        """lr * gamma ** (how often e is a milestone)."""
        for milestone, times in Counter(self.milestones).items():
            lr = jnp.where(e == milestone, k.mul(lr, float(self.gamma) ** times), lr)
        return lr

    def closed_form(self, k: Kernels, base_lr: Any, e: Any) -> Any:
        """base_lr * gamma ** (number of milestones <= e)."""
        milestones = sorted(self.milestones)
        passed = np.array([bisect_right(milestones, m) for m in milestones], np.int32)
        factors = np.array([1.0, *(float(self.gamma) ** int(n) for n in passed)])
        return k.mul(base_lr, jnp.asarray(factors)[jnp.searchsorted(jnp.asarray(milestones), e, side="right")])


def power(base: float, exponent: Any) -> Any:
    """``base ** exponent`` in float64 for an integer array, as Python computes it."""
    return jnp.power(jnp.float64(base), exponent.astype(jnp.float64))
