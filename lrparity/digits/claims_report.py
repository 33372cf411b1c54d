"""The two claims in words and in a figure; every word that judges is computed from the numbers."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from . import claims
from .claims import PerLayer, Swing, judge, last_quarter

ARM_COLORS = {
    "constant": "#d95f02",
    "decay": "#1b9e77",
    "per-layer": "#7570b3",
    "one rate": "#e7298a",
    "from scratch": "#66a61e",
}


def text(swing: Swing, results: list[PerLayer]) -> list[str]:
    """Both claims, as lines."""
    return [*swing_text(swing), "", *layer_text(results)]


def swing_text(swing: Swing) -> list[str]:
    """Claim 1: what was chosen, what came out, what it shows."""
    seeds = len(swing.swing["decay"])
    end = {arm: last_quarter(loss).mean(axis=1) for arm, loss in swing.loss.items()}
    lines = [
        "Claim 1: with decay the loss swings less in the last quarter of training than with the same constant rate.",
        f"  Chosen: digits 5-9 from first weights, {claims.SWING_IMAGES} images in batches of {claims.SWING_BATCH}, "
        f"{swing.loss['decay'].shape[1]} steps of plain SGD at a large rate of {claims.SWING_RATE:g}; decay is StepLR, "
        f"x{claims.SWING_GAMMA:g} every quarter; {seeds} seeds.",
        "  Swing: standard deviation of the changes of the training loss (all training images) from step to step.",
    ]
    for arm, values in swing.swing.items():
        lines.append(
            f"  {arm:12s}  swing {_spread(values, '.2e')}   mean loss there {_spread(end[arm], '.4f')}   "
            f"test accuracy at the end {_percent(swing.accuracy[arm])}"
        )
    difference = swing.swing["constant"] - swing.swing["decay"]
    lower = "lower" if end["constant"].mean() < end["decay"].mean() else "higher"
    relative = swing.swing["constant"] / end["constant"] - swing.swing["decay"] / end["decay"]
    lines.append(
        f"  Claim 1 {judge(difference)}: decay swings less with {int((difference > 0).sum())} of {seeds} seeds. "
        f"Relative to the mean loss there it {judge(relative)}. "
        f"The constant rate ends at the {lower} mean loss."
    )
    return lines


def layer_text(results: list[PerLayer]) -> list[str]:
    """Claim 2: what was chosen, what came out, what it shows."""
    rates = ", ".join(f"{rate:g}" for rate in claims.RATES)
    lines = [
        "Claim 2: small-backbone/large-head rates do better than one rate for all layers, and than from scratch.",
        f"  Chosen: pretrained on digits 0-4 (test accuracy there {_percent(results[0].pretrained)}), then "
        f"{claims.TARGET_STEPS} steps of plain SGD on few images of digits 5-9, batches of {claims.TARGET_BATCH}; the "
        f"backbone's rate is {claims.RATIO:g} x the head's.",
        f"  Every arm tried the rates {rates}; its best by validation accuracy counts, tested on other images; "
        f"{len(results[0].pretrained)} seeds.",
    ]
    for result in results:
        lines += _accuracy_lines(result)
    return lines


def _accuracy_lines(result: PerLayer) -> list[str]:
    lines = [f"  {result.images} target images:"]
    for arm, values in result.accuracy.items():
        lines.append(f"    {arm:12s}  test accuracy {_percent(values)}   best rate {result.chosen[arm]:g}")
    ours = result.accuracy["per-layer"]
    for arm in ("one rate", "from scratch"):
        difference = ours - result.accuracy[arm]
        lines.append(
            f"    Against {arm} claim 2 {judge(difference)}: {100 * difference.mean():+.1f} points on average, "
            f"better with {int((difference > 0).sum())} of {len(difference)} seeds."
        )
    return lines


def _spread(values: np.ndarray, form: str) -> str:
    return f"{values.mean():{form}} +- {values.std(ddof=1):{form}}"


def _percent(values: np.ndarray) -> str:
    return f"{100 * values.mean():.1f} +- {100 * values.std(ddof=1):.1f} %"


def save_figure(folder: Path, swing: Swing, results: list[PerLayer]) -> None:
    """Write claims.png: loss curves, swings per seed, accuracies per seed."""
    figure = Figure(figsize=(17, 5), layout="constrained")
    curves, swings, accuracy = figure.subplots(1, 3, width_ratios=(1.3, 0.8, 1.4))
    _curves(curves, swing)
    _swings(swings, swing)
    _accuracies(accuracy, results)
    figure.savefig(folder / "claims.png", dpi=120)


def _curves(axis: Any, swing: Swing) -> None:
    for arm, loss in swing.loss.items():
        steps, color = np.arange(1, loss.shape[1] + 1), ARM_COLORS[arm]
        low, middle, high = np.percentile(loss, [10, 50, 90], axis=0)
        axis.fill_between(steps, low, high, color=color, alpha=0.2, linewidth=0)
        axis.semilogy(steps, middle, color=color, linewidth=1.2, label=f"{arm}: median, 10 to 90 % of the seeds")
    axis.axvline(swing.loss["decay"].shape[1] * 0.75, color="gray", linestyle=":", label="the last quarter begins")
    axis.set(xlabel="step (updates)", ylabel="training loss, all images (nats, log scale)", title="Claim 1: the loss")
    axis.legend(fontsize=9)


def _swings(axis: Any, swing: Swing) -> None:
    arms = list(swing.swing)
    for pair in zip(*swing.swing.values(), strict=True):
        axis.plot(range(len(arms)), pair, color="lightgray", linewidth=0.8, zorder=0)
    for i, arm in enumerate(arms):
        values = swing.swing[arm]
        axis.plot(np.full(len(values), i), values, "o", color=ARM_COLORS[arm], alpha=0.5, markersize=5)
    axis.set_yscale("log")
    axis.set(xlim=(-0.5, len(arms) - 0.5), ylabel="swing in the last quarter (nats per step, log scale)")
    axis.set_xticks(range(len(arms)), arms)
    axis.set(xlabel="rate", title="Claim 1: swing, a line per seed")


def _accuracies(axis: Any, results: list[PerLayer]) -> None:
    arms = list(results[0].accuracy)
    for i, result in enumerate(results):
        for j, arm in enumerate(arms):
            values, x = 100 * result.accuracy[arm], i + 0.25 * (j - 1)
            jitter = np.linspace(-0.07, 0.07, len(values))
            axis.plot(x + jitter, values, "o", color=ARM_COLORS[arm], alpha=0.35, markersize=4)
            label = f"{arm}: seeds, mean, std" if i == 0 else None
            spread = values.std(ddof=1)
            axis.errorbar(
                x, values.mean(), spread, fmt="_", color=ARM_COLORS[arm], markersize=14, capsize=4, label=label
            )
    axis.set_xticks(range(len(results)), [str(result.images) for result in results])
    axis.set(xlabel="target images to fine-tune on", ylabel="test accuracy on digits 5-9 (%)")
    axis.set_title("Claim 2: each with its best rate")
    axis.legend(fontsize=9, loc="lower right")
