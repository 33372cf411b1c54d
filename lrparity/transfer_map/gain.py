"""How much better one arm is than another, in percentage points, and how sure that is."""

from typing import NamedTuple

import numpy as np
from scipy.stats import t

CONFIDENCE = 0.95


class Gain(NamedTuple):
    """A paired difference of accuracies with its interval, in percentage points."""

    mean: float
    low: float
    high: float

    @property
    def clear(self) -> int:
        """1 where the interval lies above 0, -1 where it lies below, otherwise 0."""
        return int(self.low > 0) - int(self.high < 0)


def gain(ours: np.ndarray, theirs: np.ndarray) -> Gain:
    """The mean of ``ours - theirs`` with its 95 % interval.

    Both the seeds and the test images are samples. With ``x[s, i]`` the difference of seed s on image i,

        variance of the mean = var over s of mean over i / seeds + (what the images add, at least 0),
        what they add = var over i of mean over s / images - error / (seeds * images),

    where ``error`` is the mean square of what is left without the means of rows and columns. Student's t with
    seeds - 1 degrees of freedom: the interval is never narrower than the paired t interval over the seeds.

    Args:
        ours: bool, shape=(seeds, images).
        theirs: the same, of the same seeds and images.
    """
    x = 100.0 * (ours.astype(float) - theirs)
    seeds, images = x.shape
    by_seed, by_image = x.mean(axis=1), x.mean(axis=0)
    rest = x - by_seed[:, None] - by_image + x.mean()
    error = (rest**2).sum() / ((seeds - 1) * (images - 1))
    added = by_image.var(ddof=1) / images - error / (seeds * images)
    variance = by_seed.var(ddof=1) / seeds + max(0.0, added)
    half = t.ppf((1 + CONFIDENCE) / 2, seeds - 1) * np.sqrt(variance)
    return Gain(float(x.mean()), float(x.mean() - half), float(x.mean() + half))


def noise(right: np.ndarray) -> float:
    """The standard deviation over the seeds of an arm's accuracy, in percentage points."""
    return float(100 * right.mean(axis=1).std(ddof=1))
