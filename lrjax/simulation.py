"""The rates a scheduler would set, without training."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from . import _check as check
from .kernels import Kernels


def simulate(
    scheduler: Any,
    base_lrs: float | Sequence[float],
    num_steps: int,
    edits: Mapping[int, Any] | None = None,
) -> np.ndarray:
    """The rate of each update, computed with the chain form.

    Args:
        scheduler: an lrjax scheduler; its ``every`` is not used: a row is a scheduler step.
        base_lrs: the groups' rates before the scheduler is attached; one number is one group.
        num_steps: number of rows, at least 1.
        edits: step -> rate set by hand before that update: one number for all groups, or
            {group index: rate}.

    Returns:
        float64, shape=(num_steps, groups): row t holds the rates of update t.

    Raises:
        ValueError: a negative or non-finite rate, no group, a step or group out of range.

    >>> from lrjax import StepLR
    >>> simulate(StepLR(step_size=1, gamma=0.5), [1.0, 4.0], 3).tolist()
    [[1.0, 4.0], [0.5, 2.0], [0.25, 1.0]]
    >>> simulate(StepLR(step_size=1, gamma=0.5), 1.0, 3, edits={1: 8.0}).tolist()
    [[1.0], [8.0], [4.0]]
    """
    base, mask, value = read_simulation(base_lrs, num_steps, edits)
    with jax.enable_x64(True):
        return np.array(_scan(scheduler, base, mask, value))


@partial(jax.jit, static_argnums=0)
def _scan(scheduler: Any, base: Any, mask: Any, value: Any) -> Any:
    hyper, memory = scheduler.init(Kernels(jnp.zeros((), jnp.int32)), {"lr": base})

    def one(carry: Any, edit: Any) -> Any:
        (hyper, memory), (count, mask, value) = carry, edit
        hyper = {**hyper, "lr": jnp.where(mask, value, hyper["lr"])}
        return scheduler.step(Kernels(jnp.minimum(count, 0)), hyper, memory), hyper["lr"]

    count = jnp.arange(len(mask), dtype=jnp.int32)
    return jax.lax.scan(one, (hyper, memory), (count, mask, value))[1]


def read_simulation(
    base_lrs: Any, num_steps: Any, edits: Mapping[int, Any] | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The arguments of ``simulate``, checked: base rates (G,), and which rates are edited to what, (num_steps, G)."""
    base = base_lrs if isinstance(base_lrs, Sequence | np.ndarray) else [base_lrs]
    if len(base) == 0:
        check.fail("simulate", "base_lrs", "must have at least one rate", base_lrs)
    base = np.array([check.rate("simulate", lr, f"base_lrs[{i}]") for i, lr in enumerate(base)])
    num_steps = check.integer("simulate", "num_steps", num_steps, 1)
    mask, value = np.zeros((num_steps, len(base)), bool), np.zeros((num_steps, len(base)))
    for t, edit in (edits or {}).items():
        if t not in range(num_steps):
            check.fail("simulate", "edits", f"must be at steps 0 to {num_steps - 1}", t)
        for group, lr in edit.items() if isinstance(edit, Mapping) else [(slice(None), edit)]:
            if group != slice(None) and group not in range(len(base)):
                check.fail("simulate", f"edits[{t}]", f"must name groups 0 to {len(base) - 1}", group)
            mask[t, group], value[t, group] = True, check.rate("simulate", lr, f"edits[{t}]")
    return base, mask, value
