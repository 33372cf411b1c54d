"""What a run leaves to be compared: NumPy arrays by the parameters' paths, in Flax's layout for both frameworks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

Weights = dict[str, np.ndarray]  # parameter -> array


class Layout(NamedTuple):
    """How PyTorch names and stores what Flax names and stores otherwise."""

    to_torch: Callable[[Mapping[str, np.ndarray]], Weights]
    to_jax: Callable[[Mapping[str, np.ndarray]], Weights]  # to_jax(to_torch(weights)) is weights


@dataclass
class Record:
    """What one framework did."""

    pretrained: float = 0.0  # accuracy after pretraining, on what it was trained for
    start: Weights = field(default_factory=dict)  # at the start of fine-tuning, Flax's layout
    end: Weights = field(default_factory=dict)
    loss: list[np.ndarray] = field(default_factory=list)  # per epoch, shape=(steps,)
    lr: list[dict[str, np.ndarray]] = field(default_factory=list)  # per epoch, group -> shape=(steps,)
    grads: list[Weights] = field(default_factory=list)  # per epoch, parameter -> shape=(steps, ...), Flax's layout
    test: list[tuple[float, float]] = field(default_factory=list)  # per epoch: loss and accuracy

    def losses(self) -> np.ndarray:
        """The loss of every step."""
        return np.concatenate(self.loss)

    def rates(self) -> dict[str, np.ndarray]:
        """Group -> its rate at every step."""
        return {name: np.concatenate([lr[name] for lr in self.lr]) for name in self.lr[0]}
