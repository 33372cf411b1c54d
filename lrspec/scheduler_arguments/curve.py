"""CurveLR: any curve as a scheduler."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from .. import check
from ..curves.curve import Curve
from ..curves.numbers import Number, Numbers
from .base import Arguments, Groups


@dataclass(frozen=True, repr=False, eq=False)
class CurveLR(Arguments):
    """The arguments of CurveLR.

    Args:
        curve: what ``curves.linear(...)``, ``curves.sequence(...)`` or ``curves.transformers.cosine(...)`` give.
        target: the name of the number that it changes: "lr", "weight_decay", "momentum" (the first of betas where the
            optimizer has those), or another number of the groups. Relative levels multiply the group's own.
        units_per_step: how much of the curve a scheduler step is, where its lengths are no steps: the batch size for a
            curve in samples, tokens in a batch for one in tokens. A list [[steps, units], ...] where that changes
            during the run; the last row holds on.
        steps_per_unit: the other way round: the updates per epoch, for a curve in epochs that is to be followed at
            every update (``every=1``), in fractions of an epoch.

    Raises:
        TypeError: a curve that is none, a target that is no name.
        ValueError: a number out of its range, a target that the groups have not.
    """

    curve: Curve
    target: str = "lr"
    units_per_step: float | Sequence[Sequence[float]] = 1
    steps_per_unit: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.curve, Curve):
            hint = "; a scheduler needs no CurveLR" if isinstance(self.curve, Arguments) else ""
            rule = "must be a curve, as curves.linear(...) gives one"
            check.fail(self._name, "curve", rule, self.curve, TypeError, hint)
        if not isinstance(self.target, str):
            check.fail(self._name, "target", "must be the name of a number of the groups", self.target, TypeError)
        if isinstance(self.units_per_step, list | tuple):
            self._set("units_per_step", tuple(self._row(i, row) for i, row in enumerate(self.units_per_step)))
            if not self.units_per_step:
                check.fail(self._name, "units_per_step", "must have at least one [steps, units] row", [])
        else:
            self._check("units_per_step", check.above, 0)
        self._check("steps_per_unit", check.integer, 1)

    def _row(self, i: int, row: Any) -> tuple[int, float]:
        if not isinstance(row, list | tuple) or len(row) != 2:
            check.fail(self._name, f"units_per_step[{i}]", "must be a pair [steps, units]", row, TypeError)
        steps = check.integer(self._name, f"units_per_step[{i}][0]", row[0], 1)
        return steps, self._checked(f"units_per_step[{i}][1]", row[1], check.above, 0)

    def plain(self) -> dict[str, Any]:
        """The arguments as a state has them: the curve as text, and numbers and lists."""
        units = self.units_per_step
        rows = list(map(list, units)) if isinstance(units, tuple) else units
        own = {"curve": repr(self.curve), "target": self.target, "units_per_step": rows}
        return {**own, "steps_per_unit": self.steps_per_unit}

    def count(self, m: Numbers, e: Number) -> Number:
        """How far the curve is after e steps, in its own unit."""
        t = self._units(m, e, self.units_per_step) if isinstance(self.units_per_step, tuple) else e
        if not isinstance(self.units_per_step, tuple | list) and self.units_per_step != 1:
            t = e * self.units_per_step
        return t if self.steps_per_unit == 1 else t / self.steps_per_unit

    @staticmethod
    def _units(m: Numbers, e: Number, rows: Sequence[Any]) -> Number:
        """The units that e steps make where they differ from step to step; the last row holds on."""
        starts = [0, *accumulate(steps for steps, _ in rows[:-1])]
        done = [0, *accumulate(steps * units for steps, units in rows[:-1])]
        row = m.passed(starts[1:], e)
        return m.entry(done, row) + (e - m.entry(starts, row)) * m.entry([units for _, units in rows], row)

    def begins(self, m: Numbers, e: Number) -> list[Any]:
        """For each segment that starts from where the number is: whether it begins with step e."""
        now, before = self.count(m, e), self.count(m, e - 1)
        return [(now >= at) & ((before < at) | (e == 0)) for at in self.curve.captures()]

    def cycles_momentum(self) -> bool:
        """Whether that is its target."""
        return self.target == "momentum"

    def check_groups(self, groups: Groups) -> None:
        """The target must be a number of the groups."""
        if self.target == "momentum" and "betas" in groups[0]:
            return  # it is the first of betas there, as in CyclicLR and OneCycleLR
        if not check.is_number(check.plain(groups[0].get(self.target))):
            rule = "must be the name of a number of the groups"
            names = [name for name, value in groups[0].items() if check.is_number(value)]
            check.fail(self._name, "target", f"{rule} ({', '.join(sorted(names))})", self.target)
