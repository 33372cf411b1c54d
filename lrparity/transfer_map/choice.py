"""Which rates each arm takes, chosen without the test images.

Every seed is somebody who tries the same rates for each arm and keeps the run that is best on validation images. Which
small ratio is best is not the seed's choice but that of the other half of the seeds: so every arm has as many tries,
and nothing that is reported has chosen its own ratio. No seed validates with an image that any seed is tested on.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .settings import RATIO_NAMES, Rates, Settings

ONE, LAYERS, FROZEN, SCRATCH = "one rate", "small ratio", "frozen", "from scratch"
ALL_TRIES = "small ratio, all tries"  # each seed chooses among all small ratios and rates: more tries than the rest
AT_SCRATCH = "rate of scratch, "  # arms that take for the head the rate that training from scratch chose


class Arm(NamedTuple):
    """One way to fine-tune, with the rates that were chosen for it."""

    pairs: np.ndarray  # shape=(seeds,): which pair of rates each seed takes
    rates: list[Rates]  # the same in numbers
    right: np.ndarray  # shape=(seeds, test), bool: which test images the network knows


def by_itself(validation: np.ndarray, among: Sequence[int]) -> np.ndarray:
    """The pair that is best for each seed; of equally good ones that which is best for all seeds together.

    Args:
        validation: accuracy on the validation images, shape=(seeds, pairs).
        among: the pairs that the arm may take.

    >>> by_itself(np.array([[0.5, 0.9, 1.0], [0.7, 0.7, 1.0]]), among=[0, 1])
    array([1, 1])
    """
    scores = validation[:, among]
    tie = 1e-4 * scores.mean(axis=0)  # less than one image
    return np.asarray(among)[np.argmax(scores + tie, axis=1)]


def by_others(validation: np.ndarray, among: Sequence[np.ndarray]) -> np.ndarray:
    """Of several ways to choose, the one that was best for the other half: the even seeds choose for the odd ones.

    Args:
        validation: accuracy on the validation images, shape=(seeds, pairs).
        among: the pairs that each way gives the seeds, shape=(seeds,).

    >>> by_others(np.array([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4]]), among=[np.zeros(4, int), np.ones(4, int)])
    array([0, 1, 0, 1])
    """
    seeds = np.arange(len(validation))
    scores = np.stack([validation[seeds, pairs] for pairs in among])
    chosen = np.empty_like(seeds)
    for half in (0, 1):
        best = int(np.argmax(scores[:, 1 - half :: 2].mean(axis=1)))
        chosen[half::2] = among[best][half::2]
    return chosen


def arms_of(settings: Settings, right: np.ndarray, scratch: np.ndarray, validation: int) -> dict[str, Arm]:
    """All arms of a cell.

    Args:
        settings: of the map.
        right: of the pretrained network, bool, shape=(seeds, pairs, validation + test).
        scratch: the same from scratch, whose pairs are those of one rate.
        validation: how many of the images choose; the rest is reported.
    """
    width = len(settings.rates)
    of_ratio = {name: range(i * width, (i + 1) * width) for i, name in enumerate(settings.names())}
    scores, base_scores = (seen[..., :validation].mean(axis=-1) for seen in (right, scratch))
    base = by_itself(base_scores, range(width))
    own = {name: by_itself(scores, pairs) for name, pairs in of_ratio.items()}
    small = [name for name in own if name not in (RATIO_NAMES[1], FROZEN)]
    taken = {
        ONE: own[RATIO_NAMES[1]],
        LAYERS: by_others(scores, [own[name] for name in small]),
        ALL_TRIES: by_itself(scores, [pair for name in small for pair in of_ratio[name]]),
        **own,
        **{AT_SCRATCH + name: pairs.start + base for name, pairs in of_ratio.items()},
    }
    arms = {name: _arm(settings, pairs, right[..., validation:]) for name, pairs in taken.items()}
    return {SCRATCH: _arm(settings, base, scratch[..., validation:]), **arms}


def _arm(settings: Settings, pairs: np.ndarray, test: np.ndarray) -> Arm:
    rates = settings.pairs()
    return Arm(pairs, [rates[pair] for pair in pairs], test[np.arange(len(pairs)), pairs])
