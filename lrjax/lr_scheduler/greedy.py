"""GreedyLR: raise the rate while a metric improves, and lower it when it stops."""

import math
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lrspec import check
from lrspec import scheduler_arguments as arguments

from ..arithmetic.kernels import Kernels
from ._base import Hyper, LRScheduler, SchedulerState, Stepped
from ._functions import per_group

# Of the last metrics: the oldest first, shape=(1, window_size), for a vector is one over the groups; how many of them;
# their running sum.
_AVERAGE = ("_values", "_count", "_sum")


class GreedyLR(arguments.GreedyLR, LRScheduler):
    """Divide the rates by ``factor`` after more than ``patience`` better steps, multiply after more than that bad.

    Equal to transformers' ``GreedyLR`` (``get_scheduler("greedy")``, 5.23.0; arXiv 2512.14527) in every bit, its edges
    included: a change of eps or less is not made, a NaN metric is a bad step, ``min_lr`` never raises a rate nor
    ``max_lr`` lowers one. After ``reset_start`` cuts with all groups at their min_lr it begins anew, with the rates
    that it found. It works on the current rates, so a rate set by hand is kept. Step it with
    ``step_scheduler(tx, opt_state, metric)``, compiled or not. The original's ``verbose`` is not here.

    >>> from lrjax import simulate
    >>> simulate(GreedyLR(factor=0.5, patience=1), 0.25, 6, metrics=[4, 3, 3, 3, 3, 3]).ravel().tolist()
    [0.25, 0.25, 0.5, 0.5, 0.25, 0.25]
    """

    def init(self, ops: Kernels, hyper: Hyper) -> Stepped:
        """The original's constructor: nothing happens to the rates."""
        zero = jnp.zeros((), jnp.int32)
        names = ("last_epoch", "num_bad_epochs", "num_good_epochs", "cooldown_counter", "warmup_counter")
        start = {"reset_start": jnp.full((), self.reset_start, jnp.int32), "best": self._worst()}
        rates = {"_last_lr": hyper["lr"], "_init_lrs": hyper["lr"]}
        return hyper, {**dict.fromkeys(names, zero), **start, **rates, **self._no_average()}

    def _worst(self) -> jax.Array:
        return jnp.full((), math.inf if self.mode == "min" else -math.inf, jnp.float64)

    def _no_average(self) -> SchedulerState:
        if not self.smooth:
            return {}
        zero = jnp.zeros((), jnp.float64)
        window = jnp.zeros((1, self.window_size), jnp.float64)
        return {"_values": window, "_count": jnp.zeros((), jnp.int32), "_sum": zero}

    def take_step(self, ops: Kernels, hyper: Hyper, state: SchedulerState, metric: Any = None) -> Stepped:
        """The original's ``step(metrics)``."""
        if metric is None:
            check.fail(self._name, "metric", "must be given to step_scheduler", None)
        current = jnp.asarray(metric).astype(jnp.float64)
        average: SchedulerState = {}
        if self.smooth:
            current, average = self._averaged(ops, current, state)
        cooling, warming = state["cooldown_counter"] > 0, state["warmup_counter"] > 0
        looked = ~(cooling | warming)
        better = looked & self._is_better(ops, current, state["best"])
        good = jnp.where(better, state["num_good_epochs"] + 1, 0)
        bad = jnp.where(looked & ~better, state["num_bad_epochs"] + 1, 0)
        up, down = good > self.patience, bad > self.patience
        lr = self._moved(ops, hyper["lr"], up, down)
        left = state["reset_start"] - (down & jnp.all(lr <= per_group(self.min_lr, lr)))
        anew = down & (left <= 0)
        lr = jnp.where(anew, state["_init_lrs"], lr)
        cooldown = state["cooldown_counter"] - cooling
        warmup = state["warmup_counter"] - (warming & ~cooling)
        return {**hyper, "lr": lr}, {
            "last_epoch": state["last_epoch"] + 1,
            "num_bad_epochs": jnp.where(down, 0, bad).astype(jnp.int32),
            "num_good_epochs": jnp.where(up, 0, good).astype(jnp.int32),
            "cooldown_counter": jnp.where(down, self.cooldown, cooldown).astype(jnp.int32),
            "warmup_counter": jnp.where(up, self.warmup, warmup).astype(jnp.int32),
            "reset_start": jnp.where(up | anew, self.reset_start, left).astype(jnp.int32),
            "best": jnp.where(anew, self._worst(), jnp.where(better, current, state["best"])),
            "_last_lr": lr,
            "_init_lrs": state["_init_lrs"],
            **{name: jnp.where(anew, start, average[name]) for name, start in self._no_average().items()},
        }

    def _averaged(self, ops: Kernels, value: jax.Array, state: SchedulerState) -> tuple[jax.Array, SchedulerState]:
        """The mean of the last metrics, by a running sum whose roundings stay, as in the original."""
        values, count = state["_values"][0], state["_count"]
        full = count == self.window_size
        total = ops.exact.add(state["_sum"], value)
        total = jnp.where(full, ops.exact.sub(total, values[0]), total)
        moved = jnp.concatenate([values[1:], value[None]])
        values = jnp.where(full, moved, jnp.where(jnp.arange(self.window_size) == count, value, values))
        count = jnp.minimum(count + 1, self.window_size).astype(jnp.int32)
        mean = ops.div(total, count.astype(jnp.float64))
        return mean, {"_values": values[None], "_count": count, "_sum": total}

    def _is_better(self, ops: Kernels, a: jax.Array, best: jax.Array) -> jax.Array:
        if self.threshold_mode == "rel":
            bar = ops.mul(best, 1.0 - self.threshold if self.mode == "min" else 1.0 + self.threshold)
        else:
            bar = best - self.threshold if self.mode == "min" else best + self.threshold
        return a < bar if self.mode == "min" else a > bar

    def _moved(self, ops: Kernels, old: jax.Array, up: jax.Array, down: jax.Array) -> jax.Array:
        """The rates after a rise or a cut."""
        high = jnp.minimum(ops.div(old, self.factor), per_group(self.max_lr, old))
        low = jnp.maximum(ops.mul(old, self.factor), per_group(self.min_lr, old))
        raised = jnp.where(high - old > self.eps, high, old)
        return jnp.where(up, raised, jnp.where(down & (old - low > self.eps), low, old))


