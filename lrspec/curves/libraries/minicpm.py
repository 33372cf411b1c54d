"""The curves that MiniCPM was trained with (arXiv:2404.06395; schedulers for BMTrain), where WSD has its name from."""

import math

from ... import check
from ..combined import sequence
from ..curve import Curve, formula
from ..held import const
from ..named import named
from ..numbers import Number, Numbers


def _warm_up(where: str, warmup_iter: int) -> Curve | None:
    """lr * t / W."""
    if not check.integer(where, "warmup_iter", warmup_iter, 0):
        return None
    return formula(lambda m, t, base: base * t / warmup_iter, warmup_iter, relative=False)


@named("minicpm")
def warmup_stable_exp(warmup_iter: int, drop_begin: int, drop_iter: int, drop_rate: float = 0.5) -> Curve:
    """``WarmupStableExp``, the paper's WSD: the decay halves the rate again and again, without an end.

    With W = warmup_iter, T = drop_begin and the group's rate lr::

        lr * t / W                                      for t < W
        lr                                              for t <= T
        lr * drop_rate ** ((t - T) / drop_iter)         then

    The paper calls drop_iter the half-life, 5,000 steps, and stops after about a tenth of the stable part. Equal to
    MiniCPM's in every bit.

    Args:
        warmup_iter: W, an integer, at least 0.
        drop_begin: T, an integer, at least W.
        drop_iter: the half-life, an integer, at least 1.
        drop_rate: the factor of one half-life, in (0, 1].

    Raises:
        ValueError: a number out of its range, a decay that begins in the warm-up.

    >>> [warmup_stable_exp(2, 3, 1)(count) for count in range(7)]
    [0.0, 0.5, 1.0, 1.0, 0.5, 0.25, 0.125]
    """
    where = "minicpm.warmup_stable_exp"
    warm_up = _warm_up(where, warmup_iter)
    stable = check.integer(where, "drop_begin", drop_begin, warmup_iter) - warmup_iter
    half_life = check.integer(where, "drop_iter", drop_iter, 1)
    rate = check.between(where, "drop_rate", drop_rate, 0.0, 1.0, ends="(]")
    drop = formula(lambda m, t: rate ** (t / half_life))
    return sequence(*filter(None, (warm_up, const(1.0, stable) if stable else None, drop)))


@named("minicpm")
def warmup_stable_drop(warmup_iter: int, end_iter: int, drop_iter: int) -> Curve:
    """``WarmupStableDrop``: the decay is a straight line to a tenth.

    With W = warmup_iter, N = end_iter, D = drop_iter and the group's rate lr::

        lr * t / W                              for t < W
        lr                                      for t <= N - D
        lr * (0.1 + 0.9 * (N - t) / D)          until N, then lr * 0.1

    Equal to MiniCPM's in every bit.

    Args:
        warmup_iter: W, an integer, at least 0.
        end_iter: N, an integer, at least 1.
        drop_iter: D, an integer from 1 to N - W.

    Raises:
        ValueError: a number out of its range, warm-up and decay that are longer than the run together.

    >>> [round(warmup_stable_drop(2, 6, 3)(count), 4) for count in range(8)]
    [0.0, 0.5, 1.0, 1.0, 0.7, 0.4, 0.1, 0.1]
    """
    where = "minicpm.warmup_stable_drop"
    warm_up = _warm_up(where, warmup_iter)
    end = check.integer(where, "end_iter", end_iter, 1)
    if check.integer(where, "drop_iter", drop_iter, 1) > end - warmup_iter:
        rule = f"must be at most end_iter - warmup_iter, {end - warmup_iter} (the original then jumps)"
        check.fail(where, "drop_iter", rule, drop_iter)
    stable = end - drop_iter - warmup_iter

    def drop(m: Numbers, t: Number) -> Number:
        left = m.maximum(0.9 * (drop_iter - t) / drop_iter, 0)
        return m.where(t <= 0, lambda: 1.0, lambda: 0.1 + left)

    return sequence(*filter(None, (warm_up, const(1.0, stable) if stable else None, formula(drop))))


@named("minicpm")
def cosine(warmup_iter: int, end_iter: int) -> Curve:
    """``Cosine``, with which the paper compares WSD: to a tenth of the group's rate, which then stays.

    With W = warmup_iter, N = end_iter, p = (t - W) / (N - W), at most 1, and the group's rate lr::

        lr * t / W                                          for t < W
        lr * (0.1 + 0.45 * (1 + cos(p * pi)))               then, and lr * 0.1 at least

    Equal to MiniCPM's with ``lr_end_restart=0`` in every bit.

    Args:
        warmup_iter: W, an integer, at least 0.
        end_iter: N, an integer above W.

    Raises:
        ValueError: a number out of its range.

    >>> [round(cosine(2, 4)(count), 4) for count in range(6)]
    [0.0, 0.5, 1.0, 0.55, 0.1, 0.1]
    """
    where = "minicpm.cosine"
    warm_up = _warm_up(where, warmup_iter)
    left = check.integer(where, "end_iter", end_iter, warmup_iter + 1) - warmup_iter

    def decay(m: Numbers, t: Number, base: Number) -> Number:
        p = m.minimum(t / left, 1)
        return m.maximum(base * 0.1, base * (0.1 + 0.45 * (1.0 + m.cos(p * math.pi))))

    after = formula(decay, relative=False)
    return sequence(warm_up, after) if warm_up else after
