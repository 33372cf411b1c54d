"""Keras' schedules beside Keras itself: in float64, bit for bit, and in its usual float32."""

from typing import Any

from lrspec.curves import keras

from .rows import Row

RATE = {"initial_learning_rate": 0.3}
ARGUMENTS: dict[str, list[dict[str, Any]]] = {
    "ExponentialDecay": [
        {**RATE, "decay_steps": 1000, "decay_rate": 0.96},
        {**RATE, "decay_steps": 77, "decay_rate": 0.9, "staircase": True},
        {**RATE, "decay_steps": 1, "decay_rate": 0.99},
        {**RATE, "decay_steps": 333, "decay_rate": 1.1},
    ],
    "PiecewiseConstantDecay": [
        {"boundaries": [500], "values": [0.3, 0.1]},
        {"boundaries": [0, 7, 8], "values": [0.3, 0.1, 0.7, 0.01]},
        {"boundaries": [1, 1999, 5000], "values": [0.3, 0.1, 0.7, 0.01]},
        {"boundaries": [333, 977], "values": [0.3, 0.1, 0.0]},
    ],
    "PolynomialDecay": [
        {**RATE, "decay_steps": 1500},
        {**RATE, "decay_steps": 977, "end_learning_rate": 0.01, "power": 0.5},
        {**RATE, "decay_steps": 333, "power": 2.5, "cycle": True},
        {**RATE, "decay_steps": 49, "end_learning_rate": 0.0, "power": 2.0, "cycle": True},
        {**RATE, "decay_steps": 1, "cycle": True},
    ],
    "InverseTimeDecay": [
        {**RATE, "decay_steps": 100, "decay_rate": 0.5},
        {**RATE, "decay_steps": 77, "decay_rate": 0.9, "staircase": True},
        {**RATE, "decay_steps": 1, "decay_rate": 0.001},
        {**RATE, "decay_steps": 49, "decay_rate": 3.3},
    ],
    "CosineDecay": [
        {**RATE, "decay_steps": 1500},
        {**RATE, "decay_steps": 977, "alpha": 0.07},
        {**RATE, "decay_steps": 1500, "warmup_target": 0.7, "warmup_steps": 100},
        {**RATE, "decay_steps": 877, "alpha": 0.01, "warmup_target": 0.3, "warmup_steps": 49},
        {**RATE, "decay_steps": 1, "alpha": 0.5, "warmup_target": 0.9, "warmup_steps": 1},
    ],
    "CosineDecayRestarts": [
        {**RATE, "first_decay_steps": 100},
        {**RATE, "first_decay_steps": 77, "t_mul": 1.0, "m_mul": 0.9, "alpha": 0.01},
        {**RATE, "first_decay_steps": 49, "t_mul": 1.5, "m_mul": 0.7},
        {**RATE, "first_decay_steps": 1, "t_mul": 3.0, "alpha": 0.1},
        {**RATE, "first_decay_steps": 5, "t_mul": 1.1, "m_mul": 0.99},
    ],
}
NAMES = {
    "ExponentialDecay": keras.exponential_decay,
    "PiecewiseConstantDecay": keras.piecewise_constant_decay,
    "PolynomialDecay": keras.polynomial_decay,
    "InverseTimeDecay": keras.inverse_time_decay,
    "CosineDecay": keras.cosine_decay,
    "CosineDecayRestarts": keras.cosine_decay_restarts,
}

ROWS = [
    Row(f"{name} {i} in {bits} bits", NAMES[name](**arguments), [name, arguments, bits], bits=bits)
    for bits in (64, 32)
    for name, rows in ARGUMENTS.items()
    for i, arguments in enumerate(rows if bits == 64 else rows[:1], 1)
]
