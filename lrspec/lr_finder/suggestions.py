"""Which rate the libraries suggest: functions of the rates and the smoothed losses, with what each leaves out.

=====================  ===============================================================================================
``valley``             fastai's default: the middle of the longest stretch over which the loss falls
``slide``              fastai's: from the right, where the slopes 15 apart begin to differ by less than 0.005
``minimum``            fastai's: a tenth of the rate with the least loss
``steep``              fastai's: the steepest fall over the logarithm of the rate
``lightning``          Lightning's: the steepest fall over the rate itself
``torch_lr_finder``    davidtvs's: the steepest fall from iteration to iteration
=====================  ===============================================================================================

fastai and Lightning compute in float32, and so do these functions: the index is theirs, and so is every bit of the
rate.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .. import check

Arrays = np.ndarray


class Suggestion(NamedTuple):
    """A suggested rate.

    Attributes:
        lr: the rate, of the group on the curve's axis.
        at: the index on the curve that it was read off.
        loss: the smoothed loss there.
    """

    lr: float
    at: int
    loss: float


class Rule(NamedTuple):
    """How a library suggests a rate.

    Attributes:
        choose: (lrs, losses) -> index and rate, of arrays without what is skipped.
        skip_begin: how many iterations are left out at the beginning, of so many.
        skip_end: and at the end.
        fewest: the least number of points it needs.
        finite: what it does with NaN: "before" takes what is before the first, "all" every finite loss, "any" all.
        dtype: what it computes in.
    """

    choose: Callable[[Arrays, Arrays], tuple[int, float]]
    skip_begin: Callable[[int], int]
    skip_end: int
    fewest: int
    finite: str
    dtype: Any


def valley(lrs: Arrays, losses: Arrays) -> tuple[int, float]:
    """The longest subsequence of falling losses, by its end and its length; a third and a sixth of it further on.

    ``start`` is the end's index minus the length, as in fastai, which is one less than where a stretch without gaps
    begins, and may be -1: then an index counts from the end, as Python's do.
    """
    lengths = np.ones(len(losses), int)
    for i in range(1, len(losses)):
        lengths[i] += max(lengths[:i][losses[:i] > losses[i]], default=0)
    end = int(lengths.argmax())
    start = end - int(lengths[end]) if end else 0
    third = (end - start) / 3
    index = (start + int(third) + int(third / 2)) % len(lrs)
    return index, float(lrs[index])


def slide(lrs: Arrays, losses: Arrays) -> tuple[int, float]:
    """From the right, the last rate whose slope differs by more than 0.005 from the slope 15 rates further on."""
    slope = np.gradient(losses)
    right, left = -1, -16
    index = left
    while left >= -len(losses) and abs(slope[right] - slope[left]) > 0.005:
        index = left
        right, left = right - 1, left - 1
    return len(lrs) + index, float(lrs[index])


def minimum(lrs: Arrays, losses: Arrays) -> tuple[int, float]:
    """A tenth of the rate with the least loss."""
    index = int(losses.argmin())
    return index, float(lrs[index]) / 10


def steep(lrs: Arrays, losses: Arrays) -> tuple[int, float]:
    """The left end of the step with the steepest fall over the logarithm of the rate."""
    logs = np.log(lrs.astype(np.float64)).astype(lrs.dtype)
    index = int((np.diff(losses) / np.diff(logs)).argmin())
    return index, float(lrs[index])


def lightning(lrs: Arrays, losses: Arrays) -> tuple[int, float]:
    """The least derivative by the rate, as ``torch.gradient`` has it for unequal steps."""
    x, y = lrs.astype(np.float32), losses.astype(np.float32)
    step = np.diff(x)
    before, after = step[:-1], step[1:]
    a = -after / (before * (before + after))
    b = (after - before) / (before * after)
    c = before / (after * (before + after))
    inner = a * y[:-2] + b * y[1:-1] + c * y[2:]
    ends = np.diff(y)[[0, -1]] / step[[0, -1]]
    index = int(np.concatenate([ends[:1], inner, ends[1:]]).argmin())
    return index, float(lrs[index])


def torch_lr_finder(lrs: Arrays, losses: Arrays) -> tuple[int, float]:
    """The least difference from one iteration to the next, central where it can be."""
    index = int(np.gradient(losses).argmin())
    return index, float(lrs[index])


def _tenth(count: int) -> int:
    return count // 10


def _ten(count: int) -> int:
    del count
    return 10


SUGGESTIONS: dict[str, Rule] = {
    "valley": Rule(valley, _tenth, 5, 1, "before", np.float32),
    "slide": Rule(slide, _tenth, 5, 16, "before", np.float32),
    "minimum": Rule(minimum, _tenth, 5, 1, "before", np.float32),
    "steep": Rule(steep, _tenth, 5, 2, "before", np.float32),
    "lightning": Rule(lightning, _ten, 1, 2, "all", np.float64),
    "torch_lr_finder": Rule(torch_lr_finder, _ten, 5, 2, "any", np.float64),
}


def suggest(
    name: str,
    lrs: Any,
    losses: Any,
    num_iter: int,
    skip_begin: int | None = None,
    skip_end: int | None = None,
) -> Suggestion:
    """The rate that a library suggests.

    Args:
        name: one of ``SUGGESTIONS``.
        lrs: the rates of the iterations there were.
        losses: their smoothed losses.
        num_iter: how many iterations there were to be.
        skip_begin: leave out so many at the beginning; None: as the library does.
        skip_end: and at the end.

    Raises:
        ValueError: fewer points than the rule needs.
    """
    rule = SUGGESTIONS[name]
    begin = (
        rule.skip_begin(num_iter) if skip_begin is None else check.integer("suggestion", "skip_begin", skip_begin, 0)
    )
    end = rule.skip_end if skip_end is None else check.integer("suggestion", "skip_end", skip_end, 0)
    losses = np.asarray(losses, np.float64)
    places = np.arange(len(losses))[begin : max(begin, len(losses) - end)]
    with np.errstate(over="ignore"):
        places = _finite(rule.finite, places, losses)
    if len(places) < rule.fewest:
        rest = f"{rule.fewest} of them without the first {begin} and the last {end}"
        kind = "losses" if rule.finite == "any" else "finite losses"
        check.fail("lr_find", f"the curve for {name!r}", f"must have {kind}, at least {rest}", len(places))
    with np.errstate(all="ignore"):
        index, lr = rule.choose(*(np.asarray(x)[places].astype(rule.dtype) for x in (lrs, losses)))
    place = int(places[index])
    return Suggestion(lr, place, float(losses[place]))


def _finite(which: str, places: Arrays, losses: Arrays) -> Arrays:
    """The places of the losses that a rule looks at."""
    if which == "all":
        return places[np.isfinite(losses[places].astype(np.float32))]
    missing = np.isnan(losses[places]) if which == "before" else np.zeros(len(places), bool)
    return places[: int(missing.argmax())] if missing.any() else places
