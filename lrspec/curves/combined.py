"""Curves made of curves."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, ClassVar

from .. import check
from .curve import Absolute, Curve, Level
from .held import const
from .looked_up import in_charge
from .numbers import Number, Numbers


@dataclass(frozen=True, repr=False)
class _Of(Curve):
    """What is made of several curves."""

    curves: tuple[Curve, ...]
    word: ClassVar[str] = ""

    def length(self) -> Any:
        """The longest of them; None where one has no end."""
        lengths = [curve.length() for curve in self.curves]
        return None if any(n is None for n in lengths) else max(lengths)

    def is_relative(self) -> bool:
        """Whether all are."""
        return self._relative

    @cached_property
    def _relative(self) -> bool:
        return all(curve.is_relative() for curve in self.curves)

    def captures(self) -> Iterator[Any]:
        """Those of all."""
        return (count for curve in self.curves for count in curve.captures())

    def __repr__(self) -> str:
        return f"{self.word}({', '.join(map(repr, self.curves))})"


@dataclass(frozen=True, repr=False)
class _Sequence(_Of):
    closed: bool = False
    word = "sequence"

    @cached_property
    def bounds(self) -> list[Any]:
        """The counts at which the next curve begins."""
        return list(accumulate(curve.length() for curve in self.curves[:-1]))

    def length(self) -> Any:
        last = self.curves[-1].length()
        return None if last is None else sum((curve.length() for curve in self.curves[:-1]), last)

    def factor(self, m: Numbers, t: Number) -> Number:
        if m.lazy:
            return self._pick(t, lambda curve, t: curve.factor(m, t))
        return in_charge(m, t, self.parts(), self.closed, lambda curve, t: curve.factor(m, t))

    def number(self, m: Numbers, t: Number, base: Number, current: Number) -> Number:
        value = lambda curve, t: curve.rate(m, t, base, current)  # noqa: E731
        return self._pick(t, value) if m.lazy else in_charge(m, t, self.parts(), self.closed, value)

    def parts(self) -> list[tuple[Any, Curve]]:
        """Every curve with the count at which it begins; those of a sequence inside of it one by one."""
        found: list[tuple[Any, Curve]] = []
        for begin, curve in zip([0, *self.bounds], self.curves, strict=True):
            inner = curve.parts() if isinstance(curve, _Sequence) and curve.closed == self.closed else [(0, curve)]
            found += [(begin + after, one) for after, one in inner]
        return found

    def _pick(self, t: Number, value: Any) -> Number:
        """The value of the curve in charge, which counts from its own begin; t is a number of Python."""
        i = (bisect_left if self.closed else bisect_right)(self.bounds, t)
        return value(self.curves[i], t - (self.bounds[i - 1] if i else 0))

    def captures(self) -> Iterator[Any]:
        begins = [0, *self.bounds]
        return (b + count for b, curve in zip(begins, self.curves, strict=True) for count in curve.captures())

    def __repr__(self) -> str:
        more = ", closed=True" if self.closed else ""
        return f"sequence({', '.join(map(repr, self.curves))}{more})"


def sequence(*curves: Curve, closed: bool = False, total: float | None = None) -> Curve:
    """One curve after the other, each counting from 0.

    Args:
        curves: all but the last with an end.
        closed: whether the count at a joint is the last of the curve before it, instead of the first of the next.
        total: how long they must be together; None for any length.

    Raises:
        TypeError: something that is no curve.
        ValueError: none; one without an end before the last; lengths that do not add up to ``total``.

    >>> from lrspec.curves import linear
    >>> wsd = sequence(linear(2, 0.0, 1.0), const(1.0, 3), linear(4, 1.0, 0.0), total=9)
    >>> [wsd(count) for count in range(10)]
    [0.0, 0.5, 1.0, 1.0, 1.0, 1.0, 0.75, 0.5, 0.25, 0.0]
    """
    curves = read_curves("sequence", curves)
    for i, curve in enumerate(curves[:-1]):
        if curve.length() is None:
            check.fail("sequence", f"curves[{i}]", "must have an end (steps), for another comes after it", curve)
    made = _Sequence(curves, check.flag("sequence", "closed", closed))
    if total is not None and check.is_number(made.length()) and made.length() != total:
        parts = [curve.length() for curve in curves]
        check.fail("sequence", "total", f"must be {made.length()}, what the lengths {parts} add up to", total)
    if total is not None and made.length() is None:
        check.fail("sequence", "total", "must be left out, for the last curve has no end", total)
    return made


@dataclass(frozen=True, repr=False)
class _Maximum(_Of):
    word = "maximum"

    def factor(self, m: Numbers, t: Number) -> Number:
        return self._best(m, [curve.factor(m, t) for curve in self.curves])

    def number(self, m: Numbers, t: Number, base: Number, current: Number) -> Number:
        return self._best(m, [curve.rate(m, t, base, current) for curve in self.curves])

    def _best(self, m: Numbers, values: list[Number]) -> Number:
        best = values[0]
        for value in values[1:]:
            best = self._better(m, best, value)
        return best

    def _better(self, m: Numbers, a: Number, b: Number) -> Number:
        return m.maximum(a, b)


@dataclass(frozen=True, repr=False)
class _Minimum(_Maximum):
    word = "minimum"

    def _better(self, m: Numbers, a: Number, b: Number) -> Number:
        return m.minimum(a, b)


def maximum(*curves: Curve | Level) -> Curve:
    """The largest of several curves at every count; a number or ``absolute(...)`` is a level.

    Raises:
        TypeError: something that is neither.

    >>> from lrspec.curves import cosine
    >>> [maximum(cosine(4), 0.5)(count) for count in (0, 2, 3, 4)]
    [1.0, 0.5, 0.5, 0.5]
    """
    return _Maximum(read_curves("maximum", curves))


def minimum(*curves: Curve | Level) -> Curve:
    """The smallest of several curves at every count; a number or ``absolute(...)`` is a level.

    Raises:
        TypeError: something that is neither.
    """
    return _Minimum(read_curves("minimum", curves))


def clip(curve: Curve, low: Level, high: Level) -> Curve:
    """A curve between two levels: ``minimum(maximum(curve, low), high)``.

    Raises:
        TypeError: something that is neither a curve nor a level.
        ValueError: ``low`` above ``high``.
    """
    pair = (low.value, high.value) if isinstance(low, Absolute) and isinstance(high, Absolute) else (low, high)
    if all(map(check.is_number, pair)) and pair[0] > pair[1]:  # type: ignore[operator]
        check.fail("clip", "low", f"must be at most high, {high!r}", low)
    return minimum(maximum(curve, low), high)


@dataclass(frozen=True, repr=False)
class _Product(_Of):
    word = "product"

    def factor(self, m: Numbers, t: Number) -> Number:
        value = self.curves[0].factor(m, t)
        for curve in self.curves[1:]:
            value = value * curve.factor(m, t)
        return value

    def number(self, m: Numbers, t: Number, base: Number, current: Number) -> Number:
        value = self.curves[0].rate(m, t, base, current)
        for curve in self.curves[1:]:
            value = value * curve.factor(m, t)
        return value


def product(*curves: Curve | Level) -> Curve:
    """The product of several curves; only the first may have absolute levels.

    Raises:
        TypeError: something that is neither a curve nor a number.
        ValueError: absolute levels in another than the first.
    """
    made = _Product(read_curves("product", curves))
    for i, curve in enumerate(made.curves[1:], 1):
        if not curve.is_relative():
            check.fail("product", f"curves[{i}]", "must be relative: rates cannot be multiplied by rates", curve)
    return made


def read_curves(where: str, curves: Sequence[Any]) -> tuple[Curve, ...]:
    """The curves that a function was given; where it takes levels, a number is one."""
    if not curves:
        check.fail(where, "curves", "must be one at least", curves)
    levels = where in ("maximum", "minimum", "product")
    made = [const(c) if levels and (check.is_number(c) or isinstance(c, Absolute)) else c for c in curves]
    for i, curve in enumerate(made):
        if not isinstance(curve, Curve):
            check.fail(where, f"curves[{i}]", "must be a curve, as linear(...) gives one", curve, TypeError)
    return tuple(made)


def no_captures(where: str, curve: Curve, argument: str = "curve") -> None:
    """Raise for a curve that starts from ``CURRENT``."""
    if curve.follows:
        check.fail(where, argument, "must not start from CURRENT", curve)
