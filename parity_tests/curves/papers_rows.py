"""Curves of papers beside their equations."""

import math
from collections.abc import Callable
from typing import Any

from lrspec.curves import papers

from .rows import Row

Rate = Callable[[int, float], float]


def _noam(d_model: int, warmup: int = 4000) -> Rate:
    return lambda t, base: base * (d_model**-0.5 * min((t + 1) ** -0.5, (t + 1) * warmup**-1.5))


def _deepseek(total: int, warmup: int = 2000) -> Rate:
    def multiple(t: int) -> float:
        if t < warmup:
            return t / warmup
        return 1.0 if 10 * t < 8 * total else 0.316 if 10 * t < 9 * total else 0.1

    return lambda t, base: base * multiple(t)


def _infinite(
    warmup: int,
    cooldown: int,
    held: float,
    steps: int | None = None,
    annealing: int = 1,
    last: float = 1.0,
    *,
    inverse_sqrt: bool = False,
    alpha: float = 10.0,
) -> Rate:
    def h(x: float) -> float:
        return 1 / math.sqrt(1 + alpha * x) - 1

    def rate(t: int, lr: float) -> float:
        if t < warmup:
            return lr * (t / warmup)
        t -= warmup
        if t < cooldown:
            p = t / cooldown
            return (
                lr + (held - lr) / h(1) * h(p) if inverse_sqrt else held + (lr - held) / 2 * (1 + math.cos(math.pi * p))
            )
        t -= cooldown
        if steps is None or t < steps:
            return held
        t -= steps
        return held * (last / held) ** (t / annealing) if t < annealing else last

    return rate


def _rows(name: str, original: Any, source: str, table: list[tuple[Any, ...]]) -> list[Row]:
    make: Any = getattr(papers, name)
    return [Row(f"{name}{given}", make(*given), original(*given), source) for given in table]


INFINITE: list[tuple[Any, ...]] = [
    (100, 500, 3e-3),
    (0, 977, 1e-3, 0, 1, 1e-3),
    (33, 1, 2e-3, 777, 888, 1e-5),
    (1, 1, 0.1, 1, 500, 1e-7),
]
_IBRAHIM = "arXiv:2403.08763, section 7.4; arXiv:2503.02844, equation 1"
ROWS = [
    *_rows("noam", _noam, "arXiv:1706.03762, equation 3", [(512,), (512, 400), (1024, 1), (1, 1999), (777, 1000)]),
    *_rows(
        "deepseek_multi_step",
        _deepseek,
        "arXiv:2401.02954, section 2.3",
        [(2500,), (1777, 100), (2000, 0), (1013, 811), (11, 9), (100_003, 1)],
    ),
    *_rows("infinite", _infinite, _IBRAHIM, INFINITE),
    *(
        Row(
            f"infinite{given}, inverse square root of {alpha}",
            papers.infinite(*given, cooldown="inverse_sqrt", alpha=alpha),
            _infinite(*given, inverse_sqrt=True, alpha=alpha),
            _IBRAHIM,
        )
        for given, alpha in zip(INFINITE, (10.0, 1.0, 7.5, 100.0), strict=True)
    ),
]
