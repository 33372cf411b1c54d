"""The curves of OLMo-core (``olmo_core/optim/scheduler.py``, ai2-olmo-core 3.0.0), under its registered names.

In all of them T = t_max is the length of the run, W the warm-up (``warmup`` counts, or ``warmup_fraction`` of T,
rounded: one of the two), D the decay at the end (``decay`` or ``decay_fraction``, likewise), and lr the group's rate.
The floors ``warmup_min_lr`` and ``decay_min_lr`` are rates, below those of the groups. OLMo-core counts steps or
tokens: give ``CurveLR(..., units_per_step=...)`` for lengths in tokens.
"""

import math

from ... import check
from ..curve import Curve, formula
from ..held import const
from ..named import named
from ..numbers import Number, Numbers
from ._olmo_core_wsd import joined, share, warm_up
from ._olmo_core_wsd import power_lr as power_lr
from ._olmo_core_wsd import wsd as wsd
from ._olmo_core_wsd import wsds as wsds
from ._shared import cosine_to_share


@named("olmo_core")
def constant_with_warmup(
    warmup: int | None = None,
    warmup_fraction: float | None = None,
    warmup_min_lr: float = 0.0,
    *,
    t_max: int | None = None,
) -> Curve:
    """``constant_with_warmup``: (lr - warmup_min_lr) * t / W + warmup_min_lr for t <= W, then lr.

    Equal to OLMo-core's ``ConstantWithWarmup`` in every bit.

    Args:
        warmup: W, an integer, at least 1.
        warmup_fraction: instead of it, its share of t_max, in [0, 1].
        warmup_min_lr: the rate at 0.
        t_max: T, an integer, for warmup_fraction.

    Raises:
        ValueError: a number out of its range, neither or both of two.

    >>> [constant_with_warmup(2)(count) for count in range(4)]
    [0.0, 0.5, 1.0, 1.0]
    """
    where = "olmo_core.constant_with_warmup"
    if (t_max is None) == (warmup_fraction is not None):
        check.fail(where, "t_max", "must be given with warmup_fraction, and only there", t_max)
    total = check.MOST if t_max is None else check.integer(where, "t_max", t_max, 1)
    steps = share(where, "warmup", total, warmup, warmup_fraction, 1)
    return joined(warm_up(where, steps, warmup_min_lr), const(), closed=True)


@named("olmo_core")
def cos_with_warmup(
    warmup: int | None = None,
    warmup_fraction: float | None = None,
    alpha_f: float = 0.1,
    warmup_min_lr: float = 0.0,
    *,
    t_max: int,
) -> Curve:
    """``cos_with_warmup``: a cosine to a share of the group's rate.

    With the letters of the module and e = alpha_f * lr::

        warmup_min_lr + (lr - warmup_min_lr) * t / W                for t < W
        e + (lr - e) * (1 + cos(pi * (t - W) / (T - W))) / 2        until T, then e

    Equal to OLMo-core's ``CosWithWarmup`` in every bit.

    Args:
        warmup: W, an integer, at least 0.
        warmup_fraction: instead of it, its share of T.
        alpha_f: the multiple of the rate at the end, in [0, 1].
        warmup_min_lr: the rate at 0.
        t_max: T, an integer above W.

    Raises:
        ValueError: a number out of its range, neither or both of two.

    >>> [cos_with_warmup(2, alpha_f=0.5, t_max=4)(count) for count in range(6)]
    [0.0, 0.5, 1.0, 0.75, 0.5, 0.5]
    """
    where = "olmo_core.cos_with_warmup"
    steps, left = _cosine_lengths(where, t_max, warmup, warmup_fraction, alpha_f)
    cosine = formula(lambda m, t, base: cosine_to_share(m, base, alpha_f, math.pi * t / left), left, relative=False)
    return joined(warm_up(where, steps, warmup_min_lr), cosine, const(alpha_f))


