"""timm's schedules that come in cycles."""

import math

from ... import check
from ..curve import Curve
from ..named import named
from ..numbers import PYTHON, Number, Numbers
from ._timm_warm_up import read_cycles, read_warm_up


@named("timm")
def cosine(
    t_initial: int,
    lr_min: float = 0.0,
    cycle_mul: float = 1.0,
    cycle_decay: float = 1.0,
    cycle_limit: int = 1,
    warmup_t: int = 0,
    warmup_lr_init: float = 0.0,
    warmup_prefix: bool = False,
    k_decay: float = 1.0,
    *,
    noise_range_t: None = None,
) -> Curve:
    """``cosine``: down to the rate ``lr_min`` along a cosine, in cycles, after a warm-up.

    For count t of the cycle i, which has T_i = cycle_mul**i t_initial counts, a group's rate lr and k = k_decay::

        lr_min + 0.5 (cycle_decay**i lr - lr_min) (1 + cos(pi t**k / T_i**k))       for i < cycle_limit
        lr_min                                                                      from then on

    and for w = warmup_t counts before it, or with ``warmup_prefix=False`` in its place::

        warmup_lr_init + t (lr - warmup_lr_init) / w

    Without a prefix the rate jumps at count w, from the warm-up into the middle of the cosine.
    Equal to timm 1.0.31's ``CosineLRScheduler`` in every bit, the rounding of its logarithm included, by which a cycle
    may begin a count late.

    Args:
        t_initial: counts of the first cycle, an integer, at least 1.
        lr_min: the lowest rate, an absolute one, at least 0.
        cycle_mul: each cycle is longer than the one before by this factor, at least 1.
        cycle_decay: the peak of each is lower by this factor, at least 0.
        cycle_limit: how many cycles, an integer, at least 1.
        warmup_t: w, an integer, at least 0.
        warmup_lr_init: the rate at count 0 of the warm-up, an absolute one.
        warmup_prefix: whether the cycles begin after the warm-up.
        k_decay: k, above 0; above 1 the rate stays high for longer.
        noise_range_t: None; noise is no curve, but ``TableLR(lrtorch.tabulate(scheduler, num_steps))`` of timm's
            scheduler can hold it.

    Raises:
        ValueError: a number out of its range, a warm-up that is not over before the schedule is, noise.

    >>> [cosine(4, lr_min=0.25, warmup_t=2, warmup_prefix=True)(count) for count in (0, 1, 2, 4, 6)]
    [0.0, 0.5, 1.0, 0.625, 0.25]
    """
    where = "timm.cosine"
    cycles = read_cycles(where, t_initial, lr_min, cycle_mul, cycle_decay, cycle_limit, noise_range_t)
    k = _k_decay(where, k_decay)

    def value(m: Numbers, t: Number, base: Number) -> Number:
        def shape(lr_max: Number, t_curr: Number, t_i: Number) -> Number:
            t_curr = t_curr if k == 1 else m.maximum(t_curr, 0)
            return lr_min + 0.5 * (lr_max - lr_min) * (1 + m.cos(math.pi * t_curr**k / t_i**k))

        return cycles.value(m, t, base, shape)

    return read_warm_up(where, warmup_t, warmup_lr_init, warmup_prefix, cycles.total()).into(value)


def _k_decay(where: str, k_decay: float) -> float:
    check.above(where, "k_decay", k_decay, 0)
    return k_decay


