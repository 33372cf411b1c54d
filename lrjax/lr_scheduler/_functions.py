"""Functions of the epoch: Python's, called from compiled code or written down as tables, and powers."""

import math
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lrspec import check
from lrspec.scheduler_arguments import MultiplicativeLR

from ..arithmetic.float64 import Float64, from_host, unpack

Function = Callable[[int], float]
PerGroup = float | Sequence[float]  # an argument: a number, or one for each group


def power(base: float, exponent: jax.Array) -> jax.Array:
    """``base ** exponent`` in float64 for an integer array, as Python computes it."""
    return jnp.power(jnp.float64(base), exponent.astype(jnp.float64))


def per_group(value: PerGroup, template: jax.Array) -> jax.Array:
    """An argument that is a number, or a tuple with one per group, as float64 in the shape of ``like``."""
    return jnp.broadcast_to(jnp.asarray(np.asarray(value, np.float64)), template.shape)


class Tabulated:
    """A function of an int, as a table of its first values: compiled code then looks them up.

    A Python function inside a compiled step costs a call to the host every time. Wrapped as
    ``LambdaLR(Tabulated(f, 10_000))`` it costs nothing; past the table it is NaN.

    Args:
        function: ``int -> float``; where it has no value at 0 (torch never asks MultiplicativeLR's for it) that is NaN.
        num_steps: how many values, an integer, at least 1.

    >>> Tabulated(lambda e: 0.5**e, 3).values.tolist()
    [1.0, 0.5, 0.25]
    """

    def __init__(self, function: Function, num_steps: int) -> None:
        if not callable(function):
            check.fail("Tabulated", "function", "must be a function", function, TypeError)
        num_steps = check.integer("Tabulated", "num_steps", num_steps, 1)
        try:
            first = float(function(0))
        except (ArithmeticError, ValueError, LookupError):
            first = math.nan
        self.values = np.array([first, *(float(function(n)) for n in range(1, num_steps))])

    def __call__(self, n: int) -> float:
        return float(self.values[n])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tabulated) and self.values.tobytes() == other.values.tobytes()

    def __hash__(self) -> int:
        return hash(self.values.tobytes())


def tabulated(scheduler: Any, num_steps: int) -> Any:
    """The scheduler with its Python functions, and what else it wants, as tables that hold for ``num_steps`` steps."""
    scheduler = scheduler.for_steps(num_steps)
    table = partial(Tabulated, num_steps=num_steps + 1)
    changed: dict[str, Any] = {}
    given: dict[str, Any] = {f.name: getattr(scheduler, f.name) for f in fields(scheduler)}
    if "schedulers" in given:
        changed["schedulers"] = tuple(tabulated(inner, num_steps) for inner in given["schedulers"])
    if given.get("scale_fn") is not None:
        scheduler.by_step()(0)  # torch asks it
        changed |= {"scale_fn": table(scheduler.by_step()), "scale_mode": "iterations"}  # cycles may outnumber steps
    if "lr_lambda" in given:
        functions = given["lr_lambda"]
        if not isinstance(scheduler, MultiplicativeLR):
            _ = [
                function(0) for function in (functions if isinstance(functions, tuple) else (functions,))
            ]  # so it does
        changed["lr_lambda"] = tuple(map(table, functions)) if isinstance(functions, tuple) else table(functions)
    return replace(scheduler, **changed) if changed else scheduler


def call(functions: Sequence[Function], e: jax.Array) -> Any:
    """Python functions of an integer: float64, e.shape + (functions,).

    ``Tabulated`` functions are looked up. Others are evaluated on the host by Python itself; their
    values travel as float32 parts, for callbacks do not carry float64 without the global flag.
    """
    if all(isinstance(f, Tabulated) for f in functions):
        tables = [np.append(f.values, np.nan) for f in functions if isinstance(f, Tabulated)]
        return jnp.stack([jnp.asarray(table)[jnp.minimum(e, len(table) - 1)] for table in tables], axis=-1)
    shape = (*jnp.shape(e), len(functions))

    def on_host(e: jax.Array) -> Float64:
        return from_host(np.array([[float(f(n)) for f in functions] for n in np.ravel(e).tolist()]).reshape(shape))

    parts = Float64(jax.ShapeDtypeStruct(shape, jnp.float32), jax.ShapeDtypeStruct((*shape, 3), jnp.float32))
    return unpack(jax.pure_callback(on_host, parts, e, vmap_method="sequential"))
