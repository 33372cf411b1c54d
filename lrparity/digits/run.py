"""The fine-tuning run, in both frameworks at once, epoch by epoch."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import numpy as np

import lrjax
import lrjax.finetune
import lrtorch
import lrtorch.finetune

from ..runs.records import Record, Weights
from . import layout, task
from .choices import Settings, make, rates_by_hand
from .task import Digits

SOURCE_TRAIN, SOURCE_BATCH, SOURCE_EPOCHS, SOURCE_RATE = 640, 32, 6, 0.1
TARGET_TRAIN, TARGET_BATCH = 512, 16
STEPS = TARGET_TRAIN // TARGET_BATCH  # per epoch of fine-tuning


class Framework(NamedTuple):
    """One side of the comparison: its package, and how it lays out weights."""

    package: Any
    finetune: Any
    into: Callable[[Mapping[str, np.ndarray]], Weights]  # from Flax's layout
    out_of: Callable[[Mapping[str, np.ndarray]], Weights]  # to Flax's layout


FRAMEWORKS = {
    "JAX": Framework(lrjax, lrjax.finetune, dict, dict),
    "PyTorch": Framework(lrtorch, lrtorch.finetune, layout.to_torch, layout.to_jax),
}


class Job(NamedTuple):
    """All that both frameworks are given, in NumPy and in Flax's layout."""

    source: Digits
    target: Digits
    weights: Weights
    head: Weights
    source_batches: np.ndarray  # shape=(epochs, steps, batch)
    target_batches: np.ndarray


def prepare(settings: Settings, dtype: str) -> Job:
    """Data, first weights and batch orders, all from the seed."""
    rng = np.random.default_rng(settings.seed)
    source = task.load(task.SOURCE, SOURCE_TRAIN, rng, dtype)
    target = task.load(task.TARGET, TARGET_TRAIN, rng, dtype)
    return Job(
        source,
        target,
        task.first_weights(rng, dtype),
        task.first_weights(rng, dtype),
        task.batches(rng, SOURCE_TRAIN, SOURCE_EPOCHS, SOURCE_BATCH),
        task.batches(rng, TARGET_TRAIN, settings.epochs, TARGET_BATCH),
    )


def fine_tune(settings: Settings, dtype: str, on_epoch: Callable[[int, dict[str, Record]], None]) -> dict[str, Record]:
    """Pretrain, replace the head and fine-tune, in both frameworks.

    Args:
        settings: the options of the run.
        dtype: "float32" or "float64", of weights and data.
        on_epoch: called after each epoch of fine-tuning with its number from 0 and the records so far.

    Returns:
        Framework -> what it did.
    """
    job = prepare(settings, dtype)
    by_hand = rates_by_hand(settings.rule, settings.optimizer, settings.epochs)
    with jax.enable_x64(dtype == "float64"):
        records = {name: Record() for name in FRAMEWORKS}
        tuners = {name: _pretrained(name, job, settings, records[name]) for name in FRAMEWORKS}
        for epoch in range(settings.epochs):
            for name, tuner in tuners.items():
                if epoch in by_hand:
                    tuner.set_lr(by_hand[epoch])
                _epoch(FRAMEWORKS[name], tuner, job, epoch, records[name])
            on_epoch(epoch, records)
        for name, tuner in tuners.items():
            records[name].end = FRAMEWORKS[name].out_of(tuner.weights())
    return records


def _pretrained(name: str, job: Job, settings: Settings, record: Record) -> Any:
    """A fine-tuner with a pretrained backbone and a new head."""
    package, finetune, into, out_of = FRAMEWORKS[name]
    groups = [{"params": "**", "name": "all", "lr": SOURCE_RATE}]
    tuner = finetune.FineTuner(into(job.weights), groups, package.SGD, momentum=0.9)
    for batches in job.source_batches:
        tuner.epoch(job.source.train_images, job.source.train_labels, batches)
    record.pretrained = tuner.evaluate(job.source.test_images, job.source.test_labels)[1]
    weights = finetune.replace_head(tuner.weights(), into(job.head))
    record.start = out_of(weights)
    made = make(package, settings.rule, settings.optimizer, settings.epochs, STEPS)
    return finetune.FineTuner(weights, made.groups, made.optimizer, **made.options)


def _epoch(side: Framework, tuner: Any, job: Job, epoch: int, record: Record) -> None:
    trace = tuner.epoch(job.target.train_images, job.target.train_labels, job.target_batches[epoch])
    record.loss.append(trace.loss)
    record.lr.append(trace.lr)
    record.grads.append(side.out_of(trace.grads))
    record.test.append(tuner.evaluate(job.target.test_images, job.target.test_labels))
