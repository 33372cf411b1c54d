"""The rates a scheduler would set, without training."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ._simulation import read_simulation
from .arithmetic.exact import runtime_zero
from .arithmetic.kernels import Kernels
from .lr_scheduler._base import tabulated


def simulate(
    scheduler: Any,
    base_lrs: float | Sequence[float],
    num_steps: int,
    edits: Mapping[int, Any] | None = None,
    metrics: Sequence[float] | None = None,
    *,
    momentum: bool = False,
) -> Any:
    """The rate of each update, computed with the chain form in one compiled scan.

    Args:
        scheduler: an lrjax scheduler; its ``every`` is not used: a row is a scheduler step.
        base_lrs: the groups' rates before the scheduler is attached; one number is one group.
        num_steps: number of rows, at least 1.
        edits: step -> rate set by hand before that update: one number for all groups, or
            {group index: rate}.
        metrics: for ReduceLROnPlateau, the metric given to the scheduler after each update, num_steps numbers.
        momentum: give the momentum of each update too, for schedulers that cycle it.

    Returns:
        float64, shape=(num_steps, groups): row t holds the rates of update t; with ``momentum`` a pair of
        such arrays, rates and momenta.

    Raises:
        ValueError: a negative or non-finite rate, no group, a step or group out of range, metrics that
            are missing, not wanted or of another length; more steps than OneCycleLR has.

    >>> from lrjax import StepLR
    >>> simulate(StepLR(step_size=1, gamma=0.5), [1.0, 4.0], 3).tolist()
    [[1.0, 4.0], [0.5, 2.0], [0.25, 1.0]]
    >>> simulate(StepLR(step_size=1, gamma=0.5), 1.0, 3, edits={1: 8.0}).tolist()
    [[1.0], [8.0], [4.0]]
    """
    base, mask, value, metric = read_simulation(scheduler, base_lrs, num_steps, edits, metrics)
    with jax.enable_x64(True):
        tables = tabulated(scheduler, num_steps + scheduler.last_epoch + 1)
        rates, momenta = _scan(tables, base, mask, value, metric, runtime_zero())
        return (np.array(rates), np.array(momenta)) if momentum else np.array(rates)


@partial(jax.jit, static_argnums=0)
def _scan(scheduler: Any, base: Any, mask: Any, value: Any, metric: Any, zero: Any) -> Any:
    """Row by row: the edits, the rates as the update sees them, then the scheduler's step."""
    k = Kernels(zero)
    state = scheduler.begin(k, {"lr": base, "momentum": jnp.zeros_like(base)})

    def one(state: Any, row: Any) -> Any:
        (hyper, memory), (mask, value, metric) = state, row
        hyper = {**hyper, "lr": jnp.where(mask, value, hyper["lr"])}
        return scheduler.step(k, hyper, memory, metric), (hyper["lr"], hyper["momentum"])

    return jax.lax.scan(one, state, (mask, value, metric))[1]
