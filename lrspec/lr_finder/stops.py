"""When the libraries say that the loss has diverged: functions that make one, ``smoothed loss -> whether to stop``.

All compare the smoothed loss with a multiple of the best one so far. NaN is no larger than anything, so none of them
stops for it; what they suggest leaves it out.
"""

import math
from collections.abc import Callable

Stop = Callable[[float], bool]


def fastai(threshold: float = 4.0) -> Stop:
    """``smoothed > threshold * best``, the best being at most the loss itself."""
    best = math.inf

    def stop(smoothed: float) -> bool:
        nonlocal best
        if smoothed < best:
            best = smoothed
        return smoothed > threshold * best

    return stop


def lightning(threshold: float = 4.0) -> Stop:
    """The same, but compared before the best is renewed, and not at the first iteration."""
    best: float | None = None

    def stop(smoothed: float) -> bool:
        nonlocal best
        diverged = best is not None and smoothed > threshold * best
        if best is None or smoothed < best:
            best = smoothed
        return diverged

    return stop


def torch_lr_finder(threshold: float = 5.0) -> Stop:
    """The same with 5, from the first loss on, whatever that is: after a NaN it never stops."""
    best: float | None = None

    def stop(smoothed: float) -> bool:
        nonlocal best
        if best is None or smoothed < best:
            best = smoothed
        return smoothed > threshold * best

    return stop


def none(threshold: float = math.inf) -> Stop:
    """Never."""
    del threshold
    return lambda smoothed: False


STOPS: dict[str, Callable[..., Stop]] = {
    "fastai": fastai,
    "lightning": lightning,
    "torch_lr_finder": torch_lr_finder,
    "none": none,
}
