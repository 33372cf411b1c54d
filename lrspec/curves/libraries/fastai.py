"""The schedules of fastai (``fastai/callback/schedule.py``, 2.8.12).

There a schedule is a function of ``pos``, the part of the run that is over, from 0 to 1. So these curves are as long as
1, and ``CurveLR(curve, steps_per_unit=N)`` follows one over a run of N updates with pos = update / N (fastai adds 1 / N
up within an epoch, whose last bits may differ); after the run the last value is held. The levels of ``sched_*`` and
``combined_cos`` are the rate, or the momentum, itself; ``fit_*`` multiply each group's own rate. fastai computes the
joints and the place between two of them in float32, which is why a value may be off by 1e-7: that is kept.
"""

import math
import struct
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import Any

from ... import check
from ..curve import Curve
from ..named import named
from ._shared import curves_of, rate_of_group, rates, rates_of


def _cos(m: Any, start: Any, end: Any, pos: Any) -> Any:
    return start + (1 + m.cos(math.pi * (1 - pos))) * (end - start) / 2


def _held(m: Any, pos: Any) -> Any:
    return m.minimum(pos, 1.0)


def _levels(where: str, start: float, end: float) -> tuple[float, float]:
    return check.rate_of(where, "start", start), check.rate_of(where, "end", end)


@named("fastai")
def sched_lin(start: float, end: float) -> Curve:
    """A line: start + pos * (end - start).

    Equal to fastai's ``SchedLin``.

    Args:
        start: at least 0.
        end: at least 0.

    Raises:
        ValueError: a negative level.

    >>> [sched_lin(1.0, 0.5)(pos) for pos in (0.0, 0.5, 1.0)]
    [1.0, 0.75, 0.5]
    """
    start, end = _levels("fastai.sched_lin", start, end)
    return rates(lambda m, pos: start + _held(m, pos) * (end - start))


@named("fastai")
def sched_cos(start: float, end: float) -> Curve:
    """Half a cosine: start + (1 + cos(pi * (1 - pos))) * (end - start) / 2.

    Equal to fastai's ``SchedCos``.

    Args:
        start: at least 0.
        end: at least 0.

    Raises:
        ValueError: a negative level.

    >>> [round(sched_cos(1.0, 0.5)(pos), 3) for pos in (0.0, 0.5, 1.0)]
    [1.0, 0.75, 0.5]
    """
    start, end = _levels("fastai.sched_cos", start, end)
    return rates(lambda m, pos: _cos(m, start, end, _held(m, pos)))


@named("fastai")
def sched_no(start: float, end: float) -> Curve:
    """The start all the time, as fastai's ``SchedNo``, which does not use the end, either.

    Args:
        start: at least 0.
        end: at least 0; not used.

    Raises:
        ValueError: a negative level.

    >>> sched_no(1.0, 0.5)(1.0)
    1.0
    """
    start, _ = _levels("fastai.sched_no", start, end)
    return rates(lambda m, pos: start)


@named("fastai")
def sched_exp(start: float, end: float) -> Curve:
    """The same factor all the time: start * (end / start) ** pos.

    Equal to fastai's ``SchedExp``.

    Args:
        start: above 0.
        end: above 0.

    Raises:
        ValueError: a level that is not above 0.

    >>> [sched_exp(1.0, 0.25)(pos) for pos in (0.0, 0.5, 1.0)]
    [1.0, 0.5, 0.25]
    """
    where = "fastai.sched_exp"
    start, end = check.above(where, "start", start, 0), check.above(where, "end", end, 0)
    return rates(lambda m, pos: start * (end / start) ** _held(m, pos))


@named("fastai")
def sched_poly(start: float, end: float, power: float) -> Curve:
    """A polynomial: start + (end - start) * pos ** power.

    Equal to fastai's ``SchedPoly``.

    Args:
        start: at least 0.
        end: at least 0.
        power: above 0.

    Raises:
        ValueError: a number out of its range.

    >>> [sched_poly(1.0, 0.0, 2)(pos) for pos in (0.0, 0.5, 1.0)]
    [1.0, 0.75, 0.0]
    """
    start, end = _levels("fastai.sched_poly", start, end)
    power = check.above("fastai.sched_poly", "power", power, 0)
    return rates(lambda m, pos: start + (end - start) * _held(m, pos) ** power)


@named("fastai")
def combine_scheds(pcts: Any, scheds: Any) -> Curve:
    """Several of these curves one after the other, each for a part of the run, from its own begin to its end.

    Equal to fastai's ``combine_scheds``.

    Args:
        pcts: the part of the run of each, above 0, in all 1 to the last bit, as fastai asserts.
        scheds: a list of fastai's curves, as many.

    Raises:
        TypeError: something that is no list or no curve.
        ValueError: lists that do not fit, parts that do not add up to 1.

    >>> parts = combine_scheds([0.25, 0.75], [sched_lin(0.0, 1.0), sched_lin(1.0, 0.0)])
    >>> [parts(pos) for pos in (0.0, 0.125, 0.25, 0.625, 1.0)]
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """
    where = "fastai.combine_scheds"
    curves = curves_of(where, "scheds", scheds)
    parts = [check.above(where, f"pcts[{i}]", x, 0) for i, x in enumerate(rates_of(where, "pcts", pcts))]
    if len(parts) != len(curves):
        check.fail(where, "pcts", f"must be as many as the scheds, {len(curves)}", pcts)
    values = [lambda m, pos, base, curve=curve: curve.rate(m, pos, base, base) for curve in curves]
    return _combined(where, parts, values)


