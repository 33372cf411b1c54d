"""The schedules of Paddle that are cosines, cycles or warm-ups."""

import math
from itertools import pairwise
from typing import Any

from ... import check
from ..curve import Curve
from ..named import named
from ._shared import curves_of, joined, no_overflow, one_cycle, ordered, rates

LONGEST = 2**31  # counts


@named("paddle")
def linear_warmup(learning_rate: Any, warmup_steps: int, start_lr: float, end_lr: float) -> Curve:
    """A line from one rate to another, and then a rate or a curve of paddle's, which counts from 0.

    With W = warmup_steps::

        (end_lr - start_lr) * t / W + start_lr      for t < W
        learning_rate, of t - W                     from then on

    The end of the line and the curve need not meet. Equal to ``paddle.optimizer.lr.LinearWarmup``.

    Args:
        learning_rate: a rate, at least 0, or a curve.
        warmup_steps: W, an integer, at least 1.
        start_lr: at least 0.
        end_lr: above start_lr.

    Raises:
        TypeError: something that is neither a rate nor a curve.
        ValueError: a number out of its range.

    >>> [linear_warmup(0.5, 2, 0.0, 1.0)(count) for count in range(4)]
    [0.0, 0.5, 0.5, 0.5]
    """
    where = "paddle.linear_warmup"
    steps = check.integer(where, "warmup_steps", warmup_steps, 1)
    start, end = check.rate_of(where, "start_lr", start_lr), check.above(where, "end_lr", end_lr, start_lr)
    warm_up = rates(lambda m, t: (end - start) * t / steps + start)
    if check.is_number(learning_rate):
        lr = check.rate_of(where, "learning_rate", learning_rate)
        return joined([warm_up, rates(lambda m, t: lr)], [steps])
    return joined([warm_up, *curves_of(where, "learning_rate", [learning_rate])], [steps])


@named("paddle")
def cosine_annealing_decay(learning_rate: float, T_max: int, eta_min: float = 0) -> Curve:
    """Half a cosine down, half a cosine up, and so on.

    ::

        eta_min + (learning_rate - eta_min) * (1 + cos(pi * t / T_max)) / 2

    Equal to ``paddle.optimizer.lr.CosineAnnealingDecay`` where it is given the epoch (``step(epoch)``); without one it
    makes each rate of the one before, so that its roundings add up.

    Args:
        learning_rate: the peak, at least 0.
        T_max: half a period, an integer, at least 1.
        eta_min: the lowest rate, from 0 to learning_rate.

    Raises:
        ValueError: a number out of its range, eta_min above learning_rate.

    >>> [round(cosine_annealing_decay(1.0, 2)(count), 3) for count in range(5)]
    [1.0, 0.5, 0.0, 0.5, 1.0]
    """
    where = "paddle.cosine_annealing_decay"
    lr, low = _from_to(where, learning_rate, eta_min)
    period = check.integer(where, "T_max", T_max, 1)
    return rates(lambda m, t: low + (lr - low) * (1 + m.cos(math.pi * t / period)) / 2)


def _from_to(where: str, learning_rate: float, eta_min: float) -> tuple[float, float]:
    lr, low = check.rate_of(where, "learning_rate", learning_rate), check.rate_of(where, "eta_min", eta_min)
    ordered(where, ("eta_min", low), ("learning_rate", lr))
    return lr, low


@named("paddle")
def cosine_annealing_warm_restarts(
    learning_rate: float,
    T_0: int,
    T_mult: int = 1,
    eta_min: float = 0,
) -> Curve:
    """Half a cosine again and again, each over more counts than the one before.

    At count j of a cycle of T counts::

        eta_min + (learning_rate - eta_min) * (1 + cos(pi * j / T)) / 2

    Equal to ``paddle.optimizer.lr.CosineAnnealingWarmRestarts`` without an epoch in ``step``.

    Args:
        learning_rate: the peak, at least 0.
        T_0: the counts of the first cycle, an integer, at least 1.
        T_mult: by how much each cycle is longer, an integer, at least 1.
        eta_min: the lowest rate, from 0 to learning_rate.

    Raises:
        ValueError: a number out of its range, eta_min above learning_rate.

    >>> [round(cosine_annealing_warm_restarts(1.0, 2, 2)(count), 3) for count in range(7)]
    [1.0, 0.5, 1.0, 0.854, 0.5, 0.146, 1.0]
    """
    where = "paddle.cosine_annealing_warm_restarts"
    lr, low = _from_to(where, learning_rate, eta_min)
    first, longer = check.integer(where, "T_0", T_0, 1), check.integer(where, "T_mult", T_mult, 1)
    begins, lengths = [0], [first]
    while longer > 1 and begins[-1] < LONGEST:
        begins.append(begins[-1] + lengths[-1])
        lengths.append(lengths[-1] * longer)

    def rate(m: Any, t: Any) -> Any:
        i = m.passed(begins[1:], t)
        j, length = (t % first, first) if longer == 1 else (t - m.entry(begins, i), m.entry(lengths, i))
        return low + (lr - low) * (1 + m.cos(math.pi * j / length)) / 2

    return rates(rate)


