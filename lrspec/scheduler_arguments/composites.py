"""SequentialLR and ChainedScheduler."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from .. import check
from .base import Arguments, Groups, is_period
from .metric import FromMetric


@dataclass(frozen=True, repr=False, eq=False)
class Composite(Arguments):
    """What SequentialLR and ChainedScheduler share."""

    schedulers: Sequence[Any]

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.schedulers, list | tuple):
            check.fail(self._name, "schedulers", "must be a list of schedulers", self.schedulers, TypeError)
        self._set("schedulers", tuple(self.schedulers))
        if not self.schedulers:
            check.fail(self._name, "schedulers", "must have at least one scheduler", self.schedulers)
        for scheduler in self.schedulers:
            if not isinstance(scheduler, self.family()):
                check.fail(self._name, "schedulers", "must be a list of schedulers", scheduler, TypeError)
            if isinstance(scheduler, FromMetric):
                rule = f"must not hold {type(scheduler).__name__} (it needs a metric)"
                check.fail(self._name, "schedulers", rule, scheduler)
            if is_period(scheduler.every) or scheduler.last_epoch != -1:
                rule = f"must leave 'every' and 'last_epoch' to the {self._name}"
                check.fail(self._name, "schedulers", rule, scheduler)

    def cycles_momentum(self) -> bool:
        """Whether one of them does."""
        return any(scheduler.cycles_momentum() for scheduler in self.schedulers)

    def check_groups(self, groups: Groups) -> None:
        """Each of them must fit."""
        for scheduler in self.schedulers:
            scheduler.check_groups(groups)


@dataclass(frozen=True, repr=False, eq=False)
class SequentialLR(Composite):
    """The arguments of SequentialLR.

    Args:
        schedulers: schedulers; SequentialLR and ChainedScheduler only in first place.
        milestones: increasing integers, one fewer than the schedulers.

    Raises:
        TypeError: something that is no scheduler.
        ValueError: ReduceLROnPlateau or GreedyLR among the schedulers, or milestones that do not fit.
    """

    milestones: Sequence[int]

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.milestones, list | tuple):
            check.fail(self._name, "milestones", "must be a list of integers", self.milestones, TypeError)
        milestones = tuple(check.integer(self._name, "milestones", m, 0) for m in self.milestones)
        self._set("milestones", milestones)
        if len(milestones) != len(self.schedulers) - 1:
            rule = f"must be one fewer than the {len(self.schedulers)} schedulers"
            check.fail(self._name, "milestones", rule, milestones)
        if any(a >= b for a, b in pairwise(milestones)):
            check.fail(self._name, "milestones", "must be increasing", milestones)
        for scheduler in self.schedulers[1:]:
            if isinstance(scheduler, Composite):
                rule = "may nest SequentialLR and ChainedScheduler in first place only (torch cannot start them later)"
                check.fail(self._name, "schedulers", rule, scheduler)

    def last_step(self) -> int | None:
        """That of the first scheduler to end before the next one takes over."""
        begins = [0, *self.milestones]
        for scheduler, begin, end in zip(self.schedulers, begins, [*self.milestones, None], strict=True):
            last = scheduler.last_step()
            if last is not None and (end is None or begin + last + 1 < end):
                return begin + last
        return None


class ChainedScheduler(Composite):
    """The arguments of ChainedScheduler.

    Args:
        schedulers: schedulers, in order.

    Raises:
        TypeError: something that is no scheduler.
        ValueError: ReduceLROnPlateau or GreedyLR among the schedulers.
    """

    def last_step(self) -> int | None:
        """That of the first to end."""
        return min((last for s in self.schedulers if (last := s.last_step()) is not None), default=None)

    def takes_new_group(self) -> bool:
        """Whether each of them does."""
        return all(scheduler.takes_new_group() for scheduler in self.schedulers)
