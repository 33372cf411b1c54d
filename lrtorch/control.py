"""Reading and setting rates and other hyperparameters in an optimizer."""

from typing import Any

import torch

from lrspec import check
from lrspec.groups import by_group
from lrspec.types import ByGroup

from .optim._groups import groups_by_name, is_hyper, options_of, plain


def get_lr(optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    """The rate of each group that the next update will use: ``get_hyper(optimizer, "lr")``.

    Returns:
        Group name -> rate, a Python float.
    """
    return get_hyper(optimizer, "lr")


def set_lr(optimizer: torch.optim.Optimizer, lr: ByGroup) -> torch.optim.Optimizer:
    """Set rates by hand, between any two steps: ``set_hyper(optimizer, "lr", lr)``.

    Args:
        optimizer: it is changed.
        lr: one rate for all groups, or group name -> rate; groups not named keep theirs. Finite, not negative; a
            number, or a 0-d array or tensor.

    Returns:
        ``optimizer`` itself.

    Raises:
        ValueError: an unknown group (the message lists the groups), a negative or non-finite rate.
    """
    return _set(optimizer, "set_lr", "lr", lr)


def scale_lr(optimizer: torch.optim.Optimizer, factor: ByGroup) -> torch.optim.Optimizer:
    """Multiply rates by hand.

    Args:
        optimizer: it is changed.
        factor: one for all groups, or group name -> factor. Finite, not negative; a number, or a 0-d array or tensor.

    Returns:
        ``optimizer`` itself.

    Raises:
        ValueError: an unknown group, a negative or non-finite factor.
    """
    where, rates = "scale_lr", get_lr(optimizer)
    factors = by_group(where, factor, rates)
    scaled = {
        name: rates[name] * check.at_least(where, f"factor of group {name!r}", one, 0.0)
        for name, one in factors.items()
    }
    return _set(optimizer, where, "lr", scaled)


def get_hyper(optimizer: torch.optim.Optimizer, name: str) -> dict[str, Any]:
    """A hyperparameter of each group: ``param_groups[i][name]``.

    Args:
        optimizer: any torch optimizer; groups without a name are called by their number.
        name: torch's name: "lr", "momentum", "betas", "weight_decay", "eps", "initial_lr", ...

    Returns:
        Group name -> Python float (a tuple of two for betas and the like).

    Raises:
        ValueError: a name that the optimizer has not (the message lists those there are).
    """
    return {group: plain(options[name]) for group, options in _having(optimizer, "get_hyper", name).items()}


def set_hyper(optimizer: torch.optim.Optimizer, name: str, value: Any) -> torch.optim.Optimizer:
    """Set a hyperparameter by hand, between any two steps.

    Args:
        optimizer: it is changed.
        name: torch's name: "lr", "momentum", "betas", "weight_decay", "eps", ...
        value: one for all groups, or group name -> value; groups not named keep theirs. Numbers as the optimizer
            takes them (betas: two), or 0-d arrays or tensors.

    Returns:
        ``optimizer`` itself.

    Raises:
        ValueError: an unknown name or group (the message lists those there are), a value that the optimizer refuses.
    """
    return _set(optimizer, "set_hyper", name, value)


def _set(optimizer: torch.optim.Optimizer, where: str, name: str, value: Any) -> torch.optim.Optimizer:
    groups = _having(optimizer, where, name)
    values = by_group(where, value, groups)
    values = {group: values[group] for group in groups if group in values}
    for group, new in values.items():
        _check_value(f"{where}: group {group!r}", where, optimizer, name, group, new)
    for group, new in values.items():
        if isinstance(groups[group][name], torch.Tensor):
            groups[group][name].fill_(new)
        else:
            groups[group][name] = plain(tuple(new) if isinstance(new, list) else new)
    return optimizer


def _check_value(at: str, where: str, optimizer: torch.optim.Optimizer, name: str, group: str, value: Any) -> None:
    """A new value as the optimizer's constructor checks it; what is switched on does not matter here."""
    options = options_of(optimizer)
    if name == "lr":
        check.rate(where, value, f"lr of group {group!r}")
    elif options is not None and name in options.hyper:
        defaults = {option: plain(optimizer.defaults[option]) for option in options.hyper}
        defaults |= {flag: optimizer.defaults[flag] for flag in options.flags if flag in optimizer.defaults}
        options.check(at, {**defaults, **dict.fromkeys(options.switches, False), name: value})
    else:
        check.number(at, name, value)


def _having(optimizer: torch.optim.Optimizer, where: str, name: str) -> dict[str, dict[str, Any]]:
    """The groups by name, when they have the hyperparameter."""
    groups = groups_by_name(where, optimizer)
    options = options_of(optimizer)
    fixed = () if options is None else options.flags  # Muon's ns_steps is one, and a number
    known = [key for key, value in optimizer.param_groups[0].items() if is_hyper(value) and key not in fixed]
    if not isinstance(name, str) or name not in known:
        check.fail(where, "name", f"must be one of {', '.join(map(repr, sorted(known)))}", name)
    return groups
