"""Schedulers that follow one rule: a function, steps, a factor, a cosine, averaging."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from .. import check
from .base import Arguments, FromRates, Groups


@dataclass(frozen=True, repr=False, eq=False)
class LambdaLR(Arguments):
    """The arguments of LambdaLR.

    Args:
        lr_lambda: a function ``epoch (int) -> factor``, or a list with one for each group.

    Raises:
        TypeError: a function that is not callable.
        ValueError: a list whose length is not the number of groups.
    """

    lr_lambda: Callable[[int], float] | Sequence[Callable[[int], float]]

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.lr_lambda, list | tuple):
            self._set("lr_lambda", tuple(self.lr_lambda))
        for function in self.lr_lambda if isinstance(self.lr_lambda, tuple) else [self.lr_lambda]:
            if not callable(function):
                check.fail(self._name, "lr_lambda", "must be a function or a list of them", function, TypeError)

    def check_groups(self, groups: Groups) -> None:
        """A list must have a function for each group."""
        self._per_group(groups, "lr_lambda")


class MultiplicativeLR(LambdaLR):
    """The arguments of MultiplicativeLR.

    Args:
        lr_lambda: a function ``epoch (int) -> factor``, or a list with one for each group.

    Raises:
        TypeError: a function that is not callable.
        ValueError: a list whose length is not the number of groups.
    """


@dataclass(frozen=True, repr=False, eq=False)
class StepLR(FromRates):
    """The arguments of StepLR.

    Args:
        step_size: epochs between two drops, an integer, at least 1.
        gamma: factor of a drop.

    Raises:
        ValueError: an argument out of its range.
    """

    step_size: int
    gamma: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check("step_size", check.integer, 1)
        self._check("gamma", check.at_least, 0.0)


@dataclass(frozen=True, repr=False, eq=False)
class MultiStepLR(FromRates):
    """The arguments of MultiStepLR.

    Args:
        milestones: epochs, integers, at least 0.
        gamma: factor of a drop.

    Raises:
        TypeError: milestones that are no list.
        ValueError: an argument out of its range.
    """

    milestones: Sequence[int]
    gamma: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.milestones, list | tuple):
            check.fail(self._name, "milestones", "must be a list of integers", self.milestones, TypeError)
        self._check_each("milestones", check.integer, 0)
        self._check("gamma", check.at_least, 0.0)


@dataclass(frozen=True, repr=False, eq=False)
class ConstantLR(FromRates):
    """The arguments of ConstantLR.

    Args:
        factor: in (0, 1]. torch takes 0 too, and then fails at ``total_iters`` by dividing by it.
        total_iters: epochs with the factor, an integer, at least 0.

    Raises:
        ValueError: an argument out of its range.
    """

    factor: float = 1.0 / 3
    total_iters: int = 5

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check("factor", check.between, 0, 1, ends="(]")
        self._check("total_iters", check.integer, 0)


@dataclass(frozen=True, repr=False, eq=False)
class LinearLR(FromRates):
    """The arguments of LinearLR.

    Args:
        start_factor: in (0, 1].
        end_factor: in [0, 1].
        total_iters: epochs until ``end_factor``, an integer, at least 1.

    Raises:
        ValueError: an argument out of its range.
    """

    start_factor: float = 1.0 / 3
    end_factor: float = 1.0
    total_iters: int = 5

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check("start_factor", check.between, 0, 1, ends="(]")
        self._check("end_factor", check.between, 0, 1)
        self._check("total_iters", check.integer, 1)


@dataclass(frozen=True, repr=False, eq=False)
class ExponentialLR(FromRates):
    """The arguments of ExponentialLR.

    Args:
        gamma: the factor.

    Raises:
        ValueError: an argument out of its range.
    """

    gamma: float

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check("gamma", check.at_least, 0.0)


@dataclass(frozen=True, repr=False, eq=False)
class PolynomialLR(FromRates):
    """The arguments of PolynomialLR.

    Args:
        total_iters: epochs until zero, an integer, at least 1.
        power: exponent.

    Raises:
        ValueError: an argument out of its range.
    """

    total_iters: int = 5
    power: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check("total_iters", check.integer, 1)
        self._check("power", check.at_least, 0.0)


@dataclass(frozen=True, repr=False, eq=False)
class CosineAnnealingLR(Arguments):
    """The arguments of CosineAnnealingLR.

    Args:
        T_max: epochs from the top to the minimum, above 0; torch takes fractions, and so it is here.
        eta_min: the minimum.

    Raises:
        ValueError: an argument out of its range.
    """

    T_max: float
    eta_min: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check("T_max", check.number)
        if self.T_max <= 0:
            check.fail(self._name, "T_max", "must be above 0", self.T_max)
        if self.T_max >= 2**30:
            check.fail(self._name, "T_max", "must be below 2**30, for steps are counted in 32 bits", self.T_max)
        self._check("eta_min", check.rate_of)


@dataclass(frozen=True, repr=False, eq=False)
class CosineAnnealingWarmRestarts(Arguments):
    """The arguments of CosineAnnealingWarmRestarts.

    Args:
        T_0: epochs of the first cycle, an integer, at least 1.
        T_mult: growth of the cycles, an integer, at least 1.
        eta_min: the minimum; whole steps stop short of it.

    Raises:
        ValueError: an argument out of its range.
    """

    T_0: int
    T_mult: int = 1
    eta_min: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check("T_0", check.integer, 1)
        self._check("T_mult", check.integer, 1)
        self._check("eta_min", check.rate_of)


@dataclass(frozen=True, repr=False, eq=False)
class SWALR(Arguments):
    """The arguments of SWALR.

    Args:
        swa_lr: the rate to end at, or a list with one for each group.
        anneal_epochs: an integer, at least 0 (at once).
        anneal_strategy: "cos" or "linear".

    Raises:
        ValueError: an argument out of its range, or a list whose length is not the number of groups.
    """

    swa_lr: float | Sequence[float]
    anneal_epochs: int = 10
    anneal_strategy: Literal["cos", "linear"] = "cos"

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_each("swa_lr", check.rate_of)
        self._check("anneal_epochs", check.integer, 0)
        self._check("anneal_strategy", check.one_of, ("cos", "linear"))

    def check_groups(self, groups: Groups) -> None:
        """A list must have a rate for each group."""
        self._per_group(groups, "swa_lr")
