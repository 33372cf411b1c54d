"""The schedules of Keras (``keras/src/optimizers/schedules/learning_rate_schedule.py``, 3.15.1).

There a schedule gives the rate itself, so every level is absolute and the same for all groups; a step counts from 0.
Keras computes in float32 (it narrows float64 on every backend but TensorFlow's); these are its formulas in float64, to
every bit of what it computes with that narrowing off. A decay past its end holds the last rate. A warm-up starts at
``initial_learning_rate`` and is not part of ``decay_steps``.
"""

import math
from typing import Any

from ... import check
from ..curve import Curve
from ..named import named
from ._shared import increasing, no_overflow, ordered, rates, rates_of

LONGEST = 2**31  # counts


def _start(where: str, initial_learning_rate: float, steps: int, name: str = "decay_steps") -> tuple[float, int]:
    return check.rate_of(where, "initial_learning_rate", initial_learning_rate), check.integer(where, name, steps, 1)


@named("keras")
def exponential_decay(
    initial_learning_rate: float, decay_steps: int, decay_rate: float, staircase: bool = False
) -> Curve:
    """The same factor over every ``decay_steps`` steps.

    ::

        initial_learning_rate * decay_rate ** (t / decay_steps)

    staircase takes the floor of the exponent. Equal to ``keras.optimizers.schedules.ExponentialDecay``.

    Args:
        initial_learning_rate: at least 0.
        decay_steps: an integer, at least 1.
        decay_rate: above 0.
        staircase: whether it falls in steps.

    Raises:
        ValueError: a number out of its range.

    >>> [exponential_decay(1.0, 2, 0.25)(count) for count in range(4)]
    [1.0, 0.5, 0.25, 0.125]
    """
    where = "keras.exponential_decay"
    init, steps = _start(where, initial_learning_rate, decay_steps)
    factor = check.above(where, "decay_rate", decay_rate, 0)
    check.flag(where, "staircase", staircase)
    return rates(lambda m, t: init * factor ** no_overflow(m, factor, m.floor(t / steps) if staircase else t / steps))


@named("keras")
def piecewise_constant_decay(boundaries: Any, values: Any) -> Curve:
    """A rate for each piece of the run, the last one held.

    The piece of step t is the one after as many boundaries as are below t: at a boundary itself the rate is still the
    one before it, one step longer than in other libraries. Equal to
    ``keras.optimizers.schedules.PiecewiseConstantDecay``.

    Args:
        boundaries: increasing integers, one at least.
        values: the rates, one more.

    Raises:
        TypeError: something that is no list.
        ValueError: a number out of its range, lists that do not fit.

    >>> [piecewise_constant_decay([1, 3], [1.0, 0.5, 0.25])(count) for count in range(6)]
    [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]
    """
    where = "keras.piecewise_constant_decay"
    bounds, found = increasing(where, "boundaries", boundaries), rates_of(where, "values", values)
    if not bounds or len(bounds) != len(found) - 1:
        check.fail(where, "boundaries", f"must be one at least, one fewer than the {len(found)} values", boundaries)
    falling = [-b for b in reversed(bounds)]
    return rates(lambda m, t: m.entry(found, len(bounds) - m.passed(falling, -t)))


