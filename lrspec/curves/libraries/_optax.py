"""The schedules of optax that are one formula."""

import math
from typing import Any

from ... import check
from ..curve import Curve
from ..named import named
from ._shared import no_overflow, ordered, pairs, raised, rates


@named("optax")
def constant_schedule(value: float) -> Curve:
    """The same rate at every count.

    Equal to ``optax.constant_schedule``.

    Args:
        value: the rate, at least 0.

    Raises:
        ValueError: a negative rate.

    >>> constant_schedule(0.5)(1000)
    0.5
    """
    value = check.rate_of("optax.constant_schedule", "value", value)
    return rates(lambda m, t: value)


@named("optax")
def polynomial_schedule(
    init_value: float, end_value: float, power: float, transition_steps: int, transition_begin: int = 0
) -> Curve:
    """From one rate to another by a polynomial; the first is held before it, the last after it.

    With I = init_value, E = end_value, B = transition_begin and T = transition_steps::

        (I - E) * (1 - min(max(t - B, 0), T) / T) ** power + E

    Equal to ``optax.polynomial_schedule``. It makes a constant of ``transition_steps`` 0, here refused.

    Args:
        init_value: I, at least 0.
        end_value: E, at least 0; above I for a warm-up.
        power: above 0. optax multiplies for an integer power and calls the C library for any other.
        transition_steps: T, an integer, at least 1.
        transition_begin: B, an integer, at least 0.

    Raises:
        ValueError: a number out of its range.

    >>> [polynomial_schedule(1.0, 0.0, 2, 4, 1)(count) for count in range(7)]
    [1.0, 1.0, 0.5625, 0.25, 0.0625, 0.0, 0.0]
    """
    return polynomial("optax.polynomial_schedule", init_value, end_value, power, transition_steps, transition_begin)


def polynomial(where: str, init_value: float, end_value: float, power: float, steps: int, begin: int) -> Curve:
    """The curve of polynomial_schedule for the function that is named."""
    init_value = check.rate_of(where, "init_value", init_value)
    end_value = check.rate_of(where, "end_value", end_value)
    check.above(where, "power", power, 0)
    steps = check.integer(where, "transition_steps", steps, 1)
    begin = check.integer(where, "transition_begin", begin, 0)

    def rate(m: Any, t: Any) -> Any:
        count = m.minimum(m.maximum(t - begin, 0), steps)
        frac = 1 - count / steps
        return (init_value - end_value) * raised(frac, power) + end_value

    return rates(rate)


@named("optax")
def linear_schedule(init_value: float, end_value: float, transition_steps: int, transition_begin: int = 0) -> Curve:
    """A straight line from one rate to another; the first is held before it, the last after it.

    With I = init_value, E = end_value, B = transition_begin and T = transition_steps::

        (I - E) * (1 - min(max(t - B, 0), T) / T) + E

    Equal to ``optax.linear_schedule``. It makes a constant of ``transition_steps`` 0, here refused.

    Args:
        init_value: I, at least 0.
        end_value: E, at least 0.
        transition_steps: T, an integer, at least 1.
        transition_begin: B, an integer, at least 0.

    Raises:
        ValueError: a number out of its range.

    >>> [linear_schedule(0.0, 1.0, 4)(count) for count in range(6)]
    [0.0, 0.25, 0.5, 0.75, 1.0, 1.0]
    """
    return polynomial("optax.linear_schedule", init_value, end_value, 1, transition_steps, transition_begin)


@named("optax")
def piecewise_constant_schedule(init_value: float, boundaries_and_scales: Any = None) -> Curve:
    """A rate that is multiplied at some counts, from each of them on.

    With the pairs b_i: s_i of boundaries_and_scales::

        init_value * (the product of all s_i with b_i <= t)

    Equal to ``optax.piecewise_constant_schedule``.

    Args:
        init_value: the first rate, at least 0.
        boundaries_and_scales: ``{count: factor}``, counts at least 0, factors at least 0; None for a constant.

    Raises:
        TypeError: something that is no dictionary.
        ValueError: a number out of its range.

    >>> [piecewise_constant_schedule(1.0, {2: 0.5, 3: 0.25})(count) for count in range(5)]
    [1.0, 1.0, 0.5, 0.125, 0.125]
    """
    where = "optax.piecewise_constant_schedule"
    values = [check.rate_of(where, "init_value", init_value)]
    found = scales_of(where, boundaries_and_scales)
    for scale in found.values():
        values.append(scale * values[-1])
    return rates(lambda m, t: m.entry(values, m.passed(list(found), t)))


