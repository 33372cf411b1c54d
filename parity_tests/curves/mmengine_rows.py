"""MMEngine's schedulers beside MMEngine itself."""

from collections.abc import Callable
from typing import Any

from lrspec.curves import Curve, mmengine

from .rows import Row

ARGUMENTS: dict[str, list[dict[str, Any]]] = {
    "StepLR": [
        {"step_size": 500},
        {"step_size": 77, "gamma": 0.9, "begin": 13, "end": 977},
        {"step_size": 1, "gamma": 0.999, "begin": 1999},
        {"step_size": 30, "gamma": 0.7, "end": 31},
    ],
    "MultiStepLR": [
        {"milestones": [500, 977]},
        {"milestones": [1, 1, 7, 977], "gamma": 0.7, "begin": 13},
        {"milestones": [0, 3, 2, 1999], "gamma": 0.9, "end": 1500},
        {"milestones": [], "begin": 100, "end": 101},
    ],
    "ConstantLR": [
        {"end": 500},
        {"factor": 0.7, "begin": 13, "end": 977},
        {"factor": 0.3},
        {"factor": 0.1, "begin": 100, "end": 101},
    ],
    "ExponentialLR": [
        {"gamma": 0.999},
        {"gamma": 0.99, "begin": 13, "end": 977},
        {"gamma": 0.9, "end": 30},
        {"gamma": 1.0, "begin": 1999},
    ],
    "LinearLR": [
        {"end": 500},
        {"start_factor": 0.001, "begin": 13, "end": 977},
        {"start_factor": 1.0, "end_factor": 0.1, "end": 1999},
        {"start_factor": 0.3, "begin": 100, "end": 102},
    ],
    "PolyLR": [
        {"end": 500},
        {"eta_min": 0.0001, "power": 0.9, "begin": 13, "end": 977},
        {"eta_min": 0.001, "power": 2.0, "end": 1999},
        {"power": 1.5, "begin": 100, "end": 102},
    ],
    "CosineAnnealingLR": [
        {"T_max": 1500, "end": 1500},
        {"eta_min": 0.0001, "begin": 13, "end": 977},
        {"T_max": 333, "eta_min_ratio": 0.1, "begin": 7},
        {"T_max": 49, "eta_min_ratio": 0.01, "end": 1000},
    ],
    "CosineRestartLR": [
        {"periods": [500, 1000], "restart_weights": [1, 0.5], "eta_min": 0.0},
        {"periods": [77, 333, 977], "restart_weights": [1, 0.7, 0.3], "eta_min_ratio": 0.1, "begin": 13},
        {"periods": [3000], "eta_min": 0.0001},
        {"periods": [49, 49], "restart_weights": [0.5, 1], "eta_min_ratio": 0.0, "end": 70},
    ],
    "OneCycleLR": [
        {"eta_max": 0.3, "total_steps": 1999, "end": 1999},
        {"eta_max": 0.7, "begin": 13, "end": 977, "anneal_strategy": "linear", "pct_start": 0.37},
        {"eta_max": 0.1, "end": 1500, "three_phase": True, "div_factor": 7.0, "final_div_factor": 3.0},
        {"eta_max": 1.0, "total_steps": 2500, "three_phase": True, "anneal_strategy": "linear", "begin": 100},
    ],
}
NAMES: dict[str, Callable[..., Curve]] = {
    "StepLR": mmengine.step_lr,
    "MultiStepLR": mmengine.multi_step_lr,
    "ConstantLR": mmengine.constant_lr,
    "ExponentialLR": mmengine.exponential_lr,
    "LinearLR": mmengine.linear_lr,
    "PolyLR": mmengine.poly_lr,
    "CosineAnnealingLR": mmengine.cosine_annealing_lr,
    "CosineRestartLR": mmengine.cosine_restart_lr,
    "OneCycleLR": mmengine.one_cycle_lr,
}
ONE_BY_ONE = ("MultiStepLR", "ConstantLR", "OneCycleLR")  # the others multiply the rate before at every count

ROWS = [
    Row(f"{name} {i}", NAMES[name](**arguments), [name, arguments], drift=0.0 if name in ONE_BY_ONE else 1e-12)
    for name, rows in ARGUMENTS.items()
    for i, arguments in enumerate(rows, 1)
]
