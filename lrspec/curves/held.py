"""Curves without two ends: a level that is held, steps down, and the inverse square root."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from .. import check
from .curve import CURRENT, Absolute, Curve, Level
from .numbers import Number, Numbers
from .segments import at, level, read

MOST = 1_000_000  # drops of a staircase, a number for each


@dataclass(frozen=True, repr=False)
class Const(Curve):
    """A level that is held: see ``const``."""

    value: Level = 1.0
    steps: Any = None

    def length(self) -> Any:
        """As it was given."""
        return self.steps

    def is_relative(self) -> bool:
        """Whether it is a multiple of the group's own rate."""
        return not isinstance(self.value, Absolute | type(CURRENT))

    def factor(self, m: Numbers, t: Number) -> Number:
        """The level, at every count."""
        return self.value + 0.0 * t

    def number(self, m: Numbers, t: Number, base: Number, current: Number) -> Number:
        """The level as a rate."""
        return at(self.value, base, current) + 0.0 * t

    def captures(self) -> Iterator[Any]:
        """Its begin, where it holds what was there."""
        return iter([0] if self.value is CURRENT else [])

    def __repr__(self) -> str:
        return f"const({self.value!r})" if self.steps is None else f"const({self.value!r}, {self.steps!r})"


def const(value: Level = 1.0, steps: float | None = None) -> Curve:
    """A level that is held.

    Args:
        value: a multiple of the group's own rate, ``absolute(rate)``, or ``CURRENT`` for where the rate is when this
            begins.
        steps: how many counts it lasts, above 0, where something comes after it.

    Raises:
        ValueError: a number out of its range.
    """
    if steps is not None:
        steps = read("const", "steps", steps, check.above, 0)
    return Const(level("const", "value", value), steps)


@dataclass(frozen=True, repr=False)
class _Pieces(Curve):
    values: tuple[float, ...]
    bounds: tuple[float, ...]

    def length(self) -> Any:
        return None

    def is_relative(self) -> bool:
        return True

    def factor(self, m: Numbers, t: Number) -> Number:
        return m.entry(self.values, m.passed(self.bounds, t))

    def __repr__(self) -> str:
        return f"pieces({list(self.values)!r}, {list(self.bounds)!r})"


def pieces(values: Sequence[float], bounds: Sequence[float]) -> Curve:
    """A level for each piece of the run, the last one held.

    Args:
        values: the multiples of the group's own rate.
        bounds: the counts at which the next one begins, increasing; one fewer than the values.

    Raises:
        TypeError: something that is no list.
        ValueError: a number out of its range, bounds that do not increase or do not fit.

    >>> [pieces([1.0, 0.5, 0.25], [2, 3])(count) for count in range(5)]
    [1.0, 1.0, 0.5, 0.25, 0.25]
    """
    for name, given in (("values", values), ("bounds", bounds)):
        if not isinstance(given, list | tuple):
            check.fail("pieces", name, "must be a list of numbers", given, TypeError)
    kept = tuple(check.single("pieces", f"values[{i}]", check.plain(x)) for i, x in enumerate(values))
    ends = tuple(read("pieces", f"bounds[{i}]", x, check.at_least, 0) for i, x in enumerate(bounds))
    if len(ends) != len(kept) - 1:
        check.fail("pieces", "bounds", f"must be one fewer than the {len(kept)} values", list(ends))
    if any(a >= b for a, b in pairwise(ends)):
        check.fail("pieces", "bounds", "must be increasing", list(ends))
    return _Pieces(kept, ends)


def staircase(step_size: int, gamma: float, times: int) -> Curve:
    """The same drop again and again: gamma ** (count // step_size), ``times`` drops in all.

    Args:
        step_size: counts between two drops, above 0.
        gamma: the factor of a drop, at least 0.
        times: how many drops, an integer, at least 1.

    Raises:
        ValueError: a number out of its range.

    >>> [staircase(2, 0.5, times=2)(count) for count in range(8)]
    [1.0, 1.0, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25]
    """
    step_size = read("staircase", "step_size", step_size, check.above, 0)
    gamma = read("staircase", "gamma", gamma, check.at_least, 0)
    times = check.integer("staircase", "times", times, 1)
    if times > MOST:
        check.fail("staircase", "times", f"must be at most {MOST}", times)
    return pieces([float(gamma) ** n for n in range(times + 1)], list(accumulate([step_size] * times)))


@dataclass(frozen=True, repr=False)
class _InverseSqrt(Curve):
    timescale: Any
    start: Level = 1.0
    power: float = 0.5
    steps: Any = None

    def length(self) -> Any:
        """As it was given."""
        return self.steps

    def is_relative(self) -> bool:
        return not isinstance(self.start, Absolute | type(CURRENT))

    def factor(self, m: Numbers, t: Number) -> Number:
        return self.start * self._decay(t)

    def rate(self, m: Numbers, t: Number, base: Number, current: Number) -> Number:
        return at(self.start, base, current) * self._decay(t)

    def _decay(self, t: Number) -> Number:
        return (1.0 + t / self.timescale) ** -self.power

    def captures(self) -> Iterator[Any]:
        return iter([0] if self.start is CURRENT else [])

    def __repr__(self) -> str:
        more = [f"start={self.start!r}"] if self.start != 1 else []
        more += [f"power={self.power!r}"] if self.power != 0.5 else []
        more += [f"steps={self.steps!r}"] if self.steps is not None else []
        return f"inverse_sqrt({', '.join([repr(self.timescale), *more])})"


def inverse_sqrt(timescale: float, start: Level = 1.0, *, power: float = 0.5, steps: float | None = None) -> Curve:
    """The inverse square root, which has no end: start * (1 + t / timescale) ** -power.

    After a warm-up of W counts, ``timescale=W`` gives the decay sqrt(W / count) of the whole run's count.

    Args:
        timescale: counts until the rate is 1 / sqrt(2) of its start, above 0.
        start: where it begins: a multiple of the group's own rate, ``absolute(rate)``, or ``CURRENT``.
        power: the exponent, above 0.
        steps: how many counts it lasts, above 0, where something comes after it.

    Raises:
        ValueError: a number out of its range.

    >>> [inverse_sqrt(1)(count) for count in (0, 3, 15)]
    [1.0, 0.5, 0.25]
    """
    timescale = read("inverse_sqrt", "timescale", timescale, check.above, 0)
    power = read("inverse_sqrt", "power", power, check.above, 0)
    steps = None if steps is None else read("inverse_sqrt", "steps", steps, check.above, 0)
    return _InverseSqrt(timescale, level("inverse_sqrt", "start", start), power, steps)
