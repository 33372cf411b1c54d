"""Schedulers drawn at random, every class with every argument, as plain data: [class name, arguments].

A function is ``{"function": name}``; the schedulers inside a composite are specs again.
"""

from collections.abc import Callable
from random import Random
from typing import Any

from parity_tests.schedulers.cases import make as made
from parity_tests.schedulers.composite_cases import LATE_START

from .functions import FUNCTIONS
from .numbers import count, factor, gamma, now_and_then, one_of, per_group, rate, uniform

Spec = list[Any]
LONG = 64  # scheduler steps that no program reaches


def function(rng: Random) -> dict[str, str]:
    """One of the functions, by name."""
    return {"function": rng.choice(list(FUNCTIONS))}


def _lambdas(rng: Random, groups: int) -> dict[str, Any]:
    return {"lr_lambda": function(rng) if rng.random() < 0.6 else [function(rng) for _ in range(groups)]}


def _step(rng: Random, groups: int) -> dict[str, Any]:
    return {"step_size": now_and_then(rng, rng.randint(1, 7), (0, 2.5, -1)), "gamma": gamma(rng)}


def _multi_step(rng: Random, groups: int) -> dict[str, Any]:
    return {"milestones": [rng.randint(0, 12) for _ in range(rng.randint(0, 4))], "gamma": gamma(rng)}


def _constant(rng: Random, groups: int) -> dict[str, Any]:
    return {"factor": now_and_then(rng, factor(rng), (0.0, 1.5)), "total_iters": rng.randint(0, 10)}


def _linear(rng: Random, groups: int) -> dict[str, Any]:
    ends = one_of(0.0, 1.0, uniform(0, 1))
    return {"start_factor": factor(rng), "end_factor": ends(rng), "total_iters": rng.randint(1, 12)}


def _exponential(rng: Random, groups: int) -> dict[str, Any]:
    return {"gamma": now_and_then(rng, gamma(rng))}


def _polynomial(rng: Random, groups: int) -> dict[str, Any]:
    return {
        "total_iters": rng.randint(1, 12),
        "power": now_and_then(rng, one_of(1.0, 2, 0.5, 0.0, uniform(0.3, 3))(rng), (-0.5,)),
    }


def _floor(rng: Random) -> Any:
    return one_of(0.0, 0, uniform(0, 0.01), 0.5, rate)(rng)


def _cosine(rng: Random, groups: int) -> dict[str, Any]:
    return {"T_max": now_and_then(rng, one_of(count, 1, 2, uniform(0.5, 9))(rng), (0, -3)), "eta_min": _floor(rng)}


def _restarts(rng: Random, groups: int) -> dict[str, Any]:
    return {"T_0": one_of(count, 1)(rng), "T_mult": rng.randint(1, 3), "eta_min": _floor(rng)}


def _momenta(rng: Random, groups: int) -> dict[str, Any]:
    """``cycle_momentum`` and its bounds, often left out."""
    number = per_group(uniform(0, 0.99), groups)
    drawn = {"cycle_momentum": rng.random() < 0.6, "base_momentum": number(rng), "max_momentum": number(rng)}
    return {name: value for name, value in drawn.items() if rng.random() < 0.6}


def _cyclic(rng: Random, groups: int) -> dict[str, Any]:
    up, rates = one_of(count, uniform(0.5, 6), 1, 2.5, 1 / 3), per_group(rate, groups)
    chosen = {
        "step_size_down": one_of(None, count, uniform(0.5, 6), 0)(rng),
        "mode": rng.choice(["triangular", "triangular2", "exp_range"]),
        "gamma": one_of(0.9, 1.0, 1.1, 0.0, factor)(rng),
        "scale_fn": one_of(None, function)(rng),
        "scale_mode": rng.choice(["cycle", "iterations"]),
    }
    optional = {name: value for name, value in chosen.items() if rng.random() < 0.6}
    return {"base_lr": rates(rng), "max_lr": rates(rng), "step_size_up": up(rng), **optional, **_momenta(rng, groups)}


