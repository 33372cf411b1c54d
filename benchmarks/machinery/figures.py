"""The figures: each contender's time over the baseline's, which is 1; a row for each case, or lines over a number."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.lines import Line2D

from .measurement import Outcome

# A colour for each family, the same in every figure, and distinct for the colour-blind (Okabe and Ito); what differs
# within a family differs by its marker.
COLOURS = {"lrjax": "#D55E00", "lrtorch": "#CC79A7", "optax": "#0072B2", "torch": "#009E73", "": "#7F7F7F"}
MARKERS = "osD^v<>PX*"


def save(path: Path, one: Mapping[str, Any], xlabel: str | None, baseline: Sequence[str] = ()) -> None:
    """Draw a measurement: the median ratio of every contender to the baseline, and the quartiles.

    Args:
        path: the file.
        one: the stored measurement.
        xlabel: what its cases differ by, where that is a number; None: a row for each case.
        baseline: the contenders that are 1, the first that a case has; none: the first whose name begins with lrjax.
    """
    cases = {case: {name: Outcome(**row) for name, row in rows.items()} for case, rows in one["cases"].items()}
    names = list(dict.fromkeys(name for rows in cases.values() for name in rows))
    ratios = {case: _ratios(rows, baseline_of(rows, baseline)) for case, rows in cases.items()}
    figure = _rows(ratios, names) if xlabel is None else _lines(ratios, names, one["x"], xlabel)
    shown = " / ".join(dict.fromkeys(base for rows in cases.values() if (base := baseline_of(rows, baseline))))
    figure.suptitle(f"{one['title']}: time over that of {shown} (lower is better)", fontsize=11)
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)


def baseline_of(rows: Mapping[str, Outcome], baseline: Sequence[str]) -> str:
    """The contender that is 1 in the figure; "" where none of them ran."""
    wanted = baseline or [name for name in rows if name.startswith("lrjax")]
    return next((name for name in wanted if name in rows and rows[name].samples), "")


def _ratios(rows: Mapping[str, Outcome], base: str) -> dict[str, np.ndarray]:
    """Quartiles of each contender's ratios to the baseline, round by round."""
    if not base:
        return {}
    below = np.array(rows[base].samples)
    return {
        name: np.quantile(np.array(one.samples[: len(below)]) / below[: len(one.samples)], [0.25, 0.5, 0.75])
        for name, one in rows.items()
        if one.samples
    }


def _style(name: str, names: Sequence[str]) -> dict[str, Any]:
    alike = [other for other in names if _family(other) == _family(name)]
    return {"color": COLOURS[_family(name)], "marker": MARKERS[alike.index(name) % len(MARKERS)]}


def _family(name: str) -> str:
    if "multi_transform" in name or name == "masked chain":
        return "optax"
    return next((word for word in ("lrjax", "lrtorch", "optax", "torch") if word in name.split(",")[0]), "")


def _rows(ratios: Mapping[str, Mapping[str, np.ndarray]], names: Sequence[str]) -> Any:
    figure, axes = plt.subplots(figsize=(9, min(9.5, 2.2 + 0.22 * len(ratios))), layout="constrained")
    for y, row in enumerate(ratios.values()):
        for name, (low, middle, high) in row.items():
            spread = [[middle - low], [high - middle]]
            axes.errorbar(middle, y, xerr=spread, markersize=5, linewidth=1, alpha=0.85, **_style(name, names))
    axes.set_yticks(range(len(ratios)), list(ratios), fontsize=7)
    axes.set_ylim(len(ratios) - 0.4, -0.6)
    axes.grid(axis="y", alpha=0.25)
    _finish(figure, axes, axes.xaxis, names)
    axes.axvline(1, color="black", linewidth=1)
    return figure


def _lines(
    ratios: Mapping[str, Mapping[str, np.ndarray]], names: Sequence[str], x: Mapping[str, float], xlabel: str
) -> Any:
    figure, axes = plt.subplots(figsize=(8, 5), layout="constrained")
    for name in names:
        points = [(x[case], *row[name]) for case, row in ratios.items() if name in row]
        if points:
            at, low, middle, high = np.array(points).T
            axes.errorbar(at, middle, yerr=[middle - low, high - middle], linewidth=1.2, **_style(name, names))
    axes.set(xscale="log", xlabel=xlabel)
    axes.set_xticks(sorted(set(x.values())), [f"{v:g}" for v in sorted(set(x.values()))])
    axes.minorticks_off()
    _finish(figure, axes, axes.yaxis, names)
    axes.axhline(1, color="black", linewidth=1)
    return figure


def _finish(figure: Any, axes: Any, axis: Any, names: Sequence[str]) -> None:
    """The axis of ratios, with plain numbers, and the legend."""
    (axes.set_xscale if axis is axes.xaxis else axes.set_yscale)("log")
    axis.set_major_formatter(lambda value, _: f"{value:g}")
    axis.set_minor_formatter(lambda value, _: f"{value:g}" if f"{value:.0e}"[0] in "25" else "")
    axis.set_tick_params(which="both", labelsize=8)
    handles = [Line2D([], [], linestyle="", label=name, **_style(name, names)) for name in names]
    figure.legend(handles=handles, loc="outside lower center", ncols=4, fontsize=8, frameon=False)
