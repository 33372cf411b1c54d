"""The rates a scheduler would set, without training."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from ._simulation import read_simulation


def simulate(
    scheduler: Any,
    base_lrs: float | Sequence[float],
    num_steps: int,
    edits: Mapping[int, Any] | None = None,
    metrics: Sequence[float] | None = None,
    *,
    momentum: bool = False,
) -> Any:
    """The rate of each update, computed by torch's own scheduler on a dummy optimizer.

    Args:
        scheduler: an lrtorch scheduler; its ``every`` is not used: a row is a scheduler step.
        base_lrs: the groups' rates before the scheduler is attached; one number is one group.
        num_steps: number of rows, at least 1.
        edits: step -> rate set by hand before that update: one number for all groups, or
            {group index: rate}.
        metrics: for ReduceLROnPlateau, the metric given to the scheduler after each update, num_steps numbers.
        momentum: give the momentum of each update too, for schedulers that cycle it.

    Returns:
        float64, shape=(num_steps, groups): row t holds the rates of update t; with ``momentum`` a pair of
        such arrays, rates and momenta.

    Raises:
        ValueError: a negative or non-finite rate, no group, a step or group out of range, metrics that
            are missing, not wanted or of another length; more steps than OneCycleLR has.
    """
    base, mask, value, metric = read_simulation(scheduler, base_lrs, num_steps, edits, metrics)
    groups = [{"params": [torch.nn.Parameter(torch.zeros(()))], "lr": lr} for lr in base.tolist()]
    optimizer = torch.optim.SGD(groups, lr=1.0)
    built, args = scheduler.begin(optimizer), [()] * len(mask) if metrics is None else [(m,) for m in metric.tolist()]
    optimizer.step()  # once, so that torch does not warn of a scheduler stepped first; it has no gradients
    rates, momenta = [], []
    for t in range(len(mask)):
        for group, edited, lr in zip(optimizer.param_groups, mask[t], value[t].tolist(), strict=True):
            group["lr"] = lr if edited else group["lr"]
        rates.append([float(group["lr"]) for group in optimizer.param_groups])
        momenta.append([float(group["momentum"]) for group in optimizer.param_groups])
        if t + 1 < len(mask):
            built.step(*args[t])
    return (np.array(rates), np.array(momenta)) if momentum else np.array(rates)
