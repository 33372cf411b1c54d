"""The arguments of ``simulate``: what they mean, and their checks."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from . import check
from .scheduler_arguments import Arguments
from .scheduler_arguments.metric import FromMetric

ARGUMENTS = {
    "scheduler": "a scheduler of this package; its ``every`` is not used: a row is a scheduler step.",
    "base_lrs": "the groups' rates before the scheduler is attached; one number is one group.",
    "num_steps": "number of rows, at least 1.",
    "edits": "step -> rate set by hand before that update: one number for all groups, or {group index: rate}.",
    "metrics": "for ReduceLROnPlateau and GreedyLR, the metric after each update, num_steps numbers.",
    "momentum": "give the momentum of each update too, for schedulers that cycle it.",
}
RETURNS = (
    "float64, shape=(num_steps, groups): row t holds the rates of update t; with ``momentum`` a pair of such arrays, "
    "rates and momenta."
)
RAISES = {
    "TypeError": "something that is no scheduler of this package.",
    "ValueError": "a negative or non-finite rate, no group, a step or group out of range, metrics that are missing, "
    "not wanted or of another length; more steps than OneCycleLR has.",
}


def read_simulation(
    family: type[Arguments],
    scheduler: Any,
    base_lrs: Any,
    num_steps: Any,
    edits: Mapping[int, Any] | None,
    metrics: Any,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Base rates (G,); which rates are edited, and to what, (num_steps, G) each; metrics (num_steps,).

    ``family`` is the base of the package's schedulers.
    """
    if not isinstance(scheduler, family):
        check.fail("simulate", "scheduler", "must be a scheduler of this package", scheduler, TypeError)
    base_lrs, num_steps = as_numbers(base_lrs), check.plain(num_steps)
    base = list(base_lrs) if _is_list(base_lrs) else [base_lrs]
    if len(base) == 0:
        check.fail("simulate", "base_lrs", "must have at least one rate", base_lrs)
    base = np.array([check.rate("simulate", lr, f"base_lrs[{i}]") for i, lr in enumerate(base)])
    scheduler.check_groups([{"lr": lr, "momentum": 0.0} for lr in base])
    num_steps = check.integer("simulate", "num_steps", num_steps, 1)
    last = scheduler.last_step()
    if last is not None and num_steps > last - scheduler.last_epoch:
        most = last - scheduler.last_epoch
        check.fail(
            "simulate", "num_steps", f"must be at most {most}, where the {type(scheduler).__name__} ends", num_steps
        )
    mask, value = np.zeros((num_steps, len(base)), bool), np.zeros((num_steps, len(base)))
    if not isinstance(edits, Mapping | None):
        check.fail("simulate", "edits", "must be a dict from steps to rates", edits, TypeError)
    for t, edit in (edits or {}).items():
        t = check.index("simulate", "edits", t, num_steps, f"must be at steps 0 to {num_steps - 1}")
        for group, lr in edit.items() if isinstance(edit, Mapping) else [(slice(None), edit)]:
            if not isinstance(group, slice):
                rule = f"must name groups 0 to {len(base) - 1}"
                group = check.index("simulate", f"edits[{t}]", group, len(base), rule)
            mask[t, group], value[t, group] = True, check.rate("simulate", check.plain(lr), f"edits[{t}]")
    return base, mask, value, _read_metrics(scheduler, num_steps, as_numbers(metrics))


def as_numbers(values: Any) -> Any:
    """A list of Python's numbers for an array of NumPy, JAX or torch; Python's number for one."""
    return values.tolist() if isinstance(getattr(values, "ndim", None), int) and values.ndim else check.plain(values)


def _is_list(value: Any) -> bool:
    """Whether it is a sequence of numbers, or may be one."""
    return np.ndim(value) > 0 if isinstance(value, np.ndarray) else isinstance(value, list | tuple | range)


def _read_metrics(scheduler: Any, num_steps: int, metrics: Any) -> np.ndarray:
    if not isinstance(scheduler, FromMetric):
        if metrics is not None:
            check.fail("simulate", "metrics", "must be left out but for ReduceLROnPlateau and GreedyLR", metrics)
        return np.zeros(num_steps)
    if not _is_list(metrics) or len(metrics) != num_steps:
        check.fail("simulate", "metrics", f"must have {num_steps} numbers for {type(scheduler).__name__}", metrics)
    for t, metric in enumerate(metrics):
        if not check.is_number(metric) or check.overflows(metric):
            check.fail("simulate", f"metrics[{t}]", "must be a number", metric)
    return np.asarray(metrics, np.float64)
