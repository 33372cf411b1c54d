"""The options of every optimizer: which there are, what they mean, and what values they may have."""

import numbers
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import check


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(map(_plain, value))
    if isinstance(value, np.bool_):
        return bool(value)
    if not check.is_number(value) or type(value) in (int, float):
        return value
    return int(value) if isinstance(value, numbers.Integral) else float(value)


@dataclass(frozen=True)
class Options:
    """What an optimizer takes, per group or for all.

    Attributes:
        name: torch's class name; errors begin with it.
        hyper: hyperparameters that are floats, or tuples of floats; they may change between steps.
        flags: options that are fixed when the optimizer is made.
        ranges: ``(where, options)``, raises on a bad value.
        texts: option -> what it means, where that is not what ``TEXTS`` says.
        for_all: those that hold for all groups: torch reads the constructor's and would ignore a group's.
    """

    name: str
    hyper: tuple[str, ...]
    flags: tuple[str, ...]
    ranges: Callable[[str, Mapping[str, Any]], None]
    texts: Mapping[str, str] = field(default_factory=dict, compare=False)
    for_all: tuple[str, ...] = ()

    def check(self, where: str, options: Mapping[str, Any]) -> None:
        """Raise on a bad value: ValueError for one out of its range, TypeError for a switch that is no bool."""
        for name in self.switches:
            check.flag(where, name, options[name])
        self.ranges(where, options)
        for name in self.hyper:
            for value in options[name] if isinstance(options[name], list | tuple) else [options[name]]:
                if value is not None:  # Adafactor's eps[0] may be
                    check.single(where, name, value)

    def read(
        self,
        where: str,
        options: Mapping[str, Any],
        known: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict,
    ) -> dict[str, Any]:
        """The options, checked, with Python's own numbers in place of NumPy's; ``known`` is what the checks see."""
        options = {name: check.fixed(value) for name, value in options.items()}
        self.check(where, known(options))
        return {name: _plain(value) for name, value in options.items()}

    @property
    def switches(self) -> tuple[str, ...]:
        """The flags that are on or off."""
        return tuple(name for name in self.flags if name not in ("ns_steps", "adjust_lr_fn"))

    @property
    def of_groups(self) -> tuple[str, ...]:
        """What a group may set."""
        return tuple(name for name in (*self.hyper, *self.flags) if name not in self.for_all)


def _check_sgd(where: str, o: Mapping[str, Any]) -> None:
    check.rate(where, o["lr"])
    check.at_least(where, "momentum", o["momentum"], 0.0)
    check.number(where, "dampening", o["dampening"])
    check.at_least(where, "weight_decay", o["weight_decay"], 0.0)
    if o["nesterov"] and (o["momentum"] <= 0 or o["dampening"] != 0):
        rule = "needs a momentum above 0 and zero dampening"
        check.fail(where, "nesterov", rule, (o["nesterov"], o["momentum"], o["dampening"]))


def _check_adam(where: str, o: Mapping[str, Any]) -> None:
    check.rate(where, o["lr"])
    check.at_least(where, "eps", o["eps"], 0.0)
    if not isinstance(o["betas"], list | tuple) or len(o["betas"]) != 2:
        check.fail(where, "betas", "must be two numbers", o["betas"])
    for i, beta in enumerate(o["betas"]):
        check.between(where, f"betas[{i}]", beta, 0.0, 1.0, ends="[)")
    _check_not_negative(where, o, "weight_decay", "momentum_decay")


def _check_not_negative(where: str, o: Mapping[str, Any], *names: str) -> None:
    for name in ("lr", *names):
        if name in o:
            check.at_least(where, name, o[name], 0.0)


def _check_adagrad(where: str, o: Mapping[str, Any]) -> None:
    _check_not_negative(where, o, "lr_decay", "weight_decay", "initial_accumulator_value", "eps")


def _check_rmsprop(where: str, o: Mapping[str, Any]) -> None:
    _check_not_negative(where, o, "alpha", "eps", "weight_decay", "momentum")


def _check_adadelta(where: str, o: Mapping[str, Any]) -> None:
    check.between(where, "rho", o["rho"], 0.0, 1.0)
    _check_not_negative(where, o, "eps", "weight_decay")


