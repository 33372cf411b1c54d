"""The arguments of every scheduler: names, defaults and checks; the arithmetic is elsewhere.

``lrjax/lr_scheduler/_arguments.py`` and ``lrtorch/lr_scheduler/_arguments.py`` are the same file to
the byte (``parity_tests/test_mirror.py`` compares them). Names, order and defaults are those of
``torch.optim.lr_scheduler`` without ``optimizer``. What torch rejects is rejected with its exception
type; what torch accepts and fails on later is rejected here, when it is made.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import pairwise
from typing import Any

from .. import _check as check

Groups = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, repr=False)
class Arguments:
    """What every scheduler takes.

    Attributes:
        every: step the scheduler after every so many updates (an epoch's, say). None: the loop steps it.
    """

    every: int | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Check the arguments; each class extends it."""
        if self.every is not None:
            check.integer(self._name, "every", self.every, 1)

    @property
    def _name(self) -> str:
        return type(self).__name__

    def check_groups(self, groups: Groups) -> None:
        """Raise where the scheduler does not fit the optimizer's groups (their options, as dicts)."""

    def cycles_momentum(self) -> bool:
        """Whether the scheduler writes momentum (or betas) into the groups, beside lr."""
        return False

    def __repr__(self) -> str:
        """The arguments that differ from their default, as one would type them."""
        shown = (f"{f.name}={getattr(self, f.name)!r}" for f in fields(self) if getattr(self, f.name) != f.default)
        return f"{self._name}({', '.join(shown)})"

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def _per_group(self, groups: Groups, *names: str) -> None:
        """Lists among the arguments must have one value per group."""
        for name in names:
            value = getattr(self, name)
            if isinstance(value, tuple) and len(value) != len(groups):
                check.fail(self._name, name, f"must have one value for each of the {len(groups)} groups", value)


def read_schedulers(where: str, scheduler: Any) -> tuple[Any, ...]:
    """The ``scheduler`` argument of an optimizer: None, one scheduler, or a list of them; as a tuple."""
    if scheduler is None:
        return ()
    schedulers = tuple(scheduler) if isinstance(scheduler, list | tuple) else (scheduler,)
    for one in schedulers:
        if not isinstance(one, Arguments):
            check.fail(where, "scheduler", "must be a scheduler of this package, or a list of them", one, TypeError)
    return schedulers


def by_hand(schedulers: Sequence[Arguments], index: int | None) -> list[int]:
    """Which schedulers ``step_scheduler`` steps: the one at ``index``, else those without ``every``."""
    if not schedulers:
        raise ValueError("step_scheduler: the optimizer must have a scheduler (scheduler=...), got None")
    if index is not None:
        if index not in range(len(schedulers)):
            check.fail("step_scheduler", "index", f"must be from 0 to {len(schedulers) - 1}", index)
        return [index]
    chosen = [i for i, scheduler in enumerate(schedulers) if scheduler.every is None]
    if not chosen:
        check.fail("step_scheduler", "index", "must be given (all schedulers step by themselves, by every=)", index)
    return chosen


@dataclass(frozen=True, repr=False)
class LambdaLR(Arguments):
    lr_lambda: Callable[[int], float] | Sequence[Callable[[int], float]]

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.lr_lambda, list | tuple):
            self._set("lr_lambda", tuple(self.lr_lambda))
        for function in self.lr_lambda if isinstance(self.lr_lambda, tuple) else [self.lr_lambda]:
            if not callable(function):
                check.fail(self._name, "lr_lambda", "must be a function or a list of them", function, TypeError)

    def check_groups(self, groups: Groups) -> None:
        self._per_group(groups, "lr_lambda")


class MultiplicativeLR(LambdaLR):
    pass


@dataclass(frozen=True, repr=False)
class StepLR(Arguments):
    step_size: int
    gamma: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        check.integer(self._name, "step_size", self.step_size, 1)
        check.number(self._name, "gamma", self.gamma)


@dataclass(frozen=True, repr=False)
class MultiStepLR(Arguments):
    milestones: Sequence[int]
    gamma: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.milestones, list | tuple):
            check.fail(self._name, "milestones", "must be a list of integers", self.milestones, TypeError)
        self._set("milestones", tuple(check.integer(self._name, "milestones", m, 0) for m in self.milestones))
        check.number(self._name, "gamma", self.gamma)


@dataclass(frozen=True, repr=False)
class ConstantLR(Arguments):
    factor: float = 1.0 / 3
    total_iters: int = 5

    def __post_init__(self) -> None:
        super().__post_init__()
        check.between(self._name, "factor", self.factor, 0, 1, ends="(]")
        check.integer(self._name, "total_iters", self.total_iters, 0)


