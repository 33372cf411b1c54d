"""The fine-tuning task without a framework: what a fine-tuner does, step by step, and what it writes down."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np


def replace_head(weights: Mapping[str, Any], head: Mapping[str, Any]) -> dict[str, Any]:
    """``weights`` with the head taken from ``head``: what stands between pretraining and fine-tuning."""
    return {name: head[name] if name.startswith("head") else value for name, value in weights.items()}


class Trace(NamedTuple):
    """What each step of an epoch did."""

    loss: Any  # shape=(steps,): of the batch, before the update
    lr: dict[str, Any]  # group -> shape=(steps,), float64: the rate of the update
    grads: dict[str, Any]  # parameter -> shape=(steps, *its shape)


class FineTuner(ABC):
    """A network, its optimizer and the loop over them.

    Args:
        weights: the name of a parameter -> NumPy array, see ``network``.
        groups: parameter groups with their rates.
        optimizer: the class of the optimizer, ``SGD`` or ``AdamW`` of this package.
        options: for the optimizer: momentum, scheduler (with ``every``), ...
    """

    @abstractmethod
    def epoch(self, images: np.ndarray, labels: np.ndarray, batches: np.ndarray) -> Trace:
        """Train once over ``batches``.

        Args:
            images: shape=(images, pixels).
            labels: integers, shape=(images,).
            batches: which images each step takes, integers, shape=(steps, batch).

        Returns:
            The trace of the epoch, in NumPy.
        """

    @abstractmethod
    def evaluate(self, images: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
        """Mean loss and accuracy (0 to 1) over all images."""

    @abstractmethod
    def weights(self) -> dict[str, np.ndarray]:
        """A copy of the parameters: name -> NumPy array."""

    @abstractmethod
    def get_lr(self) -> dict[str, float]:
        """The rate of each group that the next update will use."""

    @abstractmethod
    def set_lr(self, lr: float | Mapping[str, float]) -> None:
        """Set rates by hand, between two epochs: one for all groups, or group -> rate."""