@named("paddle")
def one_cycle_lr(
    max_learning_rate: float,
    total_steps: int,
    divide_factor: float = 25.0,
    end_learning_rate: float = 0.0001,
    phase_pct: float = 0.3,
    anneal_strategy: str = "cos",
    three_phase: bool = False,
) -> Curve:
    """Up to the peak and down to the last rate; with three_phase down to the first rate between the two.

    With N = total_steps, cosines or lines between these counts and rates::

        0                      max_learning_rate / divide_factor
        phase_pct * N - 1      max_learning_rate
        2 * phase_pct * N - 2  max_learning_rate / divide_factor      (three_phase)
        N - 1                  end_learning_rate

    end_learning_rate is a rate, where torch's final_div_factor divides. After N - 1 the last rate is held.
    Equal to ``paddle.optimizer.lr.OneCycleLR`` up to there; that goes on for one count more, and then raises.

    Args:
        max_learning_rate: the peak, at least 0.
        total_steps: N, an integer, such that each part is longer than 0.
        divide_factor: at least 1.
        end_learning_rate: from 0 to max_learning_rate.
        phase_pct: where the peak is, in (0, 1); below 0.5 with three_phase.
        anneal_strategy: "cos" or "linear".
        three_phase: see above.

    Raises:
        ValueError: a number out of its range.

    >>> [one_cycle_lr(1.0, 5, 2.0, 0.25, 0.6, "linear")(count) for count in range(7)]
    [0.5, 0.75, 1.0, 0.625, 0.25, 0.25, 0.25]
    """
    where = "paddle.one_cycle_lr"
    peak, end = check.rate_of(where, "max_learning_rate", max_learning_rate), end_learning_rate
    ordered(where, ("end_learning_rate", check.rate_of(where, "end_learning_rate", end)), ("max_learning_rate", peak))
    first = peak / check.at_least(where, "divide_factor", divide_factor, 1)
    check.one_of(where, "anneal_strategy", anneal_strategy, ("cos", "linear"))
    n, pct = check.integer(where, "total_steps", total_steps, 1), phase_pct
    check.between(where, "phase_pct", pct, 0, 0.5 if check.flag(where, "three_phase", three_phase) else 1, ends="()")
    middle = [pct * n - 1, 2 * pct * n - 2] if three_phase else [pct * n - 1]
    ends, values = [0, *middle, n - 1], [first, peak, first, end] if three_phase else [first, peak, end]
    if any(a >= b for a, b in pairwise(ends)):
        check.fail(where, "total_steps", f"must be larger: the parts end at the counts {ends}", n)

    return one_cycle(anneal_strategy, ends, values)


@named("paddle")
def cyclic_lr(
    base_learning_rate: float,
    max_learning_rate: float,
    step_size_up: int,
    step_size_down: int | None = None,
    mode: str = "triangular",
    exp_gamma: float = 1.0,
) -> Curve:
    """A line up and a line down, again and again, to a peak that may fall.

    The peak of the cycle c (from 1) at count t is above the base rate by (max_learning_rate - base_learning_rate)
    times::

        1                       "triangular"
        1 / 2 ** (c - 1)        "triangular2"
        exp_gamma ** t          "exp_range"

    Equal to ``paddle.optimizer.lr.CyclicLR``, which has arguments for a function of yours, too.

    Args:
        base_learning_rate: the lowest rate, at least 0.
        max_learning_rate: the highest, at least base_learning_rate.
        step_size_up: counts of the way up, an integer, at least 1.
        step_size_down: counts of the way down, an integer, at least 1; None for as many.
        mode: "triangular", "triangular2" or "exp_range".
        exp_gamma: in (0, 1].

    Raises:
        ValueError: a number out of its range.

    >>> [cyclic_lr(0.0, 1.0, 2, mode="triangular2")(count) for count in range(8)]
    [0.0, 0.5, 1.0, 0.5, 0.0, 0.25, 0.5, 0.25]
    """
    where = "paddle.cyclic_lr"
    base = check.rate_of(where, "base_learning_rate", base_learning_rate)
    peak = check.rate_of(where, "max_learning_rate", max_learning_rate)
    ordered(where, ("base_learning_rate", base), ("max_learning_rate", peak))
    up = float(check.integer(where, "step_size_up", step_size_up, 1))
    down = up if step_size_down is None else float(check.integer(where, "step_size_down", step_size_down, 1))
    check.one_of(where, "mode", mode, ("triangular", "triangular2", "exp_range"))
    gamma = check.between(where, "exp_gamma", exp_gamma, 0, 1, ends="(]")
    size, share = up + down, up / (up + down)

    def rate(m: Any, t: Any) -> Any:
        cycle = 1 + t // size
        done = 1.0 + t / size - cycle
        height = (peak - base) * m.where(done <= share, lambda: done / share, lambda: (1 - done) / (1 - share))
        scale = {"triangular": lambda: 1.0, "exp_range": lambda: gamma**t}
        return base + height * scale.get(mode, lambda: 1 / 2.0 ** no_overflow(m, 2.0, cycle - 1))()

    return rates(rate)
