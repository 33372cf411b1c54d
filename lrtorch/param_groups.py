"""Parameter groups by name pattern: which parameter takes which rate.

The pattern language is in ``_patterns.py``. The first group that matches takes the parameter; every
parameter must be in a group, and every pattern must match something.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch

from ._check import fail
from ._description import Description, row
from ._patterns import assign, label_groups, read_groups, shown

Named = list[tuple[str, torch.nn.Parameter]]


def named_parameters(where: str, model: Any) -> Named:
    """The named parameters of a module, or of a mapping or iterable of (name, parameter)."""
    if isinstance(model, torch.nn.Module):
        return list(model.named_parameters())
    if isinstance(model, Mapping):
        return list(model.items())
    if isinstance(model, Iterable):
        return list(model)
    raise TypeError(f"{where}: model must be a Module or named parameters, got {type(model).__name__}")


def param_groups(where: str, named: Named, groups: Any, options: Sequence[str]) -> list[dict[str, Any]]:
    """torch's ``param_groups``: each with its "name", "params" and the options the user gave it."""
    read = read_groups(where, groups, options)
    index = assign(where, read, [name for name, _ in named])
    for i, group in enumerate(read):
        if "stacked" in group:
            rule = "is for leaves that hold several layers, which torch has not: write a group for each layer"
            fail(where, f"groups[{i}]['stacked']", rule, group["stacked"])
    return [
        {
            **group,
            "params": [p for (_, p), g in zip(named, index, strict=True) if g == i],
            "patterns": shown(group["params"]),
            "frozen": group.get("frozen", False),
        }
        for i, group in enumerate(read)
    ]


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
    from .control import groups_by_name, is_hyper, plain

    described = Description()
    for name, group in groups_by_name(optimizer).items():
        members = [(p.numel(), str(p.dtype).removeprefix("torch.")) for p in group["params"]]
        hyper = {key: plain(value) for key, value in group.items() if is_hyper(value)}
        described.append(row(name, group.get("patterns", ()), members, group.get("frozen", False), hyper))
    return described
