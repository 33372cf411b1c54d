"""The curves of OLMo (``olmo/optim.py``, ai2-olmo 0.6.0), under the names that its configuration has for them.

Each warms up for W counts from a tenth of the group's rate, or from ``warmup_min_lr``, which is a rate. OLMo counts
steps or tokens: give ``CurveLR(..., units_per_step=...)`` for lengths in tokens.
"""

import math

from ... import check
from ..combined import maximum, no_captures, read_curves, sequence
from ..curve import Curve, formula
from ..held import const
from ..named import named
from ..numbers import Number, Numbers
from ._shared import cosine_to_share


def _lengths(where: str, warmup_steps: int, t_max: int, alpha_f: float, low: int = 0) -> int:
    """How many counts follow the warm-up."""
    total = check.integer(where, "t_max", t_max, 1)
    if check.integer(where, "warmup_steps", warmup_steps, low) >= total:
        rule = f"must be below t_max, {total} (the original then drops from its warm-up to the end)"
        check.fail(where, "warmup_steps", rule, warmup_steps)
    check.between(where, "alpha_f", alpha_f, 0.0, 1.0)
    return total - warmup_steps


def _after_warm_up(where: str, warmup_steps: int, warmup_min_lr: float | None, after: Curve) -> Curve:
    first = None if warmup_min_lr is None else check.rate_of(where, "warmup_min_lr", warmup_min_lr)
    if not warmup_steps:
        return after

    def warm_up(m: Numbers, t: Number, base: Number) -> Number:
        low = base * 0.10 if first is None else first
        return low + (base - low) * t / warmup_steps

    return sequence(formula(warm_up, warmup_steps, relative=False), after)


@named("olmo")
def cosine_with_warmup(
    warmup_steps: int, alpha_f: float = 0.1, *, t_max: int, warmup_min_lr: float | None = None
) -> Curve:
    """``cosine_with_warmup``: a cosine to a share of the group's rate.

    With W = warmup_steps, T = t_max, the group's rate lr, a = 0.1 * lr or warmup_min_lr, and e = alpha_f * lr::

        a + (lr - a) * t / W                                        for t < W
        e + (lr - e) * (1 + cos(pi * (t - W) / (T - W))) / 2        until T, then e

    Equal to OLMo's ``CosWithWarmup`` in every bit.

    Args:
        warmup_steps: W, an integer, at least 0.
        alpha_f: the multiple of the rate at the end, in [0, 1].
        t_max: T, an integer above W (in OLMo None for the length of the run).
        warmup_min_lr: the rate at 0; None for a tenth of the group's.

    Raises:
        ValueError: a number out of its range.

    >>> [cosine_with_warmup(2, 0.5, t_max=4, warmup_min_lr=0.0)(count) for count in range(6)]
    [0.0, 0.5, 1.0, 0.75, 0.5, 0.5]
    """
    where = "olmo.cosine_with_warmup"
    return _after_warm_up(where, warmup_steps, warmup_min_lr, _cosine(where, warmup_steps, alpha_f, t_max))


def _cosine(where: str, warmup_steps: int, alpha_f: float, t_max: int, low: int = 0) -> Curve:
    left = _lengths(where, warmup_steps, t_max, alpha_f, low)
    cosine = lambda m, t, base: cosine_to_share(m, base, alpha_f, math.pi * t / left)  # noqa: E731
    return sequence(formula(cosine, left, relative=False), const(alpha_f))


@named("olmo")
def linear_with_warmup(
    warmup_steps: int, alpha_f: float = 0.1, *, t_max: int, warmup_min_lr: float | None = None
) -> Curve:
    """``linear_with_warmup``: a straight line to a share of the group's rate.

    With the letters of ``cosine_with_warmup``, after the same warm-up::

        lr - (lr - e) * ((t - W) / (T - W))         until T, then e

    Equal to OLMo's ``LinearWithWarmup`` in every bit.

    Args:
        warmup_steps: W, an integer, at least 0.
        alpha_f: the multiple of the rate at the end, in [0, 1].
        t_max: T, an integer above W.
        warmup_min_lr: the rate at 0; None for a tenth of the group's.

    Raises:
        ValueError: a number out of its range.

    >>> [linear_with_warmup(2, 0.5, t_max=4, warmup_min_lr=0.0)(count) for count in range(6)]
    [0.0, 0.5, 1.0, 0.75, 0.5, 0.5]
    """
    where = "olmo.linear_with_warmup"
    left = _lengths(where, warmup_steps, t_max, alpha_f)
    line = formula(lambda m, t, base: base - (base - base * alpha_f) * (t / left), left, relative=False)
    return _after_warm_up(where, warmup_steps, warmup_min_lr, sequence(line, const(alpha_f)))


@named("olmo")
def inverse_sqrt_with_warmup(warmup_steps: int, *, warmup_min_lr: float | None = None) -> Curve:
    """``inverse_sqrt_with_warmup``: the inverse square root, without an end.

    With the letters of ``cosine_with_warmup``, after the same warm-up::

        lr * sqrt(W / t)

    Equal to OLMo's ``InvSqrtWithWarmup`` in every bit.

    Args:
        warmup_steps: W, an integer, at least 1.
        warmup_min_lr: the rate at 0; None for a tenth of the group's.

    Raises:
        ValueError: a number out of its range.

    >>> [inverse_sqrt_with_warmup(4, warmup_min_lr=0.0)(count) for count in (0, 1, 4, 16, 64)]
    [0.0, 0.25, 1.0, 0.5, 0.25]
    """
    where = "olmo.inverse_sqrt_with_warmup"
    check.integer(where, "warmup_steps", warmup_steps, 1)
    return _after_warm_up(where, warmup_steps, warmup_min_lr, _inverse_sqrt(warmup_steps))


