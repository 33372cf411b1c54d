"""Argument checks, each one line that names the function, the argument, the rule and the value."""

import math
import numbers
from typing import Any, NoReturn

import numpy as np

LARGEST = (2 - 2**-23) * 2.0**127  # float32
MOST = 2**31 - 1  # int32


def fail(where: str, argument: str, rule: str, value: Any, error: type[Exception] = ValueError) -> NoReturn:
    """Raise ``error`` with the one-line message every check of this package uses."""
    raise error(f"{where}: {argument} {rule}, got {value!r}")


def is_number(value: Any) -> bool:
    """Whether ``value`` is a real number: Python's or NumPy's, not a bool."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def number(where: str, argument: str, value: Any) -> float:
    """A finite real number."""
    if not is_number(value) or not math.isfinite(value):
        fail(where, argument, "must be a finite number", value)
    return float(value)


def at_least(where: str, argument: str, value: Any, low: float) -> float:
    """A finite number, ``low`` or more."""
    if not is_number(value) or not math.isfinite(value) or value < low:
        fail(where, argument, f"must be a finite number, at least {low}", value)
    return float(value)


def between(where: str, argument: str, value: Any, low: float, high: float, *, ends: str = "[]") -> float:
    """A finite number from ``low`` to ``high``; ``ends`` says which end belongs to the interval."""
    inside = is_number(value) and low <= value <= high
    if inside and ((ends[0] == "(" and value == low) or (ends[1] == ")" and value == high)):
        inside = False
    if not inside:
        fail(where, argument, f"must be in {ends[0]}{low}, {high}{ends[1]}", value)
    return float(value)


def integer(where: str, argument: str, value: Any, low: int) -> int:
    """An integer (Python's or NumPy's), ``low`` or more, that a count of 32 bits can reach."""
    if not isinstance(value, numbers.Integral) or isinstance(value, bool) or value < low:
        fail(where, argument, f"must be an integer, at least {low}", value)
    count = int(value)
    if count > MOST:
        fail(where, argument, "must be below 2**31, for steps are counted in 32 bits", value)
    return count


def one_of(where: str, argument: str, value: Any, allowed: tuple[str, ...]) -> str:
    """One of the names in ``allowed``."""
    if value not in allowed:
        fail(where, argument, f"must be one of {', '.join(map(repr, allowed))}", value)
    return value


def rate(where: str, value: Any, argument: str = "lr") -> float:
    """A learning rate: finite in float32, too, and not negative."""
    if at_least(where, argument, value, 0.0) > LARGEST:
        fail(where, argument, "must be at most 3.4e38, the largest float32", value)
    return float(value)


def fixed(value: Any) -> Any:
    """Python's number for a 0-d array of NumPy; in lists and tuples, too. Nothing that may change later is a number."""
    if type(value) in (list, tuple):
        return type(value)(map(fixed, value))
    return value.item() if isinstance(value, np.ndarray | np.generic) and value.ndim == 0 else value


def plain(value: Any) -> Any:
    """Python's number for a 0-d array or tensor of NumPy, JAX or torch; in lists and tuples, too.

    Anything else stays as it is, a number that is being traced among them: the checks say what they think of it.
    """
    if type(value) in (list, tuple):
        return type(value)(map(plain, value))
    if getattr(value, "ndim", None) != 0 or not hasattr(value, "item"):
        return value
    try:
        return value.item()
    except (TypeError, RuntimeError):  # what a compiler traces has no number
        return value
