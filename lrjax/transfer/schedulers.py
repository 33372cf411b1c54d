"""An lrjax scheduler from torch's ``scheduler.state_dict()``: torch keeps the arguments there, but not the class."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from itertools import groupby
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lrspec import check
from lrspec.brief import cut
from lrspec.scheduler_arguments import UNSET, is_period

from .. import lr_scheduler
from ..arithmetic.kernels import Kernels
from ..lr_scheduler._base import LRScheduler
from ..lr_scheduler._functions import per_group
from ..manual import EpochTable, StepDecay
from ._arrays import plain

# What only this class's state has; the first that fits counts.
_MARKS = {
    "SequentialLR": {"_schedulers", "_milestones"},
    "ChainedScheduler": {"_schedulers"},
    "OneCycleLR": {"_schedule_phases"},
    "CyclicLR": {"step_ratio"},
    "GreedyLR": {"num_good_epochs"},  # transformers'
    "ReduceLROnPlateau": {"patience"},
    "SWALR": {"anneal_epochs"},
    "CosineAnnealingWarmRestarts": {"T_0"},
    "CosineAnnealingLR": {"T_max"},
    "StepLR": {"step_size"},
    "MultiStepLR": {"milestones"},
    "LinearLR": {"start_factor"},
    "ConstantLR": {"factor", "total_iters"},
    "PolynomialLR": {"power", "total_iters"},
    "StepDecay": {"lr_decay"},
    "EpochTable": {"rates"},
    "TableLR": {"table"},
    "ExponentialLR": {"gamma"},
}
Groups = Sequence[Mapping[str, Any]]


def read_schedulers(where: str, scheduler: Any, state: Any, groups: Groups, every: int | None) -> list[LRScheduler]:
    """The schedulers of the run: those that the user gives, the others from torch's states.

    Args:
        where: the function that errors name.
        scheduler: None, a class name or a scheduler, or a list with one of these for each state; schedulers without
            states begin now.
        state: None, a state dict or a list of them.
        groups: torch's ``param_groups``.
        every: for the schedulers made here.
    """
    states = states_of(where, state)
    given = list(scheduler) if isinstance(scheduler, list | tuple) else [scheduler] * max(1, len(states))
    if not states and scheduler is None:
        if is_period(every):
            check.fail(where, "every", "must be left out without scheduler_state", every)
        return []
    if not states and not is_period(every) and all(isinstance(one, LRScheduler) for one in given):
        return given
    if len(given) != len(states):
        check.fail(where, "scheduler", f"must be one for each of the {len(states)} scheduler states", scheduler)
    return [_read_one(where, one, its, groups, every) for one, its in zip(given, states, strict=True)]


_PER_GROUP = (
    "base_lrs",
    "_last_lr",
    "_init_lrs",
    "min_lrs",
    "max_lrs",
    "base_momentums",
    "max_momentums",
    "lr_lambdas",
    "base_values",
    "current",
)


def in_order(state: Mapping[str, Any], order: Sequence[int]) -> Mapping[str, Any]:
    """A scheduler's state with the groups in another order."""
    lists = {key: state[key] for key in _PER_GROUP if isinstance(state.get(key), list | tuple)}
    moved: dict[str, Any] = {k: [v[i] for i in order] for k, v in lists.items() if len(v) == len(order)}
    if "_schedulers" in state:
        moved["_schedulers"] = [in_order(one, order) for one in states_of("from_torch", list(state["_schedulers"]))]
    return {**state, **moved}


def states_of(where: str, state: Any) -> list[Mapping[str, Any]]:
    """The scheduler states as a list."""
    states = [] if state is None else list(state) if isinstance(state, list | tuple) else [state]
    for one in states:
        if not isinstance(one, Mapping):
            rule = "must be what scheduler.state_dict() gave, a list of such, or None"
            check.fail(where, "scheduler_state", rule, type(one).__name__, TypeError)
    return states


def _read_one(where: str, given: Any, state: Mapping[str, Any], groups: Groups, every: int | None) -> LRScheduler:
    if isinstance(given, LRScheduler):
        if is_period(every):
            check.fail(where, "every", "must be given to the scheduler itself", every)
        return given
    if given is not None and not isinstance(given, str):
        rule = "must be a scheduler of lrjax, the name of its class, or None"
        check.fail(where, "scheduler", rule, given, TypeError)
    made = from_state(where, state, groups, given)
    if made.every is None and not is_period(every):  # one that the loop steps
        return made
    if every is UNSET:
        rule = "must be given: 1 for a step after each update, the updates per epoch, None if you call step_scheduler"
        check.fail(where, "every", rule, f"nothing for {type(made).__name__}")
    return replace(made, every=every)


