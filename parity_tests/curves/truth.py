"""A curve in 50 digits, written from the definitions of its parts and not from their code."""

from fractions import Fraction
from typing import Any

import mpmath as mp

from lrspec import curves as c

OFFSETS = {"[0,1)": (0, 0), "(0,1]": (1, 0), "(0,1)": (1, 1), "[0,1]": (0, -1)}


def truth(curve: Any, t: Fraction, base: Any, current: Any) -> Any:
    """The number that the curve gives at count t to a group whose own is ``base``."""
    kind = type(curve).__name__.strip("_")
    match kind:
        case "Const":
            return _level(curve.value, base, current)
        case "InverseSqrt":
            return _level(curve.start, base, current) / (1 + _mp(t) / curve.timescale) ** mp.mpf(curve.power)
        case "Pieces":
            return base * mp.mpf(curve.values[sum(1 for bound in curve.bounds if bound <= t)])
        case "Sequence":
            return _sequence(curve, t, base, current)
        case "Maximum":
            return max(truth(one, t, base, current) for one in curve.curves)
        case "Minimum":
            return min(truth(one, t, base, current) for one in curve.curves)
        case "Product":
            first = truth(curve.curves[0], t, base, current)
            return first * mp.fprod(truth(one, t, mp.mpf(1), current) for one in curve.curves[1:])
        case "Shifted":
            return truth(curve.curve, t + curve.by, base, current)
        case "Window":
            if t < curve.begin:
                return truth(curve.before, t, base, current)
            last = t if curve.end is None else min(t, Fraction(curve.end - 1))
            return truth(curve.curve, last - curve.begin, base, current)
        case "Repeated":
            return _repeated(curve, t, base, current)
    return _segment(kind, curve, t, base, current)


def _mp(t: Fraction) -> Any:
    return mp.mpf(t.numerator) / t.denominator


def _level(value: Any, base: Any, current: Any) -> Any:
    if isinstance(value, c.Absolute):
        return mp.mpf(value.value)
    return current if value is c.CURRENT else base * mp.mpf(value)


def _sequence(curve: Any, t: Fraction, base: Any, current: Any) -> Any:
    begin = Fraction(0)
    for one in curve.curves[:-1]:
        end = begin + Fraction(one.length())
        if t < end or (curve.closed and t == end):
            return truth(one, t - begin, base, current)
        begin = end
    return truth(curve.curves[-1], t - begin, base, current)


def _repeated(curve: Any, t: Fraction, base: Any, current: Any) -> Any:
    begin, length, scale, cycle = Fraction(0), Fraction(curve.curve.length()), Fraction(1), 0
    while t >= begin + length * scale and (curve.times is None or cycle < curve.times - 1):
        begin, scale, cycle = begin + length * scale, scale * Fraction(curve.stretch), cycle + 1
    return truth(curve.curve, (t - begin) / scale, base * mp.mpf(curve.multiply) ** cycle, current)


def _segment(kind: str, curve: Any, t: Fraction, base: Any, current: Any) -> Any:
    o, d = OFFSETS[curve.grid]
    p = _mp(min((t + o) / (curve.steps + d), Fraction(1))) ** mp.mpf(curve.warp)
    start, end = (_level(one, base, current) for one in (curve.start, curve.end))
    match kind:
        case "Linear":
            f = p
        case "Cosine":
            f = (1 - mp.cos(2 * mp.pi * mp.mpf(curve.cycles) * p)) / 2
        case "Power":
            f = 1 - (1 - p) ** mp.mpf(curve.power)
        case "OneMinusSqrt":
            f = mp.sqrt(p)
        case "Exponential":
            return start * (end / start) ** p
        case _:
            raise AssertionError(kind)
    return start + (end - start) * f
