"""The scheduler's ``step()``; the optimizer's is torch's own ``optimizer.step()``."""

from typing import Any

import torch

from . import _check as check
from .lr_scheduler._arguments import by_hand, read_schedulers


def attach(optimizer: torch.optim.Optimizer, scheduler: Any) -> list[Any]:
    """Build one scheduler or a list of them on ``optimizer``; one with ``every=k`` steps after every k-th update.

    Returns:
        torch's schedulers.
    """
    described = read_schedulers(type(optimizer).__name__, scheduler)
    built = [one.begin(optimizer) for one in described]
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


def schedulers_of(optimizer: torch.optim.Optimizer) -> list[Any]:
    """The torch schedulers that lrtorch attached to ``optimizer``."""
    return [built for _, built in vars(optimizer).get("lr_schedulers", [])]


def step_scheduler(
    optimizer: torch.optim.Optimizer, metric: Any = None, index: int | None = None
) -> torch.optim.Optimizer:
    """torch's ``scheduler.step()`` by hand.

    Args:
        optimizer: made with ``scheduler=...``.
        metric: what ReduceLROnPlateau watches, a number.
        index: which of several schedulers; None: all that have no ``every``, in order.

    Returns:
        ``optimizer`` itself.

    Raises:
        ValueError: no scheduler, no such scheduler, or no metric where one is needed.
    """
    pairs = vars(optimizer).get("lr_schedulers", [])
    for i in by_hand([described for described, _ in pairs], index):
        built = pairs[i][1]
        if isinstance(built, torch.optim.lr_scheduler.ReduceLROnPlateau):
            if metric is None:
                check.fail("ReduceLROnPlateau", "metric", "must be given to step_scheduler", None)
            built.step(metric)
        else:
            built.step()
    return optimizer
