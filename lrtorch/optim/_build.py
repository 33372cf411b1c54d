"""How torch's own optimizers are made from groups by pattern."""

from collections.abc import Mapping
from typing import Any

import torch

from lrspec import check
from lrspec.optimizer_options import Options, check_real
from lrspec.scheduler_arguments import read_schedulers

from .._named_parameters import named_parameters
from ..lr_scheduler._base import LRScheduler
from ._groups import hold_still, read
from ._schedulers import attach


def build(
    options: Options, model: Any, groups: Any, defaults: Mapping[str, Any], scheduler: Any, forms: Mapping[str, Any]
) -> Any:
    """torch's optimizer of that name over ``groups``; all arguments are checked here, as lrjax checks them.

    A 0-d array of NumPy is its number. A tensor is none: in some forms torch would follow its changes, in others not.

    ``forms`` are the options that choose one of torch's implementations.
    """
    defaults = options.read(options.name, defaults)
    for name, value in forms.items():
        if value is not None:
            check.flag(options.name, name, value)
    named = named_parameters(options.name, model)
    if options.name in ("Adafactor", "Muon"):  # torch says so at the first step
        check_real(options.name, (str(p.dtype).removeprefix("torch.") for _, p in named))
    made = read(options, named, groups, defaults)
    read_schedulers(options.name, scheduler, LRScheduler)
    optimizer = getattr(torch.optim, options.name)(made, **defaults, **forms)
    for group in optimizer.param_groups:
        hold_still(group)
    attach(optimizer, scheduler)
    return optimizer
