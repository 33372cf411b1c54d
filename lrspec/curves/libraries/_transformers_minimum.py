"""transformers' curves that end above 0."""

import math
from typing import Literal

from ... import check
from ..combined import sequence
from ..curve import Curve, formula
from ..held import const
from ..named import named
from ..numbers import Number, Numbers
from ._transformers_lengths import counts_left, run

Shape = Literal["linear", "cosine", "1-sqrt"]


def _lowest(m: Numbers, min_lr: float, base: Number) -> Number:
    """A rate as a multiple of the group's own; a group with the rate 0 stays there."""
    return m.where(base == 0, lambda: 0.0, lambda: min_lr / base)


def _start_rate(where: str, name: str, end: float, lr_init: float | None) -> float | None:
    """The rate that the whole optimizer begins with, where it is given: above the end."""
    if lr_init is not None and check.rate(where, lr_init, "lr_init") <= end:
        check.fail(where, name, f"must be below lr_init, {lr_init!r}", end)
    return lr_init


@named("transformers")
def polynomial(
    num_warmup_steps: int,
    num_training_steps: int,
    lr_end: float = 1e-7,
    power: float = 1.0,
    lr_init: float | None = None,
) -> Curve:
    """``polynomial``: up from 0 to the group's rate, and down to the rate ``lr_end`` along a power.

    With W = num_warmup_steps, N = num_training_steps and b = lr_init, a multiple of the group's rate::

        t / W                                               for t < W
        ((b - lr_end) (1 - p)**power + lr_end) / b          with p = (t - W) / (N - W), until N
        lr_end / b                                          past it

    Equal to transformers' ``get_polynomial_decay_schedule_with_warmup`` in every bit, which takes the optimizer's
    default rate for b in all groups: there a group with a rate of its own ends at lr_end times its rate / b.

    Args:
        num_warmup_steps: W, an integer, at least 0.
        num_training_steps: N, an integer above W.
        lr_end: the last rate, at least 0; an absolute one.
        power: the exponent, above 0; 1 is a line.
        lr_init: b, the optimizer's default rate, as the original has it, above lr_end; None: each group's own, so that
            all groups end at lr_end. (The original refuses a b that is not above it.)

    Raises:
        ValueError: a number out of its range.

    >>> [polynomial(0, 4, lr_end=0.25, power=2.0)(count) for count in (0, 2, 4, 9)]
    [1.0, 0.4375, 0.25, 0.25]
    """
    where = "transformers.polynomial"
    left = counts_left(where, num_warmup_steps, num_training_steps)
    check.rate_of(where, "lr_end", lr_end)
    check.above(where, "power", power, 0)
    _start_rate(where, "lr_end", lr_end, lr_init)

    def decayed(m: Numbers, t: Number, b: Number) -> Number:
        left_over = 1 - m.minimum(t - num_warmup_steps, left) / left
        return ((b - lr_end) * left_over**power + lr_end) / b

    def rate(m: Numbers, t: Number, base: Number) -> Number:
        b = base if lr_init is None else lr_init

        def fallen() -> Number:
            within = t <= num_training_steps
            return m.where(within, lambda: decayed(m, t, b), lambda: lr_end / b)

        rise = (lambda: t / num_warmup_steps) if num_warmup_steps else lambda: 0.0 * t
        return base * m.where((t < num_warmup_steps) | (b == 0), rise, fallen)

    return formula(rate, relative=False)


def _of_min_lr(where: str, min_lr: float | None, min_lr_rate: float | None, lr_init: float | None) -> float | None:
    """The lowest level as a multiple; None where it is a rate, which each group has its own multiple of.

    Raises:
        ValueError: none or both of the two, a level above the peak.
    """
    if (min_lr is None) == (min_lr_rate is None):
        given = None if min_lr is None else (min_lr, min_lr_rate)
        check.fail(where, "min_lr", "or min_lr_rate must be given, and not both", given)
    if min_lr_rate is not None:
        if lr_init is not None:
            check.fail(where, "lr_init", "must be left out without min_lr", lr_init)
        return check.between(where, "min_lr_rate", min_lr_rate, 0, 1)
    assert min_lr is not None
    check.rate_of(where, "min_lr", min_lr)
    _start_rate(where, "min_lr", min_lr, lr_init)
    return None if lr_init is None else min_lr / lr_init


def _above_minimum(rise: tuple[Curve, ...], fall: object, r: float | None, min_lr: float | None) -> Curve:
    """A warm-up, and then max(0, f (1 - r) + r) of the fall f."""

    def factor(m: Numbers, t: Number, r: Number) -> Number:
        return m.maximum(0, fall(m, t) * (1 - r) + r)  # type: ignore[operator]

    if r is not None:
        return sequence(*rise, formula(lambda m, t: factor(m, t, r)))
    assert min_lr is not None
    return sequence(*rise, formula(lambda m, t, base: base * factor(m, t, _lowest(m, min_lr, base)), relative=False))


