"""tensor2tensor's curves beside their formulas in float32, as it computes them: it needs TensorFlow 1."""

from collections.abc import Callable
from typing import Any

import numpy as np

from lrspec.curves import tensor2tensor

from .rows import Row

SOURCE = "tensor2tensor 1.15.7, tensor2tensor/utils/learning_rate.py, learning_rate_factor"
f = np.float32


def _factor(name: str, t: Any, h: dict[str, Any]) -> Any:
    warmup, decay = f(h.get("learning_rate_warmup_steps", 1)), f(h.get("learning_rate_decay_steps", 1))
    steps, pi = f(h.get("train_steps", 1)), f(np.pi)
    late, rate = max(t, warmup), f(h.get("learning_rate_decay_rate", 1.0))
    share = max((t - warmup) / decay, f(0))
    made: dict[str, Callable[[], Any]] = {
        "constant": lambda: f(h.get("learning_rate_constant", 1.0)),
        "linear_warmup": lambda: min(f(1), t / warmup),
        "linear_decay": lambda: min(f(1), max(f(0), (steps - t) / decay)),
        "cosdecay": lambda: f(1) if t <= warmup else f(0.5) * (f(1) + np.cos(pi * t / decay)),
        "single_cycle_cos_decay": lambda: np.cos((late - warmup) * pi / (steps - warmup)) / f(2) + f(0.5),
        "multi_cycle_cos_decay": lambda: np.cos((late - warmup) * pi / decay) / f(2) + f(0.5),
        "rsqrt_decay": lambda: f(1) / np.sqrt(late),
        "rsqrt_normalized_decay": lambda: np.sqrt(warmup) / np.sqrt(late),
        "exp_decay": lambda: rate ** (np.floor(share) if h.get("learning_rate_decay_staircase") else share),
        "rsqrt_hidden_size": lambda: f(h["hidden_size"] ** -0.5),
    }
    return made[name]()


def _row(schedule: str, **h: Any) -> Row:
    def rate(t: int, base: float) -> float:
        value = f(1)
        for name in schedule.split("*"):
            value = value * _factor(name, f(t), h)
        return float(f(base) * value)

    id = f"{schedule} {tuple(h.values())}"
    return Row(id, tensor2tensor.learning_rate_schedule(schedule, **h), rate, SOURCE, bits=32)


NOAM = "constant*linear_warmup*rsqrt_decay*rsqrt_hidden_size"
ROWS = [
    _row(NOAM, learning_rate_constant=2.0, learning_rate_warmup_steps=400, hidden_size=512),
    _row(NOAM, learning_rate_warmup_steps=8000, hidden_size=1024),
    _row("linear_warmup*rsqrt_normalized_decay", learning_rate_warmup_steps=77),
    _row("constant*linear_warmup*single_cycle_cos_decay", learning_rate_warmup_steps=100, train_steps=2000),
    _row("linear_warmup*multi_cycle_cos_decay", learning_rate_warmup_steps=1, learning_rate_decay_steps=333),
    _row("cosdecay", learning_rate_warmup_steps=100, learning_rate_decay_steps=1999),
    _row("linear_decay", train_steps=1700, learning_rate_decay_steps=500),
    _row(
        "linear_warmup*exp_decay",
        learning_rate_warmup_steps=50,
        learning_rate_decay_steps=200,
        learning_rate_decay_rate=0.7,
    ),
    _row(
        "exp_decay",
        learning_rate_warmup_steps=50,
        learning_rate_decay_steps=200,
        learning_rate_decay_rate=0.5,
        learning_rate_decay_staircase=True,
    ),
]