def _cosine_lengths(
    where: str, t_max: int, warmup: int | None, fraction: float | None, alpha_f: float
) -> tuple[int, int]:
    """The lengths of the warm-up and of what follows it."""
    total = check.integer(where, "t_max", t_max, 1)
    steps = share(where, "warmup", total, warmup, fraction, 0)
    if steps == total:
        check.fail(where, "warmup", f"must be below t_max, {total}", steps)
    check.between(where, "alpha_f", alpha_f, 0.0, 1.0)
    return steps, total - steps


@named("olmo_core")
def cos_with_warmup_and_linear_decay(
    warmup: int | None = None,
    warmup_fraction: float | None = None,
    alpha_f: float = 0.1,
    warmup_min_lr: float = 0.0,
    decay: int | None = None,
    decay_fraction: float | None = 0.1,
    decay_min_lr: float = 0.0,
    *,
    t_max: int,
) -> Curve:
    """``cos_with_warmup_and_linear_decay``: ``cos_with_warmup``, cut short by a line that ends with the run.

    With f, its rate at T - D::

        decay_min_lr + (f - decay_min_lr) * (T - t) / D         for t >= T - D

    Past T, where the original stops, the line goes on below its floor. Equal to OLMo-core's in every bit.

    Args:
        warmup: W, an integer, at least 0.
        warmup_fraction: instead of it, its share of T.
        alpha_f: the multiple of the rate where the cosine would end, in [0, 1].
        warmup_min_lr: the rate at 0.
        decay: D, an integer, at least 1, with decay_fraction=None.
        decay_fraction: instead of it, its share of T.
        decay_min_lr: the rate at T.
        t_max: T, an integer, at least W + D.

    Raises:
        ValueError: a number out of its range, neither or both of two, warm-up and decay longer than the run together.

    >>> curve = cos_with_warmup_and_linear_decay(2, alpha_f=0.5, decay=1, decay_fraction=None, t_max=4)
    >>> [curve(count) for count in range(5)]
    [0.0, 0.5, 1.0, 0.75, 0.0]
    """
    where = "olmo_core.cos_with_warmup_and_linear_decay"
    steps, left = _cosine_lengths(where, t_max, warmup, warmup_fraction, alpha_f)
    tail, low = (
        share(where, "decay", t_max, decay, decay_fraction, 1),
        check.rate_of(where, "decay_min_lr", decay_min_lr),
    )
    if tail > left:
        check.fail(where, "decay", f"must be at most t_max less the warm-up, {left}", tail)
    angle = 1 + math.cos(math.pi * (left - tail) / left)

    def line(m: Numbers, u: Number, base: Number) -> Number:
        end = base * alpha_f
        top = end + (base - end) * angle / 2
        return low + (top - low) * (tail - u) / tail

    cosine = formula(
        lambda m, t, base: cosine_to_share(m, base, alpha_f, math.pi * t / left), left - tail or None, relative=False
    )
    return joined(warm_up(where, steps, warmup_min_lr), cosine if left > tail else None, formula(line, relative=False))


@named("olmo_core")
def linear_with_warmup(
    warmup: int | None = None,
    warmup_fraction: float | None = None,
    alpha_f: float = 0.1,
    warmup_min_lr: float = 0.0,
    *,
    t_max: int,
) -> Curve:
    """``linear_with_warmup``: a straight line to a share of the group's rate.

    With the letters of the module and e = alpha_f * lr::

        warmup_min_lr + (lr - warmup_min_lr) * t / W        for t < W
        lr - (lr - e) * ((t - W) / (T - W))                 until T, then e

    Equal to OLMo-core's ``LinearWithWarmup`` in every bit.

    Args:
        warmup: W, an integer, at least 0.
        warmup_fraction: instead of it, its share of T.
        alpha_f: the multiple of the rate at the end, in [0, 1].
        warmup_min_lr: the rate at 0.
        t_max: T, an integer above W.

    Raises:
        ValueError: a number out of its range, neither or both of two.

    >>> [linear_with_warmup(2, alpha_f=0.5, t_max=4)(count) for count in range(6)]
    [0.0, 0.5, 1.0, 0.75, 0.5, 0.5]
    """
    where = "olmo_core.linear_with_warmup"
    steps, left = _cosine_lengths(where, t_max, warmup, warmup_fraction, alpha_f)
    line = formula(lambda m, t, base: base - (base - base * alpha_f) * (t / left), left, relative=False)
    return joined(warm_up(where, steps, warmup_min_lr), line, const(alpha_f))


