"""The schedulers of an optimizer: how they are attached to it, and found again."""

from typing import Any

import torch

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
            optimizer.register_step_post_hook(_Every(one.every, its))
    return built


class _Every:
    """A hook that steps the scheduler after every k-th ``optimizer.step()``."""

    def __init__(self, every: int, scheduler: Any) -> None:
        self.every, self.scheduler, self.count = every, scheduler, 0

    def __call__(self, *_: Any) -> None:
        self.count += 1
        if self.count % self.every == 0:
            self.scheduler.step()


def attached(optimizer: torch.optim.Optimizer) -> list[tuple[LRScheduler, Any]]:
    """The schedulers that lrtorch attached to ``optimizer``: each as it was described, and torch's."""
    return vars(optimizer).get("lr_schedulers", [])
