"""OLMo's curves beside their formulas: its wheel holds 145 MB of data for a few lines."""

from collections.abc import Callable
from math import cos, pi, sqrt
from typing import Any

from lrspec.curves import linear, olmo

from .rows import Row

SOURCE = "ai2-olmo 0.6.0, olmo/optim.py"
Rate = Callable[[int, float], float]


def _warm(lr: float, step: int, warmup: int, first: float | None) -> float:
    low = lr * 0.10 if first is None else first
    return low + (lr - low) * min(step, warmup) / warmup


def _decay(shape: Callable[[float, float, int, int], float]) -> Callable[..., Rate]:
    def make(warmup_steps: int, alpha_f: float = 0.1, *, t_max: int, warmup_min_lr: float | None = None) -> Rate:
        def rate(step: int, lr: float) -> float:
            if step < warmup_steps:
                return _warm(lr, step, warmup_steps, warmup_min_lr)
            if step >= t_max:
                return lr * alpha_f
            return shape(lr, lr * alpha_f, step - warmup_steps, t_max - warmup_steps)

        return rate

    return make


_cosine = _decay(lambda lr, end, step, left: end + (lr - end) * (1 + cos(pi * step / left)) / 2)
_linear = _decay(lambda lr, end, step, left: lr - (lr - end) * (step / left))
_envelope = _decay(lambda lr, end, step, left: end + (1 - step / left) * ((lr - end) * (1 + cos(pi * step / left)) / 2))


def _inverse_sqrt(warmup_steps: int, warmup_min_lr: float | None = None) -> Rate:
    def rate(step: int, lr: float) -> float:
        if step < warmup_steps:
            return _warm(lr, step, warmup_steps, warmup_min_lr)
        return lr * sqrt(warmup_steps / max(warmup_steps, step))

    return rate


def _maximum(warmup_steps: int, alpha_f: float = 0.1, *, t_max: int, warmup_min_lr: float | None = None) -> Rate:
    first = _cosine(warmup_steps, alpha_f, t_max=t_max, warmup_min_lr=warmup_min_lr)
    second = _inverse_sqrt(warmup_steps, warmup_min_lr)
    return lambda step, lr: max(first(step, lr), second(step, lr))


def _constant(warmup_steps: int, warmup_min_lr: float | None = None) -> Rate:
    return lambda step, lr: _warm(lr, step, warmup_steps, warmup_min_lr) if step < warmup_steps else lr


def _bolted(inner: Rate, start: int, end: int) -> Rate:
    def rate(step: int, lr: float) -> float:
        if step < start:
            return 0.0
        return inner(end, lr) * (step - start) / (end - start) if step < end else inner(step, lr)

    return rate


DECAYS: dict[str, dict[str, Any]] = {
    "to a tenth": {"warmup_steps": 100, "t_max": 1500},
    "without a warm-up": {"warmup_steps": 0, "t_max": 977, "alpha_f": 0.0},
    "from a rate": {"warmup_steps": 33, "t_max": 1999, "alpha_f": 1 / 3, "warmup_min_lr": 1e-4},
    "of one": {"warmup_steps": 1000, "t_max": 1001, "alpha_f": 0.7},
}
WARM_UPS: dict[str, dict[str, Any]] = {
    "of 100": {"warmup_steps": 100},
    "of one": {"warmup_steps": 1},
    "from a rate": {"warmup_steps": 777, "warmup_min_lr": 2e-4},
    "from 0": {"warmup_steps": 1999, "warmup_min_lr": 0.0},
}
INNER = {"warmup_steps": 10, "t_max": 1500}


def _rows(name: str, original: Any, table: dict[str, dict[str, Any]]) -> list[Row]:
    make: Any = getattr(olmo, name)
    return [Row(f"{name} {id}", make(**given), original(**given), SOURCE) for id, given in table.items()]


ROWS = [
    *_rows("cosine_with_warmup", _cosine, DECAYS),
    *_rows("linear_with_warmup", _linear, DECAYS),
    *_rows("cosine_linear_envelope", _envelope, DECAYS),
    *_rows("inverse_sqrt_with_warmup", _inverse_sqrt, WARM_UPS),
    *_rows("constant_with_warmup", _constant, WARM_UPS | {"of none": {"warmup_steps": 0}}),
    *_rows(
        "max_scheduler",
        _maximum,
        {id: {**given, "warmup_steps": given["warmup_steps"] or 7} for id, given in DECAYS.items()},
    ),
    Row(
        "bolt_on_warmup",
        olmo.bolt_on_warmup(olmo.cosine_with_warmup(**INNER), 500, 600),
        _bolted(_cosine(**INNER), 500, 600),
        SOURCE,
    ),
    Row(
        "bolt_on_warmup at 0",
        olmo.bolt_on_warmup(olmo.linear_with_warmup(**INNER), 0, 977),
        _bolted(_linear(**INNER), 0, 977),
        SOURCE,
    ),
    Row(
        "bolt_on_warmup past the end",
        olmo.bolt_on_warmup(olmo.max_scheduler(**INNER), 1400, 1777),
        _bolted(_maximum(**INNER), 1400, 1777),
        SOURCE,
    ),
    Row(
        "bolt_on_warmup of a segment",
        olmo.bolt_on_warmup(linear(2000, 1.0, 0.0), 3, 4),
        _bolted(lambda t, lr: lr * (1.0 * (1 - t / 2000) + 0.0 * (t / 2000)), 3, 4),
        SOURCE,
    ),
]
