"""The options of the thirteen optimizers, drawn at random as plain data."""

from collections.abc import Mapping
from random import Random
from typing import Any

from lrspec.optimizer_options import BY_NAME

from .numbers import Draw, magnitude, momentum, now_and_then, one_of, pair, rate, uniform

_beta = one_of(0.0, 0.5, 0.9, 0.999, uniform(0, 1))
_decay = one_of(0.0, 0, 0.01, 0.1, uniform(0, 0.5), 1.0)
_eps = one_of(1e-8, 1e-3, 0.0, 1.0, magnitude(-12, 0))
_DRAWS: dict[str, Draw] = {
    "lr": rate,
    "momentum": momentum,
    "dampening": one_of(0.0, 0.1, 1.0, uniform(-0.5, 1.5)),
    "weight_decay": _decay,
    "betas": pair(_beta, _beta),
    "eps": _eps,
    "momentum_decay": one_of(0.0, 4e-3, uniform(0, 0.5)),
    "lr_decay": one_of(0.0, 0.1, uniform(0, 2)),
    "initial_accumulator_value": one_of(0.0, 0.1, 1, uniform(0, 2)),
    "rho": one_of(0.0, 0.5, 0.9, 1.0, uniform(0, 1)),
    "alpha": one_of(0.0, 0.5, 0.99, 1.0, uniform(0, 1)),
    "etas": pair(uniform(0.1, 0.9), uniform(1.05, 3)),
    "step_sizes": pair(one_of(0.0, 1e-6, magnitude(-8, -2)), one_of(50, 1.0, magnitude(-1, 2))),
    "lambd": one_of(1e-4, 0.0, 0.01, uniform(0, 1)),
    "t0": one_of(1e6, 3, 0, 2.5, 1.0),
    "beta2_decay": one_of(-0.8, 0.0, uniform(-1, 0)),
    "d": one_of(1.0, uniform(1, 3)),
    "ns_coefficients": lambda rng: [rng.uniform(3, 3.5), rng.uniform(-4.8, -4.5), rng.uniform(1.8, 2.1)],
    "ns_steps": one_of(0, 1, 3, 5),
    "adjust_lr_fn": one_of(None, "original", "match_rms_adamw"),
}
_BY_OPTIMIZER: dict[str, dict[str, Draw]] = {
    "Adafactor": {"eps": pair(one_of(None, 1e-3, magnitude(-9, 0)), one_of(1e-3, uniform(0, 1)))},
    "Muon": {"momentum": one_of(0.0, 0.5, 0.95, uniform(0, 1)), "eps": one_of(1e-7, 1e-3, 0.5)},
}
# Without products, so that every bit must be torch's. (Adafactor's weights would have to stay below eps[1].)
_NO_SUM: dict[str, dict[str, Draw]] = {"Muon": {"eps": one_of(1e9), "ns_steps": one_of(0)}}
TUPLES = ("betas", "eps", "etas", "step_sizes", "ns_coefficients")


def draw(rng: Random, optimizer: str, option: str, *, sums: bool) -> Any:
    """A value of an option; rarely a wrong one."""
    own = {**_BY_OPTIMIZER.get(optimizer, {}), **({} if sums else _NO_SUM.get(optimizer, {}))}
    if option in own or option in _DRAWS:
        return now_and_then(rng, own.get(option, _DRAWS[option])(rng))
    return rng.random() < 0.4  # a switch


def constructor(rng: Random, optimizer: str, *, sums: bool) -> dict[str, Any]:
    """The constructor's arguments; what is left out has torch's default."""
    options, always = BY_NAME[optimizer], () if sums else _NO_SUM.get(optimizer, ())
    names = (*options.hyper, *options.flags)
    chosen = {n: draw(rng, optimizer, n, sums=sums) for n in names if n in always or rng.random() < 0.5}
    return with_nesterov(rng, optimizer, chosen)


def of_group(rng: Random, optimizer: str, given: Mapping[str, Any], *, sums: bool) -> dict[str, Any]:
    """The numbers that one group sets; ``given`` are the constructor's arguments and the group's own flags."""
    options = BY_NAME[optimizer]
    names = [name for name in options.hyper if name in options.of_groups]
    chosen = {n: draw(rng, optimizer, n, sums=sums) for n in names if rng.random() < (0.7 if n == "lr" else 0.35)}
    needed = with_nesterov(rng, optimizer, {**given, **chosen})
    return chosen | {name: value for name, value in needed.items() if name in names and given.get(name) != value}


def flags_of_group(rng: Random, optimizer: str, *, sums: bool) -> dict[str, Any]:
    """The flags that one group sets."""
    fixed = () if sums else _NO_SUM.get(optimizer, ())
    names = [name for name in BY_NAME[optimizer].flags if name not in fixed]
    return {name: draw(rng, optimizer, name, sums=sums) for name in names if rng.random() < 0.2}


def with_nesterov(rng: Random, optimizer: str, options: dict[str, Any]) -> dict[str, Any]:
    """The options with what SGD's ``nesterov`` needs, most of the time."""
    if optimizer == "SGD" and options.get("nesterov") and rng.random() < 0.97:
        return {**options, "momentum": options.get("momentum") or rng.uniform(0.1, 1), "dampening": 0}
    return options


def readable(options: Mapping[str, Any]) -> Any:
    """Options as the packages take them: pairs are tuples."""
    return {n: tuple(x) if n in TUPLES and isinstance(x, list) else x for n, x in options.items()}
