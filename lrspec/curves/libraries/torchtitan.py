"""The curve of torchtitan (``torchtitan/components/optimizer/lr_scheduler.py``, 0.3.0)."""

import math
from collections.abc import Callable
from typing import Literal

from ... import check
from ..combined import sequence
from ..curve import Curve, formula
from ..held import const
from ..named import named
from ..numbers import Number, Numbers

_SHAPES: dict[str, Callable[[Numbers, Number], Number]] = {
    "linear": lambda m, p: 1 - p,
    "sqrt": lambda m, p: 1 - m.sqrt(p),
    "cosine": lambda m, p: 0.5 * (1.0 + m.cos(math.pi * p)),
}


@named("torchtitan")
def linear_warmup_stable_decay(
    warmup_steps: int = 200,
    *,
    total_steps: int,
    decay_ratio: float | None = None,
    decay_type: Literal["linear", "sqrt", "cosine"] = "linear",
    min_lr_factor: float = 0.0,
) -> Curve:
    """Warm-up, stable, decay: the first update has a rate above 0, and so has the last.

    With W = warmup_steps, N = total_steps, D = round(N * decay_ratio), and r = min_lr_factor::

        (t + 1) / W             for t < W
        1                       for t < N + 1 - D
        r + (1 - r) * f(p)      then, with p = (t + 1 - (N + 1 - D)) / D

    and f(p) = 1 - p ("linear"), 1 - sqrt(p) ("sqrt") or (1 + cos(pi * p)) / 2 ("cosine"). p is 1 at t = N, one count
    after the last update of the run. Past N the original goes on, and so does this: below r, or up again ("cosine").

    Equal to torchtitan's ``LRSchedulersContainer.Config(...).build`` in every bit.

    Args:
        warmup_steps: W, an integer, at least 0.
        total_steps: N, an integer, at least W.
        decay_ratio: the share of N that decays, in [0, 1]; None: all that follows the warm-up.
        decay_type: the shape, "linear", "sqrt" or "cosine".
        min_lr_factor: r, in [0, 1].

    Raises:
        ValueError: a number out of its range; warm-up and decay that are longer than the run together.

    >>> [linear_warmup_stable_decay(2, total_steps=8, decay_ratio=0.5)(count) for count in range(9)]
    [0.5, 1.0, 1.0, 1.0, 1.0, 0.75, 0.5, 0.25, 0.0]
    """
    where = "torchtitan.linear_warmup_stable_decay"
    total = check.integer(where, "total_steps", total_steps, 1)
    if check.integer(where, "warmup_steps", warmup_steps, 0) > total:
        check.fail(where, "warmup_steps", f"must be at most total_steps, {total} (the original cuts it)", warmup_steps)
    decay_steps = total - warmup_steps
    if decay_ratio is not None:
        decay_steps = round(total * check.between(where, "decay_ratio", decay_ratio, 0.0, 1.0))
        if warmup_steps + decay_steps > total:
            rule = f"must leave room for the warm-up: {warmup_steps} + {decay_steps} of {total} (the original cuts it)"
            check.fail(where, "decay_ratio", rule, decay_ratio)
    check.one_of(where, "decay_type", decay_type, tuple(_SHAPES))
    low, shape = check.between(where, "min_lr_factor", min_lr_factor, 0.0, 1.0), _SHAPES[decay_type]
    warm_up = formula(lambda m, t: (t + 1) / warmup_steps, warmup_steps) if warmup_steps else None
    stable = const(1.0, total + 1 - warmup_steps - decay_steps)
    decay = formula(lambda m, t: low + (1 - low) * shape(m, (t + 1) / decay_steps)) if decay_steps else None
    return sequence(*filter(None, (warm_up, stable, decay)))
