"""The curves of Hugging Face's transformers (``src/transformers/optimization.py``, 5.24.0).

There each is a LambdaLR of the number of updates so far, so levels are multiples of the group's rate, the first rate
of a warm-up is 0, and a rate set by hand lasts until the next step.
"""

from .. import check
from .combined import sequence
from .curve import Curve, formula
from .named import named


def _warm_up(where: str, num_warmup_steps: int, num_training_steps: int) -> Curve | None:
    """t / W for W counts; the lengths are checked here."""
    total = check.integer(where, "num_training_steps", num_training_steps, 1)
    if check.integer(where, "num_warmup_steps", num_warmup_steps, 0) >= total:
        rule = f"must be below num_training_steps, {total} (the original then goes from the middle of the warm-up to 0)"
        check.fail(where, "num_warmup_steps", rule, num_warmup_steps)
    return formula(lambda m, t: t / num_warmup_steps, num_warmup_steps) if num_warmup_steps else None


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
    warm_up = _warm_up("transformers.linear", num_warmup_steps, num_training_steps)
    left = num_training_steps - num_warmup_steps
    decay = formula(lambda m, t: m.maximum(0.0, (left - t) / left))
    return sequence(warm_up, decay) if warm_up else decay
