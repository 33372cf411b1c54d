"""A scheduler's state in torch's own layout, as ``torch.optim.lr_scheduler``'s ``state_dict`` gives it.

The state has torch's names already. What is added, and checked when a state comes back, are the
arguments, under the names and in the forms that torch keeps them in.
"""

import math
import types
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from lrspec import check
from lrspec import scheduler_arguments as arguments

from ._base import SchedulerState
from .greedy import nested, unnested

_INNER = {"_is_initial": False, "_get_lr_called_within_step": False}


def to_dict(scheduler: Any, state: SchedulerState, groups: int, *, beta1: bool) -> dict[str, Any]:
    """torch's ``state_dict`` of a scheduler in this state (NumPy leaves)."""
    if isinstance(scheduler, arguments.Composite):
        inner = zip(scheduler.schedulers, state["_schedulers"], strict=True)
        states = [to_dict(s, m, groups, beta1=beta1) for s, m in inner]
        own = {name: _plain(value) for name, value in state.items() if name != "_schedulers"}
        if isinstance(scheduler, arguments.SequentialLR):
            own = {"_milestones": list(scheduler.milestones), **own}
            first = bisect_right(scheduler.milestones, 0)
            if isinstance(scheduler.schedulers[first], arguments.Composite):  # torch's _initial_step leaves these there
                states[first] |= {"_step_count": 0, "_is_initial": False}
        return {**own, "_schedulers": states}
    own = {name: _plain(value) for name, value in state.items()}
    whole = [name for name in ("T_cur", "T_i") if name in own and own[name] == int(own[name])]
    own |= {name: int(own[name]) for name in whole}  # int in torch, unless it was stepped by fractions of an epoch
    own = nested(scheduler, own)
    inner = {} if isinstance(scheduler, arguments.FromMetric) else _INNER
    config = {name: _plain(value) for name, value in _config(scheduler, groups, beta1).items()}
    return {**config, **own, **inner, **_functions(scheduler, groups, _saved)}


def from_dict(
    where: str, scheduler: Any, state: SchedulerState, state_dict: Mapping[str, Any], groups: int
) -> SchedulerState:
    """The state that torch's ``state_dict`` holds; ``state`` gives the names and shapes.

    Raises:
        ValueError: a missing entry, one of another shape, or an argument that differs from the scheduler's.
    """
    state_dict = unnested(where, scheduler, state_dict)
    _require(where, scheduler, state_dict, state)
    loaded = {}
    for name, old in state.items():
        if name == "_schedulers":
            parts = zip(scheduler.schedulers, old, state_dict[name], strict=True)
            loaded[name] = tuple(from_dict(where, s, m, d, groups) for s, m, d in parts)
        else:
            loaded[name] = np.asarray(state_dict[name], old.dtype)
            if loaded[name].shape != old.shape:
                rule = f"must have {old.shape[0]} values, one for each group" if old.shape else "must be one number"
                check.fail(where, f"state_dict[{name!r}]", rule, state_dict[name])
    if isinstance(scheduler, arguments.Composite):
        return loaded
    beta1 = bool(state_dict.get("use_beta1", False))
    for name, ours in _config(scheduler, groups, beta1).items():
        theirs = (
            arguments.Table(where, state_dict[name])
            if isinstance(ours, arguments.Table) and name in state_dict
            else state_dict.get(name, ours)
        )
        if not _same(ours, theirs):
            check.fail(where, f"state_dict[{name!r}]", f"must be {ours!r}, as the {scheduler._name} says", theirs)
    _functions(scheduler, groups, lambda function, i: _restore(function, state_dict, i))
    return loaded


def _require(where: str, scheduler: Any, state_dict: Mapping[str, Any], state: SchedulerState) -> None:
    if not isinstance(state_dict, Mapping):
        check.fail(where, "state_dict", "must be a dict", state_dict, TypeError)
    for name in state:
        if name not in state_dict:
            check.fail(where, "state_dict", f"must have {name!r}, as a {scheduler._name} has", sorted(state_dict))
    if "_schedulers" in state and len(state_dict["_schedulers"]) != len(scheduler.schedulers):
        rule = f"must have {len(scheduler.schedulers)} schedulers"
        check.fail(where, "state_dict['_schedulers']", rule, len(state_dict["_schedulers"]))


