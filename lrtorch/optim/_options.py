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
    check.at_least(where, "weight_decay", o["weight_decay"], 0.0)


SGD = Options("SGD", ("lr", "momentum", "dampening", "weight_decay"), ("nesterov", "maximize"), _check_sgd)
ADAMW = Options("AdamW", ("lr", "betas", "eps", "weight_decay"), ("amsgrad", "maximize"), _check_adam)
