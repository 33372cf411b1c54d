"""Argument checks, each one line that names the function, the argument, the rule and the value."""

import math
import numbers
from typing import Any, NoReturn

import numpy as np

from .brief import brief, cut
from .habits import meant, not_a_rate

LARGEST = (2 - 2**-23) * 2.0**127  # float32
MOST = 2**31 - 1  # int32


def fail(
    where: str, argument: str, rule: str, value: Any, error: type[Exception] = ValueError, hint: str = ""
) -> NoReturn:
    """Raise ``error`` with the one-line message every check of this package uses; a long value is cut.

    ``hint`` comes last: what to type instead, where that can be known.
    """
    raise error(message(where, argument, rule, value, hint[:160]))


def message(where: str, argument: str, rule: str, value: Any, hint: str = "") -> str:
    """The text of ``fail``: one line, of at most 300 characters where the rule leaves room for a value."""
    head = cut(f"{cut(where, 90)}: {cut(argument, 90)} {rule}", 450)
    return f"{head}, got {brief(value, max(60, 294 - len(head) - len(hint)))}{hint}"


def is_number(value: Any) -> bool:
    """Whether ``value`` is a real number: Python's or NumPy's, not a bool."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def number(where: str, argument: str, value: Any, rule: str = "must be a finite number") -> float:
    """A finite real number."""
    if not is_number(value) or not math.isfinite(as_float(value)):
        fail(where, argument, rule, value)
    return float(value)


def as_float(value: Any) -> float:
    """A number as Python's float; an integer or a fraction that is too large for one is infinite."""
    try:
        return float(value)
    except OverflowError:
        return math.inf


def overflows(value: Any) -> bool:
    """Whether a number is finite, but too large for a float."""
    return isinstance(value, numbers.Rational) and math.isinf(as_float(value))


def metric(where: str, value: Any) -> float:
    """What ReduceLROnPlateau and GreedyLR watch: a real number, NaN or infinite too; a 0-d array or tensor is one."""
    if np.ndim(value) != 0:
        fail(where, "metric", "must be one number", value)
    if isinstance(value, str | bytes) or not hasattr(value, "__float__") or np.iscomplexobj(value):
        fail(where, "metric", "must be a real number", value, TypeError)
    try:
        found = as_float(value)
    except (TypeError, ValueError):  # a class, which has the method of its objects
        fail(where, "metric", "must be a real number", value, TypeError)
    if abs(found) > LARGEST and (math.isfinite(found) or overflows(value)):
        fail(where, "metric", "must be at most 3.4e38, the largest float32", value)
    return found


def at_least(where: str, argument: str, value: Any, low: float) -> float:
    """A finite number, ``low`` or more."""
    rule = f"must be a finite number, at least {low}"
    if number(where, argument, value, rule) < low:
        fail(where, argument, rule, value)
    return float(value)


def between(where: str, argument: str, value: Any, low: float, high: float, *, ends: str = "[]") -> float:
    """A number from ``low`` to ``high``; ``ends`` says which end belongs to the interval."""
    inside = is_number(value) and low <= value <= high
    if inside and ((ends[0] == "(" and value == low) or (ends[1] == ")" and as_float(value) == high)):
        inside = False
    if not inside or overflows(value):
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


def index(where: str, argument: str, value: Any, count: int, rule: str) -> int:
    """An integer below ``count`` that says which one of several; ``rule`` is what the error says."""
    if not isinstance(value, numbers.Integral) or isinstance(value, bool) or int(value) not in range(count):
        fail(where, argument, rule, value)
    return int(value)


def flag(where: str, argument: str, value: Any) -> bool:
    """True or False; TypeError for what only counts as such."""
    if not isinstance(value, bool | np.bool_):
        fail(where, argument, "must be True or False", value, TypeError)
    return bool(value)


def one_of(where: str, argument: str, value: Any, allowed: tuple[str, ...]) -> str:
    """One of the names in ``allowed``."""
    if not isinstance(value, str) or value not in allowed:
        fail(where, argument, f"must be one of {', '.join(map(repr, allowed))}", value, hint=meant(value, allowed))
    return str(value)


def single(where: str, argument: str, value: Any) -> float:
    """A number that is finite in float32, too: states hold no other."""
    if abs(number(where, argument, value)) > LARGEST:
        fail(where, argument, "must be at most 3.4e38, the largest float32", value)
    return float(value)


def rate(where: str, value: Any, argument: str = "lr") -> float:
    """A learning rate: finite in float32, too, and not negative."""
    if argument == "lr" and (hint := not_a_rate(value)):
        fail(where, argument, "must be one number", value, hint=hint)
    return single(where, argument, at_least(where, argument, value, 0.0))


def rate_of(where: str, argument: str, value: Any) -> float:
    """``rate``, with its arguments in the order of the other checks."""
    return rate(where, value, argument)


def above(where: str, argument: str, value: Any, low: float) -> float:
    """A finite number above ``low``."""
    if number(where, argument, value, rule := f"must be a finite number above {low}") <= low:
        fail(where, argument, rule, value)
    return float(value)


def fixed(value: Any) -> Any:
    """Python's number for a 0-d array of NumPy; in lists and tuples, too. Nothing that may change later is a number."""
    if type(value) in (list, tuple):
        return type(value)(map(fixed, value))
    return value.item() if isinstance(value, np.ndarray) and value.ndim == 0 else value


def plain(value: Any) -> Any:
    """Python's number for a 0-d array or tensor of NumPy, JAX or torch; in lists and tuples, too.

    Anything else stays as it is. So does what JAX traces, even where it has a number: a derivative would end there.
    """
    if type(value) in (list, tuple):
        return type(value)(map(plain, value))
    if getattr(value, "ndim", None) != 0 or not hasattr(value, "item"):
        return value
    return value if any(kind.__name__ == "Tracer" for kind in type(value).__mro__) else value.item()
