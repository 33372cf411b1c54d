"""The schedules of optax that have several parts."""

from itertools import pairwise
from typing import Any

from ... import check
from ..curve import Curve
from ..named import named
from ._optax import cosine, exponential_decay, polynomial
from ._shared import curves_of, increasing, joined, ordered, pairs


@named("optax")
def join_schedules(schedules: Any, boundaries: Any) -> Curve:
    """Curves one after the other, each of which counts from 0.

    The curve in charge is the one after as many boundaries as are t or less. Equal to ``optax.join_schedules``. With
    too few boundaries, that never uses the last schedules and says nothing; here it is refused.

    Args:
        schedules: a list of curves.
        boundaries: the counts at which the next one begins, increasing integers; one fewer than the curves.

    Raises:
        TypeError: something that is no list, or no curve.
        ValueError: boundaries that do not increase or do not fit.

    >>> from lrspec.curves.libraries.optax import linear_schedule
    >>> warm_up, decay = linear_schedule(0.0, 1.0, 2), linear_schedule(1.0, 0.0, 4)
    >>> [join_schedules([warm_up, decay], [2])(count) for count in range(7)]
    [0.0, 0.5, 1.0, 0.75, 0.5, 0.25, 0.0]
    """
    where = "optax.join_schedules"
    curves = curves_of(where, "schedules", schedules)
    bounds = increasing(where, "boundaries", boundaries, 1)
    if len(bounds) != len(curves) - 1:
        check.fail(where, "boundaries", f"must be one fewer than the {len(curves)} schedules", boundaries)
    return joined(curves, [b - a for a, b in pairwise([0, *bounds])])


@named("optax")
def warmup_constant_schedule(init_value: float, peak_value: float, warmup_steps: int) -> Curve:
    """Up from one rate to another, which is held.

    With I = init_value and P = peak_value::

        (I - P) * (1 - min(t, warmup_steps) / warmup_steps) + P

    Equal to ``optax.warmup_constant_schedule``.

    Args:
        init_value: I, at least 0.
        peak_value: P, at least I.
        warmup_steps: an integer, at least 1.

    Raises:
        ValueError: a number out of its range.

    >>> [warmup_constant_schedule(0.0, 1.0, 2)(count) for count in range(4)]
    [0.0, 0.5, 1.0, 1.0]
    """
    where = "optax.warmup_constant_schedule"
    check.integer(where, "warmup_steps", warmup_steps, 1)
    return _warm_up(where, init_value, peak_value, warmup_steps)


def _warm_up(where: str, init_value: float, peak_value: float, steps: int) -> Curve:
    low = check.rate_of(where, "init_value", init_value)
    ordered(where, ("init_value", low), ("peak_value", check.rate_of(where, "peak_value", peak_value)))
    return polynomial(where, init_value, peak_value, 1, max(steps, 1), 0)


@named("optax")
def warmup_cosine_decay_schedule(
    init_value: float,
    peak_value: float,
    warmup_steps: int,
    decay_steps: int,
    end_value: float = 0.0,
    exponent: float = 1.0,
) -> Curve:
    """Up to the peak in a line, and down by half a cosine; ``decay_steps`` is the length of both together.

    With W = warmup_steps, ``linear_schedule(init_value, peak_value, W)`` for t < W, then, of t - W,
    ``cosine_decay_schedule(peak_value, decay_steps - W, end_value / peak_value, exponent)``. Equal to
    ``optax.warmup_cosine_decay_schedule``.

    Args:
        init_value: the first rate, at least 0.
        peak_value: at least init_value.
        warmup_steps: W, an integer, at least 0.
        decay_steps: the whole length, an integer above W.
        end_value: the last rate, from 0 to peak_value.
        exponent: of the cosine, above 0.

    Raises:
        ValueError: a number out of its range.

    >>> [warmup_cosine_decay_schedule(0.0, 1.0, 2, 4, 0.5)(count) for count in range(6)]
    [0.0, 0.5, 1.0, 0.75, 0.5, 0.5]
    """
    where = "optax.warmup_cosine_decay_schedule"
    if check.integer(where, "warmup_steps", warmup_steps, 0) >= check.integer(where, "decay_steps", decay_steps, 1):
        rule = f"must be above warmup_steps, {warmup_steps}, for it is the length of both together"
        check.fail(where, "decay_steps", rule, decay_steps)
    warm_up = _warm_up(where, init_value, peak_value, warmup_steps)
    ordered(where, ("end_value", check.rate_of(where, "end_value", end_value)), ("peak_value", peak_value))
    alpha = 0.0 if peak_value == 0.0 else end_value / peak_value
    decay = cosine(where, "peak_value", peak_value, decay_steps - warmup_steps, alpha, exponent)
    return joined([warm_up, decay], [warmup_steps]) if warmup_steps else decay


