"""The picture of a range test: the loss over the rate, and the suggestions."""

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..plot import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw(test: Any, names: Sequence[str]) -> "Figure":
    """The smoothed losses, the median of several runs within the band of all; a dot for each suggestion."""
    figure = new_figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    runs = np.atleast_2d(test.smoothed)
    runs = np.where(np.isfinite(runs), runs, np.nan)
    middle = _over_runs(np.nanmedian, runs)
    if len(runs) > 1:
        band = _over_runs(np.nanmin, runs), _over_runs(np.nanmax, runs)
        axes.fill_between(test.lrs, *band, color="C0", alpha=0.2, linewidth=0, label=f"{len(runs)} runs")
        axes.plot(test.lrs, middle, color="C0", label="their median")
    else:
        is_smooth = test.plan.settings.smooth != "none"
        axes.plot(test.lrs, middle, color="C0", label="loss, smoothed" if is_smooth else "loss")
        if is_smooth:
            axes.plot(test.lrs, test.losses.ravel(), ".", color="C0", alpha=0.3, markersize=4, label="loss")
    _mark(axes, test, names, middle)
    _finish(axes, test, middle)
    return figure


def _over_runs(function: Any, runs: np.ndarray) -> np.ndarray:
    with warnings.catch_warnings():  # NumPy warns where no run has a loss
        warnings.simplefilter("ignore", RuntimeWarning)
        return function(runs, axis=0)


def _mark(axes: Any, test: Any, names: Sequence[str], middle: np.ndarray) -> None:
    """A dot on the curve and a line down for each suggestion there is; the legend says so where there is none."""
    for i, name in enumerate(names, 1):
        try:
            lr = test.suggestion(name).lr
        except ValueError:
            axes.plot([], [], " ", label=f"{name}: none")
            continue
        inside = np.isfinite(middle)
        loss = np.interp(np.log(lr), np.log(test.lrs[inside]), middle[inside])
        axes.axvline(lr, color=f"C{i}", linewidth=1, alpha=0.6)
        axes.plot([lr], [loss], "o", color=f"C{i}", markersize=8, label=f"{name}: {lr:.3g}")


def _finish(axes: Any, test: Any, middle: np.ndarray) -> None:
    """The axes; what has diverged does not press the rest flat."""
    if test.plan.settings.mode == "exponential":
        axes.set_xscale("log")
    finite = middle[np.isfinite(middle)]
    if len(finite):
        losses = test.losses[np.isfinite(test.losses)]
        low, first = float(losses.min()), float(np.median(finite[: max(1, len(finite) // 4)]))
        top = max(first, low) + 0.5 * abs(first - low) or low + 1
        if losses.max() > top > low:
            axes.set_ylim(low - 0.1 * (top - low), top)
    several = len(test.plan.ratios) > 1
    axes.set_xlabel(f"learning rate of group {test.plan.group!r}" if several else "learning rate", parse_math=False)
    axes.set_ylabel("loss")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, loc="lower left")
