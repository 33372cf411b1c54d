"""The rates of all groups, for a logger."""

import torch

from lrspec import check
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
    where, wanted = "monitor_lr", ["lr"]
    known = {name for group in groups_by_name(where, optimizer).values() for name in group}
    if check.flag(where, "log_momentum", log_momentum):
        wanted += [name for name in ("momentum", "betas") if name in known]
    if check.flag(where, "log_weight_decay", log_weight_decay):
        wanted += [name for name in ("weight_decay",) if name in known]
    return {
        f"{'momentum' if name == 'betas' else name}/{group}": value[0] if name == "betas" else value
        for name in wanted
        for group, value in get_hyper(optimizer, name).items()
    }