def from_state(where: str, state: Mapping[str, Any], groups: Groups, name: str | None = None) -> LRScheduler:
    """The scheduler whose arguments ``state`` holds.

    Raises:
        ValueError: a class that lrjax has not, or arguments that are not in the state (functions).
    """
    found = "LambdaLR" if "lr_lambdas" in state else None
    found = next((rule for rule, marks in _MARKS.items() if marks <= set(state)), found)
    if {"curve", "units_per_step"} <= set(state):
        rule = "must be given (a state holds the curve as text): CurveLR(curve)"
        check.fail(where, "scheduler", rule, cut(str(state["curve"]), 60))
    if found == "LambdaLR":
        rule = "must be given (torch does not save functions): LambdaLR(f) or MultiplicativeLR(f)"
        check.fail(where, "scheduler", rule, name)
    if found is None or (name is not None and name != found):
        wanted = cut(name or "scheduler that lrjax has", 60)
        rule = f"must be a {wanted} (a state that torch's {found or 'own classes'} saved)"
        check.fail(where, "scheduler_state", rule, sorted(state))
    cls = {"StepDecay": StepDecay, "EpochTable": EpochTable}.get(found) or getattr(lr_scheduler, found)
    try:
        if found in _ARGUMENTS:
            return cls(**_ARGUMENTS[found](where, state, groups))
        # The others' arguments are in the state under their own names.
        return cls(**{f.name: plain(state[f.name]) for f in fields(cls) if not f.kw_only})
    except KeyError as error:
        check.fail(where, "scheduler_state", f"must have {error}, as a {found} has", sorted(state))


def _composite(where: str, state: Mapping[str, Any], groups: Groups) -> dict[str, Any]:
    inner = [from_state(where, one, groups) for one in states_of(where, list(state["_schedulers"]))]
    milestones = {"milestones": list(state["_milestones"])} if "_milestones" in state else {}
    return {"schedulers": inner, **milestones}


def _multi_step(where: str, state: Mapping[str, Any], groups: Groups) -> dict[str, Any]:
    del where, groups
    counted = sorted((int(epoch), times) for epoch, times in dict(state["milestones"]).items())
    return {"milestones": [epoch for epoch, times in counted for _ in range(times)], "gamma": state["gamma"]}


def _plateau(where: str, state: Mapping[str, Any], groups: Groups) -> dict[str, Any]:
    del where, groups
    names = ("mode", "factor", "patience", "threshold", "threshold_mode", "cooldown", "eps")
    low = state.get("default_min_lr")
    return {**{name: state[name] for name in names}, "min_lr": list(state["min_lrs"]) if low is None else low}


def _greedy(where: str, state: Mapping[str, Any], groups: Groups) -> dict[str, Any]:
    del where, groups
    names = ("mode", "factor", "patience", "threshold", "threshold_mode", "cooldown", "warmup", "eps", "smooth")
    rates = {"min_lr": list(state["min_lrs"]), "max_lr": list(state["max_lrs"])}
    counts = {"window_size": state["window_size"], "reset_start": state["reset_start_original"]}
    return {**{name: state[name] for name in names}, **rates, **counts}


def _swa(where: str, state: Mapping[str, Any], groups: Groups) -> dict[str, Any]:
    rates = _from_groups(where, groups, "swa_lr")
    return {"swa_lr": rates, "anneal_epochs": state["anneal_epochs"], "anneal_strategy": state["_anneal_strategy"]}


def _cyclic(where: str, state: Mapping[str, Any], groups: Groups) -> dict[str, Any]:
    del groups
    total, ratio = state["total_size"], state["step_ratio"]
    up = _solve(where, "step_size_up", total * ratio, lambda up: up / total == ratio)
    names = {"mode": "mode", "gamma": "gamma", "scale_mode": "scale_mode", "cycle_momentum": "cycle_momentum"}
    momenta = {"base_momentum": "base_momentums", "max_momentum": "max_momentums"} if state["cycle_momentum"] else {}
    arguments = {ours: plain(state[theirs]) for ours, theirs in (names | momenta).items()}
    arguments |= {"base_lr": plain(state["base_lrs"]), "max_lr": plain(state["max_lrs"])}
    arguments |= {"step_size_up": up, "step_size_down": total - up}
    _require_no_function(where, state, lr_scheduler.CyclicLR(**arguments))
    return arguments


