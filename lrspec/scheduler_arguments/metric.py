"""Schedulers that follow a metric, which the loop steps with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from .. import check
from .base import Arguments, Groups, each


@dataclass(frozen=True, repr=False, eq=False)
class FromMetric(Arguments):
    """A scheduler whose step needs a metric: it cannot step by itself, nor resume from a count alone."""

    every: None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.every is not None:
            check.fail(self._name, "every", "must be left out (the loop steps it with its metric)", self.every)
        if self.last_epoch != -1:
            check.fail(self._name, "last_epoch", "must be left out (its steps need their metrics)", self.last_epoch)


@dataclass(frozen=True, repr=False, eq=False)
class ReduceLROnPlateau(FromMetric):
    """The arguments of ReduceLROnPlateau.

    Args:
        mode: "min" if less is better, else "max".
        factor: below 1.
        patience: bad steps that are let pass, an integer, at least 0.
        threshold: how much better counts: best * (1 - threshold) or best - threshold for "min".
        threshold_mode: "rel" or "abs".
        cooldown: steps after a cut in which bad steps do not count.
        min_lr: lowest rate, or a list with one for each group.
        eps: cuts of this size or less are not made.

    Raises:
        ValueError: an argument out of its range, or a list whose length is not the number of groups.
    """

    mode: Literal["min", "max"] = "min"
    factor: float = 0.1
    patience: int = 10
    threshold: float = 1e-4
    threshold_mode: Literal["rel", "abs"] = "rel"
    cooldown: int = 0
    min_lr: float | Sequence[float] = 0
    eps: float = 1e-8

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check("mode", check.one_of, ("min", "max"))
        self._check("factor", check.at_least, 0.0)
        if self.factor >= 1.0:
            check.fail(self._name, "factor", "must be below 1.0", self.factor)
        self._check("patience", check.integer, 0)
        self._check("threshold", check.number)
        self._check("threshold_mode", check.one_of, ("rel", "abs"))
        self._check("cooldown", check.integer, 0)
        self._check_each("min_lr", check.rate_of)
        self._check("eps", check.at_least, 0.0)

    def takes_new_group(self) -> bool:
        """Yes: it works from the present rates."""
        return True

    def check_groups(self, groups: Groups) -> None:
        """A list must have a rate for each group."""
        self._per_group(groups, "min_lr")


@dataclass(frozen=True, repr=False, eq=False)
class GreedyLR(FromMetric):
    """The arguments of GreedyLR.

    Args:
        mode: "min" if less is better, else "max".
        factor: between 0 and 1.
        patience: better or bad steps in a row that are let pass, an integer, at least 0.
        threshold: how much better counts: best * (1 - threshold) or best - threshold for "min".
        threshold_mode: "rel" or "abs".
        cooldown: steps after a cut that are not looked at.
        warmup: steps after a rise that are not looked at.
        min_lr: lowest rate, or a list with one for each group. The default, 0.001, is above many an AdamW's rate, which
            then is never cut.
        max_lr: highest rate, or a list with one for each group.
        eps: changes of this size or less are not made.
        smooth: whether to look at the mean of the last metrics instead of the last one.
        window_size: how many of them, an integer, at least 1.
        reset_start: cuts at the lowest rate before it begins anew, an integer, at least 1.

    Raises:
        ValueError: an argument out of its range, a min_lr above max_lr, or a list whose length is not the number of
            groups.
    """

    mode: Literal["min", "max"] = "min"
    factor: float = 0.95
    patience: int = 10
    threshold: float = 1e-6
    threshold_mode: Literal["rel", "abs"] = "abs"
    cooldown: int = 0
    warmup: int = 0
    min_lr: float | Sequence[float] = 1e-3
    max_lr: float | Sequence[float] = 1.0
    eps: float = 1e-8
    smooth: bool = False
    window_size: int = 50
    reset_start: int = 500

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check("mode", check.one_of, ("min", "max"))
        self._check("factor", check.between, 0, 1, ends="()")
        self._check("threshold", check.number)
        self._check("threshold_mode", check.one_of, ("rel", "abs"))
        self._check("smooth", check.flag)
        for name in ("patience", "cooldown", "warmup"):
            self._check(name, check.integer, 0)
        for name in ("window_size", "reset_start"):
            self._check(name, check.integer, 1)
        for name in ("min_lr", "max_lr"):
            self._check_each(name, check.rate_of)
        self._check("eps", check.at_least, 0.0)
        self._check_floor()

    def _check_floor(self) -> None:
        """No group's floor may lie above its ceiling."""
        ends = self.min_lr, self.max_lr
        groups = max(len(x) if isinstance(x, tuple) else 1 for x in ends)
        for a, b in zip(*(each(x, groups) for x in ends), strict=False):
            if a > b:
                check.fail(self._name, "min_lr", f"must be at most max_lr, {b!r}", a)

    def check_groups(self, groups: Groups) -> None:
        """A list must have a rate for each group."""
        self._per_group(groups, "min_lr", "max_lr")
