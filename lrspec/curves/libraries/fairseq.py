"""The curves of fairseq (``fairseq/optim/lr_scheduler/``, 0.12.2), of the number of updates so far."""

import math

from ... import check
from ..combined import sequence
from ..curve import Curve, absolute, formula
from ..held import const
from ..moved import LONGEST
from ..named import named
from ..numbers import Number, Numbers


def _warm_up(warmup_updates: int, warmup_init_lr: float) -> Curve | None:
    """From warmup_init_lr to the group's rate, which comes after it."""
    if not warmup_updates:
        return None
    return formula(
        lambda m, t, base: warmup_init_lr + t * ((base - warmup_init_lr) / warmup_updates),
        warmup_updates,
        relative=False,
    )


def _first_rate(where: str, warmup_init_lr: float, default: float) -> float:
    """The rate at 0; -1 is the default, as every negative number in the original."""
    return default if warmup_init_lr == -1 else check.rate_of(where, "warmup_init_lr", warmup_init_lr)


@named("fairseq")
def inverse_sqrt(warmup_updates: int = 4000, warmup_init_lr: float = -1) -> Curve:
    """``inverse_sqrt``: a linear warm-up, and the inverse square root of the number of updates, without an end.

    With W = warmup_updates, a = warmup_init_lr and the group's rate lr::

        a + t * (lr - a) / W            for t < W
        lr * W ** 0.5 * t ** -0.5       then

    Equal to fairseq's ``InverseSquareRootSchedule`` in every bit.

    Args:
        warmup_updates: W, an integer, at least 1 (the original divides by it).
        warmup_init_lr: a, the rate at 0; -1 for 0.

    Raises:
        ValueError: a number out of its range.

    >>> [inverse_sqrt(4)(count) for count in (0, 1, 2, 4, 16, 64)]
    [0.0, 0.25, 0.5, 1.0, 0.5, 0.25]
    """
    where = "fairseq.inverse_sqrt"
    check.integer(where, "warmup_updates", warmup_updates, 1)
    warm_up = _warm_up(warmup_updates, _first_rate(where, warmup_init_lr, 0.0))
    root = warmup_updates**0.5
    decay = formula(lambda m, t, base: base * root * (t + warmup_updates) ** -0.5, relative=False)
    return sequence(warm_up, decay) if warm_up else decay


@named("fairseq")
def polynomial_decay(
    warmup_updates: int = 0, end_learning_rate: float = 0.0, power: float = 1.0, *, total_num_update: int
) -> Curve:
    """``polynomial_decay``: a linear warm-up from 0, and a power of what is left of the run.

    With W = warmup_updates, T = total_num_update, e = end_learning_rate and the group's rate lr::

        t / W * lr                                              for t <= W, where W is not 0
        (lr - e) * (1 - (t - W) / (T - W)) ** power + e         until T, then e

    e is a rate, not a multiple of the group's: a group with a lower rate rises to it. Equal to fairseq's
    ``PolynomialDecayLRSchedule`` with one lr for all epochs (no ``force_anneal``) in every bit.

    Args:
        warmup_updates: W, an integer, at least 0.
        end_learning_rate: e, a rate.
        power: above 0.
        total_num_update: T, an integer above W.

    Raises:
        ValueError: a number out of its range.

    >>> [polynomial_decay(2, total_num_update=6)(count) for count in range(8)]
    [0.0, 0.5, 1.0, 0.75, 0.5, 0.25, 0.0, 0.0]
    """
    where = "fairseq.polynomial_decay"
    total = check.integer(where, "total_num_update", total_num_update, 1)
    if check.integer(where, "warmup_updates", warmup_updates, 0) >= total:
        rule = f"must be below total_num_update, {total} (the original drops to the end before its warm-up is over)"
        check.fail(where, "warmup_updates", rule, warmup_updates)
    end, exponent = check.rate_of(where, "end_learning_rate", end_learning_rate), check.above(where, "power", power, 0)
    left = total - warmup_updates
    decay = formula(lambda m, t, base: (base - end) * (1 - t / left) ** exponent + end, left, relative=False)
    after = sequence(decay, const(absolute(end)))
    if not warmup_updates:
        return after
    return sequence(
        formula(lambda m, t, base: t / warmup_updates * base, warmup_updates, relative=False), after, closed=True
    )


