"""ReduceLROnPlateau: lower the rate when a metric stops improving."""

import math
from typing import Any

import jax
import jax.numpy as jnp

from lrspec import check
from lrspec import scheduler_arguments as arguments

from ..arithmetic.kernels import Kernels
from ._base import Hyper, LRScheduler, SchedulerState, Stepped
from ._functions import per_group


class ReduceLROnPlateau(arguments.ReduceLROnPlateau, LRScheduler):
    """Multiply the rates by ``factor`` after more than ``patience`` steps without improvement.

    Equal to ``torch.optim.lr_scheduler.ReduceLROnPlateau``, its edges included: a cut of eps or less is
    not made, a NaN metric is a bad step, ``min_lr`` never raises a rate. It works on the current
    rates, so a rate set by hand is kept. Step it with ``step_scheduler(tx, opt_state, metric)``,
    compiled or not.
    """

    def init(self, ops: Kernels, hyper: Hyper) -> Stepped:
        """torch's constructor: nothing happens to the rates, and no ``initial_lr`` is remembered."""
        zero = jnp.zeros((), jnp.int32)
        best = jnp.full((), math.inf if self.mode == "min" else -math.inf, jnp.float64)
        counters = {"last_epoch": zero, "num_bad_epochs": zero, "cooldown_counter": zero}
        return hyper, {**counters, "best": best, "_last_lr": hyper["lr"]}

    def take_step(self, ops: Kernels, hyper: Hyper, state: SchedulerState, metric: Any = None) -> Stepped:
        """torch's ``step(metrics)``."""
        if metric is None:
            check.fail(self._name, "metric", "must be given to step_scheduler", None)
        current = jnp.asarray(metric).astype(jnp.float64)
        better = self._is_better(ops, current, state["best"])
        bad = jnp.where(better, 0, state["num_bad_epochs"] + 1)
        cooling = state["cooldown_counter"] > 0
        cooldown = jnp.where(cooling, state["cooldown_counter"] - 1, state["cooldown_counter"])
        bad = jnp.where(cooling, 0, bad)
        due = bad > self.patience
        old = hyper["lr"]
        new = jnp.maximum(ops.mul(old, self.factor), per_group(self.min_lr, old))
        lr = jnp.where(due & (old - new > self.eps), new, old)
        return {**hyper, "lr": lr}, {
            "last_epoch": state["last_epoch"] + 1,
            "num_bad_epochs": jnp.where(due, 0, bad).astype(jnp.int32),
            "cooldown_counter": jnp.where(due, self.cooldown, cooldown).astype(jnp.int32),
            "best": jnp.where(better, current, state["best"]),
            "_last_lr": lr,
        }

    def _is_better(self, ops: Kernels, a: Any, best: Any) -> jax.Array:
        if self.threshold_mode == "rel":
            bar = ops.mul(best, 1.0 - self.threshold if self.mode == "min" else self.threshold + 1.0)
        else:
            bar = best - self.threshold if self.mode == "min" else best + self.threshold
        return a < bar if self.mode == "min" else a > bar
