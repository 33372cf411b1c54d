"""Parameter groups by name pattern: which parameter takes which rate.

The pattern language is in ``lrspec/patterns.py``. The first group that matches takes the parameter; every
parameter must be in a group, and every pattern must match something.
"""

from typing import Any

import torch

from lrspec.description import Description, row
from lrspec.groups import assign, label_groups

from ._named_parameters import named_parameters as named_parameters
from .optim._groups import groups_by_name, is_hyper, plain


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


def describe(optimizer: torch.optim.Optimizer) -> Description:
    """The groups: tensors, parameters, dtype, frozen or not, rate and other hyperparameters.

    Args:
        optimizer: any torch optimizer.

    Returns:
        A list with a dict per group; ``print`` shows it as a table.
    """
    described = Description()
    for name, group in groups_by_name("describe", optimizer).items():
        members = [(p.numel(), str(p.dtype).removeprefix("torch.")) for p in group["params"]]
        hyper = {key: plain(value) for key, value in group.items() if is_hyper(value)}
        described.append(row(name, group.get("patterns", ()), members, group.get("frozen", False), hyper))
    return described