def _combined(where: str, pcts: Sequence[float], values: Sequence[Callable[..., Any]]) -> Curve:
    if sum(pcts) != 1.0:
        check.fail(where, "pcts", f"must add up to 1, not {sum(pcts)!r}", list(pcts))
    joints = [_single(x) for x in accumulate(map(_single, pcts), initial=0.0)]
    widths = [_single(b - a) for a, b in pairwise(joints)]

    def value(m: Any, pos: Any, base: Any, i: int = 0) -> Any:
        place = m.single(m.single(pos - joints[i]) / widths[i])
        here = lambda: values[i](m, place, base)  # noqa: E731
        return (
            here() if i == len(values) - 1 else m.where(pos < joints[i + 1], here, lambda: value(m, pos, base, i + 1))
        )

    return rate_of_group(lambda m, pos, base: value(m, m.single(_held(m, pos)), base))


def _single(x: float) -> float:
    return struct.unpack("f", struct.pack("f", x))[0]


@named("fastai")
def combined_cos(pct: float, start: float, middle: float, end: float) -> Curve:
    """Two half cosines, the first for a part pct of the run.

    The momentum of ``fit_one_cycle``: ``CurveLR(combined_cos(0.25, 0.95, 0.85, 0.95), target="momentum", ...)``. Equal
    to fastai's ``combined_cos``.

    Args:
        pct: in (0, 1).
        start: at least 0.
        middle: at least 0.
        end: at least 0.

    Raises:
        ValueError: a number out of its range.

    >>> [round(combined_cos(0.5, 0.95, 0.85, 0.95)(pos), 3) for pos in (0.0, 0.25, 0.5, 1.0)]
    [0.95, 0.9, 0.85, 0.95]
    """
    where = "fastai.combined_cos"
    levels = rates_of(where, "[start, middle, end]", [start, middle, end])
    return _cosines(where, pct, lambda base: levels)


def _cosines(where: str, pct: float, levels: Callable[[Any], Sequence[Any]], name: str = "pct") -> Curve:
    pct = check.between(where, name, pct, 0, 1, ends="()")
    parts = [lambda m, pos, base, i=i: _cos(m, levels(base)[i], levels(base)[i + 1], pos) for i in (0, 1)]
    return _combined(where, [pct, 1 - pct], parts)


@named("fastai")
def fit_one_cycle(div: float = 25.0, div_final: float = 1e5, pct_start: float = 0.25) -> Curve:
    """The rates of ``Learner.fit_one_cycle``: up to each group's own rate and down, by half cosines.

    From lr / div to lr over the part pct_start of the run, then to lr / div_final. Its momentum is ``combined_cos``.

    Args:
        div: above 0.
        div_final: above 0.
        pct_start: where the peak is, in (0, 1).

    Raises:
        ValueError: a number out of its range.

    >>> [round(fit_one_cycle(4.0, 16.0, 0.5)(pos), 4) for pos in (0.0, 0.5, 1.0)]
    [0.25, 1.0, 0.0625]
    """
    where = "fastai.fit_one_cycle"
    div, last = check.above(where, "div", div, 0), check.above(where, "div_final", div_final, 0)
    return _cosines(where, pct_start, lambda lr: (lr / div, lr, lr / last), "pct_start")


@named("fastai")
def fit_flat_cos(div_final: float = 1e5, pct_start: float = 0.75) -> Curve:
    """The rates of ``Learner.fit_flat_cos``: each group's own rate, and in the end half a cosine to lr / div_final.

    Args:
        div_final: above 0.
        pct_start: where the decay begins, in (0, 1).

    Raises:
        ValueError: a number out of its range.

    >>> [round(fit_flat_cos(16.0, 0.5)(pos), 4) for pos in (0.0, 0.5, 1.0)]
    [1.0, 1.0, 0.0625]
    """
    where = "fastai.fit_flat_cos"
    last = check.above(where, "div_final", div_final, 0)
    return _cosines(where, pct_start, lambda lr: (lr, lr, lr / last), "pct_start")


@named("fastai")
def fit_sgdr(n_cycles: int, cycle_len: int, cycle_mult: int = 2) -> Curve:
    """The rates of ``Learner.fit_sgdr``: half cosines from each group's own rate to 0, each longer than the one before.

    Args:
        n_cycles: an integer, at least 1.
        cycle_len: the epochs of the first cycle, an integer, at least 1.
        cycle_mult: by how much each is longer, an integer, at least 2 (fastai divides by cycle_mult - 1).

    Raises:
        ValueError: a number out of its range; cycles whose parts do not add up to 1 to the last bit, as fastai asserts.

    >>> [round(fit_sgdr(2, 1)(pos), 4) for pos in (0.0, 0.5, 1.0)]
    [1.0, 0.8536, 0.0]
    """
    where = "fastai.fit_sgdr"
    n, first = check.integer(where, "n_cycles", n_cycles, 1), check.integer(where, "cycle_len", cycle_len, 1)
    longer = check.integer(where, "cycle_mult", cycle_mult, 2)
    epochs = first * (longer**n - 1) // (longer - 1)
    values = [lambda m, pos, lr: _cos(m, lr, 0, pos)] * n
    return _combined(where, [first * longer**i / epochs for i in range(n)], values)