@named("timm")
def tanh(
    t_initial: int,
    lb: float = -7.0,
    ub: float = 3.0,
    lr_min: float = 0.0,
    cycle_mul: float = 1.0,
    cycle_decay: float = 1.0,
    cycle_limit: int = 1,
    warmup_t: int = 0,
    warmup_lr_init: float = 0.0,
    warmup_prefix: bool = False,
    *,
    noise_range_t: None = None,
) -> Curve:
    """``tanh``: down to the rate ``lr_min`` along a hyperbolic tangent, in cycles, after a warm-up.

    For count t of the cycle i, which has T_i = cycle_mul**i t_initial counts, p = t / T_i and a group's rate lr::

        lr_min + 0.5 (cycle_decay**i lr - lr_min) (1 - tanh(lb (1 - p) + ub p))     for i < cycle_limit
        lr_min                                                                      from then on

    The warm-up is that of ``cosine``, but without a prefix it goes to the rate that the curve has at count warmup_t.
    Equal to timm 1.0.31's ``TanhLRScheduler``: in every bit in lrtorch, and but for the last bits in lrjax, for XLA has
    a tangent of its own.

    Args:
        t_initial: counts of the first cycle, an integer, at least 1.
        lb: the tangent's argument at the beginning of a cycle.
        ub: and at its end, above lb.
        lr_min: the lowest rate, an absolute one, at least 0.
        cycle_mul: each cycle is longer than the one before by this factor, at least 1.
        cycle_decay: the peak of each is lower by this factor, at least 0.
        cycle_limit: how many cycles, an integer, at least 1.
        warmup_t: counts of the warm-up, an integer, at least 0.
        warmup_lr_init: the rate at count 0 of the warm-up, an absolute one.
        warmup_prefix: whether the cycles begin after the warm-up.
        noise_range_t: None, see ``cosine``.

    Raises:
        ValueError: a number out of its range, a warm-up that is not over before the schedule is, noise.

    >>> [round(tanh(10)(count), 3) for count in (0, 5, 7, 9, 10)]
    [1.0, 0.982, 0.5, 0.018, 0.0]
    """
    where = "timm.tanh"
    cycles = read_cycles(where, t_initial, lr_min, cycle_mul, cycle_decay, cycle_limit, noise_range_t)
    if check.number(where, "lb", lb) >= check.number(where, "ub", ub):
        check.fail(where, "lb", f"must be below ub, {ub!r}", lb)

    def value(m: Numbers, t: Number, base: Number) -> Number:
        def shape(lr_max: Number, t_curr: Number, t_i: Number) -> Number:
            tr = t_curr / t_i
            return lr_min + 0.5 * (lr_max - lr_min) * (1 - m.tanh(lb * (1.0 - tr) + ub * tr))

        return cycles.value(m, t, base, shape)

    warm_up = read_warm_up(where, warmup_t, warmup_lr_init, warmup_prefix, cycles.total())
    if warmup_prefix:
        return warm_up.into(value)
    return warm_up.into(value, lambda base: value(PYTHON, warm_up.steps, base))


@named("timm")
def poly(
    t_initial: int,
    power: float = 0.5,
    lr_min: float = 0.0,
    cycle_mul: float = 1.0,
    cycle_decay: float = 1.0,
    cycle_limit: int = 1,
    warmup_t: int = 0,
    warmup_lr_init: float = 0.0,
    warmup_prefix: bool = False,
    k_decay: float = 1.0,
    *,
    noise_range_t: None = None,
) -> Curve:
    """``poly``: down to the rate ``lr_min`` along a power, in cycles, after a warm-up.

    For count t of the cycle i, which has T_i = cycle_mul**i t_initial counts, a group's rate lr and k = k_decay::

        lr_min + (cycle_decay**i lr - lr_min) (1 - t**k / T_i**k)**power        for i < cycle_limit
        lr_min                                                                  from then on

    The warm-up is that of ``cosine``.
    Equal to timm 1.0.31's ``PolyLRScheduler`` in every bit. (Its ``create_scheduler`` takes the power from decay_rate.)

    Args:
        t_initial: counts of the first cycle, an integer, at least 1.
        power: the exponent, above 0; 1 is a line.
        lr_min: the lowest rate, an absolute one, at least 0.
        cycle_mul: each cycle is longer than the one before by this factor, at least 1.
        cycle_decay: the peak of each is lower by this factor, at least 0.
        cycle_limit: how many cycles, an integer, at least 1.
        warmup_t: counts of the warm-up, an integer, at least 0.
        warmup_lr_init: the rate at count 0 of the warm-up, an absolute one.
        warmup_prefix: whether the cycles begin after the warm-up.
        k_decay: k, above 0.
        noise_range_t: None, see ``cosine``.

    Raises:
        ValueError: a number out of its range, a warm-up that is not over before the schedule is, noise.

    >>> [poly(4, power=2.0, cycle_limit=2, cycle_decay=0.5)(count) for count in (0, 2, 4, 6, 8)]
    [1.0, 0.25, 0.5, 0.125, 0.0]
    """
    where = "timm.poly"
    cycles = read_cycles(where, t_initial, lr_min, cycle_mul, cycle_decay, cycle_limit, noise_range_t)
    k, whole = _k_decay(where, k_decay), check.above(where, "power", power, 0).is_integer()

    def value(m: Numbers, t: Number, base: Number) -> Number:
        def shape(lr_max: Number, t_curr: Number, t_i: Number) -> Number:
            t_curr = t_curr if k == 1 else m.maximum(t_curr, 0)
            left = 1 - t_curr**k / t_i**k
            return lr_min + (lr_max - lr_min) * (left if whole else m.maximum(left, 0)) ** power

        return cycles.value(m, t, base, shape)

    return read_warm_up(where, warmup_t, warmup_lr_init, warmup_prefix, cycles.total()).into(value)
