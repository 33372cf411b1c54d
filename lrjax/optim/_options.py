"""The options of every optimizer: which are numbers, which are flags, and what values they may have.

``lrjax/optim/_options.py`` and ``lrtorch/optim/_options.py`` are the same file to the byte
(``parity_tests/test_mirror.py`` compares them).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from .. import _check as check


class Options(NamedTuple):
    """What an optimizer takes, per group or for all.

    Attributes:
        name: torch's class name; errors begin with it.
        numbers: hyperparameters that are floats, or tuples of floats; they may change between steps.
        flags: options that are fixed when the optimizer is made.
        check: ``(where, options)``, raises on a bad value.
    """

    name: str
    numbers: tuple[str, ...]
    flags: tuple[str, ...]
    check: Callable[[str, Mapping[str, Any]], None]


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
    if not isinstance(o["betas"], Sequence) or len(o["betas"]) != 2:
        check.fail(where, "betas", "must be two numbers", o["betas"])
    for i, beta in enumerate(o["betas"]):
        check.between(where, f"betas[{i}]", beta, 0.0, 1.0, ends="[)")
    _check_not_negative("weight_decay", "momentum_decay")(where, o)


def _check_not_negative(*names: str) -> Callable[[str, Mapping[str, Any]], None]:
    def checked(where: str, o: Mapping[str, Any]) -> None:
        for name in ("lr", *names):
            if name in o:
                check.at_least(where, name, o[name], 0.0)

    return checked


def _check_adadelta(where: str, o: Mapping[str, Any]) -> None:
    check.between(where, "rho", o["rho"], 0.0, 1.0)
    _check_not_negative("eps", "weight_decay")(where, o)


def _check_rprop(where: str, o: Mapping[str, Any]) -> None:
    check.rate(where, o["lr"])
    for name in ("etas", "step_sizes"):
        if not isinstance(o[name], Sequence) or len(o[name]) != 2:
            check.fail(where, name, "must be two numbers", o[name])
    low, high = (check.number(where, "etas", eta) for eta in o["etas"])
    if not 0.0 < low < 1.0 < high:
        check.fail(where, "etas", "must be 0 < etas[0] < 1 < etas[1]", o["etas"])
    low, high = (check.number(where, "step_sizes", size) for size in o["step_sizes"])
    if not 0.0 <= low <= high:
        check.fail(where, "step_sizes", "must be 0 <= step_sizes[0] <= step_sizes[1]", o["step_sizes"])


def _check_asgd(where: str, o: Mapping[str, Any]) -> None:
    _check_not_negative("weight_decay")(where, o)
    for name in ("lambd", "alpha", "t0"):
        check.number(where, name, o[name])


_BETAS = ("lr", "betas", "eps", "weight_decay")
SGD = Options("SGD", ("lr", "momentum", "dampening", "weight_decay"), ("nesterov", "maximize"), _check_sgd)
ADAM = Options("Adam", _BETAS, ("amsgrad", "decoupled_weight_decay", "maximize"), _check_adam)
ADAMW = Options("AdamW", _BETAS, ("amsgrad", "maximize"), _check_adam)
NADAM = Options("NAdam", (*_BETAS, "momentum_decay"), ("decoupled_weight_decay", "maximize"), _check_adam)
RADAM = Options("RAdam", _BETAS, ("decoupled_weight_decay", "maximize"), _check_adam)
ADAMAX = Options("Adamax", _BETAS, ("maximize",), _check_adam)
ADAGRAD = Options(
    "Adagrad",
    ("lr", "lr_decay", "weight_decay", "initial_accumulator_value", "eps"),
    ("maximize",),
    _check_not_negative("lr_decay", "weight_decay", "initial_accumulator_value", "eps"),
)
ADADELTA = Options("Adadelta", ("lr", "rho", "eps", "weight_decay"), ("maximize",), _check_adadelta)
RMSPROP = Options(
    "RMSprop",
    ("lr", "alpha", "eps", "weight_decay", "momentum"),
    ("centered", "maximize"),
    _check_not_negative("alpha", "eps", "weight_decay", "momentum"),
)
RPROP = Options("Rprop", ("lr", "etas", "step_sizes"), ("maximize",), _check_rprop)
ASGD = Options("ASGD", ("lr", "lambd", "alpha", "t0", "weight_decay"), ("maximize",), _check_asgd)
