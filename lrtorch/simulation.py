"""The rates a scheduler would set, without training."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from lrspec import check
from lrspec.documentation import documented
from lrspec.simulation import ARGUMENTS, RAISES, RETURNS, read_simulation
from lrspec.types import Number

from .lr_scheduler._base import LRScheduler


@documented(ARGUMENTS, returns=RETURNS, raises=RAISES)
def simulate(
    scheduler: LRScheduler,
    base_lrs: Number | Sequence[Number],
    num_steps: int,
    edits: Mapping[int, Number | Mapping[int, Number]] | None = None,
    metrics: Sequence[Number] | None = None,
    *,
    momentum: bool = False,
) -> Any:
    """The rate of each update, computed by torch's own scheduler on a dummy optimizer."""
    check.flag("simulate", "momentum", momentum)
    base, mask, value, metric = read_simulation(LRScheduler, scheduler, base_lrs, num_steps, edits, metrics)
    groups = [{"params": [torch.nn.Parameter(torch.zeros(()))], "lr": lr} for lr in base.tolist()]
    optimizer = torch.optim.SGD(groups, lr=1.0)
    built, args = (
        scheduler.build_and_resume(optimizer),
        [()] * len(mask) if metrics is None else [(m,) for m in metric.tolist()],
    )
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
