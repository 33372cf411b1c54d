"""CyclicLR and OneCycleLR."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from .. import check
from .base import Arguments, Groups


@dataclass(frozen=True, repr=False, eq=False)
class _Momentum(Arguments):
    """What CyclicLR and OneCycleLR share: they cycle the momentum, or beta1, against the rate."""

    def cycles_momentum(self) -> bool:
        """As the argument ``cycle_momentum`` says."""
        return bool(getattr(self, "cycle_momentum", False))

    def _check_momenta(self) -> None:
        self._check("cycle_momentum", check.flag)
        self._check_each("base_momentum", check.at_least, 0.0)
        self._check_each("max_momentum", check.at_least, 0.0)

    def check_groups(self, groups: Groups) -> None:
        """Lists must have a value for each group, and there must be a momentum to cycle."""
        self._per_group(
            groups, *(n for n in ("base_lr", "max_lr", "base_momentum", "max_momentum") if hasattr(self, n))
        )
        if self.cycles_momentum() and not {"momentum", "betas"} & set(groups[0]):
            check.fail(self._name, "cycle_momentum", "needs an optimizer with momentum or betas", True)
        for name in ("base_momentum", "max_momentum") if self.cycles_momentum() and "betas" in groups[0] else ():
            value = getattr(self, name)
            for beta in value if isinstance(value, tuple) else [value]:
                if beta >= 1:
                    check.fail(self._name, name, "must be below 1 with betas", beta)


@dataclass(frozen=True, repr=False, eq=False)
class CyclicLR(_Momentum):
    """The arguments of CyclicLR.

    Args:
        base_lr: lowest rate, or a list with one for each group; it replaces the groups' own.
        max_lr: highest rate, or a list.
        step_size_up: steps going up, above 0.
        step_size_down: steps coming down, not negative; None: as many as up.
        mode: "triangular", "triangular2" or "exp_range"; not read when ``scale_fn`` is given.
        gamma: base of "exp_range".
        scale_fn: a Python function of an int.
        scale_mode: what ``scale_fn`` gets: the "cycle" (from 1) or the "iterations" (from 0).
        cycle_momentum: cycle ``momentum``, or the first of ``betas``, too.
        base_momentum: lowest momentum, or a list.
        max_momentum: highest momentum, or a list.

    Raises:
        ValueError: an argument out of its range, a list whose length is not the number of groups, or an
            optimizer without momentum.
    """

    base_lr: float | Sequence[float]
    max_lr: float | Sequence[float]
    step_size_up: float = 2000
    step_size_down: float | None = None
    mode: Literal["triangular", "triangular2", "exp_range"] = "triangular"
    gamma: float = 1.0
    scale_fn: Callable[[float], float] | None = None
    scale_mode: Literal["cycle", "iterations"] = "cycle"
    cycle_momentum: bool = True
    base_momentum: float | Sequence[float] = 0.8
    max_momentum: float | Sequence[float] = 0.9

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_each("base_lr", check.rate_of)
        self._check_each("max_lr", check.rate_of)
        self._check("gamma", check.at_least, 0.0)
        self._check_momenta()
        self._check("step_size_up", check.number)
        if self.step_size_up <= 0:
            check.fail(self._name, "step_size_up", "must be above 0", self.step_size_up)
        if self.step_size_down is not None:
            self._check("step_size_down", check.at_least, 0)
        if self.scale_fn is None:
            self._check("mode", check.one_of, ("triangular", "triangular2", "exp_range"))
        elif not callable(self.scale_fn):
            check.fail(self._name, "scale_fn", "must be a function", self.scale_fn, TypeError)
        elif not isinstance(self.mode, str):
            check.fail(self._name, "mode", "must be a name, though it is not read with scale_fn", self.mode, TypeError)
        self._check("scale_mode", check.one_of, ("cycle", "iterations"))


@dataclass(frozen=True, repr=False, eq=False)
class OneCycleLR(_Momentum):
    """The arguments of OneCycleLR.

    Args:
        max_lr: peak rate, or a list with one for each group; the groups' own rates are not used.
        total_steps: length of the cycle, an integer, at least 1; or epochs and steps_per_epoch.
        epochs: length of the cycle in epochs.
        steps_per_epoch: scheduler steps per epoch.
        pct_start: part of the cycle spent going up, a float in [0.0, 1.0].
        anneal_strategy: "cos" or "linear".
        cycle_momentum: cycle ``momentum``, or the first of ``betas``, too.
        base_momentum: lowest momentum, or a list.
        max_momentum: highest momentum, or a list.
        div_factor: the start is max_lr / div_factor.
        final_div_factor: the end is start / final_div_factor.
        three_phase: back to the start first, then annihilate.

    Raises:
        ValueError: an argument out of its range, a list whose length is not the number of groups, an
            optimizer without momentum, or a phase without length (pct_start * total_steps == 1).
    """

    max_lr: float | Sequence[float]
    total_steps: int | None = None
    epochs: int | None = None
    steps_per_epoch: int | None = None
    pct_start: float = 0.3
    anneal_strategy: Literal["cos", "linear"] = "cos"
    cycle_momentum: bool = True
    base_momentum: float | Sequence[float] = 0.85
    max_momentum: float | Sequence[float] = 0.95
    div_factor: float = 25.0
    final_div_factor: float = 1e4
    three_phase: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_each("max_lr", check.rate_of)
        self._check_momenta()
        for name in ("total_steps", "epochs", "steps_per_epoch"):
            if getattr(self, name) is not None:
                self._check(name, check.integer, 1)
        if self.total_steps is None:
            if self.epochs is None or self.steps_per_epoch is None:
                given = (self.total_steps, self.epochs, self.steps_per_epoch)
                check.fail(self._name, "total_steps, or epochs and steps_per_epoch,", "must be given", given)
            check.integer(self._name, "epochs * steps_per_epoch", self.steps(), 1)
        if not isinstance(self.pct_start, float):
            check.fail(self._name, "pct_start", "must be a float in [0.0, 1.0]", self.pct_start)
        self._check("pct_start", check.between, 0.0, 1.0)
        self._check("anneal_strategy", check.one_of, ("cos", "linear"))
        self._check("div_factor", check.above, 0.0)
        self._check("final_div_factor", check.above, 0.0)
        self._check("three_phase", check.flag)
        if self.phase_ends()[0] == 0:  # torch divides by the length of the first phase
            check.fail(
                self._name, "pct_start", "times total_steps must not be 1 (the way up has no length)", self.pct_start
            )
        if self.last_epoch + 1 > self.last_step():  # torch's words are of the step that its constructor takes
            check.fail(self._name, "last_epoch", f"must lie within the cycle of {self.steps()} steps", self.last_epoch)

    def steps(self) -> int:
        """The length of the cycle, in scheduler steps."""
        return self.total_steps or (self.epochs or 0) * (self.steps_per_epoch or 0)

    def last_step(self) -> int:
        """torch's extra step; where the last phase has no length, torch divides by zero there."""
        *_, before, last = self.phase_ends()
        return self.steps() if before != last else self.steps() - 1

    def phase_ends(self) -> list[float]:
        """The step at which each phase ends; floats but for the last, as in torch."""
        first = float(self.pct_start * self.steps()) - 1
        second = [float(2 * self.pct_start * self.steps()) - 2] if self.three_phase else []
        return [first, *second, self.steps() - 1]
