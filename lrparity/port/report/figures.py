"""The curves of the HTML page, as SVG whose colours follow the page's.

PyTorch is a thick pale line, JAX a thin dashed one on it: both show when they agree.
"""

import io
import re
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..findings import Findings
from . import content

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GROUPS = 6  # drawn at most
PARAMETERS = 60  # rows of the heat map at most
COLUMNS = 300  # of the heat map at most; more updates share a column
POINTS = 1500  # of a curve at most
_FEW = 12  # so many updates or fewer also get a dot each: a single one has no line
# Each is replaced by a variable of the page, which has another value in the dark.
COLORS = {"ink": "#1d2126", "grid": "#d4d8dd", "torch": "#f2a65a", "jax": "#12489b", "apart": "#b0203a"}
UPDATE = "update (counted from 0)"


class Drawing(NamedTuple):
    """A figure with its words."""

    name: str
    title: str
    caption: str
    figure: "Figure"


def wanted(result: Findings) -> bool:
    """Whether there is anything to draw; a distance of 0 throughout is said in words."""
    return bool(content.rate_differences(result).size or result.distance.any() or result.ulps.any())


def drawings(result: Findings) -> Iterator[Drawing]:
    """The figures of a result; those without numbers, or with zeros alone, are left out.

    Raises:
        ImportError: matplotlib is not installed.
    """
    for draws, draw in (
        (content.rate_differences(result).size > 0, _rates),
        (result.distance.any(), _distance),
        (result.distance.any(), _heat),
        (result.ulps.any(), _ulps),
    ):
        if draws:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a letter that matplotlib's font lacks; the page has others
                yield draw(result)


def svg(drawing: Drawing) -> str:
    """The figure as an SVG element that needs nothing from outside the page."""
    import matplotlib

    buffer = io.StringIO()
    options: Any = {"svg.fonttype": "none", "svg.hashsalt": drawing.name, "axes.unicode_minus": False}
    with matplotlib.rc_context(options), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        drawing.figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    for waste in (r"<metadata>.*?</metadata>", r"<style.*?</style>", r"<!--.*?-->", r' xmlns(:\w+)?="[^"]*"'):
        text = re.sub(waste, "", text, flags=re.DOTALL)
    for name, color in COLORS.items():
        text = re.sub(rf"(?<=[:\"] ){color}|(?<=[:\"]){color}", f"var(--{name})", text)
    return re.sub(r'( id="|url\(#|href="#)', rf"\g<1>{drawing.name}-", text)


def _figure(width: float, height: float) -> "Figure":
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(content.NO_FIGURES) from error
    return Figure(figsize=(width, height), layout="constrained")


def _dress(axes: Any, count: int, y: str, x: str = UPDATE) -> None:
    """The colours of the page, a grid, the units; ``count`` updates."""
    ink = COLORS["ink"]
    axes.set_ylabel(y, color=ink)
    axes.set_xlabel(x, color=ink)
    axes.grid(color=COLORS["grid"], linewidth=0.6)
    axes.tick_params(which="both", color=ink, labelcolor=ink)
    axes.set_xlim(-0.02 * count - 0.1, 1.02 * count - 0.9)
    axes.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    for spine in axes.spines.values():
        spine.set_color(COLORS["grid"])


def _legend(axes: Any) -> None:
    legend = axes.legend(frameon=False, handlelength=3, labelcolor=COLORS["ink"], fontsize="small")
    legend.set_in_layout(False)


def _thin(count: int) -> np.ndarray:
    """The updates at which a curve has its points."""
    return np.unique(np.linspace(0, count - 1, min(count, POINTS)).astype(int))


