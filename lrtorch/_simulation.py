"""The arguments of ``simulate``, checked.

``lrjax/_simulation.py`` and ``lrtorch/_simulation.py`` are the same file to the byte
(``parity_tests/test_mirror.py`` compares them).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from . import _check as check
from .lr_scheduler._arguments import Arguments, OneCycleLR, ReduceLROnPlateau, TableLR


def read_simulation(
    scheduler: Any, base_lrs: Any, num_steps: Any, edits: Mapping[int, Any] | None, metrics: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Base rates (G,); which rates are edited, and to what, (num_steps, G) each; metrics (num_steps,)."""
    if not isinstance(scheduler, Arguments):
        check.fail("simulate", "scheduler", "must be a scheduler of this package", scheduler, TypeError)
    base = base_lrs if isinstance(base_lrs, Sequence | np.ndarray) else [base_lrs]
    if len(base) == 0:
        check.fail("simulate", "base_lrs", "must have at least one rate", base_lrs)
    base = np.array([check.rate("simulate", lr, f"base_lrs[{i}]") for i, lr in enumerate(base)])
    scheduler.check_groups([{"lr": lr, "momentum": 0.0} for lr in base])
    num_steps = check.integer("simulate", "num_steps", num_steps, 1)
    if isinstance(scheduler, OneCycleLR) and num_steps > scheduler.steps() - scheduler.last_epoch:
        most = scheduler.steps() - scheduler.last_epoch
        check.fail("simulate", "num_steps", f"must be at most {most} (OneCycleLR's total_steps and one)", num_steps)
    if isinstance(scheduler, TableLR) and num_steps > scheduler.steps() - scheduler.last_epoch - 1:
        most = scheduler.steps() - scheduler.last_epoch - 1
        check.fail("simulate", "num_steps", f"must be at most {most} (what TableLR's table has)", num_steps)
    mask, value = np.zeros((num_steps, len(base)), bool), np.zeros((num_steps, len(base)))
    for t, edit in (edits or {}).items():
        if t not in range(num_steps):
            check.fail("simulate", "edits", f"must be at steps 0 to {num_steps - 1}", t)
        for group, lr in edit.items() if isinstance(edit, Mapping) else [(slice(None), edit)]:
            if group != slice(None) and group not in range(len(base)):
                check.fail("simulate", f"edits[{t}]", f"must name groups 0 to {len(base) - 1}", group)
            mask[t, group], value[t, group] = True, check.rate("simulate", lr, f"edits[{t}]")
    return base, mask, value, _read_metrics(scheduler, num_steps, metrics)


def _read_metrics(scheduler: Any, num_steps: int, metrics: Any) -> np.ndarray:
    if not isinstance(scheduler, ReduceLROnPlateau):
        if metrics is not None:
            check.fail("simulate", "metrics", "must be left out but for ReduceLROnPlateau", metrics)
        return np.zeros(num_steps)
    if metrics is None or len(metrics) != num_steps:
        check.fail("simulate", "metrics", f"must have {num_steps} numbers for ReduceLROnPlateau", metrics)
    for t, metric in enumerate(metrics):
        if not check.is_number(metric):
            check.fail("simulate", f"metrics[{t}]", "must be a number", metric)
    return np.asarray(metrics, np.float64)
