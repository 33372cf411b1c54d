"""The schedulers of PyTorch-Ignite (``ignite/handlers/param_scheduler.py``, 0.5.5).

There a scheduler gives the rate, or another number, itself, so levels are absolute and the same for all groups. It
counts the events it is attached to from 0: with ``Events.ITERATION_STARTED`` those are the updates.
"""

import math
from itertools import pairwise
from typing import Any

from ... import check
from ..curve import Curve, formula
from ..moved import shift
from ..named import named
from ..numbers import Number, Numbers
from ._shared import curves_of, joined, rate_of_group, rates

CYCLES = 4096  # whose values are made of the ones before, as ignite does it; then by a power
LONGEST = 2**31  # counts


class _Cycles:
    """The lengths and the values of the cycles of a ``CyclicalScheduler``."""

    def __init__(self, where: str, start: float, end: float, size: int, mults: tuple[float, float, float], warm: int):
        start, end = check.rate_of(where, "start_value", start), check.rate_of(where, "end_value", end)
        self.warm, self.sizes, self.warms = warm, [check.integer(where, "cycle_size", size, 2)], [warm]
        check.integer(where, "warmup_duration", warm, 0)
        self.longer = check.at_least(where, "cycle_mult", mults[0], 1)
        self.of_start = check.at_least(where, "start_value_mult", mults[1], 0)
        self.of_end = check.at_least(where, "end_value_mult", mults[2], 0)
        self.starts, self.ends, self.begins = [start], [end], [0]
        even = self.of_start == self.of_end == 1
        while self.begins[-1] < LONGEST and len(self.begins) < CYCLES and not (even and self.longer == 1):
            self.begins.append(self.begins[-1] + self.sizes[-1] + self.warms[-1])
            self.sizes.append(int(self.sizes[-1] * self.longer))
            self.warms.append(int(self.warms[-1] * self.longer))
            self.starts.append(self.starts[-1] * self.of_start)
            self.ends.append(self.ends[-1] * self.of_end)

    def place(self, m: Numbers, t: Number) -> tuple[Number, ...]:
        """Of the cycle that count t is in: its count j, size, length of the way back, start, next start and end."""
        if len(set(self.sizes)) == len(set(self.warms)) == 1:
            i = t // (self.sizes[0] + self.warm)
            j, size, warm = t - i * (self.sizes[0] + self.warm), self.sizes[0], self.warm
        else:
            i = m.passed(self.begins[1:], t)
            j, size, warm = t - m.entry(self.begins, i), m.entry(self.sizes, i), m.entry(self.warms, i)
        start, end = self._value(m, self.starts, self.of_start, i), self._value(m, self.ends, self.of_end, i)
        return j, size, warm, start, start * self.of_start, end

    def _value(self, m: Numbers, values: list[float], factor: float, i: Number) -> Number:
        known = m.entry(values, m.minimum(i, len(values) - 1))
        if factor == 1 or values[-1] == 0 or len(values) < CYCLES:
            return known
        return known * factor ** m.minimum(m.maximum(i - (len(values) - 1), 0), 1e5)

    def curve(self, value: Any) -> Curve:
        """value(m, start, end, progress) on the way; a line back over the counts of the warm-up."""

        def rate(m: Numbers, t: Number) -> Number:
            j, size, warm, start, following, end = self.place(m, t)
            if not self.warm:
                return value(m, start, end, j / size)
            there = lambda: value(m, m.where(j < size, lambda: start, lambda: following), end, j / size)  # noqa: E731
            return m.where(j > size, lambda: end + (following - end) * ((j - size) / warm), there)

        return rates(rate)


