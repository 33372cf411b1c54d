"""The groups of an optimizer as data that prints as a table."""

from collections.abc import Mapping
from typing import Any

import numpy as np

_BARS = "▁▂▃▄▅▆▇█"


class Description(list[dict[str, Any]]):
    """One dict per group; ``print`` shows a table.

    Keys: "group", "patterns" (a tuple of str), "tensors" and "parameters" (int), "dtype" (str), "frozen" (bool),
    and the hyperparameters, "lr" first (float, or a tuple; float64 arrays where the state is that of several runs);
    "ahead" where it was asked for: the rates of the updates to come, float64, shape=(num_steps,) or shorter.
    """

    def __str__(self) -> str:
        """The table, one line per group and a heading; of several runs the range of each number."""
        columns = list(dict.fromkeys(key for row in self for key in row if key != "patterns"))
        cells = [columns, *([_cell(row, key) for key in columns] for row in self)]
        widths = [max(len(line[c]) for line in cells) for c in range(len(columns))]
        lines = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in cells]
        runs = {lr.shape for row in self if isinstance(lr := row["lr"], np.ndarray)}
        return "\n".join([*lines, *(f"a batch of {' x '.join(map(str, shape))} runs" for shape in sorted(runs))])


def row(
    group: str,
    patterns: tuple[str, ...],
    tensors: list[tuple[int, str]],
    frozen: bool,
    hyper: Mapping[str, Any],
    ahead: np.ndarray | None = None,
) -> dict[str, Any]:
    """One group: ``tensors`` are sizes and dtypes, ``hyper`` its hyperparameters now, ``ahead`` its rates to come."""
    return {
        "group": group,
        "patterns": patterns,
        "tensors": len(tensors),
        "parameters": sum(size for size, _ in tensors),
        "dtype": ", ".join(sorted({dtype for _, dtype in tensors})),
        "frozen": frozen,
        "lr": hyper["lr"],
        **({} if ahead is None else {"ahead": ahead}),
        **{name: hyper[name] for name in sorted(hyper) if name != "lr"},
    }


def sparkline(values: np.ndarray, width: int = 24) -> str:
    """A curve of ``width`` characters between its first and its last value, from 0 at the bottom to its largest."""
    picked = values[np.unique(np.linspace(0, len(values) - 1, width).astype(int))]
    top = picked.max()
    heights = np.zeros(len(picked), int) if top <= 0 else np.ceil(picked / top * len(_BARS)).astype(int).clip(1) - 1
    return f"{values[0]:.4g} {''.join(_BARS[h] for h in heights)} {values[-1]:.4g}"


def _cell(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key, "")
    if key == "ahead" and isinstance(value, np.ndarray):
        return sparkline(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, tuple):
        return ", ".join(map(_number, value))
    return _number(value) if isinstance(value, float | np.ndarray) else str(value)


def _number(value: Any) -> str:
    if value is None:
        return "None"
    low, high = f"{np.min(value):.4g}", f"{np.max(value):.4g}"
    return low if low == high else f"{low} to {high}"
