"""Schedulers that follow one rule: a function, steps, a factor, a cosine, a plateau, averaging."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .. import check
from .base import Arguments, FromRates, Groups


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
        check.integer(self._name, "step_size", self.step_size, 1)
        check.number(self._name, "gamma", self.gamma)


@dataclass(frozen=True, repr=False, eq=False)
class MultiStepLR(FromRates):
    """The arguments of MultiStepLR."""

    milestones: Sequence[int]
    gamma: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.milestones, list | tuple):
            check.fail(self._name, "milestones", "must be a list of integers", self.milestones, TypeError)
        self._set("milestones", tuple(check.integer(self._name, "milestones", m, 0) for m in self.milestones))
        check.number(self._name, "gamma", self.gamma)


@dataclass(frozen=True, repr=False, eq=False)
class ConstantLR(FromRates):
    """The arguments of ConstantLR."""

    factor: float = 1.0 / 3
    total_iters: int = 5

    def __post_init__(self) -> None:
        super().__post_init__()
        check.between(self._name, "factor", self.factor, 0, 1, ends="(]")
        check.integer(self._name, "total_iters", self.total_iters, 0)


@dataclass(frozen=True, repr=False, eq=False)
class LinearLR(FromRates):
    """The arguments of LinearLR."""

    start_factor: float = 1.0 / 3
    end_factor: float = 1.0
    total_iters: int = 5

    def __post_init__(self) -> None:
        super().__post_init__()
        check.between(self._name, "start_factor", self.start_factor, 0, 1, ends="(]")
        check.between(self._name, "end_factor", self.end_factor, 0, 1)
        check.integer(self._name, "total_iters", self.total_iters, 1)


@dataclass(frozen=True, repr=False, eq=False)
class ExponentialLR(FromRates):
    """The arguments of ExponentialLR."""

    gamma: float

    def __post_init__(self) -> None:
        super().__post_init__()
        check.number(self._name, "gamma", self.gamma)


@dataclass(frozen=True, repr=False, eq=False)
class PolynomialLR(FromRates):
    """The arguments of PolynomialLR."""

    total_iters: int = 5
    power: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check.integer(self._name, "total_iters", self.total_iters, 1)
        if check.number(self._name, "power", self.power) < 0.0:  # torch divides by zero at the end
            check.fail(self._name, "power", "must be at least 0.0", self.power)


@dataclass(frozen=True, repr=False, eq=False)
class CosineAnnealingLR(Arguments):
    """The arguments of CosineAnnealingLR."""

    T_max: float
    eta_min: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if check.number(self._name, "T_max", self.T_max) <= 0:
            check.fail(self._name, "T_max", "must be above 0", self.T_max)
        if self.T_max >= 2**30:
            check.fail(self._name, "T_max", "must be below 2**30, for steps are counted in 32 bits", self.T_max)
        check.number(self._name, "eta_min", self.eta_min)


@dataclass(frozen=True, repr=False, eq=False)
class CosineAnnealingWarmRestarts(Arguments):
    """The arguments of CosineAnnealingWarmRestarts."""

    T_0: int
    T_mult: int = 1
    eta_min: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check.integer(self._name, "T_0", self.T_0, 1)
        check.integer(self._name, "T_mult", self.T_mult, 1)
        check.number(self._name, "eta_min", self.eta_min)


@dataclass(frozen=True, repr=False, eq=False)
class ReduceLROnPlateau(FromRates):
    """The arguments of ReduceLROnPlateau."""

    mode: str = "min"
    factor: float = 0.1
    patience: int = 10
    threshold: float = 1e-4
    threshold_mode: str = "rel"
    cooldown: int = 0
    min_lr: float | Sequence[float] = 0
    eps: float = 1e-8

    def __post_init__(self) -> None:
        super().__post_init__()
        check.one_of(self._name, "mode", self.mode, ("min", "max"))
        if check.number(self._name, "factor", self.factor) >= 1.0:
            check.fail(self._name, "factor", "must be below 1.0", self.factor)
        check.integer(self._name, "patience", self.patience, 0)
        check.number(self._name, "threshold", self.threshold)
        check.one_of(self._name, "threshold_mode", self.threshold_mode, ("rel", "abs"))
        check.integer(self._name, "cooldown", self.cooldown, 0)
        if isinstance(self.min_lr, list | tuple):
            self._set("min_lr", tuple(check.number(self._name, "min_lr", v) for v in self.min_lr))
        else:
            check.number(self._name, "min_lr", self.min_lr)
        check.number(self._name, "eps", self.eps)
        if self.every is not None:
            check.fail(self._name, "every", "must be left out (the loop steps it with its metric)", self.every)
        if self.last_epoch != -1:
            check.fail(self._name, "last_epoch", "must be left out (its steps need their metrics)", self.last_epoch)

    def check_groups(self, groups: Groups) -> None:
        """A list must have a rate for each group."""
        self._per_group(groups, "min_lr")


@dataclass(frozen=True, repr=False, eq=False)
class SWALR(Arguments):
    """The arguments of SWALR."""

    swa_lr: float | Sequence[float]
    anneal_epochs: int = 10
    anneal_strategy: str = "cos"

    def __post_init__(self) -> None:
        super().__post_init__()
        values = self.swa_lr if isinstance(self.swa_lr, list | tuple) else [self.swa_lr]
        rates = tuple(check.rate(self._name, v, "swa_lr") for v in values)
        self._set("swa_lr", rates if isinstance(self.swa_lr, list | tuple) else self.swa_lr)
        check.integer(self._name, "anneal_epochs", self.anneal_epochs, 0)
        check.one_of(self._name, "anneal_strategy", self.anneal_strategy, ("cos", "linear"))

    def check_groups(self, groups: Groups) -> None:
        """A list must have a rate for each group."""
        self._per_group(groups, "swa_lr")