@named("olmo_core")
def half_cos_with_warmup(
    warmup: int | None = None,
    warmup_fraction: float | None = None,
    alpha_f: float = 0.1,
    warmup_min_lr: float = 0.0,
    *,
    t_max: int,
) -> Curve:
    """``half_cos_with_warmup``: the second half of a cosine, after a warm-up to where that begins.

    With the letters of the module, e = alpha_f * lr and h = e + (lr - e) / 2, the peak::

        warmup_min_lr + (h - warmup_min_lr) * t / W                             for t < W
        e + (lr - e) * (1 + cos(pi * (t - W + (T - W)) / (2 * (T - W)))) / 2    until T, then e

    Equal to OLMo-core's ``HalfCosWithWarmup`` in every bit.

    Args:
        warmup: W, an integer, at least 0.
        warmup_fraction: instead of it, its share of T.
        alpha_f: the multiple of the rate at the end, in [0, 1].
        warmup_min_lr: the rate at 0.
        t_max: T, an integer above W.

    Raises:
        ValueError: a number out of its range, neither or both of two.

    >>> [round(half_cos_with_warmup(2, alpha_f=0.0, t_max=4)(count), 4) for count in range(6)]
    [0.0, 0.25, 0.5, 0.1464, 0.0, 0.0]
    """
    where = "olmo_core.half_cos_with_warmup"
    steps, left = _cosine_lengths(where, t_max, warmup, warmup_fraction, alpha_f)
    low = check.rate_of(where, "warmup_min_lr", warmup_min_lr)

    def rising(m: Numbers, t: Number, base: Number) -> Number:
        end = base * alpha_f
        return low + (end + (base - end) / 2 - low) * t / steps

    f = lambda m, t, base: cosine_to_share(m, base, alpha_f, math.pi * (t + left) / (2 * left))  # noqa: E731
    first = formula(rising, steps, relative=False) if steps else None
    return joined(first, formula(f, left, relative=False), const(alpha_f))


@named("olmo_core")
def inv_sqrt_with_warmup(warmup: int, alpha_f: float = 0.1, warmup_min_lr: float = 0.0) -> Curve:
    """``inv_sqrt_with_warmup``: the inverse square root towards a share of the group's rate, without an end.

    With the letters of the module and e = alpha_f * lr::

        warmup_min_lr + (lr - warmup_min_lr) * t / W        for t < W
        e + (lr - e) * sqrt(W / t)                          then

    Equal to OLMo-core's ``InvSqrtWithWarmup`` in every bit.

    Args:
        warmup: W, an integer, at least 1.
        alpha_f: the multiple of the rate that it falls to, in [0, 1].
        warmup_min_lr: the rate at 0.

    Raises:
        ValueError: a number out of its range.

    >>> [inv_sqrt_with_warmup(4, 0.0)(count) for count in (0, 1, 4, 16, 64)]
    [0.0, 0.25, 1.0, 0.5, 0.25]
    """
    where = "olmo_core.inv_sqrt_with_warmup"
    check.integer(where, "warmup", warmup, 1)
    check.between(where, "alpha_f", alpha_f, 0.0, 1.0)

    def falling(m: Numbers, t: Number, base: Number) -> Number:
        end = base * alpha_f
        return end + (base - end) * m.sqrt(warmup / (t + warmup))

    return joined(warm_up(where, warmup, warmup_min_lr), formula(falling, relative=False))
