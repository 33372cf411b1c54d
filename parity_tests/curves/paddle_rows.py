"""Paddle's schedules beside their formulas as they stand in its source; Paddle computes in Python's floats."""

import math
from collections.abc import Callable
from functools import cache
from typing import Any

from lrspec.curves import Curve, paddle

from .rows import STEPS, Row

Rate = Callable[[int], float]


def _chained(first: float, following: Callable[[int, float], float]) -> Rate:
    """A rate that is made of the one before."""

    @cache
    def rates() -> list[float]:
        found = [first]
        for t in range(1, STEPS):
            found.append(following(t, found[-1]))
        return found

    return lambda t: rates()[t]


def _polynomial(lr: float, steps: int, end: float, power: float, cycle: bool) -> Rate:
    def rate(t: int) -> float:
        length = steps * (math.ceil(float(t) / float(steps)) or 1) if cycle else steps
        return (lr - end) * ((1 - float(t if cycle else min(t, steps)) / float(length)) ** power) + end

    return rate


def _one_cycle(peak: float, n: int, div: float, end: float, pct: float, how: str, three: bool) -> Rate:
    ends = [0, pct * n - 1, 2 * pct * n - 2, n - 1] if three else [0, pct * n - 1, n - 1]
    levels = [peak / div, peak, peak / div, end] if three else [peak / div, peak, end]

    def rate(t: int) -> float:
        t = min(t, n - 1)  # one count later Paddle goes on, then it raises
        i = next((i for i in range(len(ends) - 2) if t <= ends[i + 1]), len(ends) - 2)
        a, b, p = levels[i], levels[i + 1], (t - ends[i]) / (ends[i + 1] - ends[i])
        return b + (a - b) / 2.0 * (math.cos(math.pi * p) + 1) if how == "cos" else (b - a) * p + a

    return rate


def _cyclic(base: float, peak: float, up: float, down: float, mode: str, gamma: float) -> Rate:
    def rate(t: int) -> float:
        cycle = 1 + t // (up + down)
        p, share = 1.0 + t / (up + down) - cycle, up / (up + down)
        height = (peak - base) * (p / share if p <= share else (1 - p) / (1 - share))
        scale = {"triangular": 1.0, "triangular2": 1 / (2.0 ** (cycle - 1)), "exp_range": gamma**t}[mode]
        return base + height * scale

    return rate


def _restarts(lr: float, first: int, longer: int, low: float) -> Rate:
    @cache
    def places() -> list[tuple[int, int]]:
        found, j, length = [(0, first)], 0, first
        while len(found) < STEPS:
            j += 1
            if j >= length:
                j, length = j - length, length * longer
            found.append((j, length))
        return found

    return lambda t: low + (lr - low) * (1 + math.cos(math.pi * places()[t][0] / places()[t][1])) / 2


def _annealed(lr: float, period: int, low: float) -> Rate:
    def following(t: int, last: float) -> float:
        if (t - 1 - period) % (2 * period) == 0:
            return last + (lr - low) * (1 - math.cos(math.pi / period)) / 2
        ratio = (1 + math.cos(math.pi * t / period)) / (1 + math.cos(math.pi * (t - 1) / period))
        return ratio * (last - low) + low

    return _chained(lr, following)


def _linear(lr: float, steps: int, a: float, b: float) -> Rate:
    return _chained(
        lr * a, lambda t, last: last if t > steps else last * (1.0 + (b - a) / (steps * a + (t - 1) * (b - a)))
    )


def _noam(d: int, w: int, lr: float) -> Rate:
    return lambda t: lr * (d**-0.5) * min(1 if t == 0 else t**-0.5, (w**-1.5) * t)


def _warm(inner: Rate, w: int, start: float, end: float) -> Rate:
    return lambda t: (end - start) * float(t) / float(w) + start if t < w else inner(t - w)


def _pieces(bounds: list[int], values: list[float]) -> Rate:
    return lambda t: next((v for b, v in zip(bounds, values, strict=False) if t < b), values[-1])


def _steps(lr: float, milestones: list[int], gamma: float) -> Rate:
    return lambda t: lr * gamma ** sum(t >= m for m in milestones)


