"""The curves of Hägele et al. beside their formulas: their repository is no package."""

import math
from collections.abc import Callable
from typing import Any

from lrspec.curves import epfml

from .rows import Row

SOURCE = "epfml/schedules-and-scaling, src/optim/utils.py, commit ce6b4055b1e37418d79b892c43a8d6eea04c69f8"
Rate = Callable[[int, float], float]


def _wsd(
    n: int, last: float = 0.0, warmup: int = 1000, div: float = 100, share: float = 0.1, kind: str = "linear"
) -> Rate:
    steps = int(share * n)
    hold = n - steps

    def line(t: int) -> float:
        return last + (1 - last) * (1 - (t - hold) / steps)

    def cosine(t: int) -> float:
        return last + (1 - last) * (1 + math.cos(math.pi * (t - hold) / steps)) * 0.5

    shapes: dict[str, Callable[[int], float]] = {
        "linear": line,
        "exp": lambda t: last ** ((t - hold) / steps),
        "cosine": cosine,
        "miror_cosine": lambda t: line(t) * 2 - cosine(t),
        "square": lambda t: last + (1 - last) * (1 - ((t - hold) / steps) ** 2),
        "sqrt": lambda t: last + (1 - last) * (1 - math.sqrt((t - hold) / steps)),
    }

    def multiple(t: int) -> float:
        if t < warmup:
            return t / warmup + (1 - t / warmup) / div
        if t < hold:
            return 1.0
        return shapes[kind](t) if t < n else last

    return lambda t, base: base * multiple(t)


def _cos_inf(n: int, warmup: int, div: float, final_div: float, n_inf: int) -> Rate:
    low, end = 1.0 / div / final_div, n - n_inf

    def multiple(t: int) -> float:
        if t < warmup:
            return t / warmup + (1 - t / warmup) / div
        if t >= end:
            return low
        return low + 0.5 * (1.0 - low) * (1 + math.cos(math.pi * ((t - warmup) / (end - warmup))))

    return lambda t, base: base * multiple(t)


def _row(make: Any, original: Any, *given: Any) -> Row:
    return Row(f"{make.__name__}{given}", make(*given), original(*given), SOURCE)


WSD: list[tuple[Any, ...]] = [
    *((1777, 0.1, 100, 100, 0.2, kind) for kind in ("linear", "exp", "cosine", "miror_cosine", "square", "sqrt")),
    *((1999, 0.0, 0, 1, 1.0, kind) for kind in ("linear", "sqrt", "square", "cosine")),
    (1013, 1 / 3, 512, 7, 0.4949, "exp"),
    (1500,),
    (2000, 0.5, 1, 10, 0.0, "sqrt"),
    (1000, 0.2, 500, 25.0, 0.5, "miror_cosine"),
]
COS_INF = [(1777, 100, 25.0, 10.0, 300), (1999, 0, 1, 3, 0), (1000, 1, 7.0, 13.0, 998), (20_000, 777, 10, 1, 100)]
ROWS = [
    *(_row(epfml.wsd_schedule, _wsd, *given) for given in WSD),
    *(_row(epfml.cos_inf_schedule, _cos_inf, *given) for given in COS_INF),
]
