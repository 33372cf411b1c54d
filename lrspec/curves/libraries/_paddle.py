"""The schedules of Paddle that are one formula."""

from collections.abc import Callable
from typing import Any

from ... import check
from ..curve import Curve
from ..named import named
from ._shared import increasing, ordered, rates, rates_of


@named("paddle")
def noam_decay(d_model: int, warmup_steps: int, learning_rate: float = 1.0) -> Curve:
    """Up in a line and down by the inverse square root: the schedule of "Attention Is All You Need".

    With W = warmup_steps::

        learning_rate * d_model ** -0.5 * min(t ** -0.5, t * W ** -1.5)

    The first rate, of count 0, is 0; the paper counts from 1, for which use ``shift(noam_decay(...), 1)``. Equal to
    ``paddle.optimizer.lr.NoamDecay``.

    Args:
        d_model: the width of the model, above 0.
        warmup_steps: W, an integer, at least 1.
        learning_rate: at least 0.

    Raises:
        ValueError: a number out of its range.

    >>> [noam_decay(1, 4)(count) for count in (0, 1, 4, 16, 64)]
    [0.0, 0.125, 0.5, 0.25, 0.125]
    """
    where = "paddle.noam_decay"
    scale = check.rate_of(where, "learning_rate", learning_rate) * check.above(where, "d_model", d_model, 0) ** (-0.5)
    slope = check.integer(where, "warmup_steps", warmup_steps, 1) ** (-1.5)
    return rates(lambda m, t: scale * m.minimum(m.where(t <= 0, lambda: 1, lambda: t ** (-0.5)), slope * t))


@named("paddle")
def piecewise_decay(boundaries: Any, values: Any) -> Curve:
    """A rate for each piece of the run; the next begins at a boundary, the last is held.

    Equal to ``paddle.optimizer.lr.PiecewiseDecay``. That takes more values than it can use, here refused.

    Args:
        boundaries: increasing integers, one at least.
        values: the rates, one more.

    Raises:
        TypeError: something that is no list.
        ValueError: a number out of its range, lists that do not fit.

    >>> [piecewise_decay([1, 3], [1.0, 0.5, 0.25])(count) for count in range(5)]
    [1.0, 0.5, 0.5, 0.25, 0.25]
    """
    where = "paddle.piecewise_decay"
    bounds, found = increasing(where, "boundaries", boundaries), rates_of(where, "values", values)
    if not bounds or len(bounds) != len(found) - 1:
        check.fail(where, "boundaries", f"must be one at least, one fewer than the {len(found)} values", boundaries)
    return rates(lambda m, t: m.entry(found, m.passed(bounds, t)))


@named("paddle")
def natural_exp_decay(learning_rate: float, gamma: float) -> Curve:
    """The same factor at every count: learning_rate * exp(-gamma * t).

    Equal to ``paddle.optimizer.lr.NaturalExpDecay``; in lrjax but for the last bits of XLA's exp.

    Args:
        learning_rate: the first rate, at least 0.
        gamma: above 0.

    Raises:
        ValueError: a number out of its range.

    >>> round(natural_exp_decay(1.0, 0.5)(2), 4)
    0.3679
    """
    where = "paddle.natural_exp_decay"
    lr, gamma = check.rate_of(where, "learning_rate", learning_rate), check.above(where, "gamma", gamma, 0)
    return rates(lambda m, t: lr * m.exp(-1 * gamma * t))


@named("paddle")
def inverse_time_decay(learning_rate: float, gamma: float) -> Curve:
    """The inverse of a line: learning_rate / (1 + gamma * t).

    Equal to ``paddle.optimizer.lr.InverseTimeDecay``, which takes a negative gamma, too.

    Args:
        learning_rate: the first rate, at least 0.
        gamma: at least 0.

    Raises:
        ValueError: a number out of its range.

    >>> [inverse_time_decay(1.0, 1.0)(count) for count in (0, 1, 3)]
    [1.0, 0.5, 0.25]
    """
    where = "paddle.inverse_time_decay"
    lr, gamma = check.rate_of(where, "learning_rate", learning_rate), check.at_least(where, "gamma", gamma, 0)
    return rates(lambda m, t: lr / (1 + gamma * t))


@named("paddle")
def polynomial_decay(
    learning_rate: float, decay_steps: int, end_lr: float = 0.0001, power: float = 1.0, cycle: bool = False
) -> Curve:
    """From the first rate to the last by a polynomial.

    With T = decay_steps::

        (learning_rate - end_lr) * (1 - min(t, T) / T) ** power + end_lr

    With cycle, T is the first multiple of decay_steps that is t or more, and t is not held: the rate jumps up after
    each multiple, to less each time. Equal to ``paddle.optimizer.lr.PolynomialDecay``.

    Args:
        learning_rate: the first rate, at least 0.
        decay_steps: an integer, at least 1.
        end_lr: the last rate, from 0 to learning_rate.
        power: above 0.
        cycle: see above.

    Raises:
        ValueError: a number out of its range, end_lr above learning_rate.

    >>> [polynomial_decay(1.0, 4, 0.0, cycle=True)(count) for count in range(9)]
    [1.0, 0.75, 0.5, 0.25, 0.0, 0.375, 0.25, 0.125, 0.0]
    """
    where = "paddle.polynomial_decay"
    lr, end = check.rate_of(where, "learning_rate", learning_rate), check.rate_of(where, "end_lr", end_lr)
    ordered(where, ("end_lr", end), ("learning_rate", lr))
    steps, power = check.integer(where, "decay_steps", decay_steps, 1), check.above(where, "power", power, 0)
    check.flag(where, "cycle", cycle)

    def rate(m: Any, t: Any) -> Any:
        length = steps * m.maximum(1, -m.floor(-(t / steps))) if cycle else steps
        return (lr - end) * (1 - (t if cycle else m.minimum(t, steps)) / length) ** power + end

    return rates(rate)