def _one_cycle(rng: Random, groups: int) -> dict[str, Any]:
    length = {"total_steps": rng.randint(2, 40)} if rng.random() < 0.7 else {"epochs": 3, "steps_per_epoch": count(rng)}
    chosen = {
        "pct_start": one_of(0.0, 1.0, 0.3, uniform(0, 1))(rng),
        "anneal_strategy": rng.choice(["cos", "linear"]),
        "div_factor": one_of(25.0, 1.0, 7, uniform(0.5, 30))(rng),
        "final_div_factor": one_of(1e4, 1.0, 30, uniform(0.5, 99))(rng),
        "three_phase": rng.random() < 0.5,
    }
    optional = {name: value for name, value in chosen.items() if rng.random() < 0.6}
    return {"max_lr": per_group(rate, groups)(rng), **length, **optional, **_momenta(rng, groups)}


def _swa(rng: Random, groups: int) -> dict[str, Any]:
    strategy = rng.choice(["cos", "linear"])
    return {"swa_lr": per_group(rate, groups)(rng), "anneal_epochs": rng.randint(0, 12), "anneal_strategy": strategy}


def _rows(rng: Random, value: Callable[[Random], Any]) -> list[list[Any]]:
    return [[rng.randint(1, 5), value(rng)] for _ in range(rng.randint(1, 5))]


def _table(rng: Random, groups: int) -> dict[str, Any]:
    rates = per_group(rate, groups)
    last = [[LONG, 0.5]] if rng.random() < 0.8 else []
    return {"table": [*_rows(rng, rates), *last]}


def _epoch_table(rng: Random, groups: int) -> dict[str, Any]:
    return {"table": _rows(rng, rate), "mode": rng.choice(["factor", "rate"])}


def _step_decay(rng: Random, groups: int) -> dict[str, Any]:
    mode = {"mode": "rate", "lr0": rate(rng)} if rng.random() < 0.3 else {}
    return {"lr_decay": rng.randint(1, 7), "gamma": gamma(rng), **mode}


def _plateau(rng: Random, groups: int) -> dict[str, Any]:
    chosen = {
        "mode": rng.choice(["min", "max"]),
        "factor": one_of(0.1, 0.5, 0.0, uniform(0.1, 0.99))(rng),
        "patience": rng.randint(0, 3),
        "threshold": one_of(1e-4, 0.0, uniform(0, 0.3), 1.0)(rng),
        "threshold_mode": rng.choice(["rel", "abs"]),
        "cooldown": rng.randint(0, 2),
        "min_lr": per_group(one_of(0, 0.01, 1e-3, 0.5), groups)(rng),
        "eps": one_of(1e-8, 0.0, 1e-3)(rng),
    }
    return {"patience": 0, **{name: value for name, value in chosen.items() if rng.random() < 0.7}}


def _greedy(rng: Random, groups: int) -> dict[str, Any]:
    chosen = {
        "mode": rng.choice(["min", "max"]),
        "factor": one_of(0.5, 0.95, uniform(0.1, 0.99))(rng),
        "patience": rng.randint(0, 3),
        "threshold": one_of(1e-6, 0.0, uniform(0, 0.3))(rng),
        "threshold_mode": rng.choice(["rel", "abs"]),
        "cooldown": rng.randint(0, 2),
        "warmup": rng.randint(0, 2),
        "min_lr": per_group(one_of(0, 0.01, 1e-3, 0.5), groups)(rng),
        "eps": one_of(1e-8, 0.0, 1e-3)(rng),
        "smooth": rng.random() < 0.5,
        "window_size": rng.randint(1, 5),
        "reset_start": rng.randint(1, 3),
    }
    return {"patience": 0, **{name: value for name, value in chosen.items() if rng.random() < 0.7}}