def _config(scheduler: Any, groups: int, beta1: bool) -> dict[str, Any]:
    """The arguments as torch keeps them."""
    values = {
        f.name: _plain(getattr(scheduler, f.name)) for f in fields(scheduler) if f.name not in ("every", "last_epoch")
    }
    match scheduler:
        case arguments.LambdaLR() | arguments.MultiplicativeLR():
            return {}
        case arguments.MultiStepLR():
            return {**values, "milestones": Counter(scheduler.milestones)}
        case arguments.CyclicLR():
            return _cyclic(scheduler, groups, beta1)
        case arguments.OneCycleLR():
            return _one_cycle(scheduler, beta1)
        case arguments.ReduceLROnPlateau():
            low = values.pop("min_lr")
            worse = math.inf if scheduler.mode == "min" else -math.inf
            default = None if isinstance(low, list) else low
            return {**values, "default_min_lr": default, "min_lrs": arguments.each(low, groups), "mode_worse": worse}
        case arguments.GreedyLR():
            rates = {f"{name}s": arguments.each(values.pop(name), groups) for name in ("min_lr", "max_lr")}
            return {"reset_start_original": values.pop("reset_start"), **values, **rates, "verbose": False}
        case arguments.SWALR():
            return {"_anneal_strategy": scheduler.anneal_strategy, "anneal_epochs": scheduler.anneal_epochs}
        case arguments.EpochTable():
            return {
                "rates": [rate for epochs, rate in scheduler.table for _ in range(int(epochs))],
                "mode": scheduler.mode,
            }
        case arguments.TableLR():
            return {"table": scheduler.table}
        case arguments.CurveLR():
            return scheduler.plain()
        case arguments.StepDecay():
            return {name: values[name] for name in ("lr_decay", "gamma", "lr0")}
    return values


def _cyclic(scheduler: arguments.CyclicLR, groups: int, beta1: bool) -> dict[str, Any]:
    up = float(scheduler.step_size_up)
    total = up + (up if scheduler.step_size_down is None else float(scheduler.step_size_down))
    config = {"max_lrs": arguments.each(scheduler.max_lr, groups), "total_size": total, "step_ratio": up / total}
    config |= {"mode": scheduler.mode, "gamma": scheduler.gamma, "scale_mode": _scale_mode(scheduler)}
    config |= {"cycle_momentum": scheduler.cycle_momentum}
    if scheduler.cycle_momentum:
        config |= {"use_beta1": beta1, "base_momentums": arguments.each(scheduler.base_momentum, groups)}
        config |= {"max_momentums": arguments.each(scheduler.max_momentum, groups)}
    return config


def _scale_mode(scheduler: arguments.CyclicLR) -> str:
    if scheduler.scale_fn is not None:
        return scheduler.scale_mode
    return "iterations" if scheduler.mode == "exp_range" else "cycle"


def _one_cycle(scheduler: arguments.OneCycleLR, beta1: bool) -> dict[str, Any]:
    names = [("initial_lr", "max_lr"), ("max_lr", "initial_lr" if scheduler.three_phase else "min_lr")]
    momenta = [("max_momentum", "base_momentum"), ("base_momentum", "max_momentum")]
    if scheduler.three_phase:
        names, momenta = [*names, ("initial_lr", "min_lr")], [*momenta, ("max_momentum", "max_momentum")]
    phases = [
        {"end_step": end, "start_lr": lr[0], "end_lr": lr[1], "start_momentum": m[0], "end_momentum": m[1]}
        for end, lr, m in zip(scheduler.phase_ends(), names, momenta, strict=True)
    ]
    config = {"total_steps": scheduler.steps(), "_schedule_phases": phases}
    config |= {"_anneal_func_type": scheduler.anneal_strategy, "cycle_momentum": scheduler.cycle_momentum}
    return {**config, "use_beta1": beta1} if scheduler.cycle_momentum else config


def _functions(scheduler: Any, groups: int, visit: Callable[[Any, int], Any]) -> dict[str, Any]:
    """The user's functions under torch's names, each as ``visit`` sees it."""
    if isinstance(scheduler, arguments.LambdaLR):
        functions = scheduler.lr_lambda if isinstance(scheduler.lr_lambda, tuple) else [scheduler.lr_lambda] * groups
        return {"lr_lambdas": [visit(function, i) for i, function in enumerate(functions)]}
    if isinstance(scheduler, arguments.CyclicLR):
        return {"_scale_fn_custom": visit(scheduler.scale_fn, -1)}
    return {}


def _saved(function: Any, i: int) -> Any:
    """torch saves nothing of a plain function, and the ``__dict__`` of a callable object."""
    del i
    return None if function is None or isinstance(function, types.FunctionType) else vars(function).copy()


def _restore(function: Any, state_dict: Mapping[str, Any], i: int) -> None:
    saved = state_dict["_scale_fn_custom"] if i < 0 else state_dict["lr_lambdas"][i]
    if saved is not None:
        vars(function).update(saved)


def _plain(value: Any) -> Any:
    """Python numbers and lists, whole numbers as int where torch has int."""
    if isinstance(value, arguments.Table):
        return value.plain()
    if isinstance(value, np.ndarray):
        return value.tolist()
    return list(value) if isinstance(value, tuple) else value


def _same(ours: Any, theirs: Any) -> bool:
    """Equality that takes JSON's string keys and tuples for what they were."""
    if isinstance(ours, Counter):
        return ours == Counter({int(key): n for key, n in dict(theirs).items()})
    return ours == (list(theirs) if isinstance(theirs, tuple) else theirs)
