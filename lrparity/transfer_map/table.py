"""The results as a table that programs read: a row for each arm of each cell."""

import csv
from pathlib import Path

import numpy as np

from .cells import Cell
from .choice import ONE, SCRATCH
from .gain import gain, noise
from .run import Map

HEAD = (
    "task,probe_accuracy,images,arm,median_ratio,median_head_rate,accuracy,sd_over_seeds,over_one_rate,"
    "over_one_rate_low,over_one_rate_high,over_scratch,over_scratch_low,over_scratch_high"
).split(",")


def save(path: Path, found: Map) -> None:
    """Write the CSV: accuracies and their differences in percent, with 95 % intervals."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEAD)
        for task, distance in found.distances.items():
            for n in found.settings.counts:
                cell = found.cells[task, n]
                writer.writerows([task, f"{100 * distance.probe:.2f}", n, *_row(cell, arm)] for arm in cell.arms)


def _row(cell: Cell, name: str) -> list[str]:
    arm = cell.arms[name]
    rates = [f"{np.median(seen):.3g}" for seen in zip(*((p.backbone / p.head, p.head) for p in arm.rates), strict=True)]
    gains = [gain(arm.right, cell.arms[other].right) for other in (ONE, SCRATCH)]
    numbers = [100 * arm.right.mean(), noise(arm.right), *(value for one in gains for value in one)]
    return [name, *rates, *(f"{value:.2f}" for value in numbers)]
