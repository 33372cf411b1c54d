"""The map as a picture: tasks from near to far, numbers of images, and in each cell a gain with its interval."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from .choice import AT_SCRATCH, LAYERS, ONE, SCRATCH
from .gain import Gain, gain
from .run import Map

COLORS, STRONGEST = "PuOr_r", 10.0  # orange is a gain, purple a loss; beyond 10 points no stronger
PANELS = (
    (LAYERS, ONE, "best small ratio minus best one rate"),
    (LAYERS, SCRATCH, "best small ratio minus from scratch"),
    (
        AT_SCRATCH + "1/10",
        AT_SCRATCH + "1",
        "not tuned: backbone at 1/10 minus one rate,\nboth at the rate best from scratch",
    ),
)


def save(path: Path, found: Map) -> None:
    """Write the picture."""
    figure = Figure(figsize=(15, 1.6 + 0.66 * len(found.distances)), layout="constrained")
    axes = figure.subplots(1, len(PANELS), sharey=True)
    images = [_panel(axis, found, ours, theirs) for axis, (ours, theirs, _) in zip(axes, PANELS, strict=True)]
    for axis, (*_, title) in zip(axes, PANELS, strict=True):
        axis.set_title(title, fontsize=12)
    names = [f"{task} ({100 * distance.probe:.0f} %)" for task, distance in found.distances.items()]
    axes[0].set_yticks(range(len(names)), names, fontsize=11)
    axes[0].set_ylabel("target task, the nearest first\n(accuracy of a linear probe before fine-tuning)")
    bar = figure.colorbar(images[0], ax=axes, extend="both", pad=0.01, aspect=30)
    bar.set_label("gain in test accuracy (percentage points)")
    figure.suptitle(
        f"Gain over {found.settings.seeds} seeds with its 95 % interval; bold and framed where that excludes 0",
        fontsize=13,
    )
    figure.savefig(path, dpi=110, metadata={"Software": None}, pil_kwargs={"optimize": True})


def _panel(axis: Any, found: Map, ours: str, theirs: str) -> Any:
    """A heat map whose colours begin at 0 in the middle."""
    counts = found.settings.counts
    gains = [[_gain(found, task, n, ours, theirs) for n in counts] for task in found.distances]
    values = np.array([[one.mean for one in row] for row in gains])
    image = axis.imshow(values, cmap=COLORS, norm=Normalize(-STRONGEST, STRONGEST), aspect="auto")
    for y, row in enumerate(gains):
        for x, one in enumerate(row):
            red, green, blue, _ = image.to_rgba(one.mean)
            _cell(axis, x, y, one, "black" if 0.3 * red + 0.6 * green + 0.1 * blue > 0.55 else "white")
    axis.set_xticks(range(len(counts)), [str(n) for n in counts])
    axis.set_xlabel("target images to fine-tune on")
    axis.tick_params(length=0)
    return image


def _gain(found: Map, task: str, n: int, ours: str, theirs: str) -> Gain:
    arms = found.cells[task, n].arms
    return gain(arms[ours].right, arms[theirs].right)


def _cell(axis: Any, x: int, y: int, one: Gain, color: str) -> None:
    weight = "bold" if one.clear else "normal"
    axis.text(x, y - 0.13, f"{one.mean:+.1f}", ha="center", va="center", color=color, fontsize=12, fontweight=weight)
    interval = f"{one.low:+.1f} to {one.high:+.1f}"
    axis.text(x, y + 0.24, interval, ha="center", va="center", color=color, fontsize=8)
    if one.clear:
        frame = {"fill": False, "edgecolor": "black", "linewidth": 1.4}
        axis.add_patch(Rectangle((x - 0.46, y - 0.45), 0.92, 0.9, **frame))