@named("transformers")
def cosine_with_min_lr(
    num_warmup_steps: int,
    num_training_steps: int,
    num_cycles: float = 0.5,
    min_lr: float | None = None,
    min_lr_rate: float | None = None,
    lr_init: float | None = None,
) -> Curve:
    """``cosine_with_min_lr``: up from 0 to 1, and down along a cosine that does not end at 0.

    With W = num_warmup_steps, N = num_training_steps, c = num_cycles and r = min_lr_rate::

        t / W                                       for t < W
        0.5 (1 + cos(2 pi c p)) (1 - r) + r         with p = (t - W) / (N - W)

    Past the end the cosine goes on, so the rate rises again.
    Equal to transformers' ``get_cosine_with_min_lr_schedule_with_warmup`` in every bit.

    Args:
        num_warmup_steps: W, an integer, at least 0.
        num_training_steps: N, an integer above W.
        num_cycles: c, above 0: 0.5 is half a wave.
        min_lr: the lowest rate, an absolute one, at least 0; r = min_lr / lr_init. Give it or min_lr_rate.
        min_lr_rate: r, from 0 to 1, a multiple of the group's rate.
        lr_init: the optimizer's default rate, by which the original divides min_lr for all groups, above min_lr; None:
            each group's own, so that all groups go down to min_lr.

    Raises:
        ValueError: a number out of its range, none or both of min_lr and min_lr_rate.

    >>> [cosine_with_min_lr(2, 6, min_lr_rate=0.25)(count) for count in (0, 1, 2, 4, 6)]
    [0.0, 0.5, 1.0, 0.625, 0.25]
    """
    where = "transformers.cosine_with_min_lr"
    rise, left = run(where, num_warmup_steps, num_training_steps)
    omega = math.pi * check.above(where, "num_cycles", num_cycles, 0) * 2.0
    r = _of_min_lr(where, min_lr, min_lr_rate, lr_init)
    return _above_minimum(rise, lambda m, t: 0.5 * (1.0 + m.cos(omega * (t / left))), r, min_lr)


@named("transformers")
def cosine_warmup_with_min_lr(
    num_warmup_steps: int,
    num_training_steps: int,
    num_cycles: float = 0.5,
    min_lr: float | None = None,
    min_lr_rate: float | None = None,
    warmup_lr_rate: float | None = None,
    lr_init: float | None = None,
) -> Curve:
    """``cosine_warmup_with_min_lr``: the same with a warm-up that does not begin at 0, and an end that is reached.

    With W = num_warmup_steps, N = num_training_steps, c = num_cycles, r = min_lr_rate and w = warmup_lr_rate::

        (t + 1) / W                                 for t < W, or with w: w + (1 - w) t / (W - 1)
        0.5 (1 + cos(2 pi c p)) (1 - r) + r         with p = (t + 1 - W) / (N - W)

    The last update of the run, t = N - 1, is the first at the lowest rate; past the end the rate rises again.
    Equal to transformers' ``get_cosine_with_min_lr_schedule_with_warmup_lr_rate`` in every bit.

    Args:
        num_warmup_steps: W, an integer, at least 0.
        num_training_steps: N, an integer above W.
        num_cycles: c, above 0: 0.5 is half a wave.
        min_lr: the lowest rate, an absolute one, at least 0; r = min_lr / lr_init. Give it or min_lr_rate.
        min_lr_rate: r, from 0 to 1, a multiple of the group's rate.
        warmup_lr_rate: w, where the warm-up begins, from 0 to 1; None: 1 / W.
        lr_init: the optimizer's default rate, by which the original divides min_lr for all groups, above min_lr; None:
            each group's own, so that all groups go down to min_lr.

    Raises:
        ValueError: a number out of its range, none or both of min_lr and min_lr_rate.

    >>> [cosine_warmup_with_min_lr(2, 6, min_lr_rate=0.25)(count) for count in (0, 1, 3, 5)]
    [0.5, 1.0, 0.625, 0.25]
    """
    where = "transformers.cosine_warmup_with_min_lr"
    n, left = num_warmup_steps, counts_left(where, num_warmup_steps, num_training_steps)
    omega = math.pi * check.above(where, "num_cycles", num_cycles, 0) * 2.0
    r = _of_min_lr(where, min_lr, min_lr_rate, lr_init)
    if warmup_lr_rate is None:
        rise = formula(lambda m, t: (t + 1.0) / n, n or None)
    else:
        w = check.between(where, "warmup_lr_rate", warmup_lr_rate, 0, 1)
        rise = formula(lambda m, t: w + (1.0 - w) * t / max(1, n - 1), n or None)
    return _above_minimum((rise,) if n else (), lambda m, t: 0.5 * (1.0 + m.cos(omega * ((t + 1.0) / left))), r, min_lr)


