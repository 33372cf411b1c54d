"""A hyperparameter as the user sets it in a state: a number, an array with one for each run of a sweep, or traced."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from lrspec import check

from ._groups import ARRAY


def read_value(
    where: str, argument: str, value: Any, batch: tuple[int, ...], width: int | None, check_one: Callable[[Any], Any]
) -> Any:
    """The value with its numbers as Python numbers, float64 arrays of shape ``batch``, or traced.

    Args:
        where: the function that errors name.
        argument: its argument.
        value: what the user gave.
        batch: the axes in front of the hyperparameter in the state.
        width: how many numbers the hyperparameter is (a list comes back), None for one.
        check_one: raises on a bad value of one run; ``ARRAY`` stands in it for what is traced.

    Raises:
        ValueError: an array of another shape, and what ``check_one`` raises.
    """
    if width is None:
        read = _read(where, argument, value, batch)
        for one in _distinct([read], batch):
            check_one(one[0])
        return read
    if (batch or isinstance(value, Tracer)) and _is_array(value) and np.shape(value) == (*batch, width):
        value = [value[..., i] for i in range(width)]
    if not isinstance(value, list | tuple):
        check_one(value)
    parts = [_read(where, argument, part, batch) for part in value]
    for one in _distinct(parts, batch):
        check_one(list(one) if isinstance(value, list) else one)
    return parts


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray | jax.Array)


def _read(where: str, argument: str, value: Any, batch: tuple[int, ...]) -> Any:
    """One number of a value; what is none, for the checks to say so."""
    if isinstance(value, list) and batch:
        value = np.array(value)
    value = check.plain(value)
    if not _is_array(value) or not (batch or isinstance(value, Tracer)):
        return value
    if np.shape(value) not in ((), batch):
        more = f", or an array of shape {batch}: one for each run" if batch else ""
        check.fail(where, argument, f"must be one number{more}", np.shape(value))
    if not (jnp.issubdtype(value.dtype, jnp.floating) or jnp.issubdtype(value.dtype, jnp.integer)):
        check.fail(where, argument, "must be real numbers", str(value.dtype))
    return value if isinstance(value, Tracer) else np.asarray(value, np.float64)


def _distinct(parts: list[Any], batch: tuple[int, ...]) -> list[tuple[Any, ...]]:
    """The values of all runs, each once."""
    parts = [ARRAY if isinstance(part, Tracer) else part for part in parts]
    arrays = [part for part in parts if isinstance(part, np.ndarray)]
    if not (arrays and batch):
        return [tuple(parts)]
    rows = np.unique(np.stack([array.ravel() for array in arrays], axis=-1), axis=0).tolist()
    return [tuple(row.pop(0) if isinstance(part, np.ndarray) else part for part in parts) for row in rows]
