"""What torch and optax do where nothing is written."""

from collections.abc import Iterable
from typing import Any

from .difference import same

# What optax's constructors do where nothing is written: family -> field -> value.
_OPTAX = {
    "adam": {"weight_decay": 1e-4, "b1": 0.9, "b2": 0.999, "eps": 1e-8},
    "rmsprop": {"alpha": 0.9, "eps": 1e-8, "eps_place": "inside", "rate_inside": True},
    "adagrad": {"initial": 0.1, "eps": 1e-7, "eps_place": "inside"},
    "sgd": {"momentum": 0.0},
    "adadelta": {"rho": 0.9, "eps": 1e-6},
}
_TORCH = {
    "adam": {"weight_decay": 0.01, "b1": 0.9, "b2": 0.999, "eps": 1e-8, "eps_place": "outside"},
    "rmsprop": {"alpha": 0.99, "eps": 1e-8, "eps_place": "outside", "rate_inside": False},
    "adagrad": {"initial": 0.0, "eps": 1e-10, "eps_place": "outside"},
}


def defaults_hit(name: str, a: Any, b: Any, family: str) -> Iterable[tuple[str, bool]]:
    """Of each side, whether the value is its library's default."""
    for side, value, table in (("torch", a, _TORCH), ("jax", b, _OPTAX)):
        default = table.get(family, {}).get(name)
        yield side, default is not None and same(value, default)