@named("ignite")
def linear_cyclical_scheduler(
    start_value: float,
    end_value: float,
    cycle_size: int,
    cycle_mult: float = 1.0,
    start_value_mult: float = 1.0,
    end_value_mult: float = 1.0,
    warmup_duration: int = 0,
    monotonic: bool = False,
) -> Curve:
    """A line to end_value and back in each cycle; with monotonic to end_value alone, and back over the warm-up.

    With p the part of the cycle that is over::

        end + (start - end) * abs(p - 0.5) * 2
        start + (end - start) * p                   monotonic

    Equal to ignite's ``LinearCyclicalScheduler``.

    Args:
        start_value: at least 0.
        end_value: at least 0.
        cycle_size: counts of a cycle, an integer, at least 2.
        cycle_mult: by how much each is longer, at least 1, rounded down (below 1 ignite divides by 0 in the end).
        start_value_mult: what start_value is multiplied by in each, at least 0.
        end_value_mult: what end_value is multiplied by in each, at least 0.
        warmup_duration: counts of the way back between two cycles, an integer, at least 0; 0 unless monotonic.
        monotonic: see above.

    Raises:
        ValueError: a number out of its range, a warm-up without monotonic.

    >>> [linear_cyclical_scheduler(1.0, 0.0, 4)(count) for count in range(6)]
    [1.0, 0.5, 0.0, 0.5, 1.0, 0.5]
    >>> [linear_cyclical_scheduler(1.0, 0.0, 2, warmup_duration=2, monotonic=True)(count) for count in range(6)]
    [1.0, 0.5, 0.0, 0.5, 1.0, 0.5]
    """
    where = "ignite.linear_cyclical_scheduler"
    if not check.flag(where, "monotonic", monotonic) and warmup_duration:
        check.fail(where, "warmup_duration", "must be 0 unless monotonic", warmup_duration)
    mults = (cycle_mult, start_value_mult, end_value_mult)
    cycles = _Cycles(where, start_value, end_value, cycle_size, mults, warmup_duration)
    if monotonic:
        return cycles.curve(lambda m, start, end, p: start + (end - start) * p)
    distance = lambda m, p: m.maximum(p - 0.5, -(p - 0.5))  # noqa: E731
    return cycles.curve(lambda m, start, end, p: end + (start - end) * distance(m, p) * 2)


@named("ignite")
def cosine_annealing_scheduler(
    start_value: float,
    end_value: float,
    cycle_size: int,
    cycle_mult: float = 1.0,
    start_value_mult: float = 1.0,
    end_value_mult: float = 1.0,
    warmup_duration: int = 0,
) -> Curve:
    """Half a cosine from start_value to end_value in each cycle, and a line back over the warm-up.

    With p the part of the cycle that is over::

        start + (end - start) / 2 * (1 - cos(pi * p))

    Equal to ignite's ``CosineAnnealingScheduler``.

    Args:
        start_value: at least 0.
        end_value: at least 0.
        cycle_size: counts of a cycle, an integer, at least 2.
        cycle_mult: by how much each is longer, at least 1, rounded down.
        start_value_mult: what start_value is multiplied by in each, at least 0.
        end_value_mult: what end_value is multiplied by in each, at least 0.
        warmup_duration: counts of the way back between two cycles, an integer, at least 0.

    Raises:
        ValueError: a number out of its range.

    >>> [round(cosine_annealing_scheduler(1.0, 0.0, 2)(count), 3) for count in range(4)]
    [1.0, 0.5, 1.0, 0.5]
    """
    where = "ignite.cosine_annealing_scheduler"
    mults = (cycle_mult, start_value_mult, end_value_mult)
    cycles = _Cycles(where, start_value, end_value, cycle_size, mults, warmup_duration)
    return cycles.curve(lambda m, start, end, p: start + (end - start) / 2 * (1 - m.cos(math.pi * p)))


@named("ignite")
def piecewise_linear(milestones_values: Any) -> Curve:
    """Lines between some counts and their values; the first and the last value are held.

    Between the counts a and b with the values x and y::

        x + (y - x) * (t - a) / (b - a)

    Equal to ignite's ``PiecewiseLinear``.

    Args:
        milestones_values: a list of pairs (count, value), counts that do not fall, values at least 0.

    Raises:
        TypeError: something that is no list of pairs.
        ValueError: a number out of its range, counts that fall.

    >>> [piecewise_linear([(1, 1.0), (3, 0.5), (4, 0.0)])(count) for count in range(6)]
    [1.0, 1.0, 0.75, 0.5, 0.0, 0.0]
    """
    where, name = "ignite.piecewise_linear", "milestones_values"
    if not isinstance(milestones_values, list | tuple) or not milestones_values:
        check.fail(where, name, "must be a list of pairs (count, value)", milestones_values, TypeError)
    for i, pair in enumerate(milestones_values):
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            check.fail(where, f"{name}[{i}]", "must be a pair (count, value)", pair, TypeError)
    counts = [check.integer(where, f"{name}[{i}][0]", one, 0) for i, (one, _) in enumerate(milestones_values)]
    values = [check.rate_of(where, f"{name}[{i}][1]", one) for i, (_, one) in enumerate(milestones_values)]
    if any(a > b for a, b in pairwise(counts)):
        check.fail(where, name, "must have counts that do not fall", milestones_values)
    sizes = [1, *(max(b - a, 1) for a, b in pairwise(counts)), 1]

    def rate(m: Numbers, t: Number) -> Number:
        i = m.passed(counts, t)
        start, end = m.entry([values[0], *values], i), m.entry([*values, values[-1]], i)
        return start + (end - start) * (t - m.entry([0, *counts], i)) / m.entry(sizes, i)

    return rates(rate)