@dataclass(frozen=True, repr=False)
class LinearLR(Arguments):
    start_factor: float = 1.0 / 3
    end_factor: float = 1.0
    total_iters: int = 5

    def __post_init__(self) -> None:
        super().__post_init__()
        check.between(self._name, "start_factor", self.start_factor, 0, 1, ends="(]")
        check.between(self._name, "end_factor", self.end_factor, 0, 1)
        check.integer(self._name, "total_iters", self.total_iters, 1)


@dataclass(frozen=True, repr=False)
class ExponentialLR(Arguments):
    gamma: float

    def __post_init__(self) -> None:
        super().__post_init__()
        check.number(self._name, "gamma", self.gamma)


@dataclass(frozen=True, repr=False)
class PolynomialLR(Arguments):
    total_iters: int = 5
    power: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check.integer(self._name, "total_iters", self.total_iters, 1)
        check.number(self._name, "power", self.power)


@dataclass(frozen=True, repr=False)
class CosineAnnealingLR(Arguments):
    T_max: float
    eta_min: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if check.number(self._name, "T_max", self.T_max) <= 0:
            check.fail(self._name, "T_max", "must be above 0", self.T_max)
        check.number(self._name, "eta_min", self.eta_min)


@dataclass(frozen=True, repr=False)
class CosineAnnealingWarmRestarts(Arguments):
    T_0: int
    T_mult: int = 1
    eta_min: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check.integer(self._name, "T_0", self.T_0, 1)
        check.integer(self._name, "T_mult", self.T_mult, 1)
        check.number(self._name, "eta_min", self.eta_min)


@dataclass(frozen=True, repr=False)
class _Momentum(Arguments):
    """What CyclicLR and OneCycleLR share: they cycle the momentum, or beta1, against the rate."""

    def cycles_momentum(self) -> bool:
        return bool(getattr(self, "cycle_momentum", False))

    def _read_numbers(self, *names: str) -> None:
        for name in names:
            value = getattr(self, name)
            if isinstance(value, list | tuple):
                self._set(name, tuple(check.number(self._name, name, v) for v in value))
            else:
                check.number(self._name, name, value)

    def check_groups(self, groups: Groups) -> None:
        self._per_group(
            groups, *(n for n in ("base_lr", "max_lr", "base_momentum", "max_momentum") if hasattr(self, n))
        )
        if self.cycles_momentum() and not {"momentum", "betas"} & set(groups[0]):
            check.fail(self._name, "cycle_momentum", "needs an optimizer with momentum or betas", True)


@dataclass(frozen=True, repr=False)
class CyclicLR(_Momentum):
    base_lr: float | Sequence[float]
    max_lr: float | Sequence[float]
    step_size_up: float = 2000
    step_size_down: float | None = None
    mode: str = "triangular"
    gamma: float = 1.0
    scale_fn: Callable[[float], float] | None = None
    scale_mode: str = "cycle"
    cycle_momentum: bool = True
    base_momentum: float | Sequence[float] = 0.8
    max_momentum: float | Sequence[float] = 0.9

    def __post_init__(self) -> None:
        super().__post_init__()
        self._read_numbers("base_lr", "max_lr", "base_momentum", "max_momentum", "gamma")
        if check.number(self._name, "step_size_up", self.step_size_up) <= 0:
            check.fail(self._name, "step_size_up", "must be above 0", self.step_size_up)
        if self.step_size_down is not None:
            check.at_least(self._name, "step_size_down", self.step_size_down, 0)
        if self.scale_fn is None:
            check.one_of(self._name, "mode", self.mode, ("triangular", "triangular2", "exp_range"))
        elif not callable(self.scale_fn):
            check.fail(self._name, "scale_fn", "must be a function", self.scale_fn, TypeError)
        check.one_of(self._name, "scale_mode", self.scale_mode, ("cycle", "iterations"))


