"""The curve of nanoGPT (karpathy/nanoGPT, ``train.py``)."""

import math

from ... import check
from ..combined import sequence
from ..curve import Curve, absolute, formula
from ..held import const
from ..named import named


@named("nanogpt")
def get_lr(warmup_iters: int = 2000, lr_decay_iters: int = 600_000, min_lr: float = 6e-5) -> Curve:
    """``get_lr``: a linear warm-up that starts above 0, and a cosine to a floor that is the same for all groups.

    With W = warmup_iters, D = lr_decay_iters and the group's rate lr::

        lr * (t + 1) / (W + 1)                                              for t < W
        min_lr + 0.5 * (1 + cos(pi * (t - W) / (D - W))) * (lr - min_lr)    until D, then min_lr

    The floor is a rate, as in the original, not a share of the group's: a group with a lower rate rises to it. Equal to
    nanoGPT's ``get_lr`` as of 2024; earlier copies warm up by t / W.

    Args:
        warmup_iters: W, an integer, at least 0.
        lr_decay_iters: D, an integer above W.
        min_lr: the floor, a rate, not negative.

    Raises:
        ValueError: a number out of its range.

    >>> [get_lr(3, 5, 2.0)(count, base=8.0) for count in range(7)]
    [2.0, 4.0, 6.0, 8.0, 5.0, 2.0, 2.0]
    """
    where = "nanogpt.get_lr"
    end = check.integer(where, "lr_decay_iters", lr_decay_iters, 1)
    if check.integer(where, "warmup_iters", warmup_iters, 0) >= end:
        rule = f"must be below lr_decay_iters, {end} (the original divides by their difference)"
        check.fail(where, "warmup_iters", rule, warmup_iters)
    low, left = check.rate_of(where, "min_lr", min_lr), end - warmup_iters
    warm_up = formula(lambda m, t, base: base * (t + 1) / (warmup_iters + 1), warmup_iters or None, relative=False)
    cosine = formula(
        lambda m, t, base: low + 0.5 * (1.0 + m.cos(math.pi * (t / left))) * (base - low), left, relative=False
    )
    decay = sequence(cosine, const(absolute(low)), closed=True)
    return sequence(warm_up, decay) if warmup_iters else decay
