"""The rules people write by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .. import check
from .base import Arguments, Groups

LONGEST = 10_000_000
MODES = ("factor", "rate")


@dataclass(frozen=True, repr=False, eq=False)
class StepDecay(Arguments):
    """The arguments of StepDecay.

    Args:
        lr_decay: epochs between two drops, an integer, at least 1.
        gamma: factor of a drop.
        mode: "factor": lr0 is each group's own base rate; "rate": ``lr0`` is the base rate of all groups.
        lr0: the base rate of all groups, with mode="rate" only.

    Raises:
        ValueError: an argument out of its range; lr0 missing in mode="rate" or given in mode="factor".
    """

    lr_decay: int
    gamma: float = 0.1
    mode: Literal["rate", "factor"] = "factor"
    lr0: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check("lr_decay", check.integer, 1)
        self._check("gamma", check.at_least, 0.0)
        self._check("mode", check.one_of, MODES)
        if self.mode == "rate":
            self._check("lr0", check.rate_of)
        elif self.lr0 is not None:
            check.fail(self._name, "lr0", "must be left out with mode='factor'", self.lr0)


@dataclass(frozen=True, repr=False, eq=False)
class EpochTable(Arguments):
    """The arguments of EpochTable.

    Args:
        table: rows of (number of epochs, an integer, at least 1; rate or factor, finite and not negative).
        mode: "rate": the second column is the rate of all groups, as the tutorial has it; "factor": it multiplies each
            group's own base rate. None: "rate", and an error where the groups' rates differ, which it would erase.

    Raises:
        TypeError: a table that is no list of pairs.
        ValueError: an empty table, a non-positive duration, a negative or NaN rate, an unknown mode; no mode for groups
            whose rates differ.
    """

    table: Sequence[Sequence[float]]
    mode: Literal["rate", "factor"] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._set("_chosen", self.mode is not None)
        self._set("mode", "rate" if self.mode is None else self.mode)
        self._check("mode", check.one_of, MODES)
        if not isinstance(self.table, list | tuple):
            check.fail(self._name, "table", "must be a list of [epochs, rate] rows", self.table, TypeError)
        if not self.table:
            check.fail(self._name, "table", "must have at least one [epochs, rate] row", self.table)
        self._set("table", tuple(self._row(i, row) for i, row in enumerate(self.table)))
        if (epochs := sum(row[0] for row in self.table)) > LONGEST:  # its state holds a rate for each epoch
            rule = f"must last at most {LONGEST} epochs (the last row's rate is held, 1 is enough for it)"
            check.fail(self._name, "table", rule, epochs)

    def check_groups(self, groups: Groups) -> None:
        """Groups with rates of their own would lose them to the table: that must be asked for."""
        if not vars(self)["_chosen"] and len(rates := {group["lr"] for group in groups}) > 1:
            rule = (
                "must be given where groups' rates differ: 'rate' (the table's for all) or 'factor' (of each group's)"
            )
            check.fail(self._name, "mode", rule, sorted(map(float, rates)))

    def _row(self, i: int, row: Any) -> tuple[int, float]:
        if not isinstance(row, list | tuple) or len(row) != 2:
            check.fail(self._name, f"table[{i}]", "must be a pair [epochs, rate]", row, TypeError)
        epochs = check.integer(self._name, f"table[{i}][0]", row[0], 1)
        return epochs, check.rate(self._name, row[1], f"table[{i}][1]")
