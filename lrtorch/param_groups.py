"""Parameter groups by name pattern: which parameter takes which rate.

The pattern language is in ``lrspec/patterns.py``. The first group that matches takes the parameter; every
parameter must be in a group, and every pattern must match something.
"""

from typing import Any

import numpy as np
import torch

from lrspec import check
from lrspec.description import Description, row
from lrspec.groups import assign, label_groups
from lrspec.scheduler_arguments import FromMetric
from lrspec.types import ParamGroup as ParamGroup

from ._named_parameters import named_parameters as named_parameters
from .control import get_lr
from .optim._groups import groups_by_name, is_hyper, plain
from .optim._schedulers import attached, steps_left
from .tabulation import tabulate


def labels(groups: Any) -> Any:
    """The group name of each parameter: a function from named parameters to ``{parameter name: group name}``.

    Args:
        groups: what ``lrtorch.SGD`` takes; only "params" and "name" are read.

    Raises:
        ValueError: as ``lrtorch.SGD`` does, when the groups do not fit the parameters.
    """

    def label(params: Any) -> dict[str, str]:
        names = [name for name, _ in named_parameters("labels", params)]
        read = label_groups(groups)
        return {name: read[i]["name"] for name, i in zip(names, assign("labels", read, names), strict=True)}

    return label


def describe(optimizer: torch.optim.Optimizer, num_steps: int | None = None) -> Description:
    """The groups: tensors, parameters, dtype, frozen or not, rate and other hyperparameters.

    Args:
        optimizer: any torch optimizer.
        num_steps: show the rates ahead, too, over so many scheduler steps, or to the schedule's end (of schedulers that
            lrtorch attached and that need no metric).

    Returns:
        A list with a dict per group; ``print`` shows it as a table.

    Raises:
        TypeError: no optimizer of torch.
        ValueError: num_steps below 1.
    """
    described = Description()
    num_steps = None if num_steps is None else check.integer("describe", "num_steps", num_steps, 1)
    groups = groups_by_name("describe", optimizer)
    ahead = None if num_steps is None else _ahead(optimizer, num_steps)
    for i, (name, group) in enumerate(groups.items()):
        members = [(p.numel(), str(p.dtype).removeprefix("torch.")) for p in group["params"]]
        hyper = {key: plain(value) for key, value in group.items() if is_hyper(value)}
        coming = None if ahead is None else ahead[:, i]
        described.append(row(name, group.get("patterns", ()), members, group.get("frozen", False), hyper, coming))
    return described


def _ahead(optimizer: torch.optim.Optimizer, num_steps: int) -> np.ndarray | None:
    """The rates of the updates to come, shape=(num_steps, groups), where every scheduler steps without a metric."""
    pairs = attached(optimizer)
    schedulers = [built for _, built in pairs]
    if not schedulers or any(isinstance(one, FromMetric) for one, _ in pairs):
        return None

    def step(schedulers: Any, _: int) -> None:
        for one in schedulers:
            one.step()

    left = min([num_steps, *(steps_left(*pair) for pair in pairs)])
    runs = tabulate(schedulers, int(left), step, optimizer)["lr"] if left else [[1, list(get_lr(optimizer).values())]]
    return np.repeat([rates for _, rates in runs], [count for count, _ in runs], axis=0)[:num_steps]
