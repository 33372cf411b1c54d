"""Schedulers that follow one rule: a function, steps, a factor, a cosine, a plateau, averaging."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from .. import check
from .base import Arguments, FromRates, Groups
from .metric import FromMetric


@dataclass(frozen=True, repr=False, eq=False)
class LambdaLR(Arguments):
    """The arguments of LambdaLR."""

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
    """The arguments of MultiplicativeLR."""


@dataclass(frozen=True, repr=False, eq=False)
class StepLR(FromRates):
    """The arguments of StepLR."""

    step_size: int
    gamma: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check("step_size", check.integer, 1)
        self._check("gamma", check.at_least, 0.0)


@dataclass(frozen=True, repr=False, eq=False)
class MultiStepLR(FromRates):
    """The arguments of MultiStepLR."""

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
    """The arguments of ConstantLR."""

    factor: float = 1.0 / 3
    total_iters: int = 5

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check("factor", check.between, 0, 1, ends="(]")
        self._check("total_iters", check.integer, 0)


@dataclass(frozen=True, repr=False, eq=False)
class LinearLR(FromRates):
    """The arguments of LinearLR."""

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
    """The arguments of ExponentialLR."""

    gamma: float

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check("gamma", check.at_least, 0.0)


@dataclass(frozen=True, repr=False, eq=False)
class PolynomialLR(FromRates):
    """The arguments of PolynomialLR."""

    total_iters: int = 5
    power: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check("total_iters", check.integer, 1)
        self._check("power", check.at_least, 0.0)


@dataclass(frozen=True, repr=False, eq=False)
class CosineAnnealingLR(Arguments):
    """The arguments of CosineAnnealingLR."""

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
    """The arguments of CosineAnnealingWarmRestarts."""

    T_0: int
    T_mult: int = 1
    eta_min: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check("T_0", check.integer, 1)
        self._check("T_mult", check.integer, 1)
        self._check("eta_min", check.rate_of)


@dataclass(frozen=True, repr=False, eq=False)
class ReduceLROnPlateau(FromMetric):
    """The arguments of ReduceLROnPlateau."""

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
class SWALR(Arguments):
    """The arguments of SWALR."""

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
