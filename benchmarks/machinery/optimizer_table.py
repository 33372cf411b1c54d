"""The optimizers that are timed, and their counterparts in optax."""

from collections.abc import Callable
from typing import Any, NamedTuple


class Optimizer(NamedTuple):
    """One of torch's optimizers.

    Attributes:
        options: torch's arguments; lrjax takes the same.
        counterpart: makes optax's, given optax; None: it has none.
        same_rule: optax computes the same but for rounding; if not, the distance is stated.
        forms: those torch has.
        traffic: how many numbers a step must read and write per parameter: the parameter and every slot
            both ways, the gradient once.
        layout: of the parameters that are one tensor, see ``parameter_trees.shapes``.
        rounding: the largest difference between lrjax and torch's forms that is only rounding.
        heavy: matrix products take most of its time: timed on 1M parameters alone, where the device is a CPU.
    """

    options: dict[str, Any]
    counterpart: Callable[[Any], Any] | None
    same_rule: bool
    forms: tuple[str, ...]
    traffic: int
    layout: str = "tensor"
    rounding: float = 1e-6  # the parameters are normal, the step 1e-3: the roots' last bits move theirs by one at most
    heavy: bool = False


OTHER_ROUNDING = 1e-5  # of optax, where it follows the same rule

_TWO = ("single", "foreach")
_THREE = ("single", "foreach", "fused")
OPTIMIZERS = {
    "SGD": Optimizer({"lr": 0.01, "momentum": 0.9}, lambda o: o.sgd(0.01, momentum=0.9), True, _THREE, 5),
    "Adam": Optimizer({"lr": 1e-3}, lambda o: o.adam(1e-3), True, _THREE, 7),
    "AdamW": Optimizer({"lr": 1e-3}, lambda o: o.adamw(1e-3, weight_decay=0.01), True, _THREE, 7),
    "NAdam": Optimizer({"lr": 2e-3}, lambda o: o.nadam(2e-3), False, _TWO, 7),
    "RAdam": Optimizer({"lr": 1e-3}, lambda o: o.radam(1e-3), False, _TWO, 7),
    "Adamax": Optimizer({"lr": 2e-3}, lambda o: o.adamax(2e-3), False, _TWO, 7),
    "Adagrad": Optimizer({"lr": 0.01}, lambda o: o.adagrad(0.01, 0.0, 1e-10), False, _THREE, 5),
    "Adadelta": Optimizer({"lr": 1.0}, lambda o: o.adadelta(1.0, 0.9, 1e-6), True, _TWO, 7),
    "RMSprop": Optimizer({"lr": 0.01}, lambda o: o.rmsprop(0.01, 0.99, 1e-8, eps_in_sqrt=False), True, _TWO, 5),
    "Rprop": Optimizer({"lr": 0.01}, lambda o: o.rprop(0.01, 0.5, 1.2, 1e-6, 50.0), False, _TWO, 7),
    "ASGD": Optimizer({"lr": 0.01}, None, False, _TWO, 5),
    "Adafactor": Optimizer(  # a tenth of a step: torch sums norms in float32, at 50M far from lrjax, which is not
        {"lr": 1e-2}, lambda o: o.adafactor(1e-2), False, _TWO, 3, layout="matrix", rounding=1e-3
    ),
    "Muon": Optimizer(  # a tenth of a step: matrix products in bfloat16
        {"lr": 1e-3}, lambda o: o.contrib.muon(1e-3), False, ("default",), 5, layout="matrix", rounding=1e-4, heavy=True
    ),
}


def sizes(name: str, device: str, millions: tuple[int, ...]) -> tuple[int, ...]:
    """The numbers of parameters, in millions, that an optimizer is timed on."""
    return (1,) if OPTIMIZERS[name].heavy and device == "cpu" else millions
