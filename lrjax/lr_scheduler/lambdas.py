"""LambdaLR and MultiplicativeLR: the user's own Python functions."""

from collections.abc import Callable, Sequence
from typing import Any, cast

import jax

from lrspec import scheduler_arguments as arguments

from ..arithmetic.kernels import Kernels
from ._base import Hyper, LRScheduler, SchedulerState
from ._functions import call


def _factors(lr_lambda: Any, e: jax.Array, groups: int) -> jax.Array:
    """The functions' values at e: one per group."""
    functions = lr_lambda if isinstance(lr_lambda, tuple) else (lr_lambda,) * groups
    return call(cast(Sequence[Callable[[int], float]], functions), e)


class LambdaLR(arguments.LambdaLR, LRScheduler):
    """Each group's base rate times a function of the epoch.

    rate(e) = base_lr * lr_lambda(e). Equal to ``torch.optim.lr_scheduler.LambdaLR``; a rate set by hand
    lasts until the next scheduler step. The function is any Python function of an int: compiled code
    calls it on the host, so its value is Python's own, at the cost of a call per scheduler step.
    ``Tabulated(f, num_steps)`` makes it a table instead, and so does ``schedule(base_lr, num_steps)``.

    >>> schedule = LambdaLR(lambda e: 0.5**e).schedule(1.0, num_steps=4)
    >>> [float(schedule(count)) for count in range(4)]
    [1.0, 0.5, 0.25, 0.125]
    """

    def get_lr(self, ops: Kernels, e: jax.Array, hyper: Hyper, state: SchedulerState, *, initial: bool) -> jax.Array:
        """base_lr * lr_lambda(e)."""
        base_lrs = state["base_lrs"]
        return ops.mul(base_lrs, _factors(self.lr_lambda, e, base_lrs.size))


class MultiplicativeLR(arguments.MultiplicativeLR, LRScheduler):
    """Multiply the rate by a function of the epoch at every step.

    rate(e) = rate(e - 1) * lr_lambda(e), rate(0) = base_lr. Equal to
    ``torch.optim.lr_scheduler.MultiplicativeLR``; a rate set by hand is kept. There is no closed form:
    ``schedule`` makes a table of ``num_steps`` rates.

    >>> schedule = MultiplicativeLR(lambda e: 0.5).schedule(1.0, num_steps=4)
    >>> [float(schedule(count)) for count in range(4)]
    [1.0, 0.5, 0.25, 0.125]
    """

    def get_lr(self, ops: Kernels, e: jax.Array, hyper: Hyper, state: SchedulerState, *, initial: bool) -> jax.Array:
        """lr * lr_lambda(e), but lr in the constructor's step."""
        lr = hyper["lr"]
        return lr if initial else ops.mul(lr, _factors(self.lr_lambda, e, lr.size))
