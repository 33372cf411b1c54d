"""Many steps of a scheduler in one compiled scan, without an optimizer."""

from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..arithmetic.exact import runtime_zero
from ..arithmetic.float64 import Float64, unpack
from ..arithmetic.kernels import Kernels
from ..arithmetic.platforms import on_cpu
from ._functions import tabulated


def run_chain(
    scheduler: Any, base_lrs: np.ndarray, edited: np.ndarray, edits: np.ndarray, metrics: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Take ``scheduler.step`` again and again, and write down what each update would use.

    Args:
        scheduler: an ``LRScheduler``.
        base_lrs: the rates before it is attached, float64, shape=(G,).
        edited: whether a rate is set by hand before an update, bool, shape=(T, G).
        edits: to what, float64, shape=(T, G).
        metrics: what ReduceLROnPlateau or GreedyLR is given after each update, float64, shape=(T,).

    Returns:
        Rates and momenta, float64, shape=(T, G) each.
    """
    with jax.enable_x64(True), jax.ensure_compile_time_eval():  # numbers, also where the caller is being compiled
        program = _compiled(_for_steps(scheduler, len(edited)))
        rates, momenta = program(base_lrs, edited, edits, metrics, runtime_zero())
        return np.array(rates), np.array(momenta)


def trace_chain(
    scheduler: Any, base_lrs: Float64, edited: np.ndarray, edits: Float64, metrics: Float64
) -> tuple[jax.Array, jax.Array]:
    """``run_chain`` of traced numbers: rates and momenta in float32, with derivatives."""
    scheduler = _for_steps(scheduler, len(edited))

    def run(ops: Kernels, *numbers: Float64) -> tuple[jax.Array, ...]:
        base_lrs, edits, metrics = map(unpack, numbers)
        return tuple(x.astype(jnp.float32) for x in _scan(scheduler, ops, base_lrs, edited, edits, metrics))

    return on_cpu(run, runtime_zero(), base_lrs, edits, metrics)


def _for_steps(scheduler: Any, num_steps: int) -> Any:
    """The scheduler with a table in place of a user's function, which is not asked beyond the last rate's count."""
    return tabulated(scheduler, num_steps + scheduler.last_epoch)


@lru_cache(maxsize=64)  # a program takes megabytes, and who sweeps over arguments makes thousands of schedulers
def _compiled(scheduler: Any) -> Any:
    return jax.jit(lambda *numbers: _scan(scheduler, Kernels(numbers[-1]), *numbers[:-1]))


def _scan(scheduler: Any, ops: Kernels, base_lrs: Any, edited: Any, edits: Any, metrics: Any) -> Any:
    """Update by update: the edits, the rates as the update sees them, then the scheduler's step."""
    start = scheduler.init_and_resume(ops, {"lr": base_lrs, "momentum": jnp.zeros_like(base_lrs)})

    def one(carry: Any, row: Any) -> Any:
        (hyper, state), (edited, edits, metric) = carry, row
        hyper = {**hyper, "lr": jnp.where(edited, edits, hyper["lr"])}
        return scheduler.take_step(ops, hyper, state, metric), (hyper["lr"], hyper["momentum"])

    return jax.lax.scan(one, start, (edited, edits, metrics))[1]
