"""The curves of Megatron-LM (``megatron/core/optimizer_param_scheduler.py``, megatron-core 0.16.1).

Megatron counts samples: give ``CurveLR(..., units_per_step=global_batch_size)`` for lengths in samples, or leave it
for lengths in iterations.
"""

import math
from collections.abc import Callable
from typing import Literal

from ... import check
from ..combined import sequence
from ..curve import Curve, absolute, formula
from ..held import const
from ..named import named
from ..numbers import Number, Numbers

_COEFFICIENTS: dict[str, Callable[[Numbers, Number], Number]] = {
    "linear": lambda m, r: 1.0 - r,
    "cosine": lambda m, r: 0.5 * (m.cos(math.pi * r) + 1.0),
    "exponential": lambda m, r: 2.0 * 0.5**r - 1.0,
    "minus_sqrt": lambda m, r: 1.0 - m.sqrt(r),
}
_STYLES = ("constant", "linear", "cosine", "inverse-square-root", "WSD")


@named("megatron")
def get_lr(
    init_lr: float,
    max_lr: float | None,
    min_lr: float,
    lr_warmup_steps: int,
    lr_decay_steps: int,
    lr_decay_style: Literal["constant", "linear", "cosine", "inverse-square-root", "WSD"],
    wsd_decay_steps: int | None = None,
    lr_wsd_decay_style: Literal["linear", "cosine", "exponential", "minus_sqrt"] | None = None,
    *,
    min_lr_ratio: float | None = None,
) -> Curve:
    """``OptimizerParamScheduler.get_lr``: a warm-up from ``init_lr``, and a decay between two rates.

    With W = lr_warmup_steps, D = lr_decay_steps, V = wsd_decay_steps, and n the samples (or iterations) so far::

        init_lr + (max_lr - init_lr) * n / W        for n <= W
        min_lr + c * (max_lr - min_lr)              for n <= D, then min_lr

    where c is, with r = (n - W) / (D - W), 1 - r ("linear") or (cos(pi * r) + 1) / 2 ("cosine"). "WSD" has c = 1 until
    D - V, and then, with r = (n - (D - V)) / V, one of these two, 2 * 0.5 ** r - 1 ("exponential") or 1 - sqrt(r)
    ("minus_sqrt"). "constant" stays at max_lr, without an end; "inverse-square-root" is max_lr * sqrt(W) / sqrt(n), and
    min_lr at least, so that it drops to min_lr at D.

    All levels are rates, as in the original. Its groups may have ``max_lr`` and ``min_lr`` of their own: with
    ``max_lr=None`` a group's own rate is its max_lr, and ``min_lr_ratio`` makes its min_lr a share of that.

    Equal to Megatron's in every bit.

    Args:
        init_lr: the rate at n = 0, where there is a warm-up; not negative, at most max_lr.
        max_lr: the peak, or None for the group's own rate.
        min_lr: the floor, not negative, at most max_lr.
        lr_warmup_steps: W, an integer, at least 0.
        lr_decay_steps: D, an integer above W.
        lr_decay_style: "constant", "linear", "cosine", "inverse-square-root" or "WSD".
        wsd_decay_steps: V, for "WSD": an integer from 1 to D - W.
        lr_wsd_decay_style: for "WSD": "linear", "cosine", "exponential" or "minus_sqrt".
        min_lr_ratio: the floor as a multiple of the group's max_lr, in [0, 1], where min_lr is 0.

    Raises:
        ValueError: a number out of its range, a style that is none, a floor above the peak.

    >>> curve = get_lr(0.0, None, 1.0, 2, 8, "WSD", 4, "linear")
    >>> [curve(samples, base=5.0) for samples in range(10)]
    [0.0, 2.5, 5.0, 5.0, 5.0, 4.0, 3.0, 2.0, 1.0, 1.0]
    """
    where = "megatron.get_lr"
    init, low = check.rate_of(where, "init_lr", init_lr), check.rate_of(where, "min_lr", min_lr)
    peak = None if max_lr is None else check.rate_of(where, "max_lr", max_lr)
    for name, value in (("init_lr", init), ("min_lr", low)):
        if peak is not None and value > peak:
            check.fail(where, name, f"must be at most max_lr, {peak!r}", value)
    ratio = None if min_lr_ratio is None else check.between(where, "min_lr_ratio", min_lr_ratio, 0.0, 1.0)
    if ratio is not None and low:
        check.fail(where, "min_lr", "must be 0.0 with min_lr_ratio", min_lr)
    end = check.integer(where, "lr_decay_steps", lr_decay_steps, 1)
    if check.integer(where, "lr_warmup_steps", lr_warmup_steps, 0) >= end:
        check.fail(where, "lr_warmup_steps", f"must be below lr_decay_steps, {end}", lr_warmup_steps)
    check.one_of(where, "lr_decay_style", lr_decay_style, _STYLES)
    if lr_decay_style != "WSD" and (wsd_decay_steps, lr_wsd_decay_style) != (None, None):
        check.fail(where, "wsd_decay_steps", 'and lr_wsd_decay_style must be left out without "WSD"', wsd_decay_steps)

    def top(base: Number) -> Number:
        return base if peak is None else peak

    def floor(base: Number) -> Number:
        return low if ratio is None else top(base) * ratio

    def part(steps: int, c: Callable[[Numbers, Number], Number]) -> Curve | None:
        f = lambda m, n, base: floor(base) + c(m, n) * (top(base) - floor(base))  # noqa: E731
        return formula(f, steps, relative=False) if steps else None

    warmup, decay = lr_warmup_steps, end - lr_warmup_steps
    warm_up = formula(lambda m, n, base: init + (top(base) - init) * n / warmup, warmup or None, relative=False)
    parts = [warm_up] if warmup else []
    if lr_decay_style == "constant":
        parts.append(formula(lambda m, n, base: top(base) + 0.0 * n, relative=False))
        return sequence(*parts, closed=True)
    if lr_decay_style == "inverse-square-root":
        falling = lambda m, n, base: m.maximum(  # noqa: E731
            floor(base), top(base) * max(warmup, 1) ** 0.5 / m.maximum(n + warmup, 1) ** 0.5
        )
        parts.append(formula(falling, decay, relative=False))
    elif lr_decay_style == "WSD":
        steps = _wsd_steps(where, wsd_decay_steps, decay)
        check.one_of(where, "lr_wsd_decay_style", lr_wsd_decay_style, tuple(_COEFFICIENTS))
        anneal = _COEFFICIENTS[str(lr_wsd_decay_style)]
        parts += filter(None, (part(decay - steps, lambda m, n: 1.0), part(steps, lambda m, n: anneal(m, n / steps))))
    else:
        parts += filter(None, [part(decay, lambda m, n: _COEFFICIENTS[lr_decay_style](m, n / decay))])
    return sequence(*parts, formula(lambda m, n, base: floor(base) + 0.0 * n, relative=False), closed=True)


