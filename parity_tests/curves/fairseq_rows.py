"""fairseq's curves beside their formulas: its wheel must be compiled, and its schedulers need all of it."""

import math
from collections.abc import Callable
from typing import Any

from lrspec.curves import fairseq

from .rows import Row

SOURCE = "fairseq 0.12.2, fairseq/optim/lr_scheduler/{}.py, step_update"
Rate = Callable[[int, float], float]


def _inverse_sqrt(warmup_updates: int, warmup_init_lr: float = 0.0) -> Rate:
    def rate(n: int, lr: float) -> float:
        if n < warmup_updates:
            return warmup_init_lr + n * ((lr - warmup_init_lr) / warmup_updates)
        return lr * warmup_updates**0.5 * n**-0.5

    return rate


def _polynomial_decay(
    warmup_updates: int = 0, end_learning_rate: float = 0.0, power: float = 1.0, *, total_num_update: int
) -> Rate:
    def rate(n: int, lr: float) -> float:
        if warmup_updates > 0 and n <= warmup_updates:
            return n / float(warmup_updates) * lr
        if n >= total_num_update:
            return end_learning_rate
        left = 1 - (n - warmup_updates) / (total_num_update - warmup_updates)
        return (lr - end_learning_rate) * left**power + end_learning_rate

    return rate


def _cosine(
    warmup_updates: int = 0,
    warmup_init_lr: float = -1,
    min_lr: float = 0.0,
    t_mult: float = 1.0,
    lr_period_updates: float = -1,
    lr_shrink: float = 0.1,
    *,
    max_update: int = 0,
) -> Rate:
    first = min_lr if warmup_init_lr < 0 else warmup_init_lr
    period = max_update - warmup_updates if lr_period_updates <= 0 else lr_period_updates

    def rate(n: int, lr: float) -> float:
        if n < warmup_updates:
            return first + n * ((lr - first) / warmup_updates)
        now = n - warmup_updates
        i = math.floor(now / period) if t_mult == 1 else 0
        length, inside = period, now - period * i
        if t_mult != 1:
            i = math.floor(math.log(1 - now / period * (1 - t_mult), t_mult))
            length = t_mult**i * period
            inside = now - (1 - t_mult**i) / (1 - t_mult) * period
        low, high = min_lr * lr_shrink**i, lr * lr_shrink**i
        return low + 0.5 * (high - low) * (1 + math.cos(math.pi * inside / length))

    return rate


def _triangular(max_lr: float, lr_period_updates: int = 5000, lr_shrink: float = 0.1, shrink_min: bool = False) -> Rate:
    half = lr_period_updates // 2

    def rate(n: int, lr: float) -> float:
        cycle = math.floor(n / (2 * half))
        low = lr * lr_shrink**cycle if shrink_min else lr
        x = abs(n / half - 2 * (cycle + 1) + 1)
        return low + (max_lr * lr_shrink**cycle - low) * max(0, (1 - x))

    return rate


def _tri_stage(
    warmup_steps: int = 0,
    hold_steps: int = 0,
    decay_steps: int = 0,
    phase_ratio: tuple[float, float, float] | None = None,
    init_lr_scale: float = 0.01,
    final_lr_scale: float = 0.01,
    *,
    max_update: int = 0,
) -> Rate:
    if phase_ratio is not None:
        warmup_steps, hold_steps, decay_steps = (int(max_update * share) for share in phase_ratio)
    factor = -math.log(final_lr_scale) / decay_steps

    def rate(n: int, lr: float) -> float:
        first = init_lr_scale * lr
        if n < warmup_steps:
            return first + (lr - first) / warmup_steps * n
        n -= warmup_steps
        if n < hold_steps:
            return lr
        n -= hold_steps
        return lr * math.exp(-factor * n) if n <= decay_steps else final_lr_scale * lr

    return rate


def _rows(name: str, file: str, original: Any, table: dict[str, dict[str, Any]], *, exact: bool = True) -> list[Row]:
    make: Any = getattr(fairseq, name)
    return [
        Row(f"{name} {id}", make(**given), original(**given), SOURCE.format(file), exact=exact)
        for id, given in table.items()
    ]


ROWS = [
    *_rows(
        "inverse_sqrt",
        "inverse_square_root_schedule",
        _inverse_sqrt,
        {
            "of 100": {"warmup_updates": 100},
            "of one": {"warmup_updates": 1},
            "from a rate": {"warmup_updates": 777, "warmup_init_lr": 1e-7},
            "from above": {"warmup_updates": 13, "warmup_init_lr": 0.3},
            "in its warm-up": {"warmup_updates": 4000},
        },
    ),
    *_rows(
        "polynomial_decay",
        "polynomial_decay_schedule",
        _polynomial_decay,
        {
            "linear": {"total_num_update": 1500},
            "after a warm-up": {"warmup_updates": 100, "total_num_update": 1501},
            "squared, to a rate": {
                **{"warmup_updates": 33, "total_num_update": 977, "power": 2.0, "end_learning_rate": 1e-4}
            },
            "root": {"warmup_updates": 1, "total_num_update": 1999, "power": 0.5},
            "of one": {"warmup_updates": 1000, "total_num_update": 1001, "power": 1.7, "end_learning_rate": 0.002},
        },
    ),
    *_rows(
        "cosine",
        "cosine_lr_scheduler",
        _cosine,
        {
            "to the end": {"max_update": 1500},
            "again and again": {"warmup_updates": 100, "lr_period_updates": 301, "lr_shrink": 0.7, "min_lr": 1e-4},
            "that double": {"warmup_updates": 7, "lr_period_updates": 10, "t_mult": 2, "lr_shrink": 0.9},
            "that grow by 10, where the logarithm rounds down": {
                "lr_period_updates": 1,
                "t_mult": 10,
                "lr_shrink": 0.5,
            },
            "that grow by a half": {"lr_period_updates": 50, "t_mult": 1.5, "lr_shrink": 0.8, "min_lr": 2e-3},
            "that grow by a hundredth": {"lr_period_updates": 12.5, "t_mult": 1.01, "lr_shrink": 1},
            "from a rate": {"warmup_updates": 333, "warmup_init_lr": 1e-7, "max_update": 1234, "min_lr": 1e-5},
        },
    ),
    *_rows(
        "triangular",
        "triangular_lr_scheduler",
        _triangular,
        {
            "with a short cycle": {"max_lr": 2.0, "lr_period_updates": 500},
            "with an odd one": {"max_lr": 1.5, "lr_period_updates": 333, "lr_shrink": 0.9},
            "whose lower end shrinks": {"max_lr": 3.0, "lr_period_updates": 98, "lr_shrink": 0.5, "shrink_min": True},
            "of two": {"max_lr": 3.0, "lr_period_updates": 2, "lr_shrink": 1.0},
            "in its first half": {"max_lr": 7.0},
        },
    ),
    *_rows(
        "tri_stage",
        "tri_stage_lr_scheduler",
        _tri_stage,
        {
            "in shares": {"phase_ratio": (0.1, 0.4, 0.5), "max_update": 1777},
            "in steps": {"warmup_steps": 100, "hold_steps": 500, "decay_steps": 1000, "final_lr_scale": 0.05},
            "without a warm-up": {"hold_steps": 1, "decay_steps": 977},
            "without a hold": {"warmup_steps": 33, "decay_steps": 1, "init_lr_scale": 0.5, "final_lr_scale": 0.3},
            "that only decays": {"decay_steps": 2500, "final_lr_scale": 1e-3},
        },
        exact=False,
    ),
]