@named("fairseq")
def cosine(
    warmup_updates: int = 0,
    warmup_init_lr: float = -1,
    min_lr: float = 0.0,
    t_mult: float = 1.0,
    lr_period_updates: float = -1,
    lr_shrink: float = 0.1,
    *,
    max_update: int | None = None,
) -> Curve:
    """``cosine``: a linear warm-up, and cosines that begin again, each longer and lower than the one before.

    With W = warmup_updates, P = lr_period_updates, the group's rate lr, c = t - W, and cycle i, which begins at s and
    is P * t_mult ** i long::

        warmup_init_lr + t * (lr - warmup_init_lr) / W                          for t < W
        low + 0.5 * (top - low) * (1 + cos(pi * (c - s) / (P * t_mult ** i)))   then

    where top = lr * lr_shrink ** i and low = min_lr * lr_shrink ** i. There is no end: with the defaults the second
    cycle begins at ``max_update``, at a tenth. Equal to fairseq's ``CosineLRSchedule`` in every bit, also where its
    rounded logarithm puts the count at a joint into the cycle before.

    Args:
        warmup_updates: W, an integer, at least 0.
        warmup_init_lr: the rate at 0; -1 for min_lr.
        min_lr: the floor, a rate, below those of the groups.
        t_mult: 1, or at least 1.001.
        lr_period_updates: P, above 0; -1 for max_update - W.
        lr_shrink: the peak of a cycle over that of the one before, at least 0.
        max_update: the length of the run, an integer above W, where P is -1.

    Raises:
        ValueError: a number out of its range, neither or both of lr_period_updates and max_update.

    >>> [round(cosine(2, lr_period_updates=4, lr_shrink=0.5)(count), 4) for count in range(8)]
    [0.0, 0.5, 1.0, 0.8536, 0.5, 0.1464, 0.5, 0.4268]
    """
    where = "fairseq.cosine"
    check.integer(where, "warmup_updates", warmup_updates, 0)
    if (lr_period_updates == -1) == (max_update is None):
        check.fail(where, "max_update", "must be given where lr_period_updates is not, and only there", max_update)
    if max_update is not None and check.integer(where, "max_update", max_update, 1) <= warmup_updates:
        check.fail(where, "warmup_updates", f"must be below max_update, {max_update}", warmup_updates)
    if max_update is None:
        check.above(where, "lr_period_updates", lr_period_updates, 0)
    period = lr_period_updates if max_update is None else max_update - warmup_updates
    low, shrink = check.rate_of(where, "min_lr", min_lr), check.at_least(where, "lr_shrink", lr_shrink, 0)
    grow = check.at_least(where, "t_mult", t_mult, 1)
    if 1 < grow < 1.001:  # a table of cycles would not end
        check.fail(where, "t_mult", "must be 1 or at least 1.001", t_mult)
    bounds = _bounds(period, grow) if grow != 1 else []
    begins = [(1 - grow**i) / (1 - grow) * period for i in range(len(bounds) + 1)] if bounds else []
    lengths = [grow**i * period for i in range(len(bounds) + 1)]

    def cycles(m: Numbers, t: Number, base: Number) -> Number:
        if grow == 1:
            i = m.floor(t / period)
            length, inside = period, t - period * i
        else:
            i = m.passed(bounds, t)
            length, inside = m.entry(lengths, i), t - m.entry(begins, i)
        smaller = shrink**i
        floor, top = low * smaller, base * smaller
        return floor + 0.5 * (top - floor) * (1 + m.cos(math.pi * inside / length))

    after = formula(cycles, relative=False)
    warm_up = _warm_up(warmup_updates, _first_rate(where, warmup_init_lr, low))
    return sequence(warm_up, after) if warm_up else after


def _bounds(period: float, grow: float) -> list[int]:
    """The counts with which a cycle begins for the original, which asks a rounded logarithm which one it is in."""

    def cycle(count: int) -> int:
        return math.floor(math.log(1 - count / period * (1 - grow), grow))

    bounds: list[int] = []
    while not bounds or bounds[-1] < LONGEST:
        i = len(bounds) + 1
        count = max(0, math.floor(period * (grow**i - 1) / (grow - 1)) - 2)
        while cycle(count) < i:
            count += 1
        while count and cycle(count - 1) >= i:
            count -= 1
        bounds.append(count)
    return bounds


