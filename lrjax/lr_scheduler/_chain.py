"""Many steps of a scheduler in one compiled scan, without an optimizer."""

from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..arithmetic.exact import runtime_zero
from ..arithmetic.float64 import is_traced
from ..arithmetic.kernels import Kernels
from ._functions import tabulated


def run_chain(scheduler: Any, base_lrs: Any, edited: np.ndarray, edits: Any, metrics: Any) -> tuple[Any, Any]:
    """Take ``scheduler.step`` again and again, and write down what each update would use.

    Args:
        scheduler: an ``LRScheduler``.
        base_lrs: the rates before it is attached, float64, shape=(G,).
        edited: whether a rate is set by hand before an update, bool, shape=(T, G).
        edits: to what, float64, shape=(T, G).
        metrics: what ReduceLROnPlateau is given after each update, float64, shape=(T,).

    Returns:
        Rates and momenta, float64, shape=(T, G) each; traced float32 where an argument is traced.
    """
    last = len(edited) + scheduler.last_epoch  # the count of the last rate: functions are not asked beyond it
    arguments = base_lrs, edited, edits, metrics
    with jax.enable_x64(True):
        program = _compiled(tabulated(scheduler, last))
        if not is_traced(arguments):
            with jax.ensure_compile_time_eval():  # numbers, also where the caller is being compiled
                rates, momenta = program(*arguments, runtime_zero())
            return np.array(rates), np.array(momenta)
        rates, momenta = program(jnp.asarray(base_lrs, jnp.float64), *arguments[1:], runtime_zero())
        return rates.astype(jnp.float32), momenta.astype(jnp.float32)


@lru_cache(maxsize=64)  # a program takes megabytes, and who sweeps over arguments makes thousands of schedulers
def _compiled(scheduler: Any) -> Any:
    return jax.jit(partial(_scan, scheduler))


def _scan(scheduler: Any, base_lrs: Any, edited: Any, edits: Any, metrics: Any, zero: jax.Array) -> Any:
    """Update by update: the edits, the rates as the update sees them, then the scheduler's step."""
    ops = Kernels(zero)
    start = scheduler.init_and_resume(ops, {"lr": base_lrs, "momentum": jnp.zeros_like(base_lrs)})

    def one(carry: Any, row: Any) -> Any:
        (hyper, state), (edited, edits, metric) = carry, row
        hyper = {**hyper, "lr": jnp.where(edited, edits, hyper["lr"])}
        return scheduler.step(ops, hyper, state, metric), (hyper["lr"], hyper["momentum"])

    return jax.lax.scan(one, start, (edited, edits, metrics))[1]
