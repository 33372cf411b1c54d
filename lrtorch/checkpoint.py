"""The scheduler's state as plain data; the optimizer's is torch's own ``optimizer.state_dict()``."""

from collections.abc import Mapping
from typing import Any

import torch

from lrspec import check

from .optim._groups import check_optimizer
from .stepping import schedulers_of


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
        TypeError: a state_dict that is no dict.
        ValueError: no such scheduler.
    """
    where = "load_scheduler_state_dict"
    built = _one(optimizer, where, index)
    if not isinstance(state_dict, Mapping):
        check.fail(where, "state_dict", "must be a dict", state_dict, TypeError)
    built.load_state_dict(dict(state_dict))
    return optimizer


def _one(optimizer: torch.optim.Optimizer, where: str, index: int) -> Any:
    check_optimizer(where, optimizer)
    built = schedulers_of(optimizer)
    return built[check.index(where, "index", index, len(built), f"must name one of the {len(built)} schedulers")]
