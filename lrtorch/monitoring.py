"""The rates of all groups, for a logger."""

from functools import partial

import torch

from lrspec.monitoring import monitored
from lrspec.types import Number

from .control import get_hyper
from .optim._groups import groups_by_name


def monitor_lr(
    optimizer: torch.optim.Optimizer, *, log_momentum: bool = False, log_weight_decay: bool = False
) -> dict[str, Number]:
    """The rate of each group as a flat dict of scalars: what Lightning's ``LearningRateMonitor`` logs.

    Hand it to ``wandb.log``, to TensorBoard's ``add_scalar`` name by name, or print it.

    Args:
        optimizer: any torch optimizer.
        log_momentum: momentum, too, or the first of ``betas``, of the optimizers that have one.
        log_weight_decay: weight decay, too.

    Returns:
        "lr/<group>" -> the rate that the next update will use, a Python float. So too "momentum/<group>" and
        "weight_decay/<group>".

    Raises:
        TypeError: no optimizer of torch; a switch that is no bool.

    >>> from lrtorch import SGD
    >>> monitor_lr(SGD({"w": torch.nn.Parameter(torch.ones(2))}, "**", lr=0.5))
    {'lr/**': 0.5}
    """
    known = {name for group in groups_by_name("monitor_lr", optimizer).values() for name in group}
    return monitored(known, partial(get_hyper, optimizer), log_momentum, log_weight_decay)
