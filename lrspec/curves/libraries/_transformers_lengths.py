"""The lengths of transformers' curves: the checks of warm-up and run, and the warm-up itself."""

from typing import Any

from ... import check
from ..curve import Curve, formula


def warm_up(where: str, num_warmup_steps: int) -> tuple[Curve, ...]:
    """t / W for W counts; nothing where W is 0."""
    w = check.integer(where, "num_warmup_steps", num_warmup_steps, 0)
    return (formula(lambda m, t: t / w, w),) if w else ()


def run(where: str, num_warmup_steps: int, num_training_steps: int) -> tuple[tuple[Curve, ...], int]:
    """The warm-up, and how many counts of the run are left after it."""
    left = counts_left(where, num_warmup_steps, num_training_steps)
    return warm_up(where, num_warmup_steps), left


def counts_left(where: str, num_warmup_steps: int, num_training_steps: int) -> int:
    """N - W, which is at least 1."""
    total = check.integer(where, "num_training_steps", num_training_steps, 1)
    if check.integer(where, "num_warmup_steps", num_warmup_steps, 0) >= total:
        rule = f"must be below num_training_steps, {total} (the original then goes from the middle of the warm-up to 0)"
        check.fail(where, "num_warmup_steps", rule, num_warmup_steps)
    return total - num_warmup_steps


def at_most(where: str, name: str, value: Any, other: str, limit: float, rule: Any) -> float:
    """A number that a rule of ``check`` lets pass, and that is no larger than another argument."""
    kept = rule(where, name, value)
    if kept > limit:
        check.fail(where, name, f"must be at most {other}, {limit!r}", value)
    return kept
