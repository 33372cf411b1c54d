"""The Python functions that schedulers take, by the names that programs have for them."""

import math
from collections.abc import Callable


def _inverse_sqrt(e: float) -> float:
    return 1 / math.sqrt(e + 1)


def _thirds(e: float) -> float:
    return 1 / (1 + e / 3)


def _wave(e: float) -> float:
    return 1.0 - 0.3 * (e % 4)


def _warm_up(e: float) -> float:
    return min(1.0, (e + 1) / 5)


def _growing(e: float) -> float:
    return 1.0 + e / 8


def _now_and_then_zero(e: float) -> float:
    return 0.0 if e % 5 == 3 else 0.75


def _integers(e: float) -> int:
    return 1 + int(e) // 4


def _signs(e: float) -> float:
    return -1.0 if e % 3 == 2 else 0.5


FUNCTIONS: dict[str, Callable[[float], float]] = {
    function.__name__.strip("_"): function
    for function in (_inverse_sqrt, _thirds, _wave, _warm_up, _growing, _now_and_then_zero, _integers, _signs)
}
