"""The cells of the map: a task with a number of images, and what each arm made of it."""

from typing import NamedTuple

import numpy as np

from . import tasks
from .choice import Arm, arms_of
from .settings import Settings
from .sweep import Runs


class Cell(NamedTuple):
    """What the arms of one task and one number of images did."""

    task: str
    images: int
    arms: dict[str, Arm]


def cells_of(name: str, settings: Settings, runs: Runs) -> list[Cell]:
    """The cells of a task, one for each number of images."""
    validation = tasks.VALIDATION * tasks.CLASSES
    truth = runs.labels[runs.jobs.evaluated][:, None]  # shape=(seeds, 1, validation + test)
    cells = []
    for i, n in enumerate(settings.counts):
        right, scratch = (np.argmax(logits[i], axis=-1) == truth for logits in (runs.pretrained, runs.scratch))
        cells.append(Cell(name, n, arms_of(settings, right, scratch, validation)))
    return cells