@named("keras")
def polynomial_decay(
    initial_learning_rate: float,
    decay_steps: int,
    end_learning_rate: float = 0.0001,
    power: float = 1.0,
    cycle: bool = False,
) -> Curve:
    """From the first rate to the last by a polynomial.

    With I = initial_learning_rate, E = end_learning_rate and T = decay_steps::

        (I - E) * (1 - min(t, T) / T) ** power + E

    With cycle, T is the first multiple of decay_steps that is t or more, and t is not held: the rate jumps up after
    each multiple, to less each time. Equal to ``keras.optimizers.schedules.PolynomialDecay``.

    Args:
        initial_learning_rate: I, at least 0.
        decay_steps: an integer, at least 1.
        end_learning_rate: E, from 0 to I.
        power: above 0.
        cycle: see above.

    Raises:
        ValueError: a number out of its range, E above I.

    >>> [polynomial_decay(1.0, 4, 0.0)(count) for count in range(6)]
    [1.0, 0.75, 0.5, 0.25, 0.0, 0.0]
    >>> [polynomial_decay(1.0, 4, 0.0, cycle=True)(count) for count in range(9)]
    [1.0, 0.75, 0.5, 0.25, 0.0, 0.375, 0.25, 0.125, 0.0]
    """
    where = "keras.polynomial_decay"
    init, steps = _start(where, initial_learning_rate, decay_steps)
    end = check.rate_of(where, "end_learning_rate", end_learning_rate)
    ordered(where, ("end_learning_rate", end), ("initial_learning_rate", init))
    power = check.above(where, "power", power, 0)
    check.flag(where, "cycle", cycle)

    def rate(m: Any, t: Any) -> Any:
        length = steps * m.maximum(1, -m.floor(-(t / steps))) if cycle else steps
        p = (t if cycle else m.minimum(t, steps)) / length
        return (init - end) * (1 - p) ** power + end

    return rates(rate)


@named("keras")
def inverse_time_decay(
    initial_learning_rate: float, decay_steps: int, decay_rate: float, staircase: bool = False
) -> Curve:
    """The inverse of a line.

    ::

        initial_learning_rate / (1 + decay_rate * t / decay_steps)

    staircase takes the floor of t / decay_steps. Equal to ``keras.optimizers.schedules.InverseTimeDecay``.

    Args:
        initial_learning_rate: at least 0.
        decay_steps: an integer, at least 1.
        decay_rate: at least 0.
        staircase: whether it falls in steps.

    Raises:
        ValueError: a number out of its range.

    >>> [inverse_time_decay(1.0, 2, 2.0)(count) for count in (0, 1, 3, 7)]
    [1.0, 0.5, 0.25, 0.125]
    """
    where = "keras.inverse_time_decay"
    init, steps = _start(where, initial_learning_rate, decay_steps)
    slope = check.at_least(where, "decay_rate", decay_rate, 0)
    check.flag(where, "staircase", staircase)
    return rates(lambda m, t: init / (1 + slope * (m.floor(t / steps) if staircase else t / steps)))


@named("keras")
def cosine_decay(
    initial_learning_rate: float,
    decay_steps: int,
    alpha: float = 0.0,
    warmup_target: float | None = None,
    warmup_steps: int = 0,
) -> Curve:
    """Up to ``warmup_target`` in a line, where one is given, and down by half a cosine to a part of it.

    With I = initial_learning_rate, P = warmup_target, W = warmup_steps and T = decay_steps::

        (P - I) * (t / W) + I                                                     for t < W
        P * ((1 - alpha) * 0.5 * (1 + cos(pi * min(t - W, T) / T)) + alpha)       from then on

    Without warmup_target P is I and W is 0. The run is W + T steps long: decay_steps is without the warm-up. Equal to
    ``keras.optimizers.schedules.CosineDecay``, which has an argument ``name``, too.

    Args:
        initial_learning_rate: I, at least 0.
        decay_steps: T, an integer, at least 1.
        alpha: the last rate as a multiple of P, in [0, 1].
        warmup_target: P, at least I; None for no warm-up, in which case Keras ignores warmup_steps.
        warmup_steps: W, an integer; at least 1 with warmup_target, and 0 without it.

    Raises:
        ValueError: a number out of its range, steps of a warm-up without a target.

    >>> [cosine_decay(0.0, 2, 0.5, warmup_target=1.0, warmup_steps=2)(count) for count in range(6)]
    [0.0, 0.5, 1.0, 0.75, 0.5, 0.5]
    """
    where = "keras.cosine_decay"
    init, steps = _start(where, initial_learning_rate, decay_steps)
    alpha = check.between(where, "alpha", alpha, 0, 1)
    warm = check.integer(where, "warmup_steps", warmup_steps, 0 if warmup_target is None else 1)
    if warmup_target is None and warm:
        check.fail(where, "warmup_steps", "must be 0 without warmup_target (Keras then ignores it)", warmup_steps)
    peak = init if warmup_target is None else check.rate_of(where, "warmup_target", warmup_target)
    ordered(where, ("initial_learning_rate", init), ("warmup_target", peak))

    def rate(m: Any, t: Any) -> Any:
        done = (m.minimum(t, steps + warm) - warm) / steps
        cosine = 0.5 * (1.0 + m.cos(math.pi * done))
        decay = lambda: peak * ((1 - alpha) * cosine + alpha)  # noqa: E731
        return m.where(t < warm, lambda: (peak - init) * (t / warm) + init, decay) if warm else decay()

    return rates(rate)


