"""Segments: a shape between two levels, over a number of counts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal, NamedTuple

from .. import check
from .curve import CURRENT, Absolute, Curve, Level
from .numbers import Number, Numbers

Grid = Literal["[0,1)", "(0,1]", "(0,1)", "[0,1]"]
# Which of its two ends a segment of n counts reaches: count j stands at p = (j + o) / (n + d). Name -> (o, d).
GRIDS: dict[str, tuple[int, int]] = {"[0,1)": (0, 0), "(0,1]": (1, 0), "(0,1)": (1, 1), "[0,1]": (0, -1)}


class Way(NamedTuple):
    """How far a segment is at some place: the shares of its start and of its end, which add up to 1."""

    left: Number
    gone: Number


@dataclass(frozen=True, repr=False)
class Segment(Curve):
    """A shape between two levels over ``steps`` counts; the end is held after it.

    Its value is start * (1 - f(p)) + end * f(p), with f from 0 to 1 as the subclass says, p = (j + o) / (n + d) for
    count j of n, and o and d of the grid. In the docstrings of the functions that make one, the shape is f.
    """

    steps: Any
    start: Level = 1.0
    end: Level = 0.0
    grid: Grid = "[0,1)"
    warp: float = 1.0
    word: ClassVar[str] = ""

    def __post_init__(self) -> None:
        self._read("steps", check.above, 0)
        self._read("warp", check.above, 0)
        for name in ("start", "end"):
            object.__setattr__(self, name, level(self.word, name, getattr(self, name)))
        if self.end is CURRENT:
            check.fail(self.word, "end", "must be a number or absolute(...)", self.end, TypeError)
        check.one_of(self.word, "grid", self.grid, tuple(GRIDS))
        object.__setattr__(self, "offsets", GRIDS[self.grid])
        if self.grid != "[0,1)" and check.is_number(self.steps) and self.steps != int(self.steps):
            check.fail(self.word, "steps", f"must be an integer on the grid {self.grid!r}", self.steps)
        if self.grid == "[0,1]" and check.is_number(self.steps) and self.steps < 2:
            check.fail(self.word, "steps", "must be at least 2 on the grid '[0,1]', which has both ends", self.steps)

    def _read(self, name: str, rule: Callable[..., Any], *limits: Any) -> None:
        object.__setattr__(self, name, read(self.word, name, getattr(self, name), rule, *limits))

    def length(self) -> Any:
        """Its counts."""
        return self.steps

    def is_relative(self) -> bool:
        """Whether both levels are multiples of the group's own rate."""
        return not isinstance(self.start, Absolute | type(CURRENT)) and not isinstance(self.end, Absolute)

    def way(self, m: Numbers, p: Number) -> Way:
        """The shares of start and end at p, from 0 to 1."""
        raise NotImplementedError

    def factor(self, m: Numbers, t: Number) -> Number:
        """The multiple at count t."""
        return self.between(m, t, self.start, self.end)

    def number(self, m: Numbers, t: Number, base: Number, current: Number) -> Number:
        """The number itself at count t."""
        return self.between(m, t, at(self.start, base, current), at(self.end, base, current))

    def between(self, m: Numbers, t: Number, start: Number, end: Number) -> Number:
        """start * left + end * gone."""
        left, gone = self.way(m, self.place(m, t))
        return start * left + end * gone

    def place(self, m: Numbers, t: Number) -> Number:
        """p, which is 1 after the last count."""
        o, d = vars(self)["offsets"]
        p = m.minimum((t + o) / (self.steps + d), 1.0)
        return p if check.is_number(self.warp) and self.warp == 1 else p**self.warp

    def captures(self) -> Iterator[Any]:
        """Its own begin."""
        return iter([0] if self.start is CURRENT else [])

    def __repr__(self) -> str:
        """As it is written."""
        given = [repr(self.steps)]
        for f in fields(self)[1:]:
            if f.name in ("start", "end") or getattr(self, f.name) != f.default:
                given.append(f"{f.name}={getattr(self, f.name)!r}")
        return f"{self.word}({', '.join(given)})"


def read(where: str, name: str, value: Any, rule: Callable[..., Any], *limits: Any) -> Any:
    """A number that a rule of ``check`` lets pass, as Python's int or float; what JAX traces has no value to check."""
    value = check.plain(value)
    if not check.is_number(value) and hasattr(value, "aval"):
        if value.shape != () or value.dtype.kind not in "fiuV":
            check.fail(where, name, "must be one number", value, TypeError)
        return value
    kept = rule(where, name, value, *limits)
    return int(kept) if isinstance(value, int) else kept


def level(where: str, name: str, value: Any) -> Level:
    """A level of a segment: a multiple of the group's rate, ``absolute(...)`` or ``CURRENT``."""
    if value is CURRENT or isinstance(value, Absolute):
        return value
    return read(where, name, value, check.single)


def at(value: Level, base: Number, current: Number) -> Number:
    """A level as the rate that it is for a group."""
    if isinstance(value, Absolute):
        return value.value
    return current if value is CURRENT else base * value