@named("optax")
def warmup_exponential_decay_schedule(
    init_value: float,
    peak_value: float,
    warmup_steps: int,
    transition_steps: int,
    decay_rate: float,
    transition_begin: int = 0,
    staircase: bool = False,
    end_value: float | None = None,
) -> Curve:
    """Up to the peak in a line, and then the same factor over every ``transition_steps`` counts.

    With W = warmup_steps, ``linear_schedule(init_value, peak_value, W)`` for t < W, then ``exponential_decay`` from the
    peak, of t - W. Equal to ``optax.warmup_exponential_decay_schedule``.

    Args:
        init_value: the first rate, at least 0.
        peak_value: at least init_value.
        warmup_steps: W, an integer, at least 0.
        transition_steps: as in ``exponential_decay``, and so are the others.
        decay_rate: above 0.
        transition_begin: counted from the end of the warm-up.
        staircase: whether it falls in steps.
        end_value: where it stops; None for nowhere.

    Raises:
        ValueError: a number out of its range.

    >>> [warmup_exponential_decay_schedule(0.0, 1.0, 2, 1, 0.5)(count) for count in range(5)]
    [0.0, 0.5, 1.0, 0.5, 0.25]
    """
    where = "optax.warmup_exponential_decay_schedule"
    check.integer(where, "warmup_steps", warmup_steps, 0)
    warm_up = _warm_up(where, init_value, peak_value, warmup_steps)
    decay = exponential_decay(peak_value, transition_steps, decay_rate, transition_begin, staircase, end_value)
    return joined([warm_up, decay], [warmup_steps]) if warmup_steps else decay


@named("optax")
def sgdr_schedule(cosine_kwargs: Any) -> Curve:
    """Several warm-ups and cosines, one after the other (SGDR): the last rate is held.

    Each dictionary is a ``warmup_cosine_decay_schedule`` that takes its ``decay_steps``. Equal to
    ``optax.sgdr_schedule``.

    Args:
        cosine_kwargs: a list of the arguments of ``warmup_cosine_decay_schedule``, as dictionaries; one at least.

    Raises:
        TypeError: something that is no list of dictionaries.
        ValueError: a number out of its range.

    >>> cycle = {"init_value": 0.0, "peak_value": 1.0, "warmup_steps": 1, "decay_steps": 3}
    >>> [round(sgdr_schedule([cycle, {**cycle, "peak_value": 0.5}])(count), 3) for count in range(7)]
    [0.0, 1.0, 0.5, 0.0, 0.5, 0.25, 0.0]
    """
    where = "optax.sgdr_schedule"
    if not isinstance(cosine_kwargs, list | tuple) or not cosine_kwargs:
        check.fail(where, "cosine_kwargs", "must be a list of dictionaries", cosine_kwargs, TypeError)
    cycles = [pairs(where, f"cosine_kwargs[{i}]", one) for i, one in enumerate(cosine_kwargs)]
    curves = [warmup_cosine_decay_schedule(**one) for one in cycles]
    return joined(curves, [one["decay_steps"] for one in cycles[:-1]])
