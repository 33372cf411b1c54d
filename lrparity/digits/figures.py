"""Figures of the run. PyTorch is a thick pale line, JAX a thin dark dashed one on it: both show when they agree."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..runs.bounds import FLOAT64_BOUND
from ..runs.records import Record
from ..runs.verdict import loss_difference, rate_ulps
from .choices import float32_bound
from .evidence import Evidence

PALE = {"backbone": "#9ecae1", "head": "#fdae6b"}
DARK = {"backbone": "#08306b", "head": "#7f2704"}
DTYPE_COLORS = {"float32": "#b15928", "float64": "#1f78b4"}


def save_all(folder: Path, evidence: Evidence) -> None:
    """Write rates.png, losses.png and differences.png into ``folder``."""
    _rates(evidence).savefig(folder / "rates.png", dpi=120)
    _losses(evidence.printed).savefig(folder / "losses.png", dpi=120)
    _differences(evidence).savefig(folder / "differences.png", dpi=120)


def _figure(width: float, height: float, rows: int, columns: int, **options: Any) -> tuple[Figure, Any]:
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False, **options)


def _rates(evidence: Evidence) -> Figure:
    """The rate of every step under every rule, a panel each."""
    figure, axes = _figure(13, 6, 2, 4, sharex=True, sharey=True)
    panels = list(axes.flat)
    for axis, (rule, both) in zip(panels, evidence.rates.items(), strict=False):
        for group, pale in PALE.items():
            theirs, ours = both["PyTorch"][group], both["JAX"][group]
            axis.step(range(len(theirs)), theirs, where="post", color=pale, linewidth=6, label=f"{group}, PyTorch")
            thin = {"color": DARK[group], "linewidth": 1.5, "dashes": (4, 3)}
            axis.step(range(len(ours)), ours, where="post", label=f"{group}, JAX", **thin)
        axis.set_yscale("log")
        axis.set_title(rule + (" (this run)" if rule == evidence.settings.rule else ""))
        axis.grid(alpha=0.3)
    for axis in axes[:, 0]:
        axis.set_ylabel("learning rate (log scale)")
    shown = len(evidence.rates)
    for axis in panels[max(0, shown - 4) : shown]:
        axis.set_xlabel("step (updates)")
        axis.tick_params(labelbottom=True)
    for axis in panels[shown:]:
        axis.axis("off")
    panels[-1].legend(*panels[0].get_legend_handles_labels(), loc="center", frameon=False, fontsize=12, handlelength=4)
    figure.suptitle("Learning rate of each group under each rule")
    return figure


def _losses(records: dict[str, Record]) -> Figure:
    """Training loss of each step and test accuracy of each epoch."""
    figure, axes = _figure(12, 4.5, 1, 2)
    losses, accuracy = axes[0]
    styles = {
        "PyTorch": {"color": "#a1d99b", "linewidth": 6, "markersize": 11},
        "JAX": {"color": "#00441b", "linewidth": 1.2, "dashes": (4, 2), "markersize": 3},
    }
    for framework, style in styles.items():
        record = records[framework]
        epochs = np.arange(1, len(record.test) + 1)
        losses.semilogy(record.losses(), label=framework, **style)
        accuracy.plot(epochs, [100 * right for _, right in record.test], label=framework, marker="o", **style)
    accuracy.xaxis.set_major_locator(MaxNLocator(integer=True))
    losses.set(xlabel="step (updates)", ylabel="training loss of the batch (nats, log scale)", title="Training loss")
    accuracy.set(xlabel="epoch", ylabel="test accuracy (%)", title="Test accuracy on digits 5-9")
    for axis in (losses, accuracy):
        axis.legend(handlelength=4)
        axis.grid(alpha=0.3)
    return figure


def _differences(evidence: Evidence) -> Figure:
    """JAX against PyTorch at every step: rates, updates, losses."""
    figure, axes = _figure(16, 4.8, 1, 3)
    rates, updates, losses = axes[0]
    _rate_differences(rates, evidence)
    _update_differences(updates, evidence)
    for dtype, records in evidence.runs.items():
        apart = loss_difference(records["JAX"], records["PyTorch"])
        losses.plot(np.where(apart > 0, apart, np.nan), ".", markersize=4, color=DTYPE_COLORS[dtype], label=dtype)
        bound = FLOAT64_BOUND if dtype == "float64" else float32_bound(evidence.settings.optimizer)
        label = f"{dtype}, bound of the parameters at the end: {bound:g}"
        losses.axhline(bound, color=DTYPE_COLORS[dtype], linestyle="--", linewidth=1, label=label)
    losses.set_yscale("log")
    losses.set(ylabel="difference / first loss (log scale)", title="Loss of the whole run, each with its own gradients")
    losses.legend(title="steps with any difference", fontsize=9)
    for axis in axes[0]:
        axis.set_xlabel("step (updates)")
        axis.grid(alpha=0.3)
    return figure


def _rate_differences(axis: Any, evidence: Evidence) -> None:
    """A line per rule; lines that are zero throughout are named in one entry."""
    away = {rule: rate_ulps(both["JAX"], both["PyTorch"]) for rule, both in evidence.rates.items()}
    equal = [rule for rule, ulps in away.items() if not ulps.any()]
    for rule, ulps in away.items():
        if rule not in equal:
            axis.plot(ulps, label=rule)
    if equal:
        axis.plot(away[equal[0]], color="black", label=_wrapped(equal))
    axis.axhline(0, color="black", linestyle="--", linewidth=1, label="bound: 0 ulp")
    axis.set(ylabel="largest difference (float32 ulp)", title="Rates")
    axis.set_ylim(-0.5, max(2.0, 1.1 * max(ulps.max() for ulps in away.values())))
    axis.legend(fontsize=9)


def _update_differences(axis: Any, evidence: Evidence) -> None:
    """Against plain PyTorch and against the oracle; what is zero throughout is named in one entry."""
    curves = {}
    for optimizer, (oracle, plain) in evidence.updates.items():
        curves[f"{optimizer}, oracle"] = oracle.per_step
        curves[f"{optimizer}, plain PyTorch"] = plain.per_step
    equal = [name for name, curve in curves.items() if not curve.any()]
    for name, curve in curves.items():
        if name not in equal:
            axis.plot(curve, label=name)
    if equal:
        axis.plot(curves[equal[0]], color="black", label=_shortened(equal, list(evidence.updates)))
    smallest = min((curve[curve > 0].min() for curve in curves.values() if curve.any()), default=1e-9)
    axis.set_yscale("symlog", linthresh=smallest)
    axis.axhline(0, color="black", linestyle="--", linewidth=1, label="bound, beside the oracle: 0")
    title = "Updates, same gradients (oracle: PyTorch with a\ncorrectly rounded square root)"
    axis.set(ylabel="largest difference of a parameter (symlog)", title=title)
    axis.legend(fontsize=9)


def _shortened(equal: Sequence[str], optimizers: Sequence[str]) -> str:
    """Which curves are zero, in few words."""
    oracle = sum(name.endswith("oracle") for name in equal)
    plain = len(equal) - oracle
    return f"0 throughout: oracle for {oracle} of {len(optimizers)},\nplain PyTorch for {plain} of {len(optimizers)}"


def _wrapped(rules: Sequence[str]) -> str:
    middle = (len(rules) + 1) // 2
    return "0 throughout: " + ", ".join(rules[:middle]) + ",\n" + ", ".join(rules[middle:])