@named("keras")
def cosine_decay_restarts(
    initial_learning_rate: float,
    first_decay_steps: int,
    t_mul: float = 2.0,
    m_mul: float = 1.0,
    alpha: float = 0.0,
) -> Curve:
    """Half a cosine again and again, each time over more steps and from another peak.

    With I = initial_learning_rate and the cycle i (from 0) that has got through a part p of its steps::

        I * ((1 - alpha) * 0.5 * m_mul ** i * (1 + cos(pi * p)) + alpha)

    Cycle i has first_decay_steps * t_mul ** i steps. Equal to ``keras.optimizers.schedules.CosineDecayRestarts``, whose
    cycle is the floor of a quotient of logarithms, computed here for every restart when the curve is made: where a
    restart falls on a step, the rounding of that quotient decides whether it is a step late.

    Args:
        initial_learning_rate: I, at least 0.
        first_decay_steps: an integer, at least 1.
        t_mul: 1, or at least 1.001. Below 1 Keras' logarithm is NaN after a while.
        m_mul: at least 0.
        alpha: the floor as a multiple of I, in [0, 1].

    Raises:
        ValueError: a number out of its range.

    >>> [round(cosine_decay_restarts(1.0, 2, m_mul=0.5)(count), 3) for count in range(7)]
    [1.0, 0.5, 0.5, 0.427, 0.25, 0.073, 0.25]
    """
    where = "keras.cosine_decay_restarts"
    init, steps = _start(where, initial_learning_rate, first_decay_steps, "first_decay_steps")
    alpha = check.between(where, "alpha", alpha, 0, 1)
    m_mul = check.at_least(where, "m_mul", m_mul, 0)
    if (t_mul := check.at_least(where, "t_mul", t_mul, 1)) != 1 and t_mul < 1.001:
        check.fail(where, "t_mul", "must be 1 or at least 1.001", t_mul)
    restarts = _restarts(steps, t_mul) if t_mul != 1 else []
    lengths = [t_mul**i for i in range(len(restarts) + 1)]
    begins = [(1.0 - length) / (1.0 - t_mul) if t_mul != 1 else 0.0 for length in lengths]

    def rate(m: Any, t: Any) -> Any:
        i = m.passed(restarts, t) if t_mul != 1 else m.floor(t / steps)
        p = (t / steps - m.entry(begins, i)) / m.entry(lengths, i) if t_mul != 1 else t / steps - i
        factor = m_mul ** no_overflow(m, m_mul, i)
        return init * ((1 - alpha) * (0.5 * factor * (1.0 + m.cos(math.pi * p))) + alpha)

    return rates(rate)


def _restarts(steps: int, t_mul: float) -> list[int]:
    """The first step of every cycle but the first, as Keras' logarithms find it."""
    cycle = lambda t: math.floor(math.log(1.0 - t / steps * (1.0 - t_mul)) / math.log(t_mul))  # noqa: E731
    found: list[int] = []
    while not found or found[-1] < LONGEST:
        i = len(found) + 1
        t = max(int(steps * (t_mul**i - 1) / (t_mul - 1)) - 2, 1)
        while cycle(t) < i:
            t += 1
        found.append(t)
    return found
