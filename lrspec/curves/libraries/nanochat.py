"""The curves of nanochat (karpathy/nanochat, ``scripts/base_train.py``): the rate, Muon's momentum, its weight decay.

Each is a scheduler of its own, and several of one optimizer are one: ``ChainedScheduler``.
"""

import math

from ... import check
from ..combined import sequence
from ..curve import Curve, absolute, formula
from ..held import const
from ..moved import shift
from ..named import named

_WARM_UP = 400  # iterations of the momentum's warm-up


def _iterations(where: str, num_iterations: int, warmdown_ratio: float) -> tuple[int, int]:
    """The iterations of the run, and of its warm-down."""
    total = check.integer(where, "num_iterations", num_iterations, 1)
    return total, round(check.between(where, "warmdown_ratio", warmdown_ratio, 0.0, 1.0) * total)


@named("nanochat")
def get_lr_multiplier(
    num_iterations: int, warmup_steps: int = 40, warmdown_ratio: float = 0.65, final_lr_frac: float = 0.05
) -> Curve:
    """``get_lr_multiplier``: warm-up, constant, linear warm-down.

    With N = num_iterations, W = warmup_steps, D = round(warmdown_ratio * N)::

        (t + 1) / W                         for t < W
        1                                   for t <= N - D
        p + (1 - p) * final_lr_frac         then, with p = (N - t) / D

    Past N, where the original stops, the line goes on. Equal to nanochat's in every bit.

    Args:
        num_iterations: N, an integer, at least 1.
        warmup_steps: W, an integer, at least 0.
        warmdown_ratio: the share of N that is the warm-down, in [0, 1].
        final_lr_frac: the multiple of the rate at N, in [0, 1].

    Raises:
        ValueError: a number out of its range; warm-up and warm-down that are longer than the run together.

    >>> [get_lr_multiplier(8, 2, 0.5, 0.5)(count) for count in range(9)]
    [0.5, 1.0, 1.0, 1.0, 1.0, 0.875, 0.75, 0.625, 0.5]
    """
    where = "nanochat.get_lr_multiplier"
    total, down = _iterations(where, num_iterations, warmdown_ratio)
    if check.integer(where, "warmup_steps", warmup_steps, 0) + down > total:
        rule = f"must leave {down} of {total} iterations to the warm-down (the original jumps into its middle)"
        check.fail(where, "warmup_steps", rule, warmup_steps)
    last = check.between(where, "final_lr_frac", final_lr_frac, 0.0, 1.0)
    stable = total - down - warmup_steps
    warm_up = formula(lambda m, t: (t + 1) / warmup_steps, warmup_steps) if warmup_steps else None
    if not down:
        return sequence(warm_up, const()) if warm_up else const()
    warm_down = formula(lambda m, t: (down - t) / down * 1.0 + (1 - (down - t) / down) * last)
    after = sequence(const(1.0, stable), warm_down) if stable else warm_down
    return sequence(warm_up, after) if warm_up else after


@named("nanochat")
def get_muon_momentum(num_iterations: int, warmdown_ratio: float = 0.65) -> Curve:
    """``get_muon_momentum``: up from 0.85 to 0.97 in 400 iterations, and down to 0.90 in the warm-down of the rate.

    With N = num_iterations, D = round(warmdown_ratio * N)::

        (1 - t / 400) * 0.85 + t / 400 * 0.97       for t < 400
        0.97                                        for t < N - D
        0.97 * (1 - p) + 0.90 * p                   then, with p = (t - (N - D)) / D

    For ``CurveLR(..., target="momentum")``; the group's own momentum plays no part. In a run whose warm-down begins
    before iteration 400 the warm-up comes first, and the momentum then steps down to the line. Past N, where the
    original stops, the line goes on. Equal to nanochat's in every bit.

    Args:
        num_iterations: N, an integer, at least 1.
        warmdown_ratio: the share of N that is the warm-down, in [0, 1].

    Raises:
        ValueError: a number out of its range.

    >>> [round(get_muon_momentum(2000, 0.5)(count), 4) for count in (0, 200, 400, 1000, 1500, 2000)]
    [0.85, 0.91, 0.97, 0.97, 0.935, 0.9]
    """
    total, down = _iterations("nanochat.get_muon_momentum", num_iterations, warmdown_ratio)
    start = total - down
    warm_up = formula(lambda m, t, base: (1 - t / _WARM_UP) * 0.85 + t / _WARM_UP * 0.97, _WARM_UP, relative=False)
    if not down:
        return sequence(warm_up, const(absolute(0.97)))
    warm_down = formula(lambda m, t, base: 0.97 * (1 - t / down) + 0.90 * (t / down), relative=False)
    if start <= _WARM_UP:
        return sequence(warm_up, shift(warm_down, _WARM_UP - start))
    return sequence(warm_up, const(absolute(0.97), start - _WARM_UP), warm_down)


@named("nanochat")
def get_weight_decay(num_iterations: int) -> Curve:
    """``get_weight_decay``: a cosine from the group's own weight decay to 0 at the end of the run.

    With N = num_iterations and the group's weight decay wd::

        wd * 0.5 * (1 + cos(pi * t / N))

    For ``CurveLR(..., target="weight_decay")``. Past N, where the original stops, it rises again. Equal to nanochat's
    in every bit.

    Args:
        num_iterations: N, an integer, at least 1.

    Raises:
        ValueError: a number out of its range.

    >>> [round(get_weight_decay(4)(count, base=0.5), 4) for count in range(5)]
    [0.5, 0.4268, 0.25, 0.0732, 0.0]
    """
    total = check.integer("nanochat.get_weight_decay", "num_iterations", num_iterations, 1)
    return formula(lambda m, t, base: base * 0.5 * (1 + m.cos(math.pi * t / total)), relative=False)