@named("ignite")
def concat_scheduler(schedulers: Any, durations: Any) -> Curve:
    """Several curves one after the other, each counting from 0.

    Equal to ignite's ``ConcatScheduler``.

    Args:
        schedulers: a list of curves, two at least.
        durations: how many counts each but the last is in charge, integers, at least 1.

    Raises:
        TypeError: something that is no list or no curve.
        ValueError: lists that do not fit, a number out of its range.

    >>> line = piecewise_linear([(0, 0.0), (2, 1.0)])
    >>> [concat_scheduler([line, line], [2])(count) for count in range(5)]
    [0.0, 0.5, 0.0, 0.5, 1.0]
    """
    where = "ignite.concat_scheduler"
    curves = curves_of(where, "schedulers", schedulers, 2)
    if not isinstance(durations, list | tuple) or len(durations) != len(curves) - 1:
        check.fail(where, "durations", f"must be a list, one fewer than the {len(curves)} schedulers", durations)
    return joined(curves, [check.integer(where, f"durations[{i}]", n, 1) for i, n in enumerate(durations)])


@named("ignite")
def create_lr_scheduler_with_warmup(
    lr_scheduler: Curve, warmup_start_value: float, warmup_duration: int, warmup_end_value: float | None = None
) -> Curve:
    """A line up over ``warmup_duration`` counts, the last of which is at its end, and then a curve.

    With W = warmup_duration the rate of count t < W is that part of the way, t / (W - 1). A curve whose levels are
    multiples of the group's rate, such as those of torch, goes on from its count 1, for the warm-up ends at its
    first rate. A curve of ignite's own begins at count W with its count 0; where its first rate is the end of the
    warm-up, the warm-up is a count shorter, and the rate is not there twice. Equal to ignite's
    ``create_lr_scheduler_with_warmup``; that inserts one more count where there is one group alone, its scheduler is
    torch's and warmup_end_value is not its rate.

    Args:
        lr_scheduler: a curve.
        warmup_start_value: the first rate, at least 0.
        warmup_duration: W, an integer, at least 2.
        warmup_end_value: the rate at its end; None for the group's own rate.

    Raises:
        TypeError: something that is no curve.
        ValueError: a number out of its range.

    >>> from lrspec.curves import linear
    >>> warm = create_lr_scheduler_with_warmup(linear(4, 1.0, 0.0), 0.0, 3)
    >>> [warm(count) for count in range(8)]
    [0.0, 0.5, 1.0, 0.75, 0.5, 0.25, 0.0, 0.0]
    """
    where = "ignite.create_lr_scheduler_with_warmup"
    (curve,) = curves_of(where, "lr_scheduler", [lr_scheduler])
    low = check.rate_of(where, "warmup_start_value", warmup_start_value)
    n = check.integer(where, "warmup_duration", warmup_duration, 2)
    given = None if warmup_end_value is None else check.rate_of(where, "warmup_end_value", warmup_end_value)

    def line(last: int, end: Any) -> Curve:
        value = lambda m, t, base: low + (end(base) - low) * t / last  # noqa: E731
        return rate_of_group(value)

    if curve.is_relative():
        warm_up = line(n - 1, lambda base: base if given is None else given)
        return joined([warm_up, shift(curve, 1)], [n])
    if given is None:
        check.fail(where, "warmup_end_value", "must be given for a curve whose levels are absolute", warmup_end_value)
    if curve(0) != given:
        return joined([line(n - 1, lambda base: given), curve], [n])
    if n == 2:
        return joined([formula(lambda m, t, base: low, relative=False), curve], [1])
    before = given - (given - low) / (n - 1)
    return joined([line(n - 2, lambda base: before), curve], [n - 1])
