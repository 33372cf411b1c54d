"""The schedules of optax that go from rate to rate."""

import math
from itertools import pairwise
from typing import Any

from ... import check
from ..curve import Curve
from ..named import named
from ._optax import scales_of
from ._shared import rates


@named("optax")
def piecewise_interpolate_schedule(
    interpolate_type: str, init_value: float, boundaries_and_scales: Any = None
) -> Curve:
    """Lines or half cosines between rates; each rate is the one before, multiplied.

    Between two counts a and b with the rates x and y, for p = (t - a) / (b - a)::

        (y - x) * p + x                             "linear"
        y + (x - y) / 2 * (cos(pi * p) + 1)         "cosine"

    After the last count its rate is held. Equal to ``optax.piecewise_interpolate_schedule``.

    Args:
        interpolate_type: "linear" or "cosine".
        init_value: the first rate, at least 0.
        boundaries_and_scales: ``{count: factor}``, counts at least 0, factors at least 0; None for a constant.

    Raises:
        TypeError: something that is no dictionary.
        ValueError: a number out of its range.

    >>> [piecewise_interpolate_schedule("linear", 1.0, {2: 0.5, 4: 2.0})(count) for count in range(6)]
    [1.0, 0.75, 0.5, 0.75, 1.0, 1.0]
    """
    where = "optax.piecewise_interpolate_schedule"
    check.one_of(where, "interpolate_type", interpolate_type, ("linear", "cosine"))
    init_value = check.rate_of(where, "init_value", init_value)
    return _interpolated(interpolate_type, init_value, scales_of(where, boundaries_and_scales))


def _interpolated(interpolate_type: str, init_value: float, scales: dict[int, float]) -> Curve:
    counts, values = [0, *scales], [init_value]
    for scale in scales.values():
        values.append(values[-1] * scale)

    def rate(m: Any, t: Any) -> Any:
        i = m.passed(counts[1:], t)  # the last part is flat
        start, end = m.entry(values, i), m.entry([*values[1:], values[-1]], i)
        sizes = [max(b - a, 1) for a, b in pairwise(counts)]
        pct = (t - m.entry(counts, i)) / m.entry([*sizes, 1], i)
        if interpolate_type == "linear":
            return m.where(t < counts[-1], lambda: (end - start) * pct + start, lambda: end)
        inside = lambda: end + (start - end) / 2.0 * (m.cos(math.pi * pct) + 1)  # noqa: E731
        return m.where(t < counts[-1], inside, lambda: end)

    return rates(rate)


@named("optax")
def linear_onecycle_schedule(
    transition_steps: int,
    peak_value: float,
    pct_start: float = 0.3,
    pct_final: float = 0.85,
    div_factor: float = 25.0,
    final_div_factor: float = 1e4,
) -> Curve:
    """Up to the peak, down again to the first rate, and to the last rate: three lines.

    With T = transition_steps, lines between these counts and rates::

        0                      peak_value / div_factor
        int(pct_start * T)     peak_value
        int(pct_final * T)     peak_value / div_factor
        T                      peak_value / div_factor / final_div_factor

    Equal to ``optax.linear_onecycle_schedule``. Where two of the counts are one, that loses a line and says nothing;
    here it is refused.

    Args:
        transition_steps: T, an integer, at least 1.
        peak_value: the highest rate, at least 0.
        pct_start: where the peak is, in [0, 1].
        pct_final: where the first rate is reached again, in [0, 1], after the peak.
        div_factor: at least 1.
        final_div_factor: at least 1.

    Raises:
        ValueError: a number out of its range.

    >>> [linear_onecycle_schedule(8, 1.0, 0.25, 0.5, 2.0, 4.0)(count) for count in (0, 1, 2, 3, 4, 6, 8, 9)]
    [0.5, 0.75, 1.0, 0.75, 0.5, 0.3125, 0.125, 0.125]
    """
    where = "optax.linear_onecycle_schedule"
    init = _first(where, transition_steps, peak_value, pct_start, div_factor, final_div_factor)
    check.between(where, "pct_final", pct_final, pct_start, 1)
    counts = int(pct_start * transition_steps), int(pct_final * transition_steps), transition_steps
    if len(set(counts)) < len(counts):
        check.fail(where, "pct_final", f"must lie between pct_start and 1: the lines end at {counts}", pct_final)
    scales = (div_factor, 1.0 / div_factor, 1.0 / final_div_factor)
    return _interpolated("linear", init, dict(zip(counts, scales, strict=True)))


def _first(where: str, steps: int, peak: float, pct_start: float, div: float, final_div: float) -> float:
    check.integer(where, "transition_steps", steps, 1)
    check.rate_of(where, "peak_value", peak)
    check.between(where, "pct_start", pct_start, 0, 1)
    check.at_least(where, "final_div_factor", final_div, 1)
    return peak / check.at_least(where, "div_factor", div, 1)


@named("optax")
def cosine_onecycle_schedule(
    transition_steps: int,
    peak_value: float,
    pct_start: float = 0.3,
    div_factor: float = 25.0,
    final_div_factor: float = 1e4,
) -> Curve:
    """Up to the peak and down to the last rate, each by half a cosine.

    With T = transition_steps, half cosines between these counts and rates::

        0                      peak_value / div_factor
        int(pct_start * T)     peak_value
        T                      peak_value / (div_factor * final_div_factor)

    Equal to ``optax.cosine_onecycle_schedule``.

    Args:
        transition_steps: T, an integer, at least 1.
        peak_value: the highest rate, at least 0.
        pct_start: where the peak is, in [0, 1), before the end.
        div_factor: at least 1.
        final_div_factor: at least 1.

    Raises:
        ValueError: a number out of its range.

    >>> [round(cosine_onecycle_schedule(8, 1.0, 0.5, 2.0, 2.0)(count), 3) for count in (0, 2, 4, 6, 8, 9)]
    [0.5, 0.75, 1.0, 0.625, 0.25, 0.25]
    """
    where = "optax.cosine_onecycle_schedule"
    init = _first(where, transition_steps, peak_value, pct_start, div_factor, final_div_factor)
    peak = int(pct_start * transition_steps)
    if peak == transition_steps:
        check.fail(where, "pct_start", "must be below 1, for the decay comes after the peak", pct_start)
    return _interpolated("cosine", init, {peak: div_factor, transition_steps: 1.0 / (div_factor * final_div_factor)})
