"""OLMo-core's curves with a stable part, and what all of them are made of: see ``olmo_core``, which has them, too."""

from collections.abc import Sequence

from ... import check
from ..combined import sequence
from ..curve import Curve, absolute, formula
from ..held import const
from ..named import named


def share(where: str, name: str, total: int, given: int | None, fraction: float | None, low: int) -> int:
    """A length that is given as such or as a share of the run."""
    if (given is None) == (fraction is None):
        rule = f"must be given where {name}_fraction is not, and only there (then type {name}_fraction=None)"
        check.fail(where, name, rule, given)
    if fraction is not None:
        given = round(total * check.between(where, f"{name}_fraction", fraction, 0.0, 1.0))
    length = check.integer(where, name, given, low)
    if length > total:
        check.fail(where, name, f"must be at most t_max, {total}", length)
    return length


def warm_up(where: str, steps: int, warmup_min_lr: float, peak: float = 1.0) -> Curve | None:
    """From a rate to the group's own, times ``peak``."""
    low = check.rate_of(where, "warmup_min_lr", warmup_min_lr)
    f = lambda m, t, base: low + (base * peak - low) * t / steps  # noqa: E731
    return formula(f, steps, relative=False) if steps else None


def joined(*parts: Curve | None, closed: bool = False) -> Curve:
    """The parts that last; a warm-up whose last count has the peak is closed."""
    curves = [part for part in parts if part is not None]
    return curves[0] if len(curves) == 1 else sequence(*curves, closed=closed)


def line_down(steps: int, low: float, peak: float = 1.0, length: int | None = None) -> Curve:
    """To a rate, which it passes where it has no end."""
    return formula(lambda m, u, base: low + (base * peak - low) * (steps - u) / steps, length, relative=False)


@named("olmo_core")
def wsd(
    warmup: int | None = None,
    warmup_fraction: float | None = None,
    decay: int | None = None,
    decay_fraction: float | None = 0.1,
    warmup_min_lr: float = 0.0,
    decay_min_lr: float = 0.0,
    *,
    t_max: int,
) -> Curve:
    """``wsd``: warm-up, stable, and a straight line that ends with the run.

    With the letters of the module::

        warmup_min_lr + (lr - warmup_min_lr) * t / W            for t <= W
        lr                                                      for t < T - D
        decay_min_lr + (lr - decay_min_lr) * (T - t) / D        then

    Past T, where the original stops, the line goes on below its floor. Equal to OLMo-core's ``WSD`` in every bit.

    Args:
        warmup: W, an integer, at least 1.
        warmup_fraction: instead of it, its share of T.
        decay: D, an integer, at least 1, with decay_fraction=None.
        decay_fraction: instead of it, its share of T.
        warmup_min_lr: the rate at 0.
        decay_min_lr: the rate at T.
        t_max: T, an integer, at least W + D.

    Raises:
        ValueError: a number out of its range, neither or both of two, warm-up and decay longer than the run together.

    >>> [wsd(2, decay=4, decay_fraction=None, t_max=8)(count) for count in range(9)]
    [0.0, 0.5, 1.0, 1.0, 1.0, 0.75, 0.5, 0.25, 0.0]
    """
    where = "olmo_core.wsd"
    steps, stable, tail = _parts(where, t_max, warmup, warmup_fraction, decay, decay_fraction)
    low = check.rate_of(where, "decay_min_lr", decay_min_lr)
    after = joined(const(1.0, stable) if stable else None, line_down(tail, low))
    return joined(warm_up(where, steps, warmup_min_lr), after, closed=True)


def _parts(
    where: str, t_max: int, warmup: int | None, first: float | None, decay: int | None, last: float | None
) -> tuple[int, int, int]:
    """The lengths of warm-up, middle and decay."""
    total = check.integer(where, "t_max", t_max, 1)
    steps = share(where, "warmup", total, warmup, first, 1)
    tail = share(where, "decay", total, decay, last, 1)
    if steps + tail > total:
        rule = f"must be at least {steps} + {tail}, warm-up and decay (the original jumps from one into the other)"
        check.fail(where, "t_max", rule, t_max)
    return steps, total - steps - tail, tail