def scales_of(where: str, boundaries_and_scales: Any) -> dict[int, float]:
    """The counts at which something is multiplied, in order, and the factors."""
    name = "boundaries_and_scales"
    found = {} if boundaries_and_scales is None else pairs(where, name, boundaries_and_scales)
    for count, scale in found.items():
        check.integer(where, f"a count of {name}", count, 0)
        check.at_least(where, f"{name}[{count}]", scale, 0)
    return {int(count): float(found[count]) for count in sorted(found)}


@named("optax")
def exponential_decay(
    init_value: float,
    transition_steps: int,
    decay_rate: float,
    transition_begin: int = 0,
    staircase: bool = False,
    end_value: float | None = None,
) -> Curve:
    """The same factor over every ``transition_steps`` counts.

    With I = init_value, B = transition_begin and T = transition_steps::

        I * decay_rate ** ((t - B) / T)     for t > B, else I

    staircase takes the floor of the exponent. Where it is given, the rate stops at end_value. Equal to
    ``optax.exponential_decay``. It makes a constant of ``transition_steps`` 0 or ``decay_rate`` 0, here refused.

    Args:
        init_value: I, at least 0.
        transition_steps: T, an integer, at least 1.
        decay_rate: above 0; above 1 the rate grows.
        transition_begin: B, an integer, at least 0.
        staircase: whether it falls in steps.
        end_value: the lower bound (the upper one where the rate grows), on that side of I; None for none.

    Raises:
        ValueError: a number out of its range, a lower bound above I.

    >>> [exponential_decay(1.0, 2, 0.25, 1)(count) for count in range(6)]
    [1.0, 1.0, 0.5, 0.25, 0.125, 0.0625]
    """
    where = "optax.exponential_decay"
    init = check.rate_of(where, "init_value", init_value)
    steps = check.integer(where, "transition_steps", transition_steps, 1)
    factor = check.above(where, "decay_rate", decay_rate, 0)
    begin = check.integer(where, "transition_begin", transition_begin, 0)
    check.flag(where, "staircase", staircase)
    if end_value is not None:
        end = ("end_value", check.rate_of(where, "end_value", end_value))
        ordered(where, *((end, ("init_value", init)) if factor < 1 else (("init_value", init), end)))

    def rate(m: Any, t: Any) -> Any:
        p = (t - begin) / steps
        p = no_overflow(m, factor, m.floor(p) if staircase else p)
        value = m.where(t <= begin, lambda: init, lambda: init * factor**p)
        if end_value is None:
            return value
        return m.maximum(value, end_value) if factor < 1 else m.minimum(value, end_value)

    return rates(rate)


@named("optax")
def cosine_decay_schedule(init_value: float, decay_steps: int, alpha: float = 0.0, exponent: float = 1.0) -> Curve:
    """Half a cosine from the rate down to a part of it, which is held.

    With I = init_value and T = decay_steps::

        I * ((1 - alpha) * (0.5 * (1 + cos(pi * min(t, T) / T))) ** exponent + alpha)

    Equal to ``optax.cosine_decay_schedule``.

    Args:
        init_value: I, at least 0.
        decay_steps: T, an integer, at least 1.
        alpha: the floor as a multiple of I, in [0, 1].
        exponent: above 0.

    Raises:
        ValueError: a number out of its range.

    >>> [cosine_decay_schedule(1.0, 2, alpha=0.5)(count) for count in range(4)]
    [1.0, 0.75, 0.5, 0.5]
    """
    where = "optax.cosine_decay_schedule"
    check.integer(where, "decay_steps", decay_steps, 1)
    check.between(where, "alpha", alpha, 0, 1)
    return cosine(where, "init_value", init_value, decay_steps, alpha, exponent)


def cosine(where: str, name: str, peak: float, steps: int, alpha: float, exponent: float) -> Curve:
    """The curve of cosine_decay_schedule for the function that is named."""
    peak = check.rate_of(where, name, peak)
    check.above(where, "exponent", exponent, 0)

    def rate(m: Any, t: Any) -> Any:
        cosine_decay = 0.5 * (1 + m.cos(math.pi * m.minimum(t, steps) / steps))
        return peak * ((1 - alpha) * raised(cosine_decay, exponent) + alpha)

    return rates(rate)