def _inverse_sqrt(warmup_steps: int) -> Curve:
    return formula(lambda m, t: m.sqrt(warmup_steps / (t + warmup_steps)))


@named("olmo")
def max_scheduler(warmup_steps: int, alpha_f: float = 0.1, *, t_max: int, warmup_min_lr: float | None = None) -> Curve:
    """``max_scheduler``: the larger of ``cosine_with_warmup`` and ``inverse_sqrt_with_warmup`` at every count.

    Equal to OLMo's ``MaxScheduler``, as ``build_scheduler`` makes it, in every bit.

    Args:
        warmup_steps: W, an integer, at least 1.
        alpha_f: the cosine's multiple of the rate at the end, in [0, 1].
        t_max: T, an integer above W.
        warmup_min_lr: the rate at 0; None for a tenth of the group's.

    Raises:
        ValueError: a number out of its range.

    >>> [max_scheduler(4, 0.0, t_max=20)(count) for count in (4, 12, 16, 64)][-2:]
    [0.5, 0.25]
    """
    where = "olmo.max_scheduler"
    after = maximum(_cosine(where, warmup_steps, alpha_f, t_max, 1), _inverse_sqrt(warmup_steps))
    return _after_warm_up(where, warmup_steps, warmup_min_lr, after)


@named("olmo")
def cosine_linear_envelope(
    warmup_steps: int, alpha_f: float = 0.1, *, t_max: int, warmup_min_lr: float | None = None
) -> Curve:
    """``cosine_linear_envelope``: a cosine times a straight line, for the end of a training.

    With the letters of ``cosine_with_warmup``, after the same warm-up, and p = (t - W) / (T - W)::

        e + (1 - p) * ((lr - e) * (1 + cos(pi * p)) / 2)        until T, then e

    Equal to OLMo's ``CosLinearEnvelope`` in every bit.

    Args:
        warmup_steps: W, an integer, at least 0.
        alpha_f: the multiple of the rate at the end, in [0, 1].
        t_max: T, an integer above W.
        warmup_min_lr: the rate at 0; None for a tenth of the group's.

    Raises:
        ValueError: a number out of its range.

    >>> [cosine_linear_envelope(0, 0.5, t_max=2)(count) for count in range(4)]
    [1.0, 0.625, 0.5, 0.5]
    """
    where = "olmo.cosine_linear_envelope"
    left = _lengths(where, warmup_steps, t_max, alpha_f)

    def envelope(m: Numbers, t: Number, base: Number) -> Number:
        end = base * alpha_f
        return end + (1 - t / left) * ((base - end) * (1 + m.cos(math.pi * t / left)) / 2)

    after = sequence(formula(envelope, left, relative=False), const(alpha_f))
    return _after_warm_up(where, warmup_steps, warmup_min_lr, after)


@named("olmo")
def constant_with_warmup(warmup_steps: int, *, warmup_min_lr: float | None = None) -> Curve:
    """``constant_with_warmup``: the group's rate after a warm-up.

    Equal to OLMo's ``ConstantWithWarmupScheduler`` in every bit.

    Args:
        warmup_steps: W, an integer, at least 0.
        warmup_min_lr: the rate at 0; None for a tenth of the group's.

    Raises:
        ValueError: a number out of its range.

    >>> [constant_with_warmup(2, warmup_min_lr=0.0)(count) for count in range(4)]
    [0.0, 0.5, 1.0, 1.0]
    """
    where = "olmo.constant_with_warmup"
    check.integer(where, "warmup_steps", warmup_steps, 0)
    return _after_warm_up(where, warmup_steps, warmup_min_lr, const())


@named("olmo")
def bolt_on_warmup(inner: Curve, warmup_start: int, warmup_end: int) -> Curve:
    """``BoltOnWarmupScheduler``: a curve that is joined in its middle, after a warm-up from 0 to where it then is.

    With s = warmup_start and e = warmup_end::

        0                                   for t < s
        inner(e) * (t - s) / (e - s)        for t < e
        inner(t)                            then

    Equal to OLMo's in every bit.

    Args:
        inner: a curve that does not start from ``CURRENT``.
        warmup_start: s, an integer, at least 0.
        warmup_end: e, an integer above s.

    Raises:
        TypeError: an inner that is no curve.
        ValueError: a number out of its range.

    >>> [bolt_on_warmup(const(0.5), 1, 3)(count) for count in range(5)]
    [0.0, 0.0, 0.25, 0.5, 0.5]
    """
    where = "olmo.bolt_on_warmup"
    (inner,) = read_curves(where, (inner,))
    start = check.integer(where, "warmup_start", warmup_start, 0)
    end = check.integer(where, "warmup_end", warmup_end, start + 1)
    no_captures(where, inner, "inner")
    rising = formula(lambda m, t, base: inner.rate(m, end, base, base) * t / (end - start), end - start, relative=False)
    after = formula(lambda m, t, base: inner.rate(m, t + end, base, base), relative=False)
    return sequence(*filter(None, (const(0.0, start) if start else None, rising, after)))