@named("olmo_core")
def power_lr(
    b: float = -0.51,
    warmup: int | None = None,
    warmup_fraction: float | None = None,
    warmup_min_lr: float = 0.0,
    decay: int | None = None,
    decay_fraction: float | None = 0.1,
    decay_min_lr: float = 0.0,
    *,
    t_max: int,
) -> Curve:
    """``power_lr``: a power of the count, whose stable part does not depend on the length of the run.

    With the letters of the module, and e = lr * ((T - D) / W) ** b::

        warmup_min_lr + (lr - warmup_min_lr) * t / W        for t <= W
        lr * (t / W) ** b                                   for t < T - D
        decay_min_lr + (e - decay_min_lr) * (T - t) / D     then

    Past T, where the original stops, the line goes on below its floor. Equal to OLMo-core's ``PowerLR`` in every bit.

    Args:
        b: the exponent, below 0.
        warmup: W, an integer, at least 1.
        warmup_fraction: instead of it, its share of T.
        warmup_min_lr: the rate at 0.
        decay: D, an integer, at least 1, with decay_fraction=None.
        decay_fraction: instead of it, its share of T.
        decay_min_lr: the rate at T.
        t_max: T, an integer, at least W + D.

    Raises:
        ValueError: a number out of its range, neither or both of two, warm-up and decay longer than the run together.

    >>> [power_lr(-0.5, 1, decay=4, decay_fraction=None, t_max=20)(count) for count in (0, 1, 4, 16, 18, 20)]
    [0.0, 1.0, 0.5, 0.25, 0.125, 0.0]
    """
    where = "olmo_core.power_lr"
    if check.number(where, "b", b) >= 0:
        check.fail(where, "b", "must be below 0", b)
    steps, middle, tail = _parts(where, t_max, warmup, warmup_fraction, decay, decay_fraction)
    low, at_tail = check.rate_of(where, "decay_min_lr", decay_min_lr), ((t_max - tail) / steps) ** b
    power = formula(lambda m, t: ((t + steps) / steps) ** b, middle) if middle else None
    after = joined(power, line_down(tail, low, at_tail))
    return joined(warm_up(where, steps, warmup_min_lr), after, closed=True)


@named("olmo_core")
def wsds(
    period_lengths: Sequence[int],
    period_lr_multipliers: Sequence[float] | None = None,
    warmup: int | None = None,
    warmup_fraction: float | None = None,
    decay: int | None = None,
    decay_fraction: float | None = None,
    warmup_min_lr: float = 0.0,
    decay_min_lr: float = 0.0,
) -> Curve:
    """``wsds``: WSD-S (arXiv:2410.05192), several runs in one, each decayed at its end and gone on from.

    With the letters of the module, a period of L counts (the first less its warm-up), its peak P = lr times its
    multiplier, and t from its begin::

        warmup_min_lr + (P - warmup_min_lr) * t / W             for t < W, before the first
        P                                                       for t < L - D
        decay_min_lr + (P - decay_min_lr) * (L - t) / D         for t <= L, then the next period
        decay_min_lr                                            after the last

    The count at a joint belongs to the period before it. Equal to OLMo-core's ``WSDS`` in every bit.

    Args:
        period_lengths: the lengths of the periods, integers, at least 1; the warm-up is part of the first.
        period_lr_multipliers: a multiple of the rate for each, above 0; None for 1.
        warmup: W, an integer, at least 0.
        warmup_fraction: instead of it, its share of the first period.
        decay: D, an integer, at least 1.
        decay_fraction: instead of it, its share of each period.
        warmup_min_lr: the rate at 0.
        decay_min_lr: the rate at the end of a period.

    Raises:
        TypeError: lengths that are no list.
        ValueError: a number out of its range, neither or both of two, a decay that does not fit into its period.

    >>> [wsds([4, 3], warmup=1, decay=2)(count) for count in range(8)]
    [0.0, 1.0, 1.0, 0.5, 0.0, 1.0, 0.5, 0.0]
    """
    where = "olmo_core.wsds"
    for name, given in (("period_lengths", period_lengths), ("period_lr_multipliers", period_lr_multipliers)):
        if given is not None and not isinstance(given, list | tuple):
            check.fail(where, name, "must be a list", given, TypeError)
    totals = [check.integer(where, f"period_lengths[{i}]", n, 1) for i, n in enumerate(period_lengths)]
    if not totals:
        check.fail(where, "period_lengths", "must have at least one", period_lengths)
    peaks = [1.0] * len(totals) if period_lr_multipliers is None else list(period_lr_multipliers)
    if len(peaks) != len(totals):
        check.fail(where, "period_lr_multipliers", f"must be {len(totals)}, one for each period", peaks)
    peaks = [check.above(where, f"period_lr_multipliers[{i}]", peak, 0) for i, peak in enumerate(peaks)]
    steps = share(where, "warmup", totals[0], warmup, warmup_fraction, 0)
    low = check.rate_of(where, "decay_min_lr", decay_min_lr)
    periods: list[Curve] = []
    for i, (total, peak) in enumerate(zip(totals, peaks, strict=True)):
        length, tail = total - (0 if i else steps), share(where, "decay", total, decay, decay_fraction, 1)
        if tail > length:
            check.fail(where, f"period_lengths[{i}]", f"must leave {tail} counts to its decay", total)
        stable = const(peak, length - tail) if length > tail else None
        periods.append(joined(stable, line_down(tail, low, peak, tail)))
    after = sequence(*periods, const(absolute(low)), closed=True)
    return joined(warm_up(where, steps, warmup_min_lr, peaks[0]), after)
