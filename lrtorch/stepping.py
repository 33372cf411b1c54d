"""The scheduler's ``step()``; the optimizer's is torch's own ``optimizer.step()``."""

from typing import Any

import torch

from lrspec import check
from lrspec.scheduler_arguments import FromMetric, by_hand

from .optim._groups import check_optimizer
from .optim._schedulers import attached, check_end


def schedulers_of(optimizer: torch.optim.Optimizer) -> list[Any]:
    """The torch schedulers that lrtorch attached to ``optimizer``."""
    return [built for _, built in attached(optimizer)]


def step_scheduler(
    optimizer: torch.optim.Optimizer, metric: Any = None, index: int | None = None
) -> torch.optim.Optimizer:
    """torch's ``scheduler.step()`` by hand.

    Args:
        optimizer: made with ``scheduler=...``.
        metric: what ReduceLROnPlateau and GreedyLR watch, a number.
        index: which of several schedulers; None: all that have no ``every``, in order.

    Returns:
        ``optimizer`` itself.

    Raises:
        TypeError: a metric that is no real number.
        ValueError: no scheduler, no such scheduler, no metric where one is needed, or an array; a step past the end of
            OneCycleLR or TableLR.
    """
    check_optimizer("step_scheduler", optimizer)
    pairs = attached(optimizer)
    chosen = by_hand([described for described, _ in pairs], index)
    if metric is not None:
        metric = check.metric("step_scheduler", metric)  # torch takes "0.1" and [0.1], too
    for i in chosen:
        described, built = pairs[i]
        check_end("step_scheduler", described, built)
        if isinstance(described, FromMetric):
            if metric is None:
                check.fail(type(described).__name__, "metric", "must be given to step_scheduler", None)
            built.step(metric)
        else:
            built.step()
    return optimizer
