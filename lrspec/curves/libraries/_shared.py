"""What the curves of several libraries share."""

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ... import check
from ..combined import no_captures, read_curves, sequence
from ..curve import Curve, formula
from ..numbers import Number, Numbers


def rates(function: Callable[[Numbers, Number], Number]) -> Curve:
    """A formula (m, t) -> rate, the same for every group."""
    return formula(lambda m, t, base: function(m, t), relative=False)


def rate_of_group(function: Callable[[Numbers, Number, Number], Number]) -> Curve:
    """A formula (m, t, base) -> rate, of which the group's own is a part."""
    return formula(function, relative=False)


@dataclass(frozen=True)
class _Lasting(Curve):
    curve: Curve
    steps: int

    def length(self) -> Any:
        return self.steps

    def is_relative(self) -> bool:
        return self.curve.is_relative()

    def factor(self, m: Numbers, t: Number) -> Number:
        return self.curve.factor(m, t)

    def rate(self, m: Numbers, t: Number, base: Number, current: Number) -> Number:
        return self.curve.rate(m, t, base, current)


def joined(curves: Sequence[Curve], durations: Sequence[int]) -> Curve:
    """Curves one after the other, each counting from 0; all but the last for so many counts, whatever their length."""
    *first, last = curves
    return sequence(*(_Lasting(curve, n) for curve, n in zip(first, durations, strict=True)), last)


def curves_of(where: str, name: str, curves: Any, least: int = 1) -> tuple[Curve, ...]:
    """A list of curves that do not start from ``CURRENT``."""
    if not isinstance(curves, list | tuple):
        check.fail(where, name, "must be a list of curves", curves, TypeError)
    if len(curves) < least:
        check.fail(where, name, f"must be {least} curve{'s' * (least > 1)} at least", curves)
    for curve in (found := read_curves(where, curves)):
        no_captures(where, curve)
    return found


def increasing(where: str, name: str, values: Any, low: int = 0) -> list[int]:
    """A list of increasing integers."""
    if not isinstance(values, list | tuple):
        check.fail(where, name, "must be a list of integers", values, TypeError)
    found = [check.integer(where, f"{name}[{i}]", one, low) for i, one in enumerate(values)]
    if any(a >= b for a, b in pairwise(found)):
        check.fail(where, name, "must be increasing", values)
    return found


def rates_of(where: str, name: str, values: Any) -> list[float]:
    """A list of rates."""
    if not isinstance(values, list | tuple):
        check.fail(where, name, "must be a list of rates", values, TypeError)
    return [check.rate_of(where, f"{name}[{i}]", one) for i, one in enumerate(values)]


def pairs(where: str, name: str, value: Any) -> dict[Any, Any]:
    """A dictionary, or its pairs."""
    try:
        return dict(value.items() if isinstance(value, Mapping) else value)
    except (TypeError, ValueError):
        check.fail(where, name, "must be a dictionary", value, TypeError)


def ordered(where: str, low: tuple[str, float], high: tuple[str, float]) -> None:
    """Raise for a floor above the peak."""
    if low[1] > high[1]:
        check.fail(where, low[0], f"must be at most {high[0]}, {high[1]}", low[1])


def annealed(m: Numbers, strategy: str, start: Number, end: Number, pct: Number) -> Number:
    """A line or half a cosine as torch's OneCycleLR writes them, and those that took them over from it."""
    if strategy == "linear":
        return (end - start) * pct + start
    return end + (start - end) / 2.0 * (m.cos(math.pi * pct) + 1)


def one_cycle(strategy: str, ends: Sequence[float], values: Sequence[float]) -> Curve:
    """Lines or half cosines between counts and rates, as torch's OneCycleLR finds its part; the last rate is held."""

    def rate(m: Numbers, t: Number, i: int = 0) -> Number:
        pct = (t - ends[i]) / (ends[i + 1] - ends[i])
        part = lambda: annealed(m, strategy, values[i], values[i + 1], pct)  # noqa: E731
        return part() if i == len(ends) - 2 else m.where(t <= ends[i + 1], part, lambda: rate(m, t, i + 1))

    return rates(lambda m, t: rate(m, m.minimum(t, ends[-1])))


def cosine_to_share(m: Numbers, base: Number, alpha_f: float, angle: Number) -> Number:
    """OLMo's cosine from the group's rate to a share of it: at the angle 0 the rate, at pi the share."""
    end = base * alpha_f
    return end + (base - end) * (1 + m.cos(angle)) / 2


def raised(x: Number, power: float) -> Number:
    """x to the power as JAX does it: to an integer by squaring, else by the C library's function."""
    if not isinstance(power, int):
        return x**power
    result: Number = None
    while power:
        if power & 1:
            result = x if result is None else result * x
        power >>= 1
        if power:
            x = x * x
    return result


def no_overflow(m: Numbers, rate: float, p: Number) -> Number:
    """An exponent of the rate, no larger than one at which Python would raise OverflowError and JAX give infinity."""
    return p if rate <= 1 else m.minimum(p, math.log(sys.float_info.max / 16) / math.log(rate))