_SIMPLE: dict[str, Callable[[Random, int], dict[str, Any]]] = {
    "LambdaLR": _lambdas,
    "MultiplicativeLR": _lambdas,
    "StepLR": _step,
    "MultiStepLR": _multi_step,
    "ConstantLR": _constant,
    "LinearLR": _linear,
    "ExponentialLR": _exponential,
    "PolynomialLR": _polynomial,
    "CosineAnnealingLR": _cosine,
    "CosineAnnealingWarmRestarts": _restarts,
    "CyclicLR": _cyclic,
    "OneCycleLR": _one_cycle,
    "SWALR": _swa,
    "TableLR": _table,
    "EpochTable": _epoch_table,
    "StepDecay": _step_decay,
}
NAMES = (*_SIMPLE, "ReduceLROnPlateau", "GreedyLR", "SequentialLR", "ChainedScheduler")


def simple(rng: Random, groups: int) -> Spec:
    """A scheduler that follows one rule."""
    name = rng.choice(list(_SIMPLE))
    return [name, _SIMPLE[name](rng, groups)]


def _sequential(rng: Random, groups: int, first: Spec) -> Spec:
    schedulers = [first, *(simple(rng, groups) for _ in range(rng.randint(0, 2)))]
    milestones = sorted(rng.sample(range(1 if LATE_START else 0, 13), len(schedulers) - 1))
    return ["SequentialLR", {"schedulers": schedulers, "milestones": milestones}]


def _chained(rng: Random, groups: int, inner: Callable[[Random, int], Spec]) -> Spec:
    return ["ChainedScheduler", {"schedulers": [inner(rng, groups) for _ in range(rng.randint(1, 3))]}]


def _composite(rng: Random, groups: int) -> Spec:
    return _chained(rng, groups, simple) if rng.random() < 0.5 else _sequential(rng, groups, simple(rng, groups))


def scheduler(rng: Random, groups: int, every: int | None) -> Spec:
    """Any scheduler for so many groups, with its ``every``, and now and then resumed."""
    kind = rng.random()
    if kind < 0.6:
        spec = simple(rng, groups)
    elif kind < 0.75 and every is None:
        greedy = rng.random() < 0.5
        return ["GreedyLR", _greedy(rng, groups)] if greedy else ["ReduceLROnPlateau", _plateau(rng, groups)]
    elif kind < 0.9:
        spec = _composite(rng, groups)
    elif kind < 0.95:
        spec = _sequential(rng, groups, _composite(rng, groups))
    else:
        spec = _chained(rng, groups, _composite)
    name, arguments = spec
    more = {"every": every} if every is not None else {}
    more |= {"last_epoch": rng.randint(-1, 6)} if rng.random() < 0.1 else {}
    return [name, {**arguments, **more}]


def ends(spec: Spec) -> bool:
    """Whether the schedule has an end, past which compiled code holds the rate and torch raises."""
    return spec[0] in ("OneCycleLR", "TableLR") or any(map(ends, spec[1].get("schedulers", ())))


def exact(spec: Spec) -> bool:
    """Whether the rates are made of + - * / alone, so that every bit must agree."""
    name, arguments = spec
    if "schedulers" in arguments:
        return all(map(exact, arguments["schedulers"]))
    if name == "PolynomialLR":
        return arguments.get("power", 1.0) == 1
    if name == "CyclicLR":
        return arguments.get("scale_fn") is not None or arguments.get("mode", "triangular") != "exp_range"
    if name in ("OneCycleLR", "SWALR"):
        return arguments.get("anneal_strategy", "cos") == "linear"
    return name not in ("CosineAnnealingLR", "CosineAnnealingWarmRestarts", "StepDecay")


def make(package: Any, spec: Spec) -> Any:
    """The scheduler of ``spec`` in ``package``."""
    return made(package, _with_functions(spec))


def _with_functions(value: Any) -> Any:
    if isinstance(value, dict):
        if "function" in value:
            return FUNCTIONS[value["function"]]
        return {name: _with_functions(each) for name, each in value.items()}
    return [_with_functions(each) for each in value] if isinstance(value, list) else value
