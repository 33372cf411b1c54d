"""Changing the groups of a running optimizer: freezing, thawing, and adding a group."""

from collections.abc import Sequence
from typing import Any

import torch

from lrspec import check
from lrspec.groups import chosen
from lrspec.scheduler_arguments import check_new_group
from lrspec.types import ParamGroup

from ._named_parameters import named_parameters
from .control import _set
from .optim._groups import check_optimizer, groups_by_name, hold_still, options_of, read
from .optim._schedulers import attached


def freeze(optimizer: torch.optim.Optimizer, groups: str | Sequence[str]) -> torch.optim.Optimizer:
    """Stop updating groups: ``requires_grad_(False)``; what their state holds stays.

    Args:
        optimizer: it is changed.
        groups: a group's name, or several.

    Returns:
        ``optimizer`` itself.

    Raises:
        ValueError: an unknown group (the message lists the groups).
    """
    named = groups_by_name("freeze", optimizer)
    for name in chosen("freeze", groups, named):
        named[name]["frozen"] = True
        hold_still(named[name])
    return optimizer


def thaw(
    optimizer: torch.optim.Optimizer, groups: str | Sequence[str], lr: float | None = None
) -> torch.optim.Optimizer:
    """Update frozen groups again: ``requires_grad_(True)``; torch makes their state at the next step.

    Args:
        optimizer: it is changed.
        groups: a group's name, or several.
        lr: their rate from now on; None: the one they have (a scheduler moves it while they are frozen, too).

    Returns:
        ``optimizer`` itself.

    Raises:
        ValueError: an unknown group (the message lists the groups), a bad rate.
    """
    named = groups_by_name("thaw", optimizer)
    names = chosen("thaw", groups, named)
    for name in names:
        named[name]["frozen"] = False
        for p in named[name]["params"]:
            p.requires_grad_(True)
    return optimizer if lr is None else _set(optimizer, "thaw", "lr", dict.fromkeys(names, lr))


def add_param_group(optimizer: torch.optim.Optimizer, model: Any, group: ParamGroup) -> torch.optim.Optimizer:
    """Add a group to a running optimizer, with a pattern: torch's ``optimizer.add_param_group``.

    The new group takes the parameters that the optimizer does not know yet, all of them. Options that it does not
    set are the optimizer's defaults.

    Args:
        optimizer: made by lrtorch; it is changed.
        model: a Module, or named parameters, old and new.
        group: a group as the optimizer takes it, ``{"params": pattern, "lr": ..., ...}``.

    Returns:
        ``optimizer`` itself.

    Raises:
        ValueError: a bad group, patterns that miss a new parameter, a name that is there already, old parameters
            that are gone, or a scheduler that knows only the old groups. (In torch, StepLR, MultiStepLR,
            ConstantLR, LinearLR, ExponentialLR, PolynomialLR and ReduceLROnPlateau go on with the new group; the
            others fail at a later step.)
    """
    where = "add_param_group"
    check_optimizer(where, optimizer)
    named = named_parameters(where, model)
    known = {id(p) for old in optimizer.param_groups for p in old["params"]}
    if not known <= {id(p) for _, p in named}:
        check.fail(where, "model", "must hold the parameters of the optimizer", [name for name, _ in named])
    options = options_of(optimizer)
    fresh = [(name, p) for name, p in named if id(p) not in known]
    if not fresh:
        check.fail(where, "model", "must hold parameters that the optimizer does not know", [name for name, _ in named])
    defaults = {name: optimizer.defaults[name] for name in options.hyper + options.flags}
    (new,) = read(options, fresh, [group], defaults, where)
    if new["name"] in groups_by_name(where, optimizer):
        check.fail(where, "group['name']", "must differ from the names there are", new["name"])
    schedulers = [described for described, _ in attached(optimizer)]
    check_new_group(where, schedulers, [*optimizer.param_groups, new])
    optimizer.add_param_group(new)
    hold_still(optimizer.param_groups[-1])
    return optimizer
