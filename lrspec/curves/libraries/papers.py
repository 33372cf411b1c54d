"""Curves of papers that came without a library of their own."""

import math
from typing import Literal

from ... import check
from ..combined import sequence
from ..curve import Curve, absolute, formula
from ..held import const, pieces
from ..moved import shift
from ..named import named
from ..numbers import Number, Numbers


@named("papers")
def noam(d_model: int, warmup_steps: int = 4000) -> Curve:
    """The curve of "Attention is all you need", which is called after its author Noam Shazeer.

    With s = t + 1 and W = warmup_steps (arXiv:1706.03762, equation 3)::

        d_model ** -0.5 * min(s ** -0.5, s * W ** -1.5)

    It is a multiple of the group's rate, which libraries call the factor: give lr=1.0 for the paper's. The first rate
    is that of s = 1, not 0. Equal in every bit to ``rate`` of The Annotated Transformer, whose LambdaLR however asks
    for s = 1 twice, at counts 0 and 1.

    Args:
        d_model: the width of the model, an integer, at least 1.
        warmup_steps: W, an integer, at least 1.

    Raises:
        ValueError: a number out of its range.

    >>> [noam(16, 4)(count) for count in (0, 1, 3, 15)]
    [0.03125, 0.0625, 0.125, 0.0625]
    """
    where = "papers.noam"
    width = check.integer(where, "d_model", d_model, 1) ** -0.5
    slope = check.integer(where, "warmup_steps", warmup_steps, 1) ** -1.5
    return formula(lambda m, t: width * m.minimum((t + 1) ** -0.5, (t + 1) * slope))


@named("papers")
def deepseek_multi_step(total_steps: int, warmup_steps: int = 2000) -> Curve:
    """The multi-step curve of DeepSeek LLM (arXiv:2401.02954, section 2.3): two drops near the end.

    With N = total_steps and W = warmup_steps::

        t / W       for t < W
        1           for t < 0.8 * N
        0.316       for t < 0.9 * N
        0.1         then

    The paper says where its warm-up ends, not where it begins: from 0, as in its successor's (arXiv:2405.04434).

    Args:
        total_steps: N, the updates (or with ``CurveLR(..., units_per_step=...)`` the tokens) of the run, an integer.
        warmup_steps: W, an integer from 0 to 0.8 * N.

    Raises:
        ValueError: a number out of its range.

    >>> [deepseek_multi_step(10, 2)(count) for count in (0, 1, 2, 7, 8, 9, 10)]
    [0.0, 0.5, 1.0, 1.0, 0.316, 0.1, 0.1]
    """
    where = "papers.deepseek_multi_step"
    total = check.integer(where, "total_steps", total_steps, 2)
    first, second = -(-8 * total // 10), -(-9 * total // 10)
    if check.integer(where, "warmup_steps", warmup_steps, 0) > first:
        check.fail(where, "warmup_steps", f"must be at most {first}, where the rate drops", warmup_steps)
    steps = shift(pieces([1.0, 0.316, 0.1], [first, second]), warmup_steps)
    return sequence(formula(lambda m, t: t / warmup_steps, warmup_steps), steps) if warmup_steps else steps


@named("papers")
def infinite(
    warmup_steps: int,
    cooldown_steps: int,
    constant_lr: float,
    constant_steps: int | None = None,
    annealing_steps: int | None = None,
    min_lr: float | None = None,
    *,
    cooldown: Literal["cosine", "inverse_sqrt"] = "cosine",
    alpha: float = 10.0,
) -> Curve:
    """The infinite schedules for continual pre-training: a constant rate that any checkpoint can be annealed from.

    With the group's rate lr, c = constant_lr, and p from 0 to 1 in each part (arXiv:2403.08763, section 7.4;
    arXiv:2503.02844, equation 1)::

        lr * p                                          the warm-up
        c + (lr - c) / 2 * (1 + cos(pi * p))            the cool-down, "cosine"
        lr + (c - lr) / h(1) * h(p)                     or "inverse_sqrt", with h(x) = 1 / sqrt(1 + alpha * x) - 1
        c                                               constant_steps, or without an end
        c * (min_lr / c) ** p                           the annealing, then min_lr

    Args:
        warmup_steps: an integer, at least 0.
        cooldown_steps: an integer, at least 1.
        constant_lr: c, a rate above 0, at most those of the groups.
        constant_steps: an integer, at least 0; None for a constant rate without an end, and no annealing.
        annealing_steps: an integer, at least 1, with constant_steps.
        min_lr: the last rate, above 0, at most c, with constant_steps.
        cooldown: the shape of the cool-down.
        alpha: how steep "inverse_sqrt" is, above 0.

    Raises:
        ValueError: a number out of its range, an annealing that is not given as a whole.

    >>> curve = infinite(2, 2, 0.25, 1, 2, 0.0625)
    >>> [curve(count) for count in range(8)]
    [0.0, 0.5, 1.0, 0.625, 0.25, 0.25, 0.125, 0.0625]
    """
    where = "papers.infinite"
    check.integer(where, "warmup_steps", warmup_steps, 0)
    check.integer(where, "cooldown_steps", cooldown_steps, 1)
    held = check.above(where, "constant_lr", constant_lr, 0)
    check.one_of(where, "cooldown", cooldown, ("cosine", "inverse_sqrt"))
    steepness = check.above(where, "alpha", alpha, 0)

    def falling(m: Numbers, t: Number, base: Number) -> Number:
        p = t / cooldown_steps
        if cooldown == "cosine":
            return held + (base - held) / 2 * (1 + m.cos(math.pi * p))
        whole = 1 / math.sqrt(1 + steepness) - 1
        return base + (held - base) / whole * (1 / m.sqrt(1 + steepness * p) - 1)

    parts = [formula(falling, cooldown_steps, relative=False)]
    if warmup_steps:
        parts.insert(0, formula(lambda m, t, base: base * (t / warmup_steps), warmup_steps, relative=False))
    given = [x is not None for x in (constant_steps, annealing_steps, min_lr)]
    if constant_steps is None or annealing_steps is None or min_lr is None:
        if any(given):
            rule = "must be given together with annealing_steps and min_lr, or none of them"
            check.fail(where, "constant_steps", rule, (constant_steps, annealing_steps, min_lr))
        return sequence(*parts, const(absolute(held)))
    if check.above(where, "min_lr", min_lr, 0) > held:
        check.fail(where, "min_lr", f"must be at most constant_lr, {held!r}", min_lr)
    if check.integer(where, "constant_steps", constant_steps, 0):
        parts.append(const(absolute(held), constant_steps))
    steps = check.integer(where, "annealing_steps", annealing_steps, 1)
    ratio = min_lr / held
    parts.append(formula(lambda m, t, base: held * ratio ** (t / steps), steps, relative=False))
    return sequence(*parts, const(absolute(min_lr)))