def _check_rprop(where: str, o: Mapping[str, Any]) -> None:
    check.rate(where, o["lr"])
    for name in ("etas", "step_sizes"):
        if not isinstance(o[name], list | tuple) or len(o[name]) != 2:
            check.fail(where, name, "must be two numbers", o[name])
    low, high = (check.number(where, "etas", eta) for eta in o["etas"])
    if not 0.0 < low < 1.0 < high:
        check.fail(where, "etas", "must be 0 < etas[0] < 1 < etas[1]", o["etas"])
    low, high = (check.number(where, "step_sizes", size) for size in o["step_sizes"])
    if not 0.0 <= low <= high:
        check.fail(where, "step_sizes", "must be 0 <= step_sizes[0] <= step_sizes[1]", o["step_sizes"])


def _check_asgd(where: str, o: Mapping[str, Any]) -> None:
    _check_not_negative(where, o, "weight_decay")
    for name in ("lambd", "alpha", "t0"):
        check.number(where, name, o[name])


def _check_adafactor(where: str, o: Mapping[str, Any]) -> None:
    _check_not_negative(where, o, "weight_decay")
    if check.number(where, "beta2_decay", o["beta2_decay"]) > 0:
        check.fail(where, "beta2_decay", "must be at most 0.0", o["beta2_decay"])
    if not isinstance(o["eps"], list | tuple) or len(o["eps"]) != 2:
        check.fail(where, "eps", "must be two numbers, or None and a number", o["eps"])
    if o["eps"][0] is not None:
        check.at_least(where, "eps[0]", o["eps"][0], 0.0)
    check.at_least(where, "eps[1]", o["eps"][1], 0.0)
    check.at_least(where, "d", o["d"], 1.0)


def _check_muon(where: str, o: Mapping[str, Any]) -> None:
    _check_not_negative(where, o, "momentum", "weight_decay")
    check.number(where, "eps", o["eps"])
    if not isinstance(o["ns_coefficients"], list | tuple) or len(o["ns_coefficients"]) != 3:
        check.fail(where, "ns_coefficients", "must be three numbers", o["ns_coefficients"])
    for i, coefficient in enumerate(o["ns_coefficients"]):
        check.number(where, f"ns_coefficients[{i}]", coefficient)
    if check.integer(where, "ns_steps", o["ns_steps"], 0) >= 100:
        check.fail(where, "ns_steps", "must be below 100", o["ns_steps"])
    adjust = o["adjust_lr_fn"]
    if adjust is not None and not (isinstance(adjust, str) and adjust in ("original", "match_rms_adamw")):
        check.fail(where, "adjust_lr_fn", "must be None, 'original' or 'match_rms_adamw'", o["adjust_lr_fn"])


def check_real(where: str, dtypes: Iterable[str]) -> None:
    """Parameters must be real, with torch's exception."""
    for dtype in dtypes:
        if dtype.startswith("complex"):
            check.fail(where, "params", "must be real", f"an array of {dtype}", RuntimeError)


def check_matrices(where: str, shapes: Iterable[tuple[int, ...]]) -> None:
    """Muon's rule for its parameters: matrices only."""
    for shape in shapes:
        if len(shape) != 2:
            check.fail(where, "params", "must be matrices (give the others another optimizer)", shape)


def stand_in(name: str) -> Any:
    """A value that every check lets pass, for an option whose number is not known yet."""
    return _STAND_INS.get(name, 0.5)


_STAND_INS: dict[str, Any] = {
    **{"dampening": 0.0, "beta2_decay": -0.8, "d": 1.0},
    **{"etas": (0.5, 1.2), "step_sizes": (1e-6, 50.0)},
}

# What an option means, in the docstrings of both packages.
TEXTS = {
    "lr": "learning rate, not negative.",
    "betas": "decay of the two moments, each in [0, 1).",
    "eps": "added to the denominator, not negative.",
    "weight_decay": "not negative; coupled (added to the gradient).",
    "maximize": "ascend.",
    "amsgrad": "divide by the largest v so far (uncorrected, as torch does).",
    "decoupled_weight_decay": "shrink the parameter instead of adding to the gradient.",
    "centered": "divide by the standard deviation instead of the root of the mean square.",
    "momentum": "not negative. If it is 0 in every group and no scheduler cycles it, the state holds no buffer.",
}
_EITHER = {"weight_decay": "not negative; coupled (added to the gradient), unless decoupled_weight_decay."}
_DECOUPLED = {"weight_decay": "not negative; decoupled (shrinks the parameter)."}
_BETAS = ("lr", "betas", "eps", "weight_decay")