@dataclass(frozen=True, repr=False)
class OneCycleLR(_Momentum):
    max_lr: float | Sequence[float]
    total_steps: int | None = None
    epochs: int | None = None
    steps_per_epoch: int | None = None
    pct_start: float = 0.3
    anneal_strategy: str = "cos"
    cycle_momentum: bool = True
    base_momentum: float | Sequence[float] = 0.85
    max_momentum: float | Sequence[float] = 0.95
    div_factor: float = 25.0
    final_div_factor: float = 1e4
    three_phase: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self._read_numbers("max_lr", "base_momentum", "max_momentum", "div_factor", "final_div_factor")
        if self.total_steps is not None:
            check.integer(self._name, "total_steps", self.total_steps, 1)
        elif self.epochs is None or self.steps_per_epoch is None:
            given = (self.total_steps, self.epochs, self.steps_per_epoch)
            check.fail(self._name, "total_steps, or epochs and steps_per_epoch,", "must be given", given)
        else:
            check.integer(self._name, "epochs", self.epochs, 1)
            check.integer(self._name, "steps_per_epoch", self.steps_per_epoch, 1)
        if not isinstance(self.pct_start, float):
            check.fail(self._name, "pct_start", "must be a float in [0.0, 1.0]", self.pct_start)
        check.between(self._name, "pct_start", self.pct_start, 0.0, 1.0)
        check.one_of(self._name, "anneal_strategy", self.anneal_strategy, ("cos", "linear"))
        for name in ("div_factor", "final_div_factor"):
            if getattr(self, name) == 0:
                check.fail(self._name, name, "must not be 0", 0)
        if self.phase_ends()[0] == 0:  # torch divides by the length of the first phase
            check.fail(
                self._name, "pct_start", "times total_steps must not be 1 (the way up has no length)", self.pct_start
            )

    def steps(self) -> int:
        """The length of the cycle, in scheduler steps."""
        return self.total_steps or (self.epochs or 0) * (self.steps_per_epoch or 0)

    def phase_ends(self) -> list[float]:
        """The step at which each phase ends; floats but for the last, as in torch."""
        first = float(self.pct_start * self.steps()) - 1
        second = [float(2 * self.pct_start * self.steps()) - 2] if self.three_phase else []
        return [first, *second, self.steps() - 1]


@dataclass(frozen=True, repr=False)
class ReduceLROnPlateau(Arguments):
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

    def check_groups(self, groups: Groups) -> None:
        self._per_group(groups, "min_lr")


@dataclass(frozen=True, repr=False)
class _Composite(Arguments):
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
            if not isinstance(scheduler, Arguments):
                check.fail(self._name, "schedulers", "must be a list of schedulers", scheduler, TypeError)
            if isinstance(scheduler, ReduceLROnPlateau):
                check.fail(self._name, "schedulers", "must not hold ReduceLROnPlateau (it needs a metric)", scheduler)
            if scheduler.every is not None:
                check.fail(self._name, "schedulers", f"must leave 'every' to the {self._name}", scheduler)

    def cycles_momentum(self) -> bool:
        return any(scheduler.cycles_momentum() for scheduler in self.schedulers)

    def check_groups(self, groups: Groups) -> None:
        for scheduler in self.schedulers:
            scheduler.check_groups(groups)


@dataclass(frozen=True, repr=False)
class SequentialLR(_Composite):
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
            if isinstance(scheduler, _Composite):
                rule = "may nest SequentialLR and ChainedScheduler in first place only (torch cannot start them later)"
                check.fail(self._name, "schedulers", rule, scheduler)


class ChainedScheduler(_Composite):
    pass


@dataclass(frozen=True, repr=False)
class SWALR(Arguments):
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
        self._per_group(groups, "swa_lr")


MODES = ("factor", "rate")


@dataclass(frozen=True, repr=False)
class StepDecay(Arguments):
    lr_decay: int
    gamma: float = 0.1
    mode: str = "factor"
    lr0: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check.integer(self._name, "lr_decay", self.lr_decay, 1)
        check.number(self._name, "gamma", self.gamma)
        check.one_of(self._name, "mode", self.mode, MODES)
        if self.mode == "rate":
            check.rate(self._name, self.lr0, "lr0")
        elif self.lr0 is not None:
            check.fail(self._name, "lr0", "must be left out with mode='factor'", self.lr0)


@dataclass(frozen=True, repr=False)
class EpochTable(Arguments):
    table: Sequence[Sequence[float]]
    mode: str = "factor"

    def __post_init__(self) -> None:
        super().__post_init__()
        check.one_of(self._name, "mode", self.mode, MODES)
        if not isinstance(self.table, Sequence) or isinstance(self.table, str):
            check.fail(self._name, "table", "must be a list of [epochs, rate] rows", self.table, TypeError)
        if not self.table:
            check.fail(self._name, "table", "must have at least one [epochs, rate] row", self.table)
        self._set("table", tuple(self._row(i, row) for i, row in enumerate(self.table)))

    def _row(self, i: int, row: Any) -> tuple[int, float]:
        if not isinstance(row, Sequence) or isinstance(row, str) or len(row) != 2:
            check.fail(self._name, f"table[{i}]", "must be a pair [epochs, rate]", row, TypeError)
        epochs = check.integer(self._name, f"table[{i}][0]", row[0], 1)
        return epochs, check.rate(self._name, row[1], f"table[{i}][1]")
