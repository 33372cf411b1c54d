"""How the libraries smooth losses: each a function that makes one, ``loss -> smoothed loss``, which remembers."""

import math
from collections.abc import Callable

import numpy as np

Smoother = Callable[[float], float]
_BETA = 0.98  # fastai's and Lightning's


def fastai() -> Smoother:
    """An exponential average in float32, without the pull to its 0 at the start: ``AvgSmoothLoss``.

    With v(0) = 0 and w = 0.98::

        v(k) = torch.lerp(loss, v(k - 1), w) = fma(w - 1, v(k - 1) - loss, v(k - 1))
        smoothed = v(k) / (1 - w**k)
    """
    v, count = np.float32(0), 0
    w = np.float32(_BETA)

    def smooth(loss: float) -> float:
        nonlocal v, count
        count += 1
        with np.errstate(all="ignore"):
            v = _fma(w - 1, v - np.float32(loss), v)
            return float(v / np.float32(1 - _BETA**count))

    return smooth


def lightning() -> Smoother:
    """The same average in float64, with a count that is one too high: the first value is 0.505 times the loss.

    ``_LRCallback`` divides by ``1 - beta ** (global_step + 1)``, where ``global_step`` is 1 at the first batch.
    """
    average, count = 0.0, 0

    def smooth(loss: float) -> float:
        nonlocal average, count
        count += 1
        average = _BETA * average + (1 - _BETA) * loss
        return average / (1 - _BETA ** (count + 1))

    return smooth


def torch_lr_finder() -> Smoother:
    """From the first loss on a twentieth of the new loss: ``range_test`` with ``smooth_f=0.05``."""
    last: float | None = None

    def smooth(loss: float) -> float:
        nonlocal last
        last = loss if last is None else 0.05 * loss + (1 - 0.05) * last
        return last

    return smooth


def none() -> Smoother:
    """The losses as they are."""
    return lambda loss: loss


SMOOTHERS: dict[str, Callable[[], Smoother]] = {
    "fastai": fastai,
    "lightning": lightning,
    "torch_lr_finder": torch_lr_finder,
    "none": none,
}


def _fma(a: np.float32, b: np.float32, c: np.float32) -> np.float32:
    """a * b + c, rounded once.

    The product is exact in float64. The sum is rounded to odd there, so that the second rounding, to float32, sees on
    which side of a tie the truth lies.
    """
    product, addend = float(a) * float(b), float(c)
    total = product + addend
    if math.isfinite(total):
        back = total - product
        error = (product - (total - back)) + (addend - back)
        if error and not np.float64(total).view(np.int64) & 1:
            total = math.nextafter(total, math.copysign(math.inf, error))
    return np.float32(total)
