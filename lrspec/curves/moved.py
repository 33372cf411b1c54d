"""A curve in another place: begun in its middle, inside of a window, and again and again."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .. import check
from .combined import no_captures, read_curves
from .curve import Curve, Level
from .held import const
from .numbers import Number, Numbers
from .segments import read

LONGEST = 2**31  # counts
MOST = 100_000  # cycles whose lengths differ: each has its place in a table


@dataclass(frozen=True, repr=False)
class _Shifted(Curve):
    curve: Curve
    by: Any

    def length(self) -> Any:
        return None if self.curve.length() is None else self.curve.length() - self.by

    def is_relative(self) -> bool:
        return self.curve.is_relative()

    def factor(self, m: Numbers, t: Number) -> Number:
        return self.curve.factor(m, t + self.by)

    def rate(self, m: Numbers, t: Number, base: Number, current: Number) -> Number:
        return self.curve.rate(m, t + self.by, base, current)

    def __repr__(self) -> str:
        return f"shift({self.curve!r}, {self.by!r})"


def shift(curve: Curve, by: float) -> Curve:
    """A curve that begins in its middle: count 0 of it is count ``by`` of the curve.

    After a warm-up of W counts, ``shift(curve, W)`` goes on as if the curve had run from the start.

    Args:
        curve: any, but one that starts from ``CURRENT``.
        by: at least 0, and less than the curve lasts.

    Raises:
        TypeError: something that is no curve.
        ValueError: a number out of its range.
    """
    (curve,) = read_curves("shift", (curve,))
    no_captures("shift", curve)
    by = read("shift", "by", by, check.at_least, 0)
    if check.is_number(by) and check.is_number(curve.length()) and by >= curve.length():
        check.fail("shift", "by", f"must be below {curve.length()}, the length of the curve", by)
    return _Shifted(curve, by)


@dataclass(frozen=True, repr=False)
class _Window(Curve):
    curve: Curve
    begin: Any
    end: Any
    before: Curve

    def length(self) -> Any:
        return self.end

    def is_relative(self) -> bool:
        return self.curve.is_relative() and self.before.is_relative()

    def factor(self, m: Numbers, t: Number) -> Number:
        return self._pick(m, t, lambda curve, t: curve.factor(m, t))

    def number(self, m: Numbers, t: Number, base: Number, current: Number) -> Number:
        return self._pick(m, t, lambda curve, t: curve.rate(m, t, base, current))

    def _pick(self, m: Numbers, t: Number, value: Any) -> Number:
        inside = t - self.begin
        if self.end is not None:
            inside = m.minimum(inside, self.end - 1 - self.begin)
        return m.where(t < self.begin, lambda: value(self.before, t), lambda: value(self.curve, inside))

    def __repr__(self) -> str:
        return f"window({self.curve!r}, {self.begin!r}, {self.end!r}, before={self.before!r})"


def window(curve: Curve, begin: int, end: int | None = None, *, before: Level = 1.0) -> Curve:
    """A curve from one count to another: before it a level, after it the curve's last value.

    Args:
        curve: any, but one that starts from ``CURRENT``; it counts from 0 at ``begin``.
        begin: the count at which it begins, an integer, at least 0.
        end: the count at which it stops, an integer above ``begin``; None for never.
        before: the level until then.

    Raises:
        TypeError: something that is no curve.
        ValueError: a number out of its range.
    """
    (curve,) = read_curves("window", (curve,))
    no_captures("window", curve)
    begin = check.integer("window", "begin", begin, 0)
    end = None if end is None else check.integer("window", "end", end, begin + 1)
    return _Window(curve, begin, end, const(before))


@dataclass(frozen=True, repr=False)
class _Repeated(Curve):
    curve: Curve
    times: int | None
    stretch: float
    multiply: float

    @cached_property
    def starts(self) -> list[float]:
        """The counts at which the cycles begin, where their lengths differ."""
        starts: list[float] = [0]
        while len(starts) < (self.times or LONGEST) and starts[-1] < LONGEST:
            starts.append(starts[-1] + self.curve.length() * self.stretch ** (len(starts) - 1))
        return starts

    @cached_property
    def stretches(self) -> list[float]:
        """How many times as long as the first each of these cycles is."""
        return [self.stretch**n for n in range(len(self.starts))]

    def length(self) -> Any:
        if self.times is None:
            return None
        if self.stretch == 1:
            return self.curve.length() * self.times
        return self.starts[-1] + self.curve.length() * self.stretches[-1]

    def is_relative(self) -> bool:
        return self.curve.is_relative()

    def factor(self, m: Numbers, t: Number) -> Number:
        i, inside = self._cycle(m, t)
        value = self.curve.factor(m, inside)
        return value if self.multiply == 1 else self.multiply**i * value

    def number(self, m: Numbers, t: Number, base: Number, current: Number) -> Number:
        i, inside = self._cycle(m, t)
        return self.curve.rate(m, inside, base if self.multiply == 1 else base * self.multiply**i, current)

    def _cycle(self, m: Numbers, t: Number) -> tuple[Number, Number]:
        """Which cycle count t is in, and its count inside of the curve."""
        if self.stretch == 1:
            i = t // self.curve.length()
            i = i if self.times is None else m.minimum(i, self.times - 1)
            return i, t - i * self.curve.length()
        i = m.passed(self.starts[1:], t)
        return i, (t - m.entry(self.starts, i)) / m.entry(self.stretches, i)

    def __repr__(self) -> str:
        more = "".join(
            f", {name}={getattr(self, name)!r}"
            for name, default in (("times", None), ("stretch", 1.0), ("multiply", 1.0))
            if getattr(self, name) != default
        )
        return f"repeat({self.curve!r}{more})"


def repeat(curve: Curve, times: int | None = None, *, stretch: float = 1.0, multiply: float = 1.0) -> Curve:
    """A curve again and again; the cycles may grow, and their peaks may fall.

    Args:
        curve: one with an end, that does not start from ``CURRENT``.
        times: how often, an integer, at least 1; the end of the last cycle is held. None: without end.
        stretch: each cycle is longer than the one before by this factor, at least 1.
        multiply: what stands for the group's own rate is multiplied by this in each cycle: multiples of it fall with
            the peak, ``absolute(...)`` stays.

    Raises:
        TypeError: something that is no curve.
        ValueError: a number out of its range, a curve without an end.

    >>> from lrspec.curves import linear
    >>> [repeat(linear(2, 1.0, 0.0), stretch=2, multiply=0.5)(count) for count in range(7)]
    [1.0, 0.5, 0.5, 0.375, 0.25, 0.125, 0.25]
    """
    (curve,) = read_curves("repeat", (curve,))
    no_captures("repeat", curve)
    if curve.length() is None:
        check.fail("repeat", "curve", "must have an end (steps)", curve)
    times = None if times is None else check.integer("repeat", "times", times, 1)
    stretch = read("repeat", "stretch", stretch, check.at_least, 1)
    if check.is_number(stretch) and stretch != 1 and check.is_number(curve.length()):
        cycles = math.log1p(LONGEST * (stretch - 1) / curve.length()) / math.log(stretch)
        if min(cycles, times or cycles) > MOST:
            check.fail("repeat", "stretch", f"must be 1, or make at most {MOST} cycles in 2**31 counts", stretch)
        if times is not None and times > cycles + 1:
            check.fail("repeat", "times", f"must be at most {int(cycles + 1)}, which last 2**31 counts", times)
    return _Repeated(curve, times, stretch, read("repeat", "multiply", multiply, check.at_least, 0))
