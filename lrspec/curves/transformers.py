"""The curves of Hugging Face's transformers (``src/transformers/optimization.py``, 5.23.0), under its own names.

There each is a LambdaLR of the number of updates so far, so levels are multiples of the group's rate, the first rate
of a warm-up is 0 unless said otherwise, and a rate set by hand lasts until the next step. ``get_scheduler`` makes one
by its name, as a Trainer's ``lr_scheduler_type`` has it. GreedyLR, which follows a metric, is a scheduler of its own.
"""

import math

from .. import check
from .combined import sequence
from .curve import Curve, formula
from .held import const
from .named import named
from .transformers_lengths import run, warm_up
from .transformers_minimum import cosine_warmup_with_min_lr as cosine_warmup_with_min_lr
from .transformers_minimum import cosine_with_min_lr as cosine_with_min_lr
from .transformers_minimum import polynomial as polynomial
from .transformers_minimum import warmup_stable_decay as warmup_stable_decay
from .transformers_names import get_scheduler as get_scheduler


@named("transformers")
def constant() -> Curve:
    """``constant``: the group's own rate throughout.

    Equal to transformers' ``get_constant_schedule`` in every bit.

    >>> constant()(1000, base=0.5)
    0.5
    """
    return const(1.0)


@named("transformers")
def constant_with_warmup(num_warmup_steps: int) -> Curve:
    """``constant_with_warmup``: up from 0 to 1, and then 1.

    With W = num_warmup_steps::

        t / W       for t < W
        1           from then on

    Equal to transformers' ``get_constant_schedule_with_warmup`` in every bit.

    Args:
        num_warmup_steps: W, an integer, at least 0.

    Raises:
        ValueError: a number out of its range.

    >>> [constant_with_warmup(2)(count) for count in range(4)]
    [0.0, 0.5, 1.0, 1.0]
    """
    rise = warm_up("transformers.constant_with_warmup", num_warmup_steps)
    return sequence(*rise, const(1.0))


@named("transformers")
def linear(num_warmup_steps: int, num_training_steps: int) -> Curve:
    """``linear``: up from 0 to 1, and down to 0 at the end of the run.

    With W = num_warmup_steps and N = num_training_steps::

        t / W                   for t < W
        (N - t) / (N - W)       until N, then 0

    Equal to transformers' ``get_linear_schedule_with_warmup`` in every bit.

    Args:
        num_warmup_steps: W, an integer, at least 0.
        num_training_steps: N, an integer above W.

    Raises:
        ValueError: a number out of its range.

    >>> [linear(2, 6)(count) for count in range(8)]
    [0.0, 0.5, 1.0, 0.75, 0.5, 0.25, 0.0, 0.0]
    """
    rise, left = run("transformers.linear", num_warmup_steps, num_training_steps)
    return sequence(*rise, formula(lambda m, t: m.maximum(0.0, (left - t) / left)))


@named("transformers")
def cosine(num_warmup_steps: int, num_training_steps: int, num_cycles: float = 0.5) -> Curve:
    """``cosine``: up from 0 to 1, and down to 0 along a cosine.

    With W = num_warmup_steps, N = num_training_steps and c = num_cycles::

        t / W                                       for t < W
        0.5 (1 + cos(2 pi c p))                     with p = (t - W) / (N - W)

    Past the end the cosine goes on, so the rate rises again.
    Equal to transformers' ``get_cosine_schedule_with_warmup`` in every bit.

    Args:
        num_warmup_steps: W, an integer, at least 0.
        num_training_steps: N, an integer above W.
        num_cycles: c, above 0: 0.5 is half a wave, from 1 to 0.

    Raises:
        ValueError: a number out of its range.

    >>> [cosine(2, 6)(count) for count in (0, 1, 2, 4, 6, 10)]
    [0.0, 0.5, 1.0, 0.5, 0.0, 1.0]
    """
    where = "transformers.cosine"
    rise, left = run(where, num_warmup_steps, num_training_steps)
    omega = math.pi * check.above(where, "num_cycles", num_cycles, 0) * 2.0
    return sequence(*rise, formula(lambda m, t: m.maximum(0, 0.5 * (1.0 + m.cos(omega * (t / left))))))


@named("transformers")
def cosine_with_restarts(num_warmup_steps: int, num_training_steps: int, num_cycles: int = 1) -> Curve:
    """``cosine_with_restarts``: up from 0 to 1, and down to 0 along a cosine, several times.

    With W = num_warmup_steps, N = num_training_steps and c = num_cycles::

        t / W                                       for t < W
        0.5 (1 + cos(pi (c p mod 1)))               with p = (t - W) / (N - W), until N, then 0

    Equal to transformers' ``get_cosine_with_hard_restarts_schedule_with_warmup`` in every bit.

    Args:
        num_warmup_steps: W, an integer, at least 0.
        num_training_steps: N, an integer above W.
        num_cycles: c, how many times, an integer, at least 1. (The original takes a fraction, too, and falls to 0 from
            the middle of a cycle.)

    Raises:
        ValueError: a number out of its range.

    >>> [cosine_with_restarts(0, 8, num_cycles=2)(count) for count in (0, 2, 4, 6, 8)]
    [1.0, 0.5, 1.0, 0.5, 0.0]
    """
    where = "transformers.cosine_with_restarts"
    rise, left = run(where, num_warmup_steps, num_training_steps)
    c = float(check.integer(where, "num_cycles", num_cycles, 1))
    cycle = formula(lambda m, t: m.maximum(0.0, 0.5 * (1.0 + m.cos(math.pi * ((c * (t / left)) % 1.0)))), left)
    return sequence(*rise, cycle, const(0.0))


@named("transformers")
def inverse_sqrt(num_warmup_steps: int, timescale: int | None = None) -> Curve:
    """``inverse_sqrt``: up from 0 to 1, and down with the inverse square root, without end.

    With W = num_warmup_steps and s = timescale::

        t / W                           for t < W
        1 / sqrt((t + s - W) / s)       from then on

    Equal to transformers' ``get_inverse_sqrt_schedule`` in every bit.

    Args:
        num_warmup_steps: W, an integer, at least 0.
        timescale: s, counts after the warm-up until the rate is 1 / sqrt(2), above 0; None: W, or 10,000 without a
            warm-up.

    Raises:
        ValueError: a number out of its range.

    >>> [inverse_sqrt(2)(count) for count in (0, 1, 2, 8, 32)]
    [0.0, 0.5, 1.0, 0.5, 0.25]
    """
    where = "transformers.inverse_sqrt"
    rise, w = warm_up(where, num_warmup_steps), num_warmup_steps
    s = (w or 10_000) if timescale is None else timescale
    check.above(where, "timescale", s, 0)
    return sequence(*rise, formula(lambda m, t: 1.0 / m.sqrt((t + w + (s - w)) / s)))
