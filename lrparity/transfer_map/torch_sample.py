"""A sample of the map's runs again in PyTorch, with lrtorch: one seed of every cell, with the rates of its arms."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch

import lrtorch
from lrtorch.finetune import FineTuner

from ..digits.claims import stack
from ..digits.layout import to_torch
from ..runs.records import Weights
from .cells import Cell
from .choice import FROZEN, LAYERS, ONE, SCRATCH
from .settings import Rates, Settings
from .sweep import Runs, Source, again

ARMS = (ONE, LAYERS, FROZEN, SCRATCH)  # that are sampled


CHANGED = 32  # times that each sampled run is repeated in JAX from first weights that rounding has changed
ULP = 2.0**-23

# Both frameworks sum matrix products, exponentials and logarithms in other orders: 6e-8 a step. Most runs carry that
# along, but where rates are so large that a run jumps about it grows, and where an image meets a ReLU at its kink it
# decides which of two ways the run takes (seen: a run that left JAX's by 3 % and was within 2e-6 of a fifth of JAX's
# repetitions). So a run may be 1e-3 apart, or ten times as far as the furthest repetition in JAX alone.
FLAT_BOUND, OWN_BOUND = 1e-3, 10.0


class Sampled(NamedTuple):
    """A run in both frameworks; distances of logits are the largest difference over the largest logit."""

    task: str
    images: int
    seed: int
    arm: str
    apart: float  # between torch and JAX, on the validation and test images
    own: float  # between JAX and JAX from weights that differ in the last bit, the largest of CHANGED repetitions
    other_answers: int  # on so many of these images torch and JAX name different digits
    answers: int

    @property
    def share(self) -> float:
        """The distance as a part of its bound."""
        return self.apart / max(FLAT_BOUND, OWN_BOUND * self.own)


class _Job(NamedTuple):
    """A run that is sampled."""

    cell: Cell
    arm: str
    seed: int
    weights: Weights
    rates: Rates
    batches: np.ndarray
    evaluated: np.ndarray
    logits: np.ndarray  # the map's


def sample(cells: Sequence[Cell], runs: Runs, source: Source, settings: Settings, first: int) -> list[Sampled]:
    """The sampled arms of a task's cells.

    Args:
        cells: of the task, one for each number of images.
        runs: what JAX made of them.
        source: the weights that they start from.
        settings: of the map.
        first: the seed of the first cell; each following cell takes the next one.
    """
    jobs = [
        _job(cell, arm, i, (first + i) % settings.seeds, runs, source, settings)
        for i, cell in enumerate(cells)
        for arm in ARMS
    ]
    own = _own(jobs, runs)
    with _one_thread():
        theirs = [in_torch(job, runs) for job in jobs]
    return [_compared(*each) for each in zip(jobs, theirs, own, strict=True)]


@contextmanager
def _one_thread() -> Iterator[None]:
    """Threads of torch wait for each other longer than tensors so small take."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _job(cell: Cell, arm: str, i: int, s: int, runs: Runs, source: Source, settings: Settings) -> _Job:
    first, logits = (source.scratch, runs.scratch) if arm == SCRATCH else (source.pretrained, runs.pretrained)
    pair = cell.arms[arm].pairs[s]
    weights = {path: w[s] for path, w in first.items()}
    given = runs.jobs.batches[i, s], runs.jobs.evaluated[s], logits[i, s, pair]
    return _Job(cell, arm, s, weights, settings.pairs()[pair], *given)


def in_torch(job: _Job, runs: Runs) -> np.ndarray:
    """The logits of the validation and test images after one run in PyTorch."""
    groups = [{"params": name, "name": name, "lr": lr} for name, lr in job.rates._asdict().items()]
    tuner = FineTuner(to_torch(job.weights), groups, lrtorch.SGD)
    tuner.epoch(runs.images, runs.labels, job.batches)
    with torch.no_grad():
        return tuner.model(torch.as_tensor(runs.images[job.evaluated])).numpy(force=True)


def _own(jobs: Sequence[_Job], runs: Runs) -> np.ndarray:
    """How far each run in JAX is from itself where the last bit of its first weights is another, shape=(jobs,)."""
    rng = np.random.default_rng(0)
    rates = Rates(*np.array([job.rates for job in jobs], "float32").T)
    given = (*stack([(job.batches, job.evaluated) for job in jobs]), rates)
    before = [job.logits for job in jobs]
    repeated = []
    for _ in range(CHANGED):
        weights = stack([{path: _changed(w, rng) for path, w in job.weights.items()} for job in jobs])
        repeated.append(again(weights, *given, runs.images, runs.labels))
    return np.max([[apart(*pair) for pair in zip(after, before, strict=True)] for after in repeated], axis=0)


def _changed(weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return (weights * (1 + ULP * rng.choice([-1, 1], weights.shape))).astype(weights.dtype)


def apart(ours: np.ndarray, theirs: np.ndarray) -> float:
    """The largest difference over the largest number."""
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


def _compared(job: _Job, theirs: np.ndarray, own: float) -> Sampled:
    other = int((job.logits.argmax(axis=-1) != theirs.argmax(axis=-1)).sum())
    where = job.cell.task, job.cell.images, job.seed, job.arm
    return Sampled(*where, apart(job.logits, theirs), float(own), other, len(theirs))
