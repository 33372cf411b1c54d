"""How torch's own optimizers are made from pattern groups."""

from collections.abc import Mapping
from typing import Any

import torch

from ..lr_scheduler._arguments import read_schedulers
from ..param_groups import Named, named_parameters, param_groups
from ..stepping import attach
from ._options import Options


def build(
    options: Options, model: Any, groups: Any, defaults: Mapping[str, Any], scheduler: Any, forms: Mapping[str, Any]
) -> Any:
    """torch's optimizer of that name over ``groups``; all arguments are checked here, as lrjax checks them."""
    options.check(options.name, defaults)
    made = read(options, named_parameters(options.name, model), groups, defaults)
    read_schedulers(options.name, scheduler)
    optimizer = getattr(torch.optim, options.name)(made, **defaults, **forms)
    for group in optimizer.param_groups:
        hold_still(group)
    attach(optimizer, scheduler)
    return optimizer


def read(options: Options, named: Named, groups: Any, defaults: Mapping[str, Any]) -> list[dict[str, Any]]:
    """torch's ``param_groups`` from the user's, checked."""
    made = param_groups(options.name, named, groups, options.of_groups)
    for group in made:
        options.check(f"{options.name}: group {group['name']!r}", {**defaults, **group})
    return made


def hold_still(group: Mapping[str, Any]) -> None:
    """Take a frozen group's parameters out of the backward pass and of the updates."""
    if group["frozen"]:
        for p in group["params"]:
            p.requires_grad_(False)
            p.grad = None  # torch updates whatever has a gradient
