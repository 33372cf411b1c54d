"""Megatron's own OptimizerParamScheduler: a list of its arguments -> for each its values, [step][group].

A row is {"target": "lr" or "weight_decay", "increment": samples of a step, "arguments": {...}}. With ``max_lr`` or
``min_lr_ratio`` in a row, the groups have their own: the rate of ``base_lrs``, and that share of it.
"""

import warnings
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from parity_tests.originals import serve

_LR = {
    "init_lr": 0.0,
    "max_lr": 1.0,
    "min_lr": 0.0,
    "lr_warmup_steps": 0,
    "lr_decay_steps": 1,
    "lr_decay_style": "linear",
}
_WD = {"start_wd": 0.0, "end_wd": 0.0, "wd_incr_steps": 1, "wd_incr_style": "constant"}


def answer(request: dict[str, Any]) -> list[list[list[float]]]:
    """Request: ``rows``, and the ``base_lrs`` and ``steps`` of all of them."""
    return [_values(row, request["base_lrs"], request["steps"]) for row in request["rows"]]


def _values(row: dict[str, Any], bases: list[float], steps: int) -> list[list[float]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module: Any = import_module("megatron.core.optimizer_param_scheduler")

    groups: list[dict[str, Any]] = [{} for _ in bases]
    if row.get("own_rates"):
        ratio = row.get("min_lr_ratio")
        groups = [{"max_lr": base} | ({} if ratio is None else {"min_lr": base * ratio}) for base in bases]
    scheduler = module.OptimizerParamScheduler(SimpleNamespace(param_groups=groups), **(_LR | _WD | row["arguments"]))
    values = []
    for _ in range(steps):
        values.append([float(group[row["target"]]) for group in groups])
        scheduler.step(row.get("increment", 1))
    return values


if __name__ == "__main__":
    serve(answer)
