"""CosineAnnealingLR and CosineAnnealingWarmRestarts."""

import math
from dataclasses import dataclass, field, fields
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lrspec import scheduler_arguments as arguments

from ..arithmetic.kernels import Kernels
from ._base import Hyper, LRScheduler, SchedulerState, Stepped


class CosineAnnealingLR(arguments.CosineAnnealingLR, LRScheduler):
    """Half a cosine down to ``eta_min`` over ``T_max`` epochs, and up again after that.

    rate(e) = eta_min + (base_lr - eta_min) * (1 + cos(pi * e / T_max)) / 2. Equal to
    ``torch.optim.lr_scheduler.CosineAnnealingLR``: it does not stop at the minimum but has the period
    2 * T_max. A rate set by hand scales the rest of the descent; at the minimum it is forgotten, and
    the next rise starts from the base rate again.

    >>> schedule = CosineAnnealingLR(T_max=2).schedule(1.0)
    >>> [round(float(schedule(count)), 6) for count in range(5)]
    [1.0, 0.5, 0.0, 0.5, 1.0]
    """

    closed = True

    def get_lr(self, ops: Kernels, e: jax.Array, hyper: Hyper, state: SchedulerState, *, initial: bool) -> jax.Array:
        """The ratio of two cosines times the distance to eta_min; right after a minimum, the closed rise."""
        lr, T, eta_min = hyper["lr"], self.T_max, self.eta_min
        if initial:
            return lr
        first_rise = ops.mul(state["base_lrs"] - eta_min, 1 - math.cos(math.pi / T)) / 2
        ratio, after_minimum = self._ratio(ops, e, state)
        return jnp.where(after_minimum, lr + first_rise, ops.mul(lr - eta_min, ratio) + eta_min)

    def _ratio(self, ops: Kernels, e: jax.Array, state: SchedulerState) -> tuple[jax.Array, jax.Array]:
        """That of the two cosines, and whether e is right after a minimum, where it means nothing."""
        del state
        now, before = (1 + _cos(ops, count.astype(jnp.float64), self.T_max) for count in (e, e - 1))
        return now / before, self._after_minimum(e)

    def _after_minimum(self, e: jax.Array) -> jax.Array:
        return (e - 1 - self.T_max) % (2 * self.T_max) == 0

    def for_steps(self, num_steps: int) -> "CosineAnnealingLR":
        """With the ratios computed beforehand, all at once: they take most of a chain's time."""
        return _RatiosAtHand(**{f.name: getattr(self, f.name) for f in fields(self)}, num_steps=num_steps)

    def closed_form(self, ops: Kernels, base_lr: jax.Array, e: jax.Array) -> jax.Array:
        """eta_min + (base_lr - eta_min) * (1 + cos(pi * e / T_max)) / 2."""
        return self.eta_min + ops.mul(base_lr - self.eta_min, 1 + _cos(ops, e.astype(jnp.float64), self.T_max)) / 2


@dataclass(frozen=True, repr=False, eq=False)
class _RatiosAtHand(CosineAnnealingLR):
    """The same for counts from 0 to num_steps."""

    num_steps: int = field(default=0, kw_only=True)

    def own_state(self, hyper: Hyper) -> SchedulerState:
        """The ratio at each count."""
        e = jnp.arange(-1, self.num_steps + 1, dtype=jnp.int32)
        raised = 1 + _cos(Kernels(jnp.minimum(e, -1) + 1), e.astype(jnp.float64), self.T_max)
        return {"ratio": raised[1:] / raised[:-1], "after_minimum": self._after_minimum(e[1:])}

    def _ratio(self, ops: Kernels, e: jax.Array, state: SchedulerState) -> tuple[jax.Array, jax.Array]:
        del ops
        return state["ratio"][e], state["after_minimum"][e]