FORMULAS: dict[Callable[..., Curve], Callable[..., Rate]] = {
    paddle.noam_decay: _noam,
    paddle.piecewise_decay: _pieces,
    paddle.natural_exp_decay: lambda lr, g: lambda t: lr * math.exp(-1 * g * t),
    paddle.inverse_time_decay: lambda lr, g: lambda t: lr / (1 + g * t),
    paddle.polynomial_decay: _polynomial,
    paddle.exponential_decay: lambda lr, g: lambda t: lr * (g**t),
    paddle.multi_step_decay: _steps,
    paddle.step_decay: lambda lr, n, g: lambda t: lr * (g ** (t // n)),
    paddle.lambda_decay: lambda lr, f: lambda t: lr * f(t),
    paddle.linear_lr: _linear,
    paddle.cosine_annealing_decay: lambda lr, n, low: (
        lambda t: low + (lr - low) * (1 + math.cos(math.pi * t / n)) / 2  # _get_closed_form_lr
    ),
    paddle.cosine_annealing_warm_restarts: _restarts,
    paddle.one_cycle_lr: _one_cycle,
    paddle.cyclic_lr: _cyclic,
}
ARGUMENTS: dict[Callable[..., Curve], list[tuple[Any, ...]]] = {
    paddle.noam_decay: [(512, 400, 1.0), (768, 1, 0.3), (100, 4000, 2.0), (3, 977, 0.1)],
    paddle.piecewise_decay: [
        ([500], [0.3, 0.1]),
        ([1, 7, 8], [0.3, 0.1, 0.7, 0.01]),
        ([0, 1999, 5000], [0.3, 0.1, 0.7, 0.0]),
        ([333, 977], [0.3, 0.1, 0.2]),
    ],
    paddle.natural_exp_decay: [(0.3, 0.1), (0.1, 0.001), (1.0, 1e-5), (0.7, 0.013)],
    paddle.inverse_time_decay: [(0.3, 0.1), (0.1, 0.001), (1.0, 0.0), (0.7, 3.3)],
    paddle.polynomial_decay: [
        (0.3, 1500, 0.0001, 1.0, False),
        (0.3, 977, 0.01, 0.5, False),
        (0.3, 333, 0.0001, 2.5, True),
        (0.3, 49, 0.0, 2.0, True),
        (0.3, 1, 0.1, 1.0, True),
    ],
    paddle.exponential_decay: [(0.3, 0.9), (0.1, 0.999), (1.0, 0.75), (0.7, 0.98765)],
    paddle.multi_step_decay: [(0.3, [500], 0.1), (0.1, [1, 7, 8, 1999], 0.7), (1.0, [], 0.1), (0.7, [0, 977], 0.0)],
    paddle.step_decay: [(0.3, 100, 0.1), (0.1, 7, 0.97), (1.0, 1, 0.75), (0.7, 1999, 0.0)],
    paddle.lambda_decay: [
        (0.3, lambda t: 0.99**t),
        (0.1, lambda t: 1 / (1 + t // 7)),
        (0.7, lambda t: 1.5 - t / 3000),
        (1.0, lambda t: t % 100 / 100),
    ],
    paddle.linear_lr: [(0.3, 100, 1 / 3, 1.0), (0.1, 977, 0.9, 0.1), (1.0, 1, 0.5, 0.25), (0.7, 3000, 0.001, 1.0)],
    paddle.cosine_annealing_decay: [(0.3, 1500, 0.0), (0.1, 977, 0.01), (1.0, 1, 0.5), (0.7, 49, 0.003)],
    paddle.cosine_annealing_warm_restarts: [(0.3, 500, 1, 0.0), (0.1, 7, 2, 0.01), (1.0, 1, 1, 0.5), (0.7, 49, 3, 0.1)],
    paddle.one_cycle_lr: [
        (0.3, 1500, 25.0, 0.0001, 0.3, "cos", False),
        (0.3, 977, 7.0, 0.01, 0.37, "linear", False),
        (1.0, 2000, 25.0, 0.0001, 0.3, "cos", True),
        (0.7, 2500, 3.0, 0.0, 0.43, "linear", True),
        (0.7, 5, 3.0, 0.1, 0.5, "cos", False),
    ],
    paddle.cyclic_lr: [
        (0.1, 0.3, 100, 100, "triangular", 1.0),
        (0.1, 0.7, 77, 333, "triangular2", 1.0),
        (0.0, 0.3, 49, 7, "exp_range", 0.999),
        (0.3, 0.3, 1, 1, "triangular", 1.0),
    ],
}


def _for_all(rate: Rate) -> Callable[[int, float], float]:
    """The same rate for every group."""
    return lambda t, base: rate(t)


SOURCE = "python/paddle/optimizer/lr.py, 3.3.1"
CHAINED = [
    Row(
        f"cosine_annealing_decay of the rate before {i}",
        paddle.cosine_annealing_decay(lr, n, low),
        _for_all(_annealed(lr, n, low)),
        SOURCE,
        drift=1e-11,
    )
    for i, (lr, n, low) in enumerate([(0.3, 1500, 0.0), (0.1, 977, 0.01), (0.7, 49, 0.003)], 1)
]
WARM_UPS: list[tuple[Any, Rate, int, float, float]] = [
    (0.5, lambda t: 0.5, 100, 0.0, 0.3),
    (paddle.step_decay(0.3, 77, 0.5), lambda t: 0.3 * 0.5 ** (t // 77), 49, 0.01, 0.3),
    (paddle.polynomial_decay(0.3, 1400), _polynomial(0.3, 1400, 0.0001, 1.0, False), 977, 0.07, 0.9),
    (paddle.exponential_decay(1.0, 0.99), lambda t: 1.0 * 0.99**t, 1, 0.0, 1.0),
]
ROWS = [
    *(
        Row(
            f"{make.__name__} {i}",
            make(*arguments),
            _for_all(FORMULAS[make](*arguments)),
            SOURCE,
            exact=make is not paddle.natural_exp_decay,
            drift=1e-13 if make is paddle.linear_lr else 0.0,
        )
        for make, rows in ARGUMENTS.items()
        for i, arguments in enumerate(rows, 1)
    ),
    *(
        Row(
            f"linear_warmup {i}",
            paddle.linear_warmup(inner, w, start, end),
            _for_all(_warm(formula, w, start, end)),
            SOURCE,
        )
        for i, (inner, formula, w, start, end) in enumerate(WARM_UPS, 1)
    ),
    *CHAINED,
]