def _wsd_steps(where: str, steps: int | None, left: int) -> int:
    """The length of the anneal, which must fit behind the warm-up."""
    if steps is None or check.integer(where, "wsd_decay_steps", steps, 1) > left:
        rule = f'must be an integer from 1 to lr_decay_steps - lr_warmup_steps, {left}, for "WSD"'
        check.fail(where, "wsd_decay_steps", rule, steps)
    return steps


@named("megatron")
def get_wd(
    start_wd: float, end_wd: float, wd_incr_steps: int, wd_incr_style: Literal["constant", "linear", "cosine"]
) -> Curve:
    """``OptimizerParamScheduler.get_wd``: the weight decay rises from one number to another, and stays.

    With N = wd_incr_steps, and n the samples (or iterations) so far::

        start_wd + c * (end_wd - start_wd)      for n <= N, then end_wd

    where c is n / N ("linear") or (cos(pi * (1 - n / N)) + 1) / 2 ("cosine").

    For ``CurveLR(..., target="weight_decay")``. Both are numbers, not multiples of the group's own; but a group whose
    weight decay is 0 keeps 0, as a group of the original with ``wd_mult`` 0 does. Equal to Megatron's in every bit.

    Args:
        start_wd: where it begins, not negative.
        end_wd: where it ends, at least start_wd.
        wd_incr_steps: N, an integer, at least 1.
        wd_incr_style: "constant" (start_wd and end_wd are one number), "linear" or "cosine".

    Raises:
        ValueError: a number out of its range, a weight decay that falls, a "constant" that rises.

    >>> [get_wd(0.0, 1.0, 4, "linear")(count) for count in range(6)]
    [0.0, 0.25, 0.5, 0.75, 1.0, 1.0]
    """
    where = "megatron.get_wd"
    start = check.at_least(where, "start_wd", start_wd, 0.0)
    if check.at_least(where, "end_wd", end_wd, 0.0) < start:
        check.fail(where, "end_wd", f"must be at least start_wd, {start!r}", end_wd)
    steps = check.integer(where, "wd_incr_steps", wd_incr_steps, 1)
    check.one_of(where, "wd_incr_style", wd_incr_style, ("constant", "linear", "cosine"))
    end, delta = float(end_wd), float(end_wd) - start
    if wd_incr_style == "constant":
        if delta:
            check.fail(where, "end_wd", f'must be start_wd, {start!r}, with "constant"', end_wd)
        return _spared(const(absolute(end)))
    cosine = wd_incr_style == "cosine"
    rise = formula(
        lambda m, n, base: start + (_COEFFICIENTS["cosine"](m, 1 - n / steps) if cosine else n / steps) * delta,
        steps,
        relative=False,
    )
    return _spared(sequence(rise, const(absolute(end)), closed=True))


def _spared(curve: Curve) -> Curve:
    """The curve, where the group's own number is not 0."""
    return formula(
        lambda m, n, base: m.where(base == 0, lambda: 0.0 * n, lambda: curve.rate(m, n, base, base)), relative=False
    )