class CosineAnnealingWarmRestarts(arguments.CosineAnnealingWarmRestarts, LRScheduler):
    """Half a cosine down to ``eta_min``, then a jump back to the top; cycles may grow.

    rate = eta_min + (base_lr - eta_min) * (1 + cos(pi * T_cur / T_i)) / 2, with T_cur epochs since the
    last restart and T_i the length of this cycle: T_0, T_0 * T_mult, T_0 * T_mult**2, ... Equal to
    ``torch.optim.lr_scheduler.CosineAnnealingWarmRestarts`` stepped without argument. A rate set by
    hand lasts until the next scheduler step.

    >>> schedule = CosineAnnealingWarmRestarts(T_0=2).schedule(1.0)
    >>> [round(float(schedule(count)), 6) for count in range(5)]
    [1.0, 0.5, 1.0, 0.5, 1.0]
    """

    def own_state(self, hyper: Hyper) -> SchedulerState:
        """The epochs since the last restart, and the length of the cycle."""
        return {"T_cur": jnp.zeros((), jnp.float64), "T_i": jnp.full((), self.T_0, jnp.float64)}

    def initial_step(self, ops: Kernels, hyper: Hyper, state: SchedulerState) -> Stepped:
        """torch's ``_initial_step``; its own ``step`` never counts ``_step_count``."""
        return self.take_step(ops, hyper, {**state, "_step_count": jnp.zeros((), jnp.int32)})

    def take_step(self, ops: Kernels, hyper: Hyper, state: SchedulerState, metric: Any = None) -> Stepped:
        """torch's ``step()``: one more epoch of this cycle, or the first of the next."""
        del metric
        T_i, T_cur = state["T_i"], state["T_cur"] + 1
        over = T_cur >= T_i
        T_cur, T_i = jnp.where(over, T_cur - T_i, T_cur), jnp.where(over, T_i * self.T_mult, T_i)
        start = state["last_epoch"] < 0
        state = {**state, "T_cur": jnp.where(start, 0.0, T_cur), "T_i": jnp.where(start, float(self.T_0), T_i)}
        return self.update_lr(ops, hyper, state)

    def get_lr(self, ops: Kernels, e: jax.Array, hyper: Hyper, state: SchedulerState, *, initial: bool) -> jax.Array:
        """eta_min + (base_lr - eta_min) * (1 + cos(pi * T_cur / T_i)) / 2."""
        return self._rate(ops, state["base_lrs"], state["T_cur"], state["T_i"])

    def _rate(self, ops: Kernels, base_lr: jax.Array, T_cur: jax.Array, T_i: jax.Array) -> jax.Array:
        return self.eta_min + ops.mul(base_lr - self.eta_min, 1 + _cos(ops, T_cur, T_i)) / 2

    @property
    def has_schedule(self) -> bool:
        """The place in the cycle follows from the count."""
        return True

    def closed_form(self, ops: Kernels, base_lr: jax.Array, e: jax.Array) -> jax.Array:
        """The same, with T_cur and T_i from a table of the restarts below 2**31."""
        if self.T_mult == 1:
            return self._rate(ops, base_lr, (e % self.T_0).astype(jnp.float64), jnp.float64(self.T_0))
        starts = [0]
        while starts[-1] < 2**31:
            starts.append(starts[-1] + self.T_0 * self.T_mult ** (len(starts) - 1))
        n = jnp.searchsorted(jnp.asarray(np.array(starts[1:], np.float64)), e.astype(jnp.float64), side="right")
        T_i = jnp.asarray(np.array([float(self.T_0 * self.T_mult**i) for i in range(len(starts))]))[n]
        return self._rate(ops, base_lr, e - jnp.asarray(np.array(starts, np.float64))[n], T_i)


def _cos(ops: Kernels, e: jax.Array, T: jax.Array | float) -> jax.Array:
    """cos(pi * e / T), the product rounded first, as in Python."""
    return jnp.cos(ops.div(ops.mul(e, math.pi), T))
