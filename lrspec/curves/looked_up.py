"""A sequence of many segments at the cost of a few: each shape is computed once, with numbers that are looked up."""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any

from .. import check
from .curve import Absolute, Curve
from .numbers import Number, Numbers
from .segments import Segment

Value = Callable[[Curve, Number], Number]  # of a curve at its own count


def in_charge(m: Numbers, t: Number, parts: Sequence[tuple[Any, Curve]], closed: bool, value: Value) -> Number:
    """The value, at count t, of the part that t lies in.

    Where all parts are computed, as with arrays, segments of one shape whose levels are of one kind are one segment,
    whose numbers depend on t.

    Args:
        m: the arithmetic.
        t: the count.
        parts: the count at which each begins, and the part.
        closed: whether the count at which a part begins is the last of the one before.
        value: of a part at its own count.
    """
    if len(parts) == 1:
        return value(parts[0][1], t - parts[0][0])
    index = _index(m, t, [begin for begin, _ in parts[1:]], closed)
    groups: dict[Any, list[int]] = {}
    for i, (_, part) in enumerate(parts):
        groups.setdefault(_kind(part) or i, []).append(i)
    result: Any = None
    for which in groups.values():
        here = _value_of(m, t, index, parts, which, value)
        result = here if result is None else m.where(_among(m, index, which, len(parts)), _held(here), _held(result))
    return result


def _index(m: Numbers, t: Number, bounds: Sequence[Any], closed: bool) -> Number:
    """How many of the bounds t has passed."""
    if not all(map(check.is_number, bounds)):
        return sum(m.where(t > b if closed else t >= b, lambda: 1, lambda: 0) for b in bounds)
    if not closed:
        return m.passed(bounds, t)
    return len(bounds) - m.passed([-b for b in reversed(bounds)], -t)


def _held(value: Number) -> Callable[[], Number]:
    return lambda: value


def _among(m: Numbers, index: Number, which: Sequence[int], count: int) -> Any:
    among = set(which)
    return index == which[0] if len(which) == 1 else m.entry([int(i in among) for i in range(count)], index) == 1


def _kind(part: Curve) -> Any:
    """What segments must have in common to be computed as one; None for what is computed by itself."""
    if not isinstance(part, Segment) or not all(
        check.is_number(_number(getattr(part, f.name))) for f in _numbers(part)
    ):
        return None
    return type(part), part.warp == 1, isinstance(part.start, Absolute), isinstance(part.end, Absolute)


def _numbers(part: Segment) -> list[Any]:
    return [f for f in fields(part) if f.name != "grid"]


def _number(value: Any) -> Any:
    return value.value if isinstance(value, Absolute) else value


def _value_of(
    m: Numbers, t: Number, index: Number, parts: Sequence[tuple[Any, Curve]], which: Sequence[int], value: Value
) -> Number:
    """The value of the one of these parts that the index names; of another index, some number."""
    begin, part = parts[which[0]]
    if len(which) == 1:
        return value(part, t - begin)
    among = [0] * len(parts)  # the place of each part among those of its kind
    for place, i in enumerate(which):
        among[i] = place
    place = m.entry(among, index)
    segments: list[Any] = [parts[i][1] for i in which]
    numbers = {f.name: m.entry([_number(getattr(s, f.name)) for s in segments], place) for f in _numbers(segments[0])}
    numbers["offsets"] = tuple(m.entry([vars(s)["offsets"][i] for s in segments], place) for i in (0, 1))
    return value(_with(segments[0], numbers), t - m.entry([parts[i][0] for i in which], place))


def _with(segment: Segment, numbers: dict[str, Any]) -> Curve:
    """The segment with these numbers in place of its own, which no check can read."""
    made = replace(segment)
    for name, number in numbers.items():
        kept = getattr(segment, name)
        if name == "warp" and kept == 1:
            continue
        if isinstance(kept, Absolute):
            level = replace(kept)
            object.__setattr__(level, "value", number)
            number = level
        object.__setattr__(made, name, number)
    return made
