"""The curves of Hägele et al., arXiv:2405.18392 (epfml/schedules-and-scaling, ``src/optim/utils.py``).

There each is the multiple of a LambdaLR.
"""

import math
from collections.abc import Callable
from typing import Literal

from ... import check
from ..combined import sequence
from ..curve import Curve, formula
from ..held import const
from ..named import named
from ..numbers import Number, Numbers


def _line(low: float, p: Number) -> Number:
    return low + (1 - low) * (1 - p)


def _cosine(low: float, m: Numbers, t: Number, steps: int) -> Number:
    return low + (1 - low) * (1 + m.cos(math.pi * t / steps)) * 0.5


_DECAYS: dict[str, Callable[[float, Numbers, Number, int], Number]] = {
    "linear": lambda low, m, t, steps: _line(low, t / steps),
    "exp": lambda low, m, t, steps: low ** (t / steps),
    "cosine": _cosine,
    "miror_cosine": lambda low, m, t, steps: _line(low, t / steps) * 2 - _cosine(low, m, t, steps),
    "square": lambda low, m, t, steps: low + (1 - low) * (1 - (t / steps) ** 2),
    "sqrt": lambda low, m, t, steps: _line(low, m.sqrt(t / steps)),
}


def _warm_up(n_warmup: int, div_factor: float) -> Curve | None:
    if not n_warmup:
        return None
    return formula(lambda m, t: t / n_warmup + (1 - t / n_warmup) / div_factor, n_warmup)


@named("epfml")
def wsd_schedule(
    n_iterations: int,
    final_lr_factor: float = 0.0,
    n_warmup: int = 1000,
    init_div_factor: float = 100,
    fract_decay: float = 0.1,
    decay_type: Literal["linear", "exp", "cosine", "miror_cosine", "square", "sqrt"] = "linear",
) -> Curve:
    """``wsd_schedule``: a constant rate with a cool-down, of which the paper recommends "sqrt", 1 - sqrt(p).

    With N = n_iterations, W = n_warmup, D = int(fract_decay * N) and f = final_lr_factor::

        t / W + (1 - t / W) / init_div_factor       for t < W
        1                                           for t < N - D
        f + (1 - f) * c(p)                          until N, with p = (t - (N - D)) / D; then f

    where c(p) is 1 - p ("linear"), 1 - sqrt(p) ("sqrt"), 1 - p ** 2 ("square"), (1 + cos(pi * p)) / 2 ("cosine"), or
    twice "linear" less "cosine" ("miror_cosine", so spelled there). "exp" is f ** p.

    Equal to the original in every bit.

    Args:
        n_iterations: N, an integer, at least 1.
        final_lr_factor: f, in [0, 1]; above 0 with "exp" (the original drops to 0 at once).
        n_warmup: W, an integer, at least 0.
        init_div_factor: the warm-up begins at 1 over this; at least 1.
        fract_decay: the share of N that decays, in [0, 1].
        decay_type: the shape of the cool-down.

    Raises:
        ValueError: a number out of its range, warm-up and cool-down that are longer than the run together.

    >>> [wsd_schedule(8, 0.0, 2, 2, 0.5, "sqrt")(count) for count in (0, 1, 2, 4, 5, 8)]
    [0.5, 0.75, 1.0, 1.0, 0.5, 0.0]
    """
    where = "epfml.wsd_schedule"
    total = check.integer(where, "n_iterations", n_iterations, 1)
    low = check.between(where, "final_lr_factor", final_lr_factor, 0.0, 1.0)
    check.one_of(where, "decay_type", decay_type, tuple(_DECAYS))
    if decay_type == "exp" and not low:
        check.fail(where, "final_lr_factor", 'must be above 0 with "exp" (the original drops to 0 at once)', low)
    first = check.at_least(where, "init_div_factor", init_div_factor, 1)
    steps = int(check.between(where, "fract_decay", fract_decay, 0.0, 1.0) * total)
    if check.integer(where, "n_warmup", n_warmup, 0) + steps > total:
        rule = f"must leave {steps} of {total} iterations to the cool-down (the original jumps into its middle)"
        check.fail(where, "n_warmup", rule, n_warmup)
    hold = total - steps - n_warmup
    decay = formula(lambda m, t: _DECAYS[decay_type](low, m, t, steps), steps) if steps else None
    parts = (_warm_up(n_warmup, first), const(1.0, hold) if hold else None, decay, const(low))
    return sequence(*filter(None, parts))


@named("epfml")
def cos_inf_schedule(n_iterations: int, n_warmup: int, div_factor: float, final_div_factor: float, n_inf: int) -> Curve:
    """``cos_inf_schedule``: a cosine that ends before the run does, and then its floor.

    With N = n_iterations - n_inf, W = n_warmup and f = 1 / div_factor / final_div_factor::

        t / W + (1 - t / W) / div_factor                                    for t < W
        f + 0.5 * (1 - f) * (1 + cos(pi * (t - W) / (N - W)))               until N, then f

    Equal to the original in every bit, but where NumPy's cosine, which it takes, is not the C library's.

    Args:
        n_iterations: the length of the run, an integer, at least 1.
        n_warmup: W, an integer, at least 0.
        div_factor: the warm-up begins at 1 over this; at least 1.
        final_div_factor: the beginning of the warm-up over the floor; at least 1.
        n_inf: how much of the run has the floor, an integer, at least 0.

    Raises:
        ValueError: a number out of its range, lengths that leave nothing to the cosine.

    >>> [cos_inf_schedule(8, 2, 2, 2, 2)(count) for count in (0, 1, 2, 4, 6, 8)]
    [0.5, 0.75, 1.0, 0.625, 0.25, 0.25]
    """
    where = "epfml.cos_inf_schedule"
    total = check.integer(where, "n_iterations", n_iterations, 1)
    check.integer(where, "n_warmup", n_warmup, 0)
    left = total - check.integer(where, "n_inf", n_inf, 0) - n_warmup
    if left < 1:
        rule = f"must leave a cosine: {total} iterations, of which {n_inf} have the floor"
        check.fail(where, "n_warmup", rule, n_warmup)
    first = check.at_least(where, "div_factor", div_factor, 1)
    low = 1.0 / first / check.at_least(where, "final_div_factor", final_div_factor, 1)
    cosine = formula(lambda m, t: low + 0.5 * (1.0 - low) * (1 + m.cos(math.pi * (t / left))), left)
    return sequence(*filter(None, (_warm_up(n_warmup, first), cosine, const(low))))
