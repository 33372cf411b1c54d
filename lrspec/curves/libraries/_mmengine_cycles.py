"""The schedulers of MMEngine that are cosines."""

import math
from itertools import pairwise
from typing import Any

from ... import check
from ..curve import Curve
from ..moved import window
from ..named import named
from ._mmengine import INF, length_of
from ._shared import one_cycle, rate_of_group, rates_of


def _floor(where: str, eta_min: float | None, eta_min_ratio: float | None) -> Any:
    """Of a group's rate the lowest."""
    if eta_min is not None and eta_min_ratio is not None:
        check.fail(where, "eta_min_ratio", "must be left out where eta_min is given", eta_min_ratio)
    if eta_min_ratio is not None:
        ratio = check.between(where, "eta_min_ratio", eta_min_ratio, 0, 1)
        return lambda base: base * ratio
    low = check.rate_of(where, "eta_min", 0.0 if eta_min is None else eta_min)
    return lambda base: low


@named("mmengine")
def cosine_annealing_lr(
    T_max: int | None = None,
    eta_min: float | None = None,
    begin: int = 0,
    end: int = INF,
    eta_min_ratio: float | None = None,
) -> Curve:
    """Half a cosine from the group's rate to the lowest, and up again where the window is longer.

    low + (rate - low) * (1 + cos(pi * t / T_max)) / 2, with the low of eta_min or rate * eta_min_ratio.

    Args:
        T_max: half a period, an integer, at least 1; None for end - begin.
        eta_min: the lowest rate, the same for all groups, at least 0; None for 0.
        begin: its first count, an integer, at least 0.
        end: the count after its last, an integer above begin.
        eta_min_ratio: the lowest rate as a multiple of the group's, in [0, 1], instead of eta_min.

    Raises:
        ValueError: a number out of its range, two lowest rates.

    >>> [round(cosine_annealing_lr(2, end=4)(count), 3) for count in range(5)]
    [1.0, 0.5, 0.0, 0.5, 0.5]
    """
    length = length_of(where := "mmengine.cosine_annealing_lr", begin, end)
    period = length if T_max is None else check.integer(where, "T_max", T_max, 1)
    floor = _floor(where, eta_min, eta_min_ratio)

    def rate(m: Any, t: Any, base: Any) -> Any:
        low = floor(base)
        return low + (base - low) * (1 + m.cos(math.pi * t / period)) / 2

    return window(rate_of_group(rate), begin, end)


@named("mmengine")
def cosine_restart_lr(
    periods: Any,
    restart_weights: Any = (1,),
    eta_min: float | None = None,
    eta_min_ratio: float | None = None,
    begin: int = 0,
    end: int = INF,
) -> Curve:
    """Several half cosines, each from its own multiple of the group's rate; then the last rate.

    At count j of period n: low + (rate * weight - low) * (1 + cos(pi * j / n)) / 2.

    Args:
        periods: a list of integers, at least 1.
        restart_weights: at least 0, as many.
        eta_min: the lowest rate, the same for all groups, at least 0.
        eta_min_ratio: the lowest rate as a multiple of the group's, in [0, 1]; one of the two must be given.
        begin: its first count, an integer, at least 0.
        end: the count after its last, an integer above begin.

    Raises:
        TypeError: something that is no list.
        ValueError: a number out of its range, lists that do not fit, two lowest rates or none.

    >>> [round(cosine_restart_lr([2, 2], [1, 0.5], eta_min=0)(count), 3) for count in range(5)]
    [1.0, 0.5, 0.5, 0.25, 0.25]
    """
    length_of(where := "mmengine.cosine_restart_lr", begin, end)
    if eta_min is None and eta_min_ratio is None:
        check.fail(where, "eta_min", "or eta_min_ratio must be given", eta_min)
    floor, weights = _floor(where, eta_min, eta_min_ratio), rates_of(where, "restart_weights", restart_weights)
    if not isinstance(periods, list | tuple) or len(periods) != len(weights) or not periods:
        check.fail(where, "periods", f"must be a list, as many as the {len(weights)} restart_weights", periods)
    lengths = [check.integer(where, f"periods[{i}]", n, 1) for i, n in enumerate(periods)]
    begins = [sum(lengths[:i]) for i in range(len(lengths))]

    def rate(m: Any, t: Any, base: Any) -> Any:
        i = m.passed(begins[1:], t := m.minimum(t, sum(lengths) - 1))
        low = floor(base)
        left = (1 + m.cos(math.pi * (t - m.entry(begins, i)) / m.entry(lengths, i))) / 2
        return low + (base * m.entry(weights, i) - low) * left

    return window(rate_of_group(rate), begin, end)


@named("mmengine")
def one_cycle_lr(
    eta_max: float,
    total_steps: int | None = None,
    pct_start: float = 0.3,
    anneal_strategy: str = "cos",
    div_factor: float = 25.0,
    final_div_factor: float = 1e4,
    three_phase: bool = False,
    begin: int = 0,
    end: int = INF,
) -> Curve:
    """Up to the peak and down to the last rate; with three_phase down to the first rate between the two.

    With N = total_steps, cosines or lines between these counts and rates, the same for all groups::

        0                      eta_max / div_factor
        pct_start * N - 1      eta_max
        2 * pct_start * N - 2  eta_max / div_factor                          (three_phase)
        N - 1                  eta_max / div_factor / final_div_factor

    Equal to MMEngine's ``OneCycleLR`` in every bit; where end is later than N, that raises, and here the last rate is
    held.

    Args:
        eta_max: the peak, at least 0.
        total_steps: N, an integer, such that each part is longer than 0; None for end - begin.
        pct_start: where the peak is, in (0, 1); below 0.5 with three_phase.
        anneal_strategy: "cos" or "linear".
        div_factor: at least 1.
        final_div_factor: at least 1.
        three_phase: see above.
        begin: its first count, an integer, at least 0.
        end: the count after its last, an integer above begin.

    Raises:
        ValueError: a number out of its range.

    >>> [one_cycle_lr(1.0, 5, 0.6, "linear", 2.0, 2.0)(count) for count in range(7)]
    [0.5, 0.75, 1.0, 0.625, 0.25, 0.25, 0.25]
    """
    length = length_of(where := "mmengine.one_cycle_lr", begin, end)
    n, pct = length if total_steps is None else check.integer(where, "total_steps", total_steps, 1), pct_start
    peak, first = check.rate_of(where, "eta_max", eta_max), eta_max / check.at_least(where, "div_factor", div_factor, 1)
    low = first / check.at_least(where, "final_div_factor", final_div_factor, 1)
    check.one_of(where, "anneal_strategy", anneal_strategy, ("cos", "linear"))
    check.between(where, "pct_start", pct, 0, 0.5 if check.flag(where, "three_phase", three_phase) else 1, ends="()")
    middle = [float(pct * n) - 1, float(2 * pct * n) - 2] if three_phase else [float(pct * n) - 1]
    ends, values = [0, *middle, n - 1], [first, peak, first, low] if three_phase else [first, peak, low]
    if any(a >= b for a, b in pairwise(ends)):
        check.fail(where, "total_steps", f"must be larger: the parts end at the counts {ends}", n)
    return window(one_cycle(anneal_strategy, ends, values), begin, min(end, begin + n))
