"""``plot``: a picture of the rates a scheduler would set, and of the momenta where it cycles them."""

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np

from . import check
from .scheduler_arguments import Arguments

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_FEW = 40  # so many steps or fewer also get a dot each: the last one has no width, a single one no line


def plot_of(simulate: Callable[..., Any], module: str):  # the type checker finds the signature of what it returns
    """The function ``plot`` of a package, which draws what its ``simulate`` gives."""

    def plot(
        scheduler: Any,
        base_lrs: float | Sequence[float] = 0.1,
        num_steps: int = 100,
        *,
        edits: Mapping[int, Any] | None = None,
        metrics: Sequence[float] | None = None,
        labels: Sequence[str] | None = None,
    ) -> "Figure":
        """Draw the rate of each update, a line per group; below it the momentum, where the scheduler cycles it.

        The numbers are those of ``simulate``. Save the figure with ``figure.savefig("curve.png")``; a
        notebook shows it by itself. It is no pyplot figure: no window opens and nothing has to be closed.

        Args:
            scheduler: a scheduler of this package.
            base_lrs: the groups' rates before the scheduler is attached; one number is one group.
            num_steps: number of scheduler steps, at least 1.
            edits: step -> rate set by hand before that update, see ``simulate``.
            metrics: for ReduceLROnPlateau and GreedyLR, num_steps numbers.
            labels: the groups' names in the legend; None: their number and base rate.

        Returns:
            A ``matplotlib.figure.Figure``.

        Raises:
            ImportError: matplotlib is not installed.
            ValueError: labels that are not one per group; what ``simulate`` rejects.
        """
        rates, momenta = simulate(scheduler, base_lrs, num_steps, edits, metrics, momentum=True)
        return draw(scheduler, base_lrs, rates, momenta, labels)

    plot.__module__, plot.__qualname__ = module, "plot"
    return plot


def draw(scheduler: Any, base_lrs: Any, rates: np.ndarray, momenta: np.ndarray, labels: Any) -> "Figure":
    """The figure of rates and momenta, shape=(steps, groups) each."""
    names = _labels(np.atleast_1d(base_lrs).tolist(), labels)
    curves = {"learning rate": rates, **({"momentum": momenta} if scheduler.cycles_momentum() else {})}
    columns = _columns(names)
    legend = 0.22 * -(-len(names) // columns)  # inches: its rows make the figure taller, not the axes lower
    figure = new_figure(figsize=(8, 1.2 + 3 * len(curves) + legend), layout="constrained")
    panels = figure.subplots(len(curves), 1, sharex=True, squeeze=False)[:, 0]
    for axes, (name, values) in zip(panels, curves.items(), strict=True):
        _curves(axes, values, names)
        axes.set_ylabel(name)
        if _far_apart(values):
            axes.set_yscale("log")
        axes.grid(alpha=0.3)
    panels[-1].set_xlabel("scheduler step")
    panels[-1].xaxis.get_major_locator().set_params(integer=True)
    title = textwrap.fill(describe(scheduler), 90, max_lines=4, placeholder=" ...")
    figure.suptitle(title, fontsize="medium", parse_math=False)
    figure.legend(handles=panels[0].get_lines(), loc="outside lower center", ncols=columns, frameon=False)
    return figure


def _labels(base_lrs: Sequence[float], labels: Any) -> list[str]:
    if labels is None:
        return [f"group {i} (base rate {lr:g})" for i, lr in enumerate(base_lrs)]
    if not isinstance(labels, list | tuple) or len(labels) != len(base_lrs):
        check.fail("plot", "labels", f"must be a list with one label for each of the {len(base_lrs)} groups", labels)
    return [str(label) for label in labels]


def new_figure(**options: Any) -> "Figure":
    """A figure of its own, not pyplot's: no window, no global state, nothing to close."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("plot: matplotlib is not installed; type: pip install lrjax[plot]") from error
    return Figure(**options)


def _far_apart(values: np.ndarray) -> bool:
    """Whether a group would be a line at the bottom beside the largest one."""
    peaks = values.max(axis=0)
    return bool(peaks.min() > 0 and peaks.max() > 10 * peaks.min())


def _curves(axes: Any, values: np.ndarray, names: Sequence[str]) -> None:
    """A line per group; while they are few, the first ones thicker, so that equal ones all show."""
    steps, groups = values.shape
    widths = np.linspace(1.5 + min(groups - 1, 3), 1.5, groups) if groups <= 10 else np.full(groups, 1.5)
    colors = _colors(groups)
    for column, color, width, name in zip(values.T, colors, widths, names, strict=True):
        dots = {"marker": "o", "markersize": width + 2} if steps <= _FEW else {}
        axes.plot(range(steps), column, color=color, linewidth=width, drawstyle="steps-post", label=name, **dots)


def _colors(groups: int) -> list[Any]:
    """matplotlib's own ten, or from dark to bright where they would repeat."""
    from matplotlib import colormaps

    if groups <= 10:
        return [f"C{i}" for i in range(groups)]
    return list(colormaps["viridis"](np.linspace(0, 0.95, groups)))


def _columns(names: Sequence[str]) -> int:
    """As many as fit under the axes, at about 100 characters a row."""
    return max(1, min(len(names), 100 // (5 + max(map(len, names)))))


def describe(value: Any) -> str:
    """The repr of a scheduler, with functions by their name and not by their address."""
    if isinstance(value, Arguments):
        given = ((f.name, getattr(value, f.name)) for f in fields(value) if getattr(value, f.name) != f.default)
        return f"{type(value).__name__}({', '.join(f'{name}={describe(v)}' for name, v in given)})"
    if isinstance(value, tuple):
        return f"({', '.join(map(describe, value))}{',' if len(value) == 1 else ''})"
    return getattr(value, "__name__", type(value).__name__) if callable(value) else repr(value)
