"""The shapes of segments that have two ends."""

import math
from dataclasses import dataclass

from .. import check
from .curve import Absolute, Curve, Level
from .numbers import Number, Numbers
from .segments import Grid, Segment, Way


class _Linear(Segment):
    word = "linear"

    def way(self, m: Numbers, p: Number) -> Way:
        return Way(1 - p, p)


def linear(steps: float, start: Level, end: Level, *, grid: Grid = "[0,1)", warp: float = 1.0) -> Curve:
    """A straight line from ``start`` to ``end``: f(p) = p.

    Args:
        steps: how many counts it takes, above 0.
        start: where it begins: a multiple of the group's own rate, ``absolute(rate)``, or ``CURRENT`` for where the
            rate is at that moment, set by hand or not.
        end: where it ends, and stays if nothing comes after it.
        grid: which of the two ends its counts reach; count j of n stands at p: "[0,1)" the start alone, j / n;
            "(0,1]" the end alone, (j + 1) / n; "(0,1)" neither, (j + 1) / (n + 1); "[0,1]" both, j / (n - 1).
        warp: p is raised to this power first (k-decay).

    Raises:
        ValueError: a number out of its range, a length that is no integer on a grid that counts.

    >>> [linear(4, 0.0, 1.0)(count) for count in range(6)]
    [0.0, 0.25, 0.5, 0.75, 1.0, 1.0]
    >>> [linear(4, 0.0, 1.0, grid="(0,1]")(count) for count in range(5)]
    [0.25, 0.5, 0.75, 1.0, 1.0]
    """
    return _Linear(steps, start, end, grid, warp)


@dataclass(frozen=True, repr=False)
class _Cosine(Segment):
    cycles: float = 0.5
    word = "cosine"

    def __post_init__(self) -> None:
        super().__post_init__()
        self._read("cycles", check.above, 0)

    def way(self, m: Numbers, p: Number) -> Way:
        left = 0.5 * (1.0 + m.cos(math.pi * self.cycles * 2.0 * p))
        return Way(left, 1 - left)


def cosine(
    steps: float,
    start: Level = 1.0,
    end: Level = 0.0,
    *,
    grid: Grid = "[0,1)",
    warp: float = 1.0,
    cycles: float = 0.5,
) -> Curve:
    """A cosine from ``start`` to ``end``: f(p) = (1 - cos(2 pi cycles p)) / 2.

    Args:
        steps: how many counts it takes, above 0.
        start: where it begins, see ``linear``.
        end: where it ends.
        grid: which of the two ends its counts reach, see ``linear``.
        warp: p is raised to this power first (k-decay).
        cycles: how many periods; 0.5 is half a cosine, from the start to the end.

    Raises:
        ValueError: a number out of its range, a length that is no integer on a grid that counts.

    >>> [round(cosine(4)(count), 4) for count in range(6)]
    [1.0, 0.8536, 0.5, 0.1464, 0.0, 0.0]
    """
    return _Cosine(steps, start, end, grid, warp, cycles)


@dataclass(frozen=True, repr=False)
class _Power(Segment):
    power: float = 1.0
    word = "power"

    def __post_init__(self) -> None:
        super().__post_init__()
        self._read("power", check.above, 0)

    def way(self, m: Numbers, p: Number) -> Way:
        left = (1.0 - p) ** self.power
        return Way(left, 1 - left)


def power(
    steps: float,
    start: Level = 1.0,
    end: Level = 0.0,
    *,
    power: float,
    grid: Grid = "[0,1)",
    warp: float = 1.0,
) -> Curve:
    """A polynomial decay: 1 - f(p) = (1 - p) ** power.

    Args:
        steps: how many counts it takes, above 0.
        start: where it begins, see ``linear``.
        end: where it ends.
        power: the exponent, above 0; 1 is a line, 2 flattens towards the end, 0.5 falls late.
        grid: which of the two ends its counts reach, see ``linear``.
        warp: p is raised to this power first.

    Raises:
        ValueError: a number out of its range, a length that is no integer on a grid that counts.

    >>> [power(4, power=2.0)(count) for count in range(5)]
    [1.0, 0.5625, 0.25, 0.0625, 0.0]
    """
    return _Power(steps, start, end, grid, warp, power)


