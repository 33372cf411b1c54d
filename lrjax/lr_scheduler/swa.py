"""SWALR: anneal to a constant rate for stochastic weight averaging."""

import math
from typing import Any

import jax
import jax.numpy as jnp

from lrspec import scheduler_arguments as arguments

from ..arithmetic.kernels import Kernels
from ._base import Hyper, LRScheduler, SchedulerState, Stepped
from ._functions import per_group


class SWALR(arguments.SWALR, LRScheduler):
    """Anneal each group's rate to ``swa_lr`` within ``anneal_epochs``, then hold it.

    rate(e) = swa_lr * a + base_lr * (1 - a), with a = e / anneal_epochs clipped to [0, 1], or
    (1 - cos(pi * that)) / 2. Equal to ``torch.optim.swa_utils.SWALR``, which inverts the blend at every
    step and so takes a rate set by hand for a point of the curve.

    >>> schedule = SWALR(swa_lr=0.5, anneal_epochs=2, anneal_strategy="linear").schedule(1.0)
    >>> [float(schedule(count)) for count in range(4)]
    [1.0, 0.75, 0.5, 0.5]
    """

    def init(self, ops: Kernels, hyper: Hyper) -> Stepped:
        """torch's constructor: ``swa_lr`` goes into the groups."""
        return super().init(ops, {**hyper, "swa_lr": per_group(self.swa_lr, hyper["lr"])})

    def get_lr(self, ops: Kernels, e: jax.Array, hyper: Hyper, state: SchedulerState, *, initial: bool) -> jax.Array:
        """Undo the blend of the step before, then blend again."""
        lr, swa_lr = hyper["lr"], hyper["swa_lr"]
        step = state["_step_count"] - 1
        if self.anneal_epochs == 0:
            step = jnp.maximum(1, step)
        before, now = self._alpha(ops, step - 1), self._alpha(ops, step)
        start = jnp.where(before == 1, swa_lr, ops.div(lr - ops.mul(swa_lr, before), 1 - before))
        return ops.mul(swa_lr, now) + ops.mul(start, 1 - now)

    def _alpha(self, ops: Kernels, step: Any) -> jax.Array:
        t = jnp.clip(ops.div(step.astype(jnp.float64), max(1, self.anneal_epochs)), 0, 1)
        return t if self.anneal_strategy == "linear" else (1 - jnp.cos(ops.mul(t, math.pi))) / 2

    @property
    def has_schedule(self) -> bool:
        """Without hand-set rates the blend inverts to the base rate."""
        return not isinstance(self.swa_lr, tuple)

    def closed_form(self, ops: Kernels, base_lr: jax.Array, e: jax.Array) -> jax.Array:
        """swa_lr * a + base_lr * (1 - a)."""
        a = self._alpha(ops, jnp.maximum(1, e) if self.anneal_epochs == 0 else e)
        return ops.mul(a, float(self.swa_lr)) + ops.mul(base_lr, 1 - a)  # type: ignore[arg-type]
