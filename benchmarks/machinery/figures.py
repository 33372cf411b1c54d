"""The figures: bars per case, or lines over a number."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.patches import Patch

from .measurement import Outcome


def save(path: Path, one: Mapping[str, Any], xlabel: str | None) -> None:
    """Draw a measurement: median and quartiles of every contender."""
    cases = {case: {name: Outcome(**row) for name, row in rows.items()} for case, rows in one["cases"].items()}
    names = list(dict.fromkeys(name for rows in cases.values() for name in rows))
    if xlabel is None:
        figure = _bars(cases, names)
    else:
        figure = _lines(cases, names, one["x"], xlabel)
    figure.suptitle(one["title"])
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)


def _bars(cases: dict[str, dict[str, Outcome]], names: list[str]) -> Any:
    rows = sum(len(outcomes) + 1 for outcomes in cases.values())
    figure, axes = plt.subplots(figsize=(9, 1.2 + 0.16 * rows), layout="constrained")
    colours, y, ticks = plt.colormaps["tab10"], 0, []
    for case, outcomes in cases.items():
        ticks.append((y + (len(outcomes) - 1) / 2, case))
        for name, outcome in outcomes.items():
            if outcome.samples:
                low, middle, high = outcome.quartiles()
                spread = [[(middle - low) * 1e3], [(high - middle) * 1e3]]
                axes.barh(y, middle * 1e3, xerr=spread, color=colours(names.index(name) % 10), height=0.9)
            y += 1
        y += 1
    axes.set_yticks([at for at, _ in ticks], [case for _, case in ticks], fontsize=7)
    axes.set(xscale="log", xlabel="milliseconds")
    axes.margins(y=0.01)
    axes.invert_yaxis()
    handles = [Patch(color=colours(i % 10)) for i in range(len(names))]
    figure.legend(handles, names, loc="outside lower center", ncols=4, fontsize=7)
    return figure


def _lines(cases: dict[str, dict[str, Outcome]], names: list[str], x: Mapping[str, float], xlabel: str) -> Any:
    figure, axes = plt.subplots(figsize=(8, 5), layout="constrained")
    for name in names:
        points = [
            (x[case], *rows[name].quartiles()) for case, rows in cases.items() if name in rows and rows[name].samples
        ]
        if points:
            at, low, middle, high = (
                [1e3 * v if i else v for v in row] for i, row in enumerate(zip(*points, strict=True))
            )
            axes.errorbar(
                at,
                middle,
                yerr=[
                    [m - a for m, a in zip(middle, low, strict=True)],
                    [b - m for m, b in zip(middle, high, strict=True)],
                ],
                marker="o",
                label=name,
            )
    axes.set(xscale="log", yscale="log", xlabel=xlabel, ylabel="milliseconds")
    axes.set_xticks(sorted(set(x.values())), [f"{v:g}" for v in sorted(set(x.values()))])
    axes.minorticks_off()
    axes.legend(fontsize=8)
    return figure
