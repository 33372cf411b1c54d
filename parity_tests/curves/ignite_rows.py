"""ignite's schedulers beside ignite itself."""

from collections.abc import Callable
from typing import Any

from lrspec.curves import Curve, formula, ignite

from .rows import Row

ENDS = {"start_value": 0.3, "end_value": 0.01}
UP = {"start_value": 0.01, "end_value": 0.7}
LINE = ("PiecewiseLinear", {"milestones_values": [[0, 0.0], [100, 0.3]]})
CYCLE = ("LinearCyclicalScheduler", {**ENDS, "cycle_size": 77})
COSINE = ("CosineAnnealingScheduler", {**ENDS, "cycle_size": 977})
TORCH = ("LambdaLR", {"gamma": 0.999})
WARM = {"warmup_start_value": 0.0, "warmup_duration": 100}
ARGUMENTS: dict[str, list[dict[str, Any]]] = {
    "LinearCyclicalScheduler": [
        {**ENDS, "cycle_size": 100},
        {**UP, "cycle_size": 49, "cycle_mult": 1.3},
        {**ENDS, "cycle_size": 2, "start_value_mult": 0.99, "end_value_mult": 0.9},
        {**ENDS, "cycle_size": 77, "warmup_duration": 13, "monotonic": True},
        {**UP, "cycle_size": 7, "warmup_duration": 3, "monotonic": True, "cycle_mult": 1.1, "start_value_mult": 0.9},
        {**UP, "cycle_size": 7, "warmup_duration": 1, "monotonic": True, "start_value_mult": 0.9},
    ],
    "CosineAnnealingScheduler": [
        {**ENDS, "cycle_size": 2000},
        {**UP, "cycle_size": 49, "cycle_mult": 1.3},
        {**ENDS, "cycle_size": 33, "start_value_mult": 0.99, "end_value_mult": 0.9},
        {**ENDS, "cycle_size": 77, "warmup_duration": 13, "cycle_mult": 2, "start_value_mult": 0.7},
        {**ENDS, "cycle_size": 5000},
    ],
    "PiecewiseLinear": [
        {"milestones_values": [[10, 0.5], [20, 0.45], [21, 0.3], [977, 0.1], [1500, 0.1]]},
        {"milestones_values": [[0, 0.0], [100, 0.3], [1900, 0.0]]},
        {"milestones_values": [[100, 0.3], [100, 0.7], [3000, 0.01]]},
        {"milestones_values": [[7, 0.3]]},
    ],
    "ConcatScheduler": [
        {"schedulers": [LINE, COSINE], "durations": [100]},
        {"schedulers": [CYCLE, LINE, COSINE], "durations": [49, 977]},
        {"schedulers": [LINE, TORCH], "durations": [101]},
        {"schedulers": [COSINE, CYCLE], "durations": [1]},
    ],
    "create_lr_scheduler_with_warmup": [
        {**WARM, "lr_scheduler": TORCH},
        {**WARM, "lr_scheduler": TORCH, "warmup_end_value": 0.7},
        {**WARM, "lr_scheduler": COSINE, "warmup_end_value": 0.7},
        {**WARM, "lr_scheduler": COSINE, "warmup_end_value": 0.3},
        {"lr_scheduler": CYCLE, "warmup_start_value": 0.1, "warmup_duration": 2, "warmup_end_value": 0.3},
        {"lr_scheduler": TORCH, "warmup_start_value": 0.003, "warmup_duration": 2},
    ],
}
NAMES: dict[str, Callable[..., Curve]] = {
    "LambdaLR": lambda gamma: formula(lambda m, t: gamma**t),
    "LinearCyclicalScheduler": ignite.linear_cyclical_scheduler,
    "CosineAnnealingScheduler": ignite.cosine_annealing_scheduler,
    "PiecewiseLinear": ignite.piecewise_linear,
    "ConcatScheduler": ignite.concat_scheduler,
    "create_lr_scheduler_with_warmup": ignite.create_lr_scheduler_with_warmup,
}


def _curve(name: str, arguments: dict[str, Any]) -> Curve:
    if "schedulers" in arguments:
        arguments = {**arguments, "schedulers": [_curve(*one) for one in arguments["schedulers"]]}
    if "lr_scheduler" in arguments:
        arguments = {**arguments, "lr_scheduler": _curve(*arguments["lr_scheduler"])}
    return NAMES[name](**arguments)


ROWS = [
    Row(f"{name} {i}", _curve(name, arguments), [name, arguments])
    for name, rows in ARGUMENTS.items()
    for i, arguments in enumerate(rows, 1)
]