def _peaks(values: np.ndarray, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Values along the first axis in at most ``columns`` pieces: where each begins, and its largest value."""
    starts = np.unique(np.linspace(0, len(values), min(len(values), columns), endpoint=False).astype(int))
    return starts, np.maximum.reduceat(values, starts, axis=0)


def _dots(count: int) -> dict[str, Any]:
    return {"marker": "o", "markersize": 3.5} if count <= _FEW else {}


def _log_curve(axes: Any, values: np.ndarray, **style: Any) -> None:
    """A curve on a log scale, without its zeros and what is not finite."""
    from matplotlib.ticker import NullFormatter

    starts, peaks = _peaks(np.where(np.isfinite(values), values, 0), POINTS)
    if not peaks.any():
        axes.set_yticks([])
        return
    axes.plot(starts, np.where(peaks > 0, peaks, np.nan), **_dots(len(values)), **style)
    axes.set_yscale("log")
    low, high = np.log10(np.clip(axes.dataLim.intervaly, 1e-300, 1e300))
    axes.set_ylim(10.0 ** np.floor(low - 0.01), 10.0 ** np.ceil(high + 0.01))  # a flat curve has two labels, too
    axes.yaxis.set_minor_formatter(NullFormatter())


def _crosses(axes: Any, broken: np.ndarray) -> None:
    """A cross at the top for each update at which a number is not finite."""
    starts, any_broken = _peaks(broken, POINTS)
    where, top = starts[any_broken], axes.get_xaxis_transform()  # x in updates, y in shares of the height
    if where.size:
        axes.plot(where, np.full(len(where), 0.95), "x", transform=top, color=COLORS["apart"], label="not finite")


def _broken_words(values: np.ndarray) -> str:
    return "" if np.isfinite(values).all() else " A cross marks an update at which a number is not finite."


def _drawn(result: Findings) -> list[int]:
    """The groups that are drawn: those whose rates are furthest apart, in torch's order."""
    size = content.finite_max(np.abs(result.rates_torch), axis=0)
    apart = content.rate_differences(result).max(axis=0) / np.where(size > 0, size, 1)
    return sorted(np.argsort(-apart, kind="stable")[:GROUPS].tolist())


def _rates(result: Findings) -> Drawing:
    """Both rates of each group laid over each other, their difference below."""
    groups = _drawn(result)
    columns = min(len(groups), 3)
    rows = -(-len(groups) // columns)
    figure = _figure(4.2 * columns if columns > 1 else 7.5, 4.6 * rows)
    panels = figure.subplots(2 * rows, columns, squeeze=False, height_ratios=[3, 2] * rows)
    for place in range(rows * columns):
        upper, lower = (panels[2 * (place // columns) + half, place % columns] for half in (0, 1))
        if place < len(groups):
            _rate_panels(result, groups[place], upper, lower, labels=place % columns == 0)
        else:
            upper.axis("off")
            lower.axis("off")
    _legend(panels[0, 0])
    left = result.rates_torch.shape[1] - len(groups)
    rest = f" The {len(groups)} groups whose rates are relatively furthest apart are drawn, {left} are left out."
    caption = "Above: the learning rate of each update in both programs. Below: how far they are apart, on a log scale."
    caption += _broken_words(content.rate_differences(result)) + rest * bool(left)
    return Drawing("rates", "Learning rates", caption, figure)


def _rate_panels(result: Findings, group: int, upper: Any, lower: Any, labels: bool) -> None:
    count = len(result.rates_torch)
    _rate_curve(upper, result.rates_torch[:, group], color=COLORS["torch"], label="PyTorch", linewidth=5, markersize=8)
    dashes = {"linewidth": 1.5, "linestyle": (0, (4, 2)), "markersize": 3.5}
    _rate_curve(upper, result.rates_jax[:, group], color=COLORS["jax"], label="JAX", **dashes)
    title = content.cut_middle(content.group_name(result, group))
    upper.set_title(title, color=COLORS["ink"], parse_math=False, fontsize="medium")
    upper.ticklabel_format(axis="y", scilimits=(-3, 4), useOffset=False)
    upper.yaxis.get_offset_text().set_color(COLORS["ink"])
    _dress(upper, count, "learning rate (no unit)" * labels, "")
    apart = content.rate_differences(result)[:, group]
    _log_curve(lower, apart, color=COLORS["apart"])
    _crosses(lower, ~np.isfinite(apart))
    if not apart.any():
        words = "JAX's rates could not be read" if content.unread(result)[group] else "equal at every update"
        lower.text(0.5, 0.5, words, color=COLORS["ink"], transform=lower.transAxes, ha="center", va="center")
    _dress(lower, count, "difference\n(no unit, log)" * labels)


def _rate_curve(axes: Any, rates: np.ndarray, **style: Any) -> None:
    steps = _thin(len(rates))
    drawn = np.where(np.isfinite(rates[steps]), rates[steps], np.nan)
    axes.plot(steps, drawn, drawstyle="steps-post", **{**_dots(len(rates)), **style})


def _distance(result: Findings) -> Drawing:
    """The largest and the median distance of the parameters per update."""
    figure = _figure(9, 3.8)
    axes = figure.subplots()
    finite = np.isfinite(result.distance)
    _log_curve(axes, content.finite_max(result.distance, axis=1), color=COLORS["apart"], label="largest")
    median = np.nanmedian(np.where(finite, result.distance, np.nan), axis=1)
    _log_curve(axes, median, color=COLORS["jax"], label="median", linestyle="--")
    _crosses(axes, ~np.isfinite(result.distance.max(axis=1)))
    _dress(axes, len(finite), "distance / torch's way so far\n(share, log)")
    _legend(axes)
    caption = (
        "The distance between torch's and JAX's values of a parameter, as a share of the way that torch's value has "
        f"come so far: the largest and the median over {finite.shape[1]} parameter{'s' * (finite.shape[1] > 1)}. "
        "Zeros are left out. It is infinite where torch's value has not moved yet."
    )
    return Drawing("distance", "Distance of the parameters", caption + _broken_words(result.distance), figure)


def _heat(result: Findings) -> Drawing:
    """The distance of each parameter at each update."""
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap, LogNorm

    rank = np.where(np.isnan(result.distance), np.inf, result.distance).max(axis=0)
    rows = np.sort(np.argsort(-rank, kind="stable")[:PARAMETERS])
    _, peaks = _peaks(result.distance[:, rows], COLUMNS)
    image = np.where(np.isfinite(peaks), peaks, np.nan).T
    positive = image[image > 0]
    low, high = (positive.min(), positive.max()) if positive.size else (1e-16, 1.0)
    norm = LogNorm(max(low, high * 1e-12, 1e-300), high if high > low else 10 * low)
    colors = ListedColormap(colormaps["viridis"](np.linspace(0.12, 1, 256)))
    colors.set_extremes(bad=COLORS["apart"], under=(0.5, 0.5, 0.5, 0.2))
    figure = _figure(9, 1.3 + 0.17 * max(len(rows), 8))
    axes = figure.subplots()
    extent = (-0.5, len(result.distance) - 0.5, len(rows) - 0.5, -0.5)
    shown = axes.imshow(np.where(image > 0, image, np.where(np.isnan(image), np.nan, 0)), cmap=colors, norm=norm)
    shown.set(extent=extent, interpolation="none")
    return _heat_words(result, rows, figure, axes, shown)


def _heat_words(result: Findings, rows: np.ndarray, figure: "Figure", axes: Any, shown: Any) -> Drawing:
    axes.set_aspect("auto")
    names = [content.cut_middle(result.names[i]) if i < len(result.names) else f"parameter {i}" for i in rows]
    _dress(axes, len(result.distance), "")
    axes.set_xlim(-0.5, len(result.distance) - 0.5)
    axes.grid(visible=False)
    axes.set_yticks(range(len(rows)), names, fontsize=7, parse_math=False)
    bar = figure.colorbar(shown, ax=axes, pad=0.01, aspect=30)
    bar.set_label("share of torch's way (log)", color=COLORS["ink"])
    bar.ax.tick_params(which="both", color=COLORS["ink"], labelcolor=COLORS["ink"])
    bar.outline.set_edgecolor(COLORS["grid"])
    left = result.distance.shape[1] - len(rows)
    rest = f" The {len(rows)} parameters furthest apart are shown, {left} are left out." if left else ""
    caption = "The same distance for each parameter and update. Grey: equal; red: not a finite number." + rest
    return Drawing("layers", "Distance per parameter", caption, figure)


def _ulps(result: Findings) -> Drawing:
    """The largest distance of any value in the parameters' dtype."""
    figure = _figure(9, 3.2)
    axes = figure.subplots()
    dtype = content.cut(result.dtype, 12)
    _log_curve(axes, result.ulps, color=COLORS["apart"])
    _crosses(axes, ~np.isfinite(result.ulps))
    _dress(axes, len(result.ulps), f"largest distance (units in\nthe last place of {dtype}, log)")
    axes.yaxis.get_label().set_parse_math(False)
    caption = (
        f"Both programs run in {dtype} on the same gradients: the largest distance of any value of any parameter, in "
        "units in the last place of its tensor's largest value (ulps). Zeros are left out."
    )
    return Drawing("ulps", "Distance in the last place", caption + _broken_words(result.ulps), figure)