@named("transformers")
def warmup_stable_decay(
    num_warmup_steps: int,
    num_decay_steps: int,
    num_training_steps: int | None = None,
    num_stable_steps: int | None = None,
    warmup_type: Shape = "linear",
    decay_type: Shape = "cosine",
    min_lr_ratio: float = 0,
    num_cycles: float = 0.5,
) -> Curve:
    """``warmup_stable_decay``: up, level, and down in the last part of the run.

    With W, S and D counts of warm-up, stable part and decay, r = min_lr_ratio and c = num_cycles::

        u (1 - r) + r       for t < W, with p = t / W; u is p, 0.5 (1 - cos(pi p)) or 1 - sqrt(1 - p)
        1                   for S counts
        d (1 - r) + r       for D counts, with p = (t - W - S) / D; d is 1 - p, 0.5 (1 + cos(2 pi c p)) or 1 - sqrt(p)
        r                   from then on

    The warm-up begins at r, not at 0.
    Equal to transformers' ``get_wsd_schedule`` in every bit.

    Args:
        num_warmup_steps: W, an integer, at least 0.
        num_decay_steps: D, an integer, at least 0.
        num_training_steps: W + S + D. Give it or num_stable_steps; with both they must fit (the original takes the
            second then, and warns).
        num_stable_steps: S, an integer, at least 0.
        warmup_type: u: "linear", "cosine" or "1-sqrt".
        decay_type: d: "linear", "cosine" or "1-sqrt".
        min_lr_ratio: r, from 0 to 1.
        num_cycles: c, above 0, for a cosine decay: 0.5 is half a wave.

    Raises:
        ValueError: a number out of its range, another type, lengths that do not add up.

    >>> wsd = warmup_stable_decay(2, 4, num_training_steps=8, decay_type="1-sqrt")
    >>> [wsd(count) for count in range(9)][:6]
    [0.0, 0.5, 1.0, 1.0, 1.0, 0.5]
    """
    where = "transformers.warmup_stable_decay"
    w = check.integer(where, "num_warmup_steps", num_warmup_steps, 0)
    d = check.integer(where, "num_decay_steps", num_decay_steps, 0)
    s = _stable_steps(where, w, d, num_training_steps, num_stable_steps)
    for name, value in (("warmup_type", warmup_type), ("decay_type", decay_type)):
        check.one_of(where, name, value, ("linear", "cosine", "1-sqrt"))
    r = check.between(where, "min_lr_ratio", min_lr_ratio, 0, 1)
    omega = math.pi * check.above(where, "num_cycles", num_cycles, 0) * 2.0

    def rise(m: Numbers, t: Number) -> Number:
        p = t / w
        u = {"linear": lambda: p, "cosine": lambda: 0.5 * (1.0 - m.cos(math.pi * p))}
        return u.get(warmup_type, lambda: 1.0 - m.sqrt(1.0 - m.minimum(p, 1.0)))() * (1.0 - r) + r

    def fall(m: Numbers, t: Number) -> Number:
        p = t / d
        f = {"linear": lambda: 1.0 - p, "cosine": lambda: 0.5 * (1.0 + m.cos(omega * p))}
        return m.maximum(0.0, f.get(decay_type, lambda: 1.0 - m.sqrt(m.maximum(p, 0.0)))() * (1.0 - r) + r)

    parts = [formula(rise, w)] if w else []
    parts += [const(1.0, s)] if s else []
    parts += [formula(fall, d)] if d else []
    return sequence(*parts, const(r))


def _stable_steps(where: str, w: int, d: int, total: int | None, stable: int | None) -> int:
    """S, which may be given by the length of the run."""
    if total is not None:
        check.integer(where, "num_training_steps", total, 1)
    if stable is not None:
        stable = check.integer(where, "num_stable_steps", stable, 0)
        if total is not None and total != w + stable + d:
            rule = f"must be {w + stable + d}, what the lengths {[w, stable, d]} add up to"
            check.fail(where, "num_training_steps", rule, total)
        return stable
    if total is None:
        check.fail(where, "num_training_steps", "or num_stable_steps must be given", None)
    if w + d > total:
        rule = (
            f"must be at least {w + d}, warm-up and decay together (the original then begins the decay in its middle)"
        )
        check.fail(where, "num_training_steps", rule, total)
    return total - w - d
