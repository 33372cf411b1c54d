"""The schedulers of an optimizer: how they are attached to it, and found again."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from lrspec import check
from lrspec.scheduler_arguments import read_schedulers

from ..lr_scheduler._base import LRScheduler


def attach(optimizer: torch.optim.Optimizer, scheduler: Any) -> list[Any]:
    """Build one scheduler or a list of them on ``optimizer``; one with ``every=k`` steps after every k-th update.

    Returns:
        torch's schedulers.
    """
    described = read_schedulers(type(optimizer).__name__, scheduler, LRScheduler)
    built = [one.build_and_resume(optimizer) for one in described]
    vars(optimizer)["lr_schedulers"] = list(zip(described, built, strict=True))
    for one, its in zip(described, built, strict=True):
        if one.every is not None:
            optimizer.register_step_post_hook(_Every(one, its))
    return built


class _Every:
    """A hook that steps the scheduler after every k-th ``optimizer.step()``."""

    def __init__(self, described: LRScheduler, scheduler: Any) -> None:
        self.described, self.scheduler, self.count = described, scheduler, 0

    def __call__(self, optimizer: torch.optim.Optimizer, *_: Any) -> None:
        if _HELD in vars(optimizer):
            return
        self.count += 1
        if self.count % (self.described.every or 1) == 0:
            check_end(f"{type(optimizer).__name__}.step", self.described, self.scheduler)
            self.scheduler.step()


_HELD = "lr_schedulers_held"


@contextmanager
def held(optimizer: torch.optim.Optimizer) -> Iterator[None]:
    """Updates step no scheduler meanwhile, and are not counted."""
    vars(optimizer)[_HELD] = True
    try:
        yield
    finally:
        del vars(optimizer)[_HELD]


def check_end(where: str, described: LRScheduler, built: Any) -> None:
    """Raise where a step would lie past the schedule's end; torch says it otherwise, or divides by zero."""
    if steps_left(described, built) < 1:
        last = described.last_step()
        rule = f"must not be stepped past step {last}, where the {type(described).__name__} ends"
        check.fail(where, "optimizer", rule, steps_taken(built) + 1)


def steps_left(described: LRScheduler, built: Any) -> float:
    """How many more steps the schedule has; infinity where it has no end."""
    last = described.last_step()
    return math.inf if last is None else max(0, last - steps_taken(built))


def steps_taken(built: Any) -> int:
    """torch's ``last_epoch``; that of its first scheduler where a ChainedScheduler has none."""
    return built.last_epoch if hasattr(built, "last_epoch") else steps_taken(built._schedulers[0])


def attached(optimizer: torch.optim.Optimizer) -> list[tuple[LRScheduler, Any]]:
    """The schedulers that lrtorch attached to ``optimizer``: each as it was described, and torch's."""
    return vars(optimizer).get("lr_schedulers", [])
