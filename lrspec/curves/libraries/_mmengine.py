"""The schedulers of MMEngine that are steps, powers and lines."""

from collections import Counter
from typing import Any

from ... import check
from ..curve import Curve, formula
from ..moved import window
from ..named import named
from ._shared import increasing, rate_of_group

INF = 10**9  # MMEngine's


def length_of(where: str, begin: int, end: int) -> int:
    """How many counts it is at work."""
    return check.integer(where, "end", end, check.integer(where, "begin", begin, 0) + 1) - begin


@named("mmengine")
def step_lr(step_size: int, gamma: float = 0.1, begin: int = 0, end: int = INF) -> Curve:
    """The same drop again and again: gamma ** (t // step_size).

    Args:
        step_size: counts between two drops, an integer, at least 1.
        gamma: in [0, 1].
        begin: its first count, an integer, at least 0.
        end: the count after its last, an integer above begin.

    Raises:
        ValueError: a number out of its range.

    >>> [step_lr(2, 0.5, begin=1)(count) for count in range(6)]
    [1.0, 1.0, 1.0, 0.5, 0.5, 0.25]
    """
    length_of(where := "mmengine.step_lr", begin, end)
    step_size, gamma = check.integer(where, "step_size", step_size, 1), check.between(where, "gamma", gamma, 0, 1)
    return window(formula(lambda m, t: gamma ** (t // step_size)), begin, end)


@named("mmengine")
def multi_step_lr(milestones: Any, gamma: float = 0.1, begin: int = 0, end: int = INF) -> Curve:
    """A drop at each milestone: gamma to the number of milestones that are t or less.

    Equal to MMEngine's ``MultiStepLR`` in every bit.

    Args:
        milestones: a list of integers, counted from begin; one that stands there twice counts twice.
        gamma: at least 0.
        begin: its first count, an integer, at least 0.
        end: the count after its last, an integer above begin.

    Raises:
        TypeError: milestones that are no list.
        ValueError: a number out of its range.

    >>> [multi_step_lr([1, 3], 0.5)(count) for count in range(5)]
    [1.0, 0.5, 0.5, 0.25, 0.25]
    """
    length_of(where := "mmengine.multi_step_lr", begin, end)
    gamma = check.at_least(where, "gamma", gamma, 0)
    drops = Counter(milestones if isinstance(milestones, list | tuple) else [])
    counts = increasing(where, "milestones", sorted(drops) if drops else milestones)

    def rate(m: Any, t: Any, base: Any) -> Any:
        for count in counts:
            base = base * m.where(t >= count, lambda count=count: gamma ** drops[count], lambda: 1.0)
        return base

    return window(rate_of_group(rate), begin, end)


@named("mmengine")
def constant_lr(factor: float = 1.0 / 3, begin: int = 0, end: int = INF) -> Curve:
    """A multiple of the rate up to the last count, at which the rate is the group's own again.

    Equal to MMEngine's ``ConstantLR`` in every bit: at the last count, end - begin - 1, it multiplies by 1 / factor.

    Args:
        factor: in (0, 1].
        begin: its first count, an integer, at least 0.
        end: the count after its last, an integer above begin.

    Raises:
        ValueError: a number out of its range.

    >>> [constant_lr(0.5, end=3)(count) for count in range(5)]
    [0.5, 0.5, 1.0, 1.0, 1.0]
    """
    last = length_of(where := "mmengine.constant_lr", begin, end) - 1
    factor = check.between(where, "factor", factor, 0, 1, ends="(]")

    def rate(m: Any, t: Any, base: Any) -> Any:
        low = base * factor
        return m.where(t < last, lambda: low, lambda: low * (1.0 / factor)) if last else low

    return window(rate_of_group(rate), begin, end)


@named("mmengine")
def exponential_lr(gamma: float, begin: int = 0, end: int = INF) -> Curve:
    """The same factor at every count: gamma ** t.

    Args:
        gamma: in [0, 1].
        begin: its first count, an integer, at least 0.
        end: the count after its last, an integer above begin.

    Raises:
        ValueError: a number out of its range.

    >>> [exponential_lr(0.5, end=3)(count) for count in range(5)]
    [1.0, 0.5, 0.25, 0.25, 0.25]
    """
    length_of(where := "mmengine.exponential_lr", begin, end)
    gamma = check.between(where, "gamma", gamma, 0, 1)
    return window(formula(lambda m, t: gamma**t), begin, end)


@named("mmengine")
def linear_lr(start_factor: float = 1.0 / 3, end_factor: float = 1.0, begin: int = 0, end: int = INF) -> Curve:
    """A line from one multiple of the rate to another.

    With n = end - begin - 1: start_factor + (end_factor - start_factor) * t / n.

    Args:
        start_factor: in (0, 1].
        end_factor: in [0, 1].
        begin: its first count, an integer, at least 0.
        end: the count after its last, an integer, at least begin + 2.

    Raises:
        ValueError: a number out of its range.

    >>> [linear_lr(0.5, end=3)(count) for count in range(5)]
    [0.5, 0.75, 1.0, 1.0, 1.0]
    """
    n = _line(where := "mmengine.linear_lr", begin, end)
    low = check.between(where, "start_factor", start_factor, 0, 1, ends="(]")
    high = check.between(where, "end_factor", end_factor, 0, 1)
    return window(formula(lambda m, t: low + (high - low) * t / n), begin, end)


def _line(where: str, begin: int, end: int) -> int:
    if (n := length_of(where, begin, end) - 1) < 1:
        check.fail(where, "end", f"must be at least {begin + 2}, for the last count is the end of the line", end)
    return n


@named("mmengine")
def poly_lr(eta_min: float = 0, power: float = 1.0, begin: int = 0, end: int = INF) -> Curve:
    """A polynomial from the group's rate to eta_min.

    With n = end - begin - 1: (rate - eta_min) * (1 - t / n) ** power + eta_min.

    Args:
        eta_min: the last rate, the same for all groups, at least 0.
        power: above 0.
        begin: its first count, an integer, at least 0.
        end: the count after its last, an integer, at least begin + 2.

    Raises:
        ValueError: a number out of its range.

    >>> [poly_lr(0.5, end=3)(count) for count in range(5)]
    [1.0, 0.75, 0.5, 0.5, 0.5]
    """
    n = _line(where := "mmengine.poly_lr", begin, end)
    low, power = check.rate_of(where, "eta_min", eta_min), check.above(where, "power", power, 0)
    return window(rate_of_group(lambda m, t, base: (base - low) * (1 - t / n) ** power + low), begin, end)