@named("fairseq")
def triangular(max_lr: float, lr_period_updates: int = 5000, lr_shrink: float = 0.1, shrink_min: bool = False) -> Curve:
    """``triangular``: from the group's rate up to ``max_lr`` and down again, each cycle with a lower peak.

    With s = lr_period_updates // 2, cycle i = floor(t / (2 * s)), top = max_lr * lr_shrink ** i, and the group's rate
    low (times lr_shrink ** i with shrink_min)::

        low + (top - low) * max(0, 1 - abs(t / s - 2 * (i + 1) + 1))

    The group's rate is the lower end here. After the first cycle the peak may fall below it, and the cycle then goes
    the other way. Equal to fairseq's ``TriangularLRSchedule`` in every bit.

    Args:
        max_lr: the peak of the first cycle, a rate, above those of the groups.
        lr_period_updates: the length of a cycle, an integer, at least 2; an odd one is a count shorter.
        lr_shrink: the peak of a cycle over that of the one before, at least 0.
        shrink_min: whether the lower end shrinks, too.

    Raises:
        TypeError: a shrink_min that is neither True nor False.
        ValueError: a number out of its range.

    >>> [triangular(5.0, 4, 0.5)(count, base=1.0) for count in range(8)]
    [1.0, 3.0, 5.0, 3.0, 1.0, 1.75, 2.5, 1.75]
    """
    where = "fairseq.triangular"
    high = check.rate_of(where, "max_lr", max_lr)
    half = check.integer(where, "lr_period_updates", lr_period_updates, 2) // 2
    shrink, both = check.at_least(where, "lr_shrink", lr_shrink, 0), check.flag(where, "shrink_min", shrink_min)

    def triangle(m: Numbers, t: Number, base: Number) -> Number:
        i = m.floor(t / (2 * half))
        smaller = shrink**i
        low = base * smaller if both else base
        x = t / half - 2 * (i + 1) + 1
        return low + (high * smaller - low) * m.maximum(0, 1 - m.maximum(x, -x))

    return formula(triangle, relative=False)


@named("fairseq")
def tri_stage(
    warmup_steps: int = 0,
    hold_steps: int = 0,
    decay_steps: int = 0,
    phase_ratio: tuple[float, float, float] | None = None,
    init_lr_scale: float = 0.01,
    final_lr_scale: float = 0.01,
    *,
    max_update: int | None = None,
) -> Curve:
    """``tri_stage``: a linear warm-up, a constant, and an exponential decay (SpecAugment).

    With W, H and D the three lengths, a = init_lr_scale, f = final_lr_scale and the group's rate lr::

        a * lr + (lr - a * lr) / W * t              for t < W
        lr                                          for t < W + H
        lr * exp(log(f) / D * (t - W - H))          for t <= W + H + D, then f * lr

    Equal to fairseq's ``TriStageLRSchedule`` in every bit, in lrjax as nearly as XLA's exponential function.

    Args:
        warmup_steps: W, an integer, at least 0.
        hold_steps: H, an integer, at least 0.
        decay_steps: D, an integer, at least 1 (the original divides by it).
        phase_ratio: instead of the three: their shares of max_update, rounded down; they add up to 1.
        init_lr_scale: a, at least 0.
        final_lr_scale: f, above 0.
        max_update: the length of the run, an integer, with phase_ratio.

    Raises:
        TypeError: a phase_ratio that is no triple.
        ValueError: a number out of its range; shares that do not add up to 1; lengths and shares at once.

    >>> [tri_stage(2, 1, 4, init_lr_scale=0.5)(count) for count in range(4)]
    [0.5, 0.75, 1.0, 1.0]
    """
    where = "fairseq.tri_stage"
    lengths = [warmup_steps, hold_steps, decay_steps]
    if phase_ratio is not None:
        lengths = _shares(where, lengths, phase_ratio, max_update)
    elif max_update is not None:
        check.fail(where, "max_update", "must be left out without phase_ratio", max_update)
    rise, hold = (check.integer(where, n, x, 0) for n, x in zip(("warmup_steps", "hold_steps"), lengths, strict=False))
    fall = check.integer(where, "decay_steps", lengths[2], 1)
    first = check.at_least(where, "init_lr_scale", init_lr_scale, 0)
    last = check.above(where, "final_lr_scale", final_lr_scale, 0)
    rate = math.log(last) / fall
    parts = [
        formula(lambda m, t, base: first * base + (base - first * base) / rise * t, rise, relative=False)
        if rise
        else None,
        const(1.0, hold) if hold else None,
        sequence(formula(lambda m, t: m.exp(rate * t), fall), const(last), closed=True),
    ]
    return sequence(*filter(None, parts))


def _shares(where: str, lengths: list[int], phase_ratio: tuple[float, ...], max_update: int | None) -> list[int]:
    """The three lengths as the original rounds them."""
    if any(lengths):
        check.fail(where, "phase_ratio", "must be left out with warmup_steps, hold_steps and decay_steps", phase_ratio)
    if not isinstance(phase_ratio, list | tuple) or len(phase_ratio) != 3:
        check.fail(where, "phase_ratio", "must be three shares", phase_ratio, TypeError)
    shares = [check.between(where, f"phase_ratio[{i}]", x, 0.0, 1.0) for i, x in enumerate(phase_ratio)]
    if sum(shares) != 1:
        check.fail(where, "phase_ratio", f"must add up to 1, not {sum(shares)!r}", phase_ratio)
    total = check.integer(where, "max_update", max_update, 1)
    return [int(total * share) for share in shares]
