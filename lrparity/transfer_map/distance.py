"""How far a target task is from pretraining, measured on each seed's validation images before any fine-tuning."""

from typing import NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from ..digits.task import SOURCE
from ..runs.records import Weights
from . import tasks
from .settings import Settings
from .sweep import Source
from .tasks import Split, Task


class Distance(NamedTuple):
    """Accuracies before fine-tuning, 0 to 1, means over the seeds."""

    probe: float  # a logistic regression on the features of the pretrained backbone, all 300 images to learn from
    untrained: float  # the same on the features of first weights
    unchanged: float  # the pretrained network with its own head; NaN where the digits are others

    @property
    def worth(self) -> float:
        """What pretraining made better of the features: the gain of the probe in percentage points."""
        return 100 * (self.probe - self.untrained)


def distance(task: Task, settings: Settings, source: Source) -> Distance:
    """Of one task, over all seeds."""
    images, labels = tasks.images_of(task, settings.seed), tasks.labels()
    rows = []
    for s in range(settings.seeds):
        part = tasks.split(task.digits, settings.seed, s)
        trained, scratch = ({path: w[s] for path, w in weights.items()} for weights in (source.trained, source.scratch))
        with threadpool_limits(1):  # the threads of a matrix product so small wait for each other
            probes = [_probe(features(weights, images), labels, part) for weights in (trained, scratch)]
        rows.append((*probes, _unchanged(trained, images, labels, part) if task.digits == SOURCE else np.nan))
    return Distance(*(float(mean) for mean in np.mean(rows, axis=0)))


def features(weights: Weights, images: np.ndarray) -> np.ndarray:
    """What the backbone makes of images, shape=(images, 32)."""
    for layer in ("backbone/dense1", "backbone/dense2"):
        images = np.maximum(images @ weights[f"{layer}/kernel"] + weights[f"{layer}/bias"], 0)
    return images


def _probe(seen: np.ndarray, labels: np.ndarray, part: Split) -> float:
    probe = LogisticRegression(max_iter=5000).fit(seen[part.train], labels[part.train])
    return float(probe.score(seen[part.validation], labels[part.validation]))


def _unchanged(weights: Weights, images: np.ndarray, labels: np.ndarray, part: Split) -> float:
    logits = features(weights, images[part.validation]) @ weights["head/kernel"] + weights["head/bias"]
    return float((logits.argmax(axis=-1) == labels[part.validation]).mean())
