"""The rates people set by hand every epoch, as schedulers.

Two rules of a well-known tutorial practice, each written into every group at the start of an epoch:
the formula ``lr0 * gamma ** (epoch // lr_decay)`` and a table of [epochs, rate]. As the tutorials
write them, both give all groups one rate and so erase per-layer rates. ``mode`` says which is meant:

``"factor"``   the number multiplies each group's own base rate, so per-layer rates keep their proportion.
``"rate"``     the tutorial's: the number is the rate of every group.

Both are absolute: a rate set by hand lasts until the next scheduler step.
"""

import jax
import jax.numpy as jnp
import numpy as np

from lrspec import scheduler_arguments as arguments

from .arithmetic.kernels import Kernels
from .lr_scheduler._base import Hyper, LRScheduler, SchedulerState
from .lr_scheduler._functions import power


class StepDecay(arguments.StepDecay, LRScheduler):
    """Step decay by formula: ``lr0 * gamma ** (epoch // lr_decay)``.

    The rates of ``StepLR``, computed from the epoch alone. torch has no such class; its users write
    the formula into ``param_group["lr"]`` in a loop.

    >>> schedule = StepDecay(lr_decay=2, gamma=0.5).schedule(1.0)
    >>> [float(schedule(count)) for count in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    closed = True

    def get_lr(self, ops: Kernels, e: jax.Array, hyper: Hyper, state: SchedulerState, *, initial: bool) -> jax.Array:
        """The closed form: the rule is absolute."""
        return self.closed_form(ops, state["base_lrs"], e)

    def closed_form(self, ops: Kernels, base_lr: jax.Array, e: jax.Array) -> jax.Array:
        """lr0 * gamma ** (e // lr_decay)."""
        lr0 = base_lr if self.lr0 is None else jnp.full_like(base_lr, self.lr0)
        return ops.mul(lr0, power(self.gamma, e // self.lr_decay))


class EpochTable(arguments.EpochTable, LRScheduler):
    """A table ``[[epochs, rate], ...]``: how many epochs each rate lasts; the last one is held.

    >>> schedule = EpochTable([[1, 2.0], [2, 1.0], [1, 0.5]]).schedule(0.1)
    >>> [float(schedule(count)) for count in range(6)]
    [2.0, 1.0, 1.0, 0.5, 0.5, 0.5]
    """

    closed = True

    def get_lr(self, ops: Kernels, e: jax.Array, hyper: Hyper, state: SchedulerState, *, initial: bool) -> jax.Array:
        """The closed form: the rule is absolute."""
        return self.closed_form(ops, state["base_lrs"], e)

    def closed_form(self, ops: Kernels, base_lr: jax.Array, e: jax.Array) -> jax.Array:
        """The row of epoch e; past the table, its last row."""
        ends = np.cumsum([epochs for epochs, _ in self.table])[:-1]
        row = jnp.searchsorted(jnp.asarray(ends, jnp.int32), e, side="right")
        number = jnp.asarray(np.array([rate for _, rate in self.table]))[row]
        return ops.mul(base_lr, number) if self.mode == "factor" else jnp.broadcast_to(number, base_lr.shape)


arguments.explained(StepDecay, EpochTable)
