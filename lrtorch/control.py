"""Reading and setting rates in an optimizer, and the scheduler's ``step()``."""

from collections.abc import Mapping
from typing import Any

import torch

from . import _check as check
from .lr_scheduler._arguments import by_hand, read_schedulers


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


def scheduler_state_dict(optimizer: torch.optim.Optimizer, index: int = 0) -> dict[str, Any]:
    """torch's ``scheduler.state_dict()``.

    Args:
        optimizer: made with ``scheduler=...``.
        index: which of several schedulers.

    Raises:
        ValueError: no such scheduler.
    """
    return _one(optimizer, "scheduler_state_dict", index).state_dict()


def load_scheduler_state_dict(
    optimizer: torch.optim.Optimizer, state_dict: Mapping[str, Any], index: int = 0
) -> torch.optim.Optimizer:
    """torch's ``scheduler.load_state_dict()``: the scheduler's memory; the groups' rates stay, as in torch.

    Args:
        optimizer: made with ``scheduler=...``; it is changed.
        state_dict: what ``scheduler.state_dict()`` gave.
        index: which of several schedulers.

    Returns:
        ``optimizer`` itself.

    Raises:
        ValueError: no such scheduler.
    """
    _one(optimizer, "load_scheduler_state_dict", index).load_state_dict(dict(state_dict))
    return optimizer


def _one(optimizer: torch.optim.Optimizer, where: str, index: int) -> Any:
    built = schedulers_of(optimizer)
    if index not in range(len(built)):
        check.fail(where, "index", f"must name one of the {len(built)} schedulers", index)
    return built[index]
