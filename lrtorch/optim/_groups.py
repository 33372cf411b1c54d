"""torch's ``param_groups``: made from the groups as the user writes them, and read."""

from collections.abc import Mapping
from typing import Any

import torch

from lrspec import check, optimizer_options
from lrspec.groups import assign, read_groups
from lrspec.optimizer_options import Options
from lrspec.patterns import shown

from .._named_parameters import Named


def read(
    options: Options, named: Named, groups: Any, defaults: Mapping[str, Any], where: str | None = None
) -> list[dict[str, Any]]:
    """torch's ``param_groups`` from the user's, checked: each with its "name", "params" and the options it sets.

    Errors name ``where``, or the optimizer.

    Raises:
        TypeError: a group, or a part of it, of the wrong type.
        ValueError: a bad group, a bad value of an option, or groups that do not fit the parameters.
    """
    where = where or options.name
    found = read_groups(where, groups, options.of_groups, defaults["lr"])
    index = assign(where, found, [name for name, _ in named])
    for i, group in enumerate(found):
        if "stacked" in group:
            rule = "is for leaves that hold several layers, which torch has not: write a group for each layer"
            check.fail(where, f"groups[{i}]['stacked']", rule, group["stacked"])
    made = [
        {
            **group,
            "params": [p for (_, p), owner in zip(named, index, strict=True) if owner == i],
            "patterns": shown(group["params"]),
            "frozen": group.get("frozen", False),
        }
        for i, group in enumerate(found)
    ]
    for group in made:
        whole = options.read(f"{where}: group {group['name']!r}", {**defaults, **group})
        group |= {name: whole[name] for name in options.of_groups if name in group}
    return made


def hold_still(group: Mapping[str, Any]) -> None:
    """Take a frozen group's parameters out of the backward pass and of the updates."""
    if group["frozen"]:
        for p in group["params"]:
            p.requires_grad_(False)
            p.grad = None  # torch updates whatever has a gradient


def check_optimizer(where: str, optimizer: Any) -> None:
    """Raise where it is no optimizer of torch."""
    if not isinstance(optimizer, torch.optim.Optimizer):
        check.fail(where, "optimizer", "must be a torch.optim.Optimizer", type(optimizer).__name__, TypeError)


def groups_by_name(where: str, optimizer: torch.optim.Optimizer) -> dict[str, dict[str, Any]]:
    """torch's ``param_groups`` by name; those without one by their number.

    Raises:
        TypeError: no optimizer of torch, with ``where`` for the function's name.
    """
    check_optimizer(where, optimizer)
    return {str(group.get("name", i)): group for i, group in enumerate(optimizer.param_groups)}


def options_of(optimizer: torch.optim.Optimizer) -> Any:
    """The options of torch's optimizer of that class; None for a class that is not torch's."""
    return optimizer_options.BY_NAME.get(type(optimizer).__name__)


def is_hyper(value: Any) -> bool:
    """Whether an entry of a param_group is a number, or a tuple of them."""
    if isinstance(value, tuple):
        return bool(value) and all(one is None or is_hyper(one) for one in value)  # Adafactor's eps[0] may be None
    return check.is_number(value) or (isinstance(value, torch.Tensor) and value.numel() == 1)


def plain(value: Any) -> Any:
    """The Python number of an entry of a param_group, or a tuple of them."""
    if isinstance(value, tuple):
        return tuple(None if one is None else plain(one) for one in value)
    return float(value)
