"""safetensors files, by the library of that name; its NumPy half has no torch in it."""

import json
import math
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import jax.numpy as jnp
import numpy as np

from lrspec import check

_DTYPES = {
    **{"F64": np.float64, "F32": np.float32, "F16": np.float16, "BF16": jnp.bfloat16, "BOOL": np.bool_},
    **{"F8_E4M3": jnp.float8_e4m3fn, "F8_E5M2": jnp.float8_e5m2},
    **{"I64": np.int64, "I32": np.int32, "I16": np.int16, "I8": np.int8},
    **{"U64": np.uint64, "U32": np.uint32, "U16": np.uint16, "U8": np.uint8},
}


def decode(where: str, raw: bytes, name: str) -> dict[str, np.ndarray]:
    """The arrays of a file, by name.

    Raises:
        ValueError: a damaged file: the library checks that its tensors fill it, one after the other.
    """
    library = _library(where)
    try:
        tensors = library.deserialize(raw)
        json.loads(raw[8 : 8 + int.from_bytes(raw[:8], "little")], object_pairs_hook=_without_doubles)
    except (library.SafetensorError, ValueError) as error:
        reason = str(error).removeprefix("Error while deserializing: ")[:200]
        check.fail(where, "file", f"must be a whole safetensors file ({reason})", name)
    return {key: _array(where, key, **tensor) for key, tensor in tensors}


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; a name that stands in it twice, of which the library takes one, is an error."""
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a name stands twice in its header")
    return dict(pairs)


def _array(where: str, key: str, dtype: str, shape: list[int], data: bytearray) -> np.ndarray:
    if dtype not in _DTYPES:
        check.fail(where, "file", f"must hold tensors of {', '.join(_DTYPES)} ({key} is not)", dtype)
    return np.frombuffer(data, _DTYPES[dtype], math.prod(shape)).reshape(shape)


def encode(where: str, data: Any) -> bytes:
    """The file that holds ``data``, a dict from name to array.

    Raises:
        TypeError: anything else.
    """
    named = isinstance(data, Mapping) and all(type(name) is str for name in data)
    if not (named and all(isinstance(value, np.ndarray | np.generic | jnp.ndarray) for value in data.values())):
        rule = "must be a dict from name to array, for a safetensors file holds nothing else"
        check.fail(where, "data", rule, type(data).__name__, TypeError)
    arrays = {name: np.asarray(value, order="C") for name, value in data.items()}
    for name, array in arrays.items():
        if array.dtype.newbyteorder("=") not in map(np.dtype, _DTYPES.values()):
            rule = f"must hold arrays of {', '.join(_DTYPES)} ({name} is not)"
            check.fail(where, "data", rule, str(array.dtype), TypeError)
    _library(where)
    from safetensors.numpy import save

    return save(arrays)


def _library(where: str) -> ModuleType:
    try:
        import safetensors
    except ImportError as error:
        raise ImportError(
            f"{where}: safetensors files need the package safetensors (pip install safetensors)"
        ) from error
    return safetensors
