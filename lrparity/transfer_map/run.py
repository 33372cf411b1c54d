"""The whole map: pretraining, then task after task."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from . import sweep, tasks
from .cells import Cell, cells_of
from .distance import Distance, distance
from .settings import Settings
from .tasks import Task
from .torch_sample import Sampled, sample


class Map(NamedTuple):
    """What came out."""

    settings: Settings
    distances: dict[str, Distance]  # task -> how far it is, the nearest first
    cells: dict[tuple[str, int], Cell]  # task and number of images
    sample: list[Sampled]


def run(settings: Settings, bar: Callable[[Iterable[Task]], Iterable[Task]] = iter) -> Map:
    """All cells of the map.

    Args:
        settings: what it is made of.
        bar: goes through the tasks and shows how far it is.
    """
    source = sweep.pretrain(settings)
    distances: dict[str, Distance] = {}
    cells: dict[tuple[str, int], Cell] = {}
    sampled: list[Sampled] = []
    for task in bar(tasks.TASKS):
        distances[task.name] = distance(task, settings, source)
        runs = sweep.runs_of(task, settings, source)
        found = cells_of(task.name, settings, runs)
        cells |= {(cell.task, cell.images): cell for cell in found}
        sampled += sample(found, runs, source, settings, first=len(sampled) // 4)
    nearest = dict(sorted(distances.items(), key=lambda item: -item[1].probe))
    return Map(settings, nearest, cells, sampled)