def _require_no_function(where: str, state: Mapping[str, Any], made: Any) -> None:
    """torch does not save ``scale_fn``; the rate that it gave shows whether there was one."""
    with jax.enable_x64(True):
        base = jnp.asarray(np.array(state["base_lrs"], np.float64))
        ops, e = Kernels(jnp.zeros((), jnp.int32)), jnp.asarray(state["last_epoch"], jnp.int32)
        rates = np.asarray(made._rate(ops, base, per_group(made.max_lr, base), e))
    seen = np.array(state["_last_lr"], np.float64)
    known = state["last_epoch"] < 1 or np.allclose(rates, seen, rtol=1e-9, atol=0)  # step 0 may use an older base rate
    if state.get("_scale_fn_custom") is not None or not known:
        check.fail(where, "scheduler", "must be given (torch does not save scale_fn): CyclicLR(..., scale_fn=f)", None)


def _one_cycle(where: str, state: Mapping[str, Any], groups: Groups) -> dict[str, Any]:
    total, phases = state["total_steps"], state["_schedule_phases"]
    three, ends = len(phases) == 3, [phase["end_step"] for phase in phases]

    def fits(pct: float) -> bool:
        return float(pct * total) - 1 == ends[0] and (not three or float(2 * pct * total) - 2 == ends[1])

    peak, start, end = (_from_groups(where, groups, name) for name in ("max_lr", "initial_lr", "min_lr"))
    momenta = {"cycle_momentum": state["cycle_momentum"]}
    if state["cycle_momentum"]:
        momenta |= {name: _from_groups(where, groups, name) for name in ("base_momentum", "max_momentum")}
    return {
        "max_lr": peak,
        "total_steps": total,
        "pct_start": _solve(where, "pct_start", (ends[0] + 1) / total, fits),
        "anneal_strategy": state["_anneal_func_type"],
        # How the rates in the groups came about; the rates themselves are carried over as they are.
        "div_factor": _quotient(peak, start),
        "final_div_factor": _quotient(start, end),
        "three_phase": three,
        **momenta,
    }


def _quotient(above: Sequence[float], below: Sequence[float]) -> float:
    return above[0] / below[0] if below[0] else math.inf


def _from_groups(where: str, groups: Groups, name: str) -> list[float]:
    for i, group in enumerate(groups):
        if name not in group:
            rule = f"must have {name!r}, which the scheduler keeps there (save both states at the same moment)"
            check.fail(where, f"param_groups[{i}]", rule, sorted(group))
    return [float(plain(group[name])) for group in groups]


def _solve(where: str, name: str, guess: float, fits: Any) -> float:
    """The argument that gives what torch has made of it: the guess, the whole number next to it, or a neighbour."""
    around = [float(round(guess)), guess]
    for direction in (-math.inf, math.inf):
        value = guess
        for _ in range(4):
            value = math.nextafter(value, direction)
            around.append(value)
    for value in around:
        if fits(value):
            return value
    check.fail(where, "scheduler", f"must be given ({name} does not follow from the state)", guess)


def _step_decay(where: str, state: Mapping[str, Any], groups: Groups) -> dict[str, Any]:
    del where, groups
    mode = "factor" if state["lr0"] is None else "rate"
    return {"lr_decay": state["lr_decay"], "gamma": state["gamma"], "lr0": state["lr0"], "mode": mode}


def _table(where: str, state: Mapping[str, Any], groups: Groups) -> dict[str, Any]:
    del where, groups
    return {"table": [(len(list(same)), rate) for rate, same in groupby(state["rates"])], "mode": state["mode"]}


_ARGUMENTS = {
    "SequentialLR": _composite,
    "ChainedScheduler": _composite,
    "MultiStepLR": _multi_step,
    "GreedyLR": _greedy,
    "ReduceLROnPlateau": _plateau,
    "SWALR": _swa,
    "CyclicLR": _cyclic,
    "OneCycleLR": _one_cycle,
    "StepDecay": _step_decay,
    "EpochTable": _table,
}
