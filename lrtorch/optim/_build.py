"""How torch's own optimizers are made from pattern groups."""

from collections.abc import Mapping
from typing import Any

import torch

from ..control import attach
from ..lr_scheduler._arguments import read_schedulers
from ..param_groups import named_parameters, param_groups
from ._options import Options


def build(
    options: Options, model: Any, groups: Any, defaults: Mapping[str, Any], scheduler: Any, forms: Mapping[str, Any]
) -> Any:
    """torch's optimizer of that name over ``groups``; all arguments are checked here, as lrjax checks them."""
    options.check(options.name, defaults)
    named = named_parameters(options.name, model)
    made = param_groups(options.name, named, groups, (*options.numbers, *options.flags))
    for group in made:
        options.check(f"{options.name}: group {group['name']!r}", {**defaults, **group})
    read_schedulers(options.name, scheduler)
    optimizer = getattr(torch.optim, options.name)(made, **defaults, **forms)
    attach(optimizer, scheduler)
    return optimizer
