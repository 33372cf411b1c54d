"""optax's schedules beside optax itself: in float64, bit for bit, and in its usual float32."""

from typing import Any

from lrspec.curves import optax

from .rows import Row

WARM = {"init_value": 0.0, "peak_value": 0.3, "warmup_steps": 100}
CYCLES = [{"init_value": 0.01, "peak_value": 0.3 / n, "warmup_steps": 7 * n, "decay_steps": 211 * n} for n in (1, 2, 4)]
LINE = ("linear_schedule", {"init_value": 0.0, "end_value": 0.7, "transition_steps": 90})
COSINE = ("cosine_decay_schedule", {"init_value": 0.7, "decay_steps": 611, "alpha": 0.03})
EXPONENTIAL = ("exponential_decay", {"init_value": 0.02, "transition_steps": 77, "decay_rate": 0.9})
ARGUMENTS: dict[str, list[dict[str, Any]]] = {
    "constant_schedule": [{"value": 0.1}, {"value": 0.0}, {"value": 3}, {"value": 1e-7}],
    "polynomial_schedule": [
        {"init_value": 0.3, "end_value": 0.001, "power": 2, "transition_steps": 1777},
        {"init_value": 0.3, "end_value": 0.001, "power": 1, "transition_steps": 977, "transition_begin": 13},
        {"init_value": 0.0, "end_value": 0.7, "power": 0.9, "transition_steps": 1500, "transition_begin": 100},
        {"init_value": 1.0, "end_value": 1e-7, "power": 0.1, "transition_steps": 2000},
        {"init_value": 1.0, "end_value": 0.1, "power": 2.5, "transition_steps": 1},
    ],
    "linear_schedule": [
        {"init_value": 0.3, "end_value": 0.001, "transition_steps": 1777},
        {"init_value": 0.0, "end_value": 0.7, "transition_steps": 977, "transition_begin": 13},
        {"init_value": 0.1, "end_value": 0.0, "transition_steps": 1},
        {"init_value": 0.1, "end_value": 0.2, "transition_steps": 5000},
    ],
    "piecewise_constant_schedule": [
        {"init_value": 0.1},
        {"init_value": 0.1, "boundaries_and_scales": [[0, 0.7], [500, 0.1], [977, 0.3]]},
        {"init_value": 0.3, "boundaries_and_scales": [[1500, 0.1], [7, 3.3], [8, 0.9]]},
        {"init_value": 0.3, "boundaries_and_scales": [[1500, 0.0]]},
    ],
    "exponential_decay": [
        {"init_value": 0.1, "transition_steps": 100, "decay_rate": 0.96},
        {"init_value": 0.1, "transition_steps": 77, "decay_rate": 0.9, "transition_begin": 13, "staircase": True},
        {"init_value": 0.1, "transition_steps": 77, "decay_rate": 0.5, "end_value": 0.003},
        {"init_value": 0.001, "transition_steps": 100, "decay_rate": 1.5, "end_value": 0.03},
        {"init_value": 0.1, "transition_steps": 1, "decay_rate": 0.998046875, "transition_begin": 1000},
    ],
    "cosine_decay_schedule": [
        {"init_value": 0.3, "decay_steps": 1777},
        {"init_value": 0.3, "decay_steps": 977, "alpha": 0.07},
        {"init_value": 0.1, "decay_steps": 2001, "alpha": 0.1, "exponent": 2.0},
        {"init_value": 0.1, "decay_steps": 1500, "exponent": 0.7},
        {"init_value": 0.1, "decay_steps": 1, "alpha": 0.5, "exponent": 2},
    ],
    "piecewise_interpolate_schedule": [
        {"interpolate_type": "linear", "init_value": 0.1},
        {"interpolate_type": "linear", "init_value": 0.1, "boundaries_and_scales": [[333, 7.0], [977, 0.3], [1500, 0]]},
        {"interpolate_type": "cosine", "init_value": 0.3, "boundaries_and_scales": [[977, 0.3], [333, 7.0], [978, 3]]},
        {"interpolate_type": "cosine", "init_value": 0.3, "boundaries_and_scales": [[0, 0.7], [1, 0.1], [1999, 2.0]]},
    ],
    "linear_onecycle_schedule": [
        {"transition_steps": 1500, "peak_value": 0.1},
        {"transition_steps": 977, "peak_value": 0.3, "pct_start": 0.37, "pct_final": 0.77},
        {"transition_steps": 2000, "peak_value": 1.0, "div_factor": 7.0, "final_div_factor": 3.0},
        {"transition_steps": 3, "peak_value": 1.0, "pct_start": 0.34, "pct_final": 0.67},
        {"transition_steps": 3001, "peak_value": 0.1, "pct_start": 0.0},
    ],
    "cosine_onecycle_schedule": [
        {"transition_steps": 1500, "peak_value": 0.1},
        {"transition_steps": 977, "peak_value": 0.3, "pct_start": 0.37},
        {"transition_steps": 2000, "peak_value": 1.0, "div_factor": 7.0, "final_div_factor": 3.0},
        {"transition_steps": 1, "peak_value": 1.0, "pct_start": 0.5},
    ],
    "warmup_constant_schedule": [
        {"init_value": 0.0, "peak_value": 0.3, "warmup_steps": 100},
        {"init_value": 0.1, "peak_value": 0.7, "warmup_steps": 977},
        {"init_value": 0.1, "peak_value": 0.7, "warmup_steps": 1},
        {"init_value": 0.3, "peak_value": 0.3, "warmup_steps": 3000},
    ],
    "warmup_cosine_decay_schedule": [
        {**WARM, "decay_steps": 1500},
        {**WARM, "warmup_steps": 0, "decay_steps": 977, "end_value": 0.01},
        {**WARM, "warmup_steps": 333, "decay_steps": 334, "end_value": 0.01},
        {**WARM, "init_value": 0.07, "decay_steps": 2500, "end_value": 0.001, "exponent": 1.3},
        {**WARM, "peak_value": 0.0, "decay_steps": 1500},
    ],
    "warmup_exponential_decay_schedule": [
        {**WARM, "transition_steps": 100, "decay_rate": 0.96},
        {**WARM, "warmup_steps": 0, "transition_steps": 77, "decay_rate": 0.9, "transition_begin": 13},
        {**WARM, "warmup_steps": 977, "transition_steps": 70, "decay_rate": 0.5, "staircase": True, "end_value": 0.01},
        {**WARM, "transition_steps": 100, "decay_rate": 1.1, "end_value": 0.9},
    ],
    "sgdr_schedule": [
        {"cosine_kwargs": CYCLES},
        {"cosine_kwargs": CYCLES[:1]},
        {"cosine_kwargs": [{**one, "end_value": 0.007} for one in CYCLES]},
        {"cosine_kwargs": [{**one, "exponent": 2.0, "warmup_steps": 0} for one in CYCLES]},
    ],
    "join_schedules": [
        {"schedules": [LINE], "boundaries": []},
        {"schedules": [LINE, COSINE], "boundaries": [90]},
        {"schedules": [LINE, COSINE, EXPONENTIAL], "boundaries": [100, 977]},
        {"schedules": [COSINE, LINE, COSINE], "boundaries": [1, 2]},
    ],
}


def _curve(name: str, arguments: dict[str, Any]) -> Any:
    if name == "join_schedules":
        schedules = [_curve(*one) for one in arguments["schedules"]]
        return optax.join_schedules(schedules, arguments["boundaries"])
    return getattr(optax, name)(**arguments)


ROWS = [
    Row(f"{name} {i} in {bits} bits", _curve(name, arguments), [name, arguments, bits], bits=bits)
    for bits in (64, 32)
    for name, rows in ARGUMENTS.items()
    for i, arguments in enumerate(rows, 1)
]