def nested(scheduler: Any, own: dict[str, Any]) -> dict[str, Any]:
    """A GreedyLR's state in the original's form, which has its window in a dict; another scheduler's as it is."""
    if not isinstance(scheduler, arguments.GreedyLR) or not scheduler.smooth:
        return own
    kept = {name: value for name, value in own.items() if name not in _AVERAGE}
    values = own["_values"][0][: own["_count"]]
    return {
        **kept,
        "_streaming_avg": {"window_size": scheduler.window_size, "values": values, "sum": own["_sum"]},
    }


def unnested(where: str, scheduler: Any, state_dict: Any) -> Any:
    """The other way round."""
    if not isinstance(scheduler, arguments.GreedyLR) or not scheduler.smooth:
        return state_dict
    average = state_dict.get("_streaming_avg") if isinstance(state_dict, Mapping) else None
    if not isinstance(average, Mapping) or not {"values", "sum"} <= average.keys():
        check.fail(where, "state_dict['_streaming_avg']", "must have 'values' and 'sum', as a GreedyLR has", average)
    values = list(average["values"])
    if len(values) > scheduler.window_size:
        rule = f"must be at most {scheduler.window_size}, the window_size"
        check.fail(where, "the values of state_dict['_streaming_avg']", rule, len(values))
    window = np.zeros((1, scheduler.window_size))
    window[0, : len(values)] = values
    return {**state_dict, "_values": window, "_count": len(values), "_sum": average["sum"]}
