"""The groups of an optimizer as data that prints as a table."""

from collections.abc import Mapping
from typing import Any


class Description(list[dict[str, Any]]):
    """One dict per group; ``print`` shows a table.

    Keys: "group", "patterns" (a tuple of str), "tensors" and "parameters" (int), "dtype" (str), "frozen" (bool),
    and the hyperparameters, "lr" first (float, or a tuple).
    """

    def __str__(self) -> str:
        """The table, one line per group and a heading."""
        columns = list(dict.fromkeys(key for row in self for key in row if key != "patterns"))
        cells = [columns, *([_cell(row, key) for key in columns] for row in self)]
        widths = [max(len(line[c]) for line in cells) for c in range(len(columns))]
        return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in cells)


def row(
    group: str, patterns: tuple[str, ...], tensors: list[tuple[int, str]], frozen: bool, hyper: Mapping[str, Any]
) -> dict[str, Any]:
    """One group: ``tensors`` are sizes and dtypes, ``hyper`` what its hyperparameters are now."""
    return {
        "group": group,
        "patterns": patterns,
        "tensors": len(tensors),
        "parameters": sum(size for size, _ in tensors),
        "dtype": ", ".join(sorted({dtype for _, dtype in tensors})),
        "frozen": frozen,
        "lr": hyper["lr"],
        **{name: hyper[name] for name in sorted(hyper) if name != "lr"},
    }


def _cell(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key, "")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.4g}"
    return ", ".join("None" if x is None else f"{x:.4g}" for x in value) if isinstance(value, tuple) else str(value)