class _OneMinusSqrt(Segment):
    word = "one_minus_sqrt"

    def way(self, m: Numbers, p: Number) -> Way:
        gone = m.sqrt(p)
        return Way(1 - gone, gone)


def one_minus_sqrt(
    steps: float, start: Level = 1.0, end: Level = 0.0, *, grid: Grid = "[0,1)", warp: float = 1.0
) -> Curve:
    """The cool-down of warm-up, stable, decay: f(p) = sqrt(p), fast at first and slow at the end.

    Args:
        steps: how many counts it takes, above 0.
        start: where it begins, see ``linear``.
        end: where it ends.
        grid: which of the two ends its counts reach, see ``linear``.
        warp: p is raised to this power first.

    Raises:
        ValueError: a number out of its range, a length that is no integer on a grid that counts.

    >>> [one_minus_sqrt(4)(count) for count in (0, 1, 4)]
    [1.0, 0.5, 0.0]
    """
    return _OneMinusSqrt(steps, start, end, grid, warp)


@dataclass(frozen=True, repr=False)
class _Tanh(Segment):
    low: float = -7.0
    high: float = 3.0
    word = "tanh"

    def __post_init__(self) -> None:
        super().__post_init__()
        self._read("low", check.number)
        self._read("high", check.number)

    def way(self, m: Numbers, p: Number) -> Way:
        left = 0.5 * (1.0 - m.tanh(self.low * (1.0 - p) + self.high * p))
        return Way(left, 1 - left)


def tanh(
    steps: float,
    start: Level = 1.0,
    end: Level = 0.0,
    *,
    low: float = -7.0,
    high: float = 3.0,
    grid: Grid = "[0,1)",
    warp: float = 1.0,
) -> Curve:
    """An S, slow at both ends.

    f(p) = (1 + tanh(low * (1 - p) + high * p)) / 2, which is 0 and 1 at the ends only as nearly as tanh(low) is -1 and
    tanh(high) is 1.

    Args:
        steps: how many counts it takes, above 0.
        start: where it begins, see ``linear``.
        end: where it ends.
        low: the tangent's argument at the beginning.
        high: and at the end.
        grid: which of the two ends its counts reach, see ``linear``.
        warp: p is raised to this power first.

    Raises:
        ValueError: a number out of its range, a length that is no integer on a grid that counts.

    >>> [round(tanh(10)(count), 3) for count in (0, 7, 10)]
    [1.0, 0.5, 0.002]
    """
    return _Tanh(steps, start, end, grid, warp, low, high)


class _Exponential(Segment):
    word = "exponential"

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("start", "end"):
            value = getattr(self, name)
            number = value.value if isinstance(value, Absolute) else value
            if check.is_number(number) and number <= 0:
                check.fail(self.word, name, "must be above 0", number)

    def between(self, m: Numbers, t: Number, start: Number, end: Number) -> Number:
        """start * (end / start) ** p."""
        return start * (end / start) ** self.place(m, t)


def exponential(
    steps: float, start: Level = 1.0, end: Level = 0.01, *, grid: Grid = "[0,1)", warp: float = 1.0
) -> Curve:
    """The same factor at every count, from ``start`` to ``end``: start * (end / start) ** p.

    Args:
        steps: how many counts it takes, above 0.
        start: where it begins, see ``linear``; above 0.
        end: where it ends; above 0.
        grid: which of the two ends its counts reach, see ``linear``.
        warp: p is raised to this power first.

    Raises:
        ValueError: a number out of its range, a length that is no integer on a grid that counts.

    >>> [exponential(2, 1.0, 0.25)(count) for count in range(4)]
    [1.0, 0.5, 0.25, 0.25]
    """
    return _Exponential(steps, start, end, grid, warp)
