"""What every curve is, and the numbers that stand in one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

from .. import check
from .numbers import PYTHON, Number, Numbers


@dataclass(frozen=True, repr=False)
class Absolute:
    """A rate that is the same for every group, where a plain number would be a multiple of the group's own."""

    value: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", check.single("absolute", "value", check.plain(self.value)))

    def __repr__(self) -> str:
        return f"absolute({self.value!r})"


def absolute(value: float) -> Absolute:
    """A rate that is the same for all groups, where a plain number would be a multiple of their own.

    Args:
        value: the rate (or the other number that is scheduled), finite.

    Raises:
        ValueError: a value that is no finite number.
    """
    return Absolute(value)


class _Current:
    """The type of ``CURRENT``."""

    def __repr__(self) -> str:
        return "CURRENT"


CURRENT = _Current()  # as a segment's start: where the rate is when the segment begins, set by hand or not
Level = float | Absolute | _Current


@dataclass(frozen=True, repr=False)
class Curve:
    """A function of the count: how a learning rate, or another number of a group, changes over a run.

    It says nothing of a framework. ``CurveLR(curve)`` of lrjax or lrtorch makes a scheduler of it. ``curve(count)`` is
    its value as Python computes it.

    """

    def length(self) -> Any:
        """How long it lasts, in counts; None where it has no end."""
        raise NotImplementedError

    def is_relative(self) -> bool:
        """Whether its values are multiples of the group's own number. Otherwise it gives the number itself."""
        raise NotImplementedError

    def factor(self, m: Numbers, t: Number) -> Number:
        """The multiple at count t, of a curve that is relative."""
        raise NotImplementedError

    def rate(self, m: Numbers, t: Number, base: Number, current: Number) -> Number:
        """The number itself at count t.

        Args:
            m: the arithmetic.
            t: the count.
            base: the group's own number.
            current: where the number was when the segment that starts from ``CURRENT`` began.
        """
        return base * self.factor(m, t) if self.is_relative() else self.number(m, t, base, current)

    def number(self, m: Numbers, t: Number, base: Number, current: Number) -> Number:
        """``rate`` of a curve that is not relative."""
        raise NotImplementedError

    def captures(self) -> Iterator[Any]:
        """The counts at which a segment begins that starts from ``CURRENT``."""
        return iter(())

    @cached_property
    def follows(self) -> bool:
        """Whether a segment starts from ``CURRENT``."""
        return any(True for _ in self.captures())

    def __call__(self, count: float, base: float = 1.0) -> float:
        """The value at a count, for a group whose own number is ``base``, as Python computes it.

        Raises:
            ValueError: a curve that starts from ``CURRENT``, which only a run knows.
        """
        if self.follows:
            check.fail("Curve", "count", "is not enough for a segment that starts from CURRENT: use simulate", count)
        return float(self.rate(PYTHON, count, base, base))


@dataclass(frozen=True, repr=False, eq=False)
class Named(Curve):
    """A curve under the name and with the arguments that a library has for it."""

    name: str
    arguments: tuple[tuple[str, Any], ...]
    curve: Curve

    def length(self) -> Any:
        """The curve's."""
        return self.curve.length()

    def is_relative(self) -> bool:
        """The curve's."""
        return self.curve.is_relative()

    def factor(self, m: Numbers, t: Number) -> Number:
        """The curve's."""
        return self.curve.factor(m, t)

    def rate(self, m: Numbers, t: Number, base: Number, current: Number) -> Number:
        """The curve's."""
        return self.curve.rate(m, t, base, current)

    def captures(self) -> Iterator[Any]:
        """Those of the curve."""
        return self.curve.captures()

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(f'{name}={_shown(value)}' for name, value in self.arguments)})"

    def __eq__(self, other: object) -> bool:
        """Whether the other has the same name and arguments."""
        return isinstance(other, Named) and (self.name, self.arguments) == (other.name, other.arguments)

    def __hash__(self) -> int:
        return hash((self.name, self.arguments))


def _shown(value: Any) -> str:
    """An argument as text; a function by its name, for it is another object in another process."""
    if isinstance(value, tuple):
        return f"({', '.join(map(_shown, value))}{',' if len(value) == 1 else ''})"
    return value.__qualname__ if hasattr(value, "__qualname__") else repr(value)


@dataclass(frozen=True, repr=False)
class Formula(Curve):
    """A curve that is written as a formula: see ``formula``."""

    function: Callable[..., Number]
    steps: Any = None
    relative: bool = True

    def length(self) -> Any:
        """As it was given."""
        return self.steps

    def is_relative(self) -> bool:
        """As it was given."""
        return self.relative

    def factor(self, m: Numbers, t: Number) -> Number:
        """function(m, t)."""
        return self.function(m, t)

    def number(self, m: Numbers, t: Number, base: Number, current: Number) -> Number:
        """function(m, t, base)."""
        return self.function(m, t, base)

    def __repr__(self) -> str:
        more = [f"{f.name}={getattr(self, f.name)!r}" for f in fields(self)[1:] if getattr(self, f.name) != f.default]
        return f"formula({', '.join([getattr(self.function, '__qualname__', repr(self.function)), *more])})"


def formula(function: Callable[..., Number], steps: float | None = None, *, relative: bool = True) -> Curve:
    """A curve as a formula of yours, which torch's side computes in Python and JAX's compiles, to the same bits.

    Args:
        function: ``(m, t) -> multiple of the group's rate``, or with relative=False ``(m, t, base) -> rate``. t is the
            count, base the group's own rate. Use the operators ``+ - * / // % **``, comparisons of t with numbers, and
            m's functions: cos, tanh, exp, sqrt, floor, single, minimum, maximum, where, passed, entry.
        steps: how long it lasts, where something comes after it.
        relative: whether the formula gives a multiple of the group's rate, or the rate itself.

    Raises:
        TypeError: a function that is none.
        ValueError: ``steps`` that is no number above 0.

    >>> inverse = formula(lambda m, t: 1 / m.sqrt(1 + t))
    >>> [inverse(count) for count in (0, 3, 15)]
    [1.0, 0.5, 0.25]
    """
    if not callable(function):
        check.fail("formula", "function", "must be a function (m, t) -> number", function, TypeError)
    if steps is not None:
        check.above("formula", "steps", steps, 0)
    return Formula(function, steps, check.flag("formula", "relative", relative))