SGD = Options(
    "SGD",
    ("lr", "momentum", "dampening", "weight_decay"),
    ("nesterov", "maximize"),
    _check_sgd,
    {
        "dampening": "how much less than 1 the gradient enters the buffer.",
        "nesterov": "look ahead; needs momentum > 0 and dampening = 0.",
    },
)
ADAM = Options("Adam", _BETAS, ("amsgrad", "decoupled_weight_decay", "maximize"), _check_adam, _EITHER)
ADAMW = Options("AdamW", _BETAS, ("amsgrad", "maximize"), _check_adam, _DECOUPLED)
NADAM = Options(
    "NAdam",
    (*_BETAS, "momentum_decay"),
    ("decoupled_weight_decay", "maximize"),
    _check_adam,
    {**_EITHER, "momentum_decay": "psi, how fast the momentum warms up; not negative."},
)
RADAM = Options("RAdam", _BETAS, ("decoupled_weight_decay", "maximize"), _check_adam, _EITHER)
ADAMAX = Options("Adamax", _BETAS, ("maximize",), _check_adam)
ADAGRAD = Options(
    "Adagrad",
    ("lr", "lr_decay", "weight_decay", "initial_accumulator_value", "eps"),
    ("maximize",),
    _check_adagrad,
    {
        "lr_decay": "the rate falls with 1 / (1 + (t - 1) * lr_decay); not negative.",
        "initial_accumulator_value": "of the sum of squares, not negative.",
    },
    for_all=("initial_accumulator_value",),
)
ADADELTA = Options(
    "Adadelta",
    ("lr", "rho", "eps", "weight_decay"),
    ("maximize",),
    _check_adadelta,
    {"rho": "decay of the two averages, in [0, 1]."},
)
RMSPROP = Options(
    "RMSprop",
    ("lr", "alpha", "eps", "weight_decay", "momentum"),
    ("centered", "maximize"),
    _check_rmsprop,
    {"alpha": "decay of the average of squares, not negative."},
)
RPROP = Options(
    "Rprop",
    ("lr", "etas", "step_sizes"),
    ("maximize",),
    _check_rprop,
    {
        "etas": "factors of a step size when the gradient changes sign and when not, 0 < etas[0] < 1 < etas[1].",
        "step_sizes": "smallest and largest step size.",
    },
)
ASGD = Options(
    "ASGD",
    ("lr", "lambd", "alpha", "t0", "weight_decay"),
    ("maximize",),
    _check_asgd,
    {"lambd": "decay term.", "alpha": "power of the decay of eta.", "t0": "step at which averaging begins."},
)
ADAFACTOR = Options(
    "Adafactor",
    ("lr", "beta2_decay", "eps", "d", "weight_decay"),
    ("maximize",),
    _check_adafactor,
    {
        **_DECOUPLED,
        "lr": "largest step relative to the parameter's RMS, and factor of the decay; not negative.",
        "beta2_decay": "power by which the mean forgets, not positive.",
        "eps": "smallest root of the squared mean, or None; smallest RMS of a parameter.",
        "d": "largest RMS of an update before the rate, at least 1.",
    },
)
MUON = Options(
    "Muon",
    ("lr", "weight_decay", "momentum", "ns_coefficients", "eps"),
    ("nesterov", "ns_steps", "adjust_lr_fn"),
    _check_muon,
    {
        "weight_decay": "not negative; decoupled (shrinks the parameter, by the rate without the adjustment).",
        "momentum": "not negative.",
        "nesterov": "look ahead.",
        "ns_coefficients": "the three coefficients of the iteration's polynomial.",
        "eps": "smallest norm to divide by.",
        "ns_steps": "iterations, 0 to 99.",
        "adjust_lr_fn": '"original", "match_rms_adamw", or None, which is "original".',
    },
)
# torch's class name -> its options
BY_NAME = {options.name: options for options in list(globals().values()) if isinstance(options, Options)}
