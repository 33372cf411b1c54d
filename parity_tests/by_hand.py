"""Schedulers for loops that call ``step_scheduler`` themselves."""

from dataclasses import replace
from typing import Any

from lrspec.scheduler_arguments import UNSET


def by_hand(scheduler: Any) -> Any:
    """A scheduler or a list of them, with ``every=None`` where ``every`` was not given; anything else as it is."""
    if isinstance(scheduler, list | tuple):
        return type(scheduler)(map(by_hand, scheduler))
    return replace(scheduler, every=None) if getattr(scheduler, "every", None) is UNSET else scheduler
