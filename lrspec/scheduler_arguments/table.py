"""TableLR, and the table it plays."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from .. import check
from .base import Arguments, Groups

SHOWN = 8  # runs that a table prints
LONGEST = 2**31 - 1  # steps are counted in int32


class Column(NamedTuple):
    """One number of the groups, run by run."""

    ends: np.ndarray  # shape=(R,), dtype=int64: the step after each run
    values: np.ndarray  # dtype=float64: shape=(R,), the same for all groups; or (R, G)

    def rows(self, most: int | None = None) -> list[Any]:
        """[[steps, value or list of values], ...], the first ``most`` of them."""
        counts = np.diff(self.ends[:most], prepend=0).tolist()
        return [list(row) for row in zip(counts, self.values[:most].tolist(), strict=True)]


class Table:
    """Run-length coded numbers over the steps of a scheduler: the rate, and what else changes with it.

    It compares by its numbers and hashes once, for compiled code asks for both.

    Args:
        where: the function that was given the table, for the errors.
        table: name -> [[steps, value], ...], "lr" among the names; a list of rows alone is that of "lr".
            steps: an integer, at least 1; value: a finite number, or a list with one for each group.
    """

    def __init__(self, where: str, table: Any) -> None:
        named = {"lr": table} if isinstance(table, list | tuple) else table
        if not isinstance(named, Mapping):
            check.fail(where, "table", "must be a list of [steps, rate] rows, or a dict of such", table, TypeError)
        for name in named:
            if not isinstance(name, str):
                check.fail(where, "table", "must have strings for keys", name, TypeError)
        if "lr" not in named:
            check.fail(where, "table", "must have 'lr'", table)
        label = "table" if named is not table else "table[{!r}]"
        self.columns = {name: _column(where, label.format(name), rows) for name, rows in named.items()}
        self.steps = int(self.columns["lr"].ends[-1])
        for name, column in self.columns.items():
            if column.ends[-1] != self.steps:
                check.fail(where, f"table[{name!r}]", f"must last {self.steps} steps, as 'lr' does", column.ends[-1])
        self._hash = hash(self._key())

    def _key(self) -> tuple[Any, ...]:
        columns = sorted(self.columns.items())
        return tuple((name, c.values.shape, c.ends.tobytes(), c.values.tobytes()) for name, c in columns)

    def plain(self) -> dict[str, list[Any]]:
        """The table as a dict of lists of numbers."""
        return {name: column.rows() for name, column in self.columns.items()}

    def __eq__(self, other: object) -> bool:
        if self is other or not isinstance(other, Table):
            return self is other
        return self._hash == other._hash and self._key() == other._key()

    def __hash__(self) -> int:
        return self._hash

    def __str__(self) -> str:
        """As one would type it, whole."""
        return str(self.plain())

    def __repr__(self) -> str:
        """As one would type it; of a long column, the first runs."""
        shown = {}
        for name, column in self.columns.items():
            more = ["..."] if len(column.ends) > SHOWN else []
            shown[name] = f"[{', '.join([*map(repr, column.rows(SHOWN)), *more])}]"
        if list(shown) == ["lr"]:
            return shown["lr"]
        return f"{{{', '.join(f'{name!r}: {rows}' for name, rows in shown.items())}}}"


def _column(where: str, label: str, rows: Any) -> Column:
    if not isinstance(rows, list | tuple):
        check.fail(where, label, "must be a list of [steps, value] rows", rows, TypeError)
    if not rows:
        check.fail(where, label, "must have at least one [steps, value] row", rows)
    rows = [row if _is_plain(row) else _row(where, label, i, row) for i, row in enumerate(rows)]
    counts, values = zip(*rows, strict=True)
    first = _width(values[0])
    for i, value in enumerate(values):
        if _width(value) != first:
            like = f"a list of {first} numbers" if first else "one number"
            check.fail(where, f"{label}[{i}][1]", f"must be {like}, as row 0 has", value)
    if sum(counts) > LONGEST:
        check.fail(where, label, f"must last at most {LONGEST} steps", sum(counts))
    return Column(np.cumsum(counts, dtype=np.int64), np.array(values, np.float64))


def _is_plain(row: Any) -> bool:
    """Whether it is as ``tabulate`` gives it: a table may have a million rows, and this spares them the checks."""
    if type(row) is not list or len(row) != 2 or type(row[0]) is not int or row[0] < 1:
        return False
    values = row[1] if type(row[1]) is list else [row[1]]
    return values != [] and all(type(value) is float and abs(value) <= check.LARGEST for value in values)


def _width(value: Any) -> int:
    return len(value) if isinstance(value, list | tuple) else 0


def _row(where: str, label: str, i: int, row: Any) -> tuple[int, float | tuple[float, ...]]:
    if not isinstance(row, list | tuple) or len(row) != 2:
        check.fail(where, f"{label}[{i}]", "must be a pair [steps, value]", row, TypeError)
    steps, value = row
    steps = check.integer(where, f"{label}[{i}][0]", steps, 1)
    if not isinstance(value, list | tuple):
        return steps, check.single(where, f"{label}[{i}][1]", value)
    if not value:
        check.fail(where, f"{label}[{i}][1]", "must have a number for each group", value)
    return steps, tuple(check.single(where, f"{label}[{i}][1]", v) for v in value)


@dataclass(frozen=True, repr=False, eq=False)
class TableLR(Arguments):
    """The arguments of TableLR.

    Args:
        table: rows of (steps, an integer, at least 1; rate, a finite number, or a list with one for each group);
            or a dict of such lists of rows, "lr" and what else changes: "momentum" (the first of betas, where the
            optimizer has those), "weight_decay", or another number of its groups.

    Raises:
        TypeError: a table that is no list of pairs, nor a dict of such.
        ValueError: an empty table, a run without steps, a number that is not finite, columns of different length,
            lists whose length is not the number of groups, an optimizer without a number that the table changes.
    """

    table: Table | list[Any] | dict[str, Any]

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.table, Table):
            self._set("table", Table(self._name, self.table))
        if self.last_epoch >= self.last_step():
            check.fail(self._name, "last_epoch", f"must be below {self.last_step()}, the table's last", self.last_epoch)

    @property
    def _table(self) -> Table:
        assert isinstance(self.table, Table)
        return self.table

    def steps(self) -> int:
        """How many rates the table has, one for each update."""
        return self._table.steps

    def last_step(self) -> int:
        """The table's last."""
        return self.steps() - 1

    def cycles_momentum(self) -> bool:
        """Whether the table has a column of it."""
        return "momentum" in self._table.columns

    def check_groups(self, groups: Groups) -> None:
        """Every column must name a number of the groups, and a list have a value for each group."""
        for name, column in self._table.columns.items():
            if column.values.shape[1:] not in ((), (len(groups),)):
                rule = f"must have one value for each of the {len(groups)} groups"
                check.fail(self._name, f"table[{name!r}]", rule, column.values.shape[1])
            if name == "momentum" and "betas" in groups[0]:
                continue  # it is the first of betas there, as in CyclicLR and OneCycleLR
            if not check.is_number(groups[0].get(name)):
                check.fail(
                    self._name, f"table[{name!r}]", f"needs an optimizer with a number {name}", sorted(groups[0])
                )