@named("paddle")
def exponential_decay(learning_rate: float, gamma: float) -> Curve:
    """The same factor at every count: learning_rate * gamma ** t.

    Equal to ``paddle.optimizer.lr.ExponentialDecay``.

    Args:
        learning_rate: the first rate, at least 0.
        gamma: in (0, 1).

    Raises:
        ValueError: a number out of its range.

    >>> [exponential_decay(1.0, 0.5)(count) for count in range(4)]
    [1.0, 0.5, 0.25, 0.125]
    """
    where = "paddle.exponential_decay"
    lr = check.rate_of(where, "learning_rate", learning_rate)
    gamma = check.between(where, "gamma", gamma, 0, 1, ends="()")
    return rates(lambda m, t: lr * gamma**t)


@named("paddle")
def multi_step_decay(learning_rate: float, milestones: Any, gamma: float = 0.1) -> Curve:
    """A drop at each milestone: learning_rate * gamma ** (the number of milestones that are t or less).

    Equal to ``paddle.optimizer.lr.MultiStepDecay``, which takes a negative gamma, too.

    Args:
        learning_rate: the first rate, at least 0.
        milestones: increasing integers.
        gamma: in [0, 1).

    Raises:
        TypeError: milestones that are no list.
        ValueError: a number out of its range, milestones that do not increase.

    >>> [multi_step_decay(1.0, [1, 3], 0.5)(count) for count in range(5)]
    [1.0, 0.5, 0.5, 0.25, 0.25]
    """
    where = "paddle.multi_step_decay"
    lr, gamma = _drops(where, learning_rate, gamma)
    counts = increasing(where, "milestones", milestones)
    values = [lr * gamma**i for i in range(len(counts) + 1)]
    return rates(lambda m, t: m.entry(values, m.passed(counts, t)))


def _drops(where: str, learning_rate: float, gamma: float) -> tuple[float, float]:
    return check.rate_of(where, "learning_rate", learning_rate), check.between(where, "gamma", gamma, 0, 1, ends="[)")


@named("paddle")
def step_decay(learning_rate: float, step_size: int, gamma: float = 0.1) -> Curve:
    """The same drop again and again: learning_rate * gamma ** (t // step_size).

    Equal to ``paddle.optimizer.lr.StepDecay``, which takes a negative gamma, too.

    Args:
        learning_rate: the first rate, at least 0.
        step_size: counts between two drops, an integer, at least 1.
        gamma: in [0, 1).

    Raises:
        ValueError: a number out of its range.

    >>> [step_decay(1.0, 2, 0.5)(count) for count in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """
    where = "paddle.step_decay"
    lr, gamma = _drops(where, learning_rate, gamma)
    step_size = check.integer(where, "step_size", step_size, 1)
    return rates(lambda m, t: lr * gamma ** (t // step_size))


@named("paddle")
def lambda_decay(learning_rate: float, lr_lambda: Callable[[Any], Any]) -> Curve:
    """A function of yours: learning_rate * lr_lambda(t).

    Equal to ``paddle.optimizer.lr.LambdaDecay``. For a cosine or a condition use ``curves.formula``.

    Args:
        learning_rate: at least 0.
        lr_lambda: the multiple of a count; it may use the operators ``+ - * / // % **`` alone, for lrjax compiles it.

    Raises:
        TypeError: a function that is none.
        ValueError: a negative rate.

    >>> [lambda_decay(1.0, lambda epoch: 0.5**epoch)(count) for count in range(3)]
    [1.0, 0.5, 0.25]
    """
    where = "paddle.lambda_decay"
    lr = check.rate_of(where, "learning_rate", learning_rate)
    if not callable(lr_lambda):
        check.fail(where, "lr_lambda", "must be a function of the count", lr_lambda, TypeError)
    return rates(lambda m, t: lr * lr_lambda(t))


@named("paddle")
def linear_lr(learning_rate: float, total_steps: int, start_factor: float = 1.0 / 3, end_factor: float = 1.0) -> Curve:
    """A line from one multiple of the rate to another, which is held.

    With S = start_factor, E = end_factor and T = total_steps::

        learning_rate * (S + (E - S) * min(t, T) / T)

    ``paddle.optimizer.lr.LinearLR`` makes each rate of the one before, so that its roundings add up (1e-14 of the rate
    after 2,000 steps).

    Args:
        learning_rate: at least 0.
        total_steps: T, an integer, at least 1.
        start_factor: S, in (0, 1].
        end_factor: E, in [0, 1].

    Raises:
        ValueError: a number out of its range.

    >>> [linear_lr(1.0, 2, 0.5)(count) for count in range(4)]
    [0.5, 0.75, 1.0, 1.0]
    """
    where = "paddle.linear_lr"
    lr = check.rate_of(where, "learning_rate", learning_rate)
    steps = check.integer(where, "total_steps", total_steps, 1)
    start = check.between(where, "start_factor", start_factor, 0, 1, ends="(]")
    end = check.between(where, "end_factor", end_factor, 0, 1)
    return rates(lambda m, t: lr * (start + (end - start) * m.minimum(t, steps) / steps))
