"""What the map is made of: seeds, numbers of images, rates, steps."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

RATIO_NAMES = {1: "1", 1 / 3: "1/3", 0.1: "1/10", 1 / 30: "1/30", 0.01: "1/100", 0.001: "1/1000", 0: "frozen"}


class Rates(NamedTuple):
    """The rates of a run."""

    backbone: float
    head: float


@dataclass(frozen=True)
class Settings:
    """The options of the map."""

    seeds: int = 20
    seed: int = 0
    counts: tuple[int, ...] = (10, 30, 100, 300)  # images to fine-tune on
    ratios: tuple[float, ...] = tuple(RATIO_NAMES)  # the backbone's rate over the head's; the first is one rate
    # Of the head. The two smallest are there because without them one rate was at the end of its grid in one cell (the
    # same digits, 10 images), and only there a small ratio was clearly better, by 0.4 points.
    rates: tuple[float, ...] = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
    steps: int = 600  # updates of fine-tuning
    batch: int = 10
    source_epochs: int = 30  # of pretraining, in batches of SOURCE_BATCH

    def names(self) -> list[str]:
        """The ratios in words."""
        return [RATIO_NAMES[ratio] for ratio in self.ratios]

    def pairs(self) -> list[Rates]:
        """Every ratio with every rate of the head, the ratios one after the other; float32's own numbers."""
        heads = [np.float32(rate) for rate in self.rates]
        return [Rates(float(np.float32(ratio) * head), float(head)) for ratio in self.ratios for head in heads]


SHORT = {"seeds": 4, "counts": (10, 30), "ratios": (1, 0.1, 0), "rates": (0.05, 0.2), "source_epochs": 10, "steps": 200}
