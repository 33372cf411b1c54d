"""Tensors, arrays and numbers of either framework as NumPy, without importing torch."""

from typing import Any

import jax.numpy as jnp
import numpy as np

from lrspec import check


def to_numpy(where: str, argument: str, value: Any) -> np.ndarray:
    """A copy of a torch tensor (on any device, bfloat16 included), a JAX or NumPy array, or a number.

    Raises:
        TypeError: something else.
    """
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        if str(value.dtype) == "torch.bfloat16":  # NumPy has no such type, torch converts to none; float32 holds it
            return value.float().numpy().astype(jnp.bfloat16)
        value = value.numpy()
    array = np.array(value)
    if array.dtype == object or (array.dtype.kind in "USV" and array.dtype != jnp.bfloat16):
        check.fail(where, argument, "must be a tensor, an array or a number", type(value).__name__, TypeError)
    return array


def plain(value: Any) -> Any:
    """The Python value of a hyperparameter: torch takes tensors, files give lists."""
    if isinstance(value, list | tuple):
        return tuple(plain(v) for v in value)
    return value.item() if hasattr(value, "item") else value


def shape_of(value: Any) -> tuple[int, ...] | None:
    """The shape of a tensor or array, or the shape that ``value`` is; None where it says nothing."""
    shape = getattr(value, "shape", value)
    return tuple(int(n) for n in shape) if isinstance(shape, list | tuple) else None
