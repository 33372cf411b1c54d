"""Reading and setting rates in an optimizer, and the scheduler's ``step()``."""

from collections.abc import Mapping
from typing import Any

import torch

from . import _check as check


def get_lr(optimizer: torch.optim.Optimizer) -> dict[str, float]:
    """The rate of each group that the next update will use.

    Returns:
        Group name -> rate, a Python float.
    """
    return {name: float(group["lr"]) for name, group in _named(optimizer).items()}


def set_lr(optimizer: torch.optim.Optimizer, lr: float | Mapping[str, float]) -> torch.optim.Optimizer:
    """Set rates by hand, between any two steps.

    Args:
        optimizer: it is changed.
        lr: one rate for all groups, or group name -> rate; groups not named keep theirs. Finite, not negative.

    Returns:
        ``optimizer`` itself.

    Raises:
        ValueError: an unknown group (the message lists the groups), a negative or non-finite rate.
    """
    groups = _named(optimizer)
    rates = lr if isinstance(lr, Mapping) else dict.fromkeys(groups, lr)
    for name, value in rates.items():
        if name not in groups:
            check.fail("set_lr", "group", f"must be one of {', '.join(map(repr, groups))}", name)
        check.rate("set_lr", value, f"lr of group {name!r}")
    for name, value in rates.items():
        if isinstance(groups[name]["lr"], torch.Tensor):
            groups[name]["lr"].fill_(value)
        else:
            groups[name]["lr"] = float(value)
    return optimizer


def _named(optimizer: torch.optim.Optimizer) -> dict[str, dict[str, Any]]:
    if not isinstance(optimizer, torch.optim.Optimizer):
        check.fail("lrtorch", "optimizer", "must be a torch.optim.Optimizer", type(optimizer).__name__, TypeError)
    return {str(group.get("name", i)): group for i, group in enumerate(optimizer.param_groups)}


def attach(optimizer: torch.optim.Optimizer, scheduler: Any) -> Any:
    """Build ``scheduler`` on ``optimizer``; with ``every=k`` it steps after every k-th update by itself.

    Returns:
        torch's scheduler.
    """
    built = scheduler.build(optimizer)
    vars(optimizer).setdefault("lr_schedulers", []).append(built)
    if scheduler.every is not None:
        optimizer.register_step_post_hook(_Every(scheduler.every, built))
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
    return list(vars(optimizer).get("lr_schedulers", []))


def step_scheduler(optimizer: torch.optim.Optimizer, metric: Any = None) -> torch.optim.Optimizer:
    """torch's ``scheduler.step()`` by hand, for schedulers without ``every``.

    Args:
        optimizer: made with ``scheduler=...``.
        metric: what ReduceLROnPlateau watches, a number.

    Returns:
        ``optimizer`` itself.

    Raises:
        ValueError: no scheduler, or no metric where one is needed.
    """
    built = schedulers_of(optimizer)
    if not built:
        raise ValueError("step_scheduler: the optimizer must have a scheduler (scheduler=...), got None")
    for scheduler in built:
        if isinstance(scheduler, torch.optim.lr_scheduler.ReduceLROnPlateau):
            if metric is None:
                check.fail("ReduceLROnPlateau", "metric", "must be given to step_scheduler", None)
            scheduler.step(metric)
        else:
            scheduler.step()
    return optimizer
