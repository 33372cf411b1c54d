"""The optimizers that are timed, and their counterparts in optax."""

from collections.abc import Callable
from typing import Any, NamedTuple


class Optimizer(NamedTuple):
    """One of torch's optimizers.

    Attributes:
        options: torch's arguments; lrjax takes the same.
        counterpart: makes optax's, given optax; None: it has none.
        same_rule: optax computes the same but for rounding; if not, the distance is stated.
        fused: torch has a fused form.
        traffic: how many numbers a step must read and write per parameter: the parameter and every slot
            both ways, the gradient once.
    """

    options: dict[str, Any]
    counterpart: Callable[[Any], Any] | None
    same_rule: bool
    fused: bool
    traffic: int


OPTIMIZERS = {
    "SGD": Optimizer({"lr": 0.01, "momentum": 0.9}, lambda o: o.sgd(0.01, momentum=0.9), True, True, 5),
    "Adam": Optimizer({"lr": 1e-3}, lambda o: o.adam(1e-3), True, True, 7),
    "AdamW": Optimizer({"lr": 1e-3}, lambda o: o.adamw(1e-3, weight_decay=0.01), True, True, 7),
    "NAdam": Optimizer({"lr": 2e-3}, lambda o: o.nadam(2e-3), False, False, 7),
    "RAdam": Optimizer({"lr": 1e-3}, lambda o: o.radam(1e-3), False, False, 7),
    "Adamax": Optimizer({"lr": 2e-3}, lambda o: o.adamax(2e-3), False, False, 7),
    "Adagrad": Optimizer({"lr": 0.01}, lambda o: o.adagrad(0.01, 0.0, 1e-10), False, True, 5),
    "Adadelta": Optimizer({"lr": 1.0}, lambda o: o.adadelta(1.0, 0.9, 1e-6), True, False, 7),
    "RMSprop": Optimizer({"lr": 0.01}, lambda o: o.rmsprop(0.01, 0.99, 1e-8, eps_in_sqrt=False), True, False, 5),
    "Rprop": Optimizer({"lr": 0.01}, lambda o: o.rprop(0.01, 0.5, 1.2, 1e-6, 50.0), False, False, 7),
    "ASGD": Optimizer({"lr": 0.01}, None, False, False, 5),
}
