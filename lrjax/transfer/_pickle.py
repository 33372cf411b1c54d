"""The pickle inside a file of ``torch.save``: plain data, and tensors as references to blocks of numbers."""

import pickle
import struct
from collections import Counter
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lrspec import check

# torch's name of a block's type -> NumPy's
DTYPES: dict[str, Any] = {
    **{"DoubleStorage": np.float64, "FloatStorage": np.float32, "HalfStorage": np.float16},
    **{"BFloat16Storage": jnp.bfloat16, "LongStorage": np.int64, "IntStorage": np.int32, "ShortStorage": np.int16},
    **{"CharStorage": np.int8, "ByteStorage": np.uint8, "BoolStorage": np.bool_},
}
_STORAGES = {np.dtype(dtype): name for name, dtype in DTYPES.items()}


def encode(where: str, data: Any) -> tuple[bytes, list[bytes]]:
    """The pickle of ``data``, with the names torch expects in it, and the blocks that it refers to."""
    blocks: list[bytes] = []
    return b"".join((pickle.PROTO, b"\x02", _encode(where, data, blocks), pickle.STOP)), blocks


def _encode(where: str, data: Any, blocks: list[bytes]) -> bytes:
    match data:
        case None:
            return pickle.NONE
        case bool():
            return pickle.NEWTRUE if data else pickle.NEWFALSE
        case str():
            raw = data.encode()
            return pickle.BINUNICODE + struct.pack("<I", len(raw)) + raw
        case np.ndarray() | jax.Array():
            return _tensor(where, np.asarray(data), blocks)
        case int() | np.integer():
            return _int(int(data))
        case float() | np.floating():
            return pickle.BINFLOAT + struct.pack(">d", float(data))
        case Counter():
            counts = b"".join((pickle.MARK, _mapping(where, data, blocks), pickle.TUPLE, pickle.REDUCE))
            return pickle.GLOBAL + b"collections\nCounter\n" + counts
        case Mapping():
            return _mapping(where, data, blocks)
        case tuple():
            return pickle.MARK + b"".join(_encode(where, x, blocks) for x in data) + pickle.TUPLE
        case list():
            items = b"".join(_encode(where, x, blocks) for x in data)
            return pickle.EMPTY_LIST + pickle.MARK + items + pickle.APPENDS
    check.fail(where, "data", "must hold plain data and arrays only", type(data).__name__, TypeError)


def _int(value: int) -> bytes:
    if -(2**31) <= value < 2**31:
        return pickle.BININT + struct.pack("<i", value)
    raw = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return pickle.LONG1 + bytes([len(raw)]) + raw


def _mapping(where: str, data: Mapping[Any, Any], blocks: list[bytes]) -> bytes:
    items = b"".join(_encode(where, key, blocks) + _encode(where, value, blocks) for key, value in data.items())
    return pickle.EMPTY_DICT + pickle.MARK + items + pickle.SETITEMS


def _tensor(where: str, array: np.ndarray, blocks: list[bytes]) -> bytes:
    """``_rebuild_tensor_v2(block, 0, shape, strides, False, OrderedDict())``."""
    if array.dtype not in _STORAGES:
        check.fail(where, "data", f"must hold arrays of {', '.join(map(str, _STORAGES))}", str(array.dtype), TypeError)
    key, name, shape = str(len(blocks)), _STORAGES[array.dtype], array.shape
    little = array.dtype if array.dtype == jnp.bfloat16 else array.dtype.newbyteorder("<")
    blocks.append(np.ascontiguousarray(array, little).tobytes())
    strides = tuple(int(np.prod(shape[i + 1 :])) for i in range(len(shape)))
    block = b"".join(
        (
            *(pickle.MARK, _encode(where, "storage", blocks), pickle.GLOBAL, f"torch\n{name}\n".encode()),
            *(_encode(where, x, blocks) for x in (key, "cpu", array.size)),
            *(pickle.TUPLE, pickle.BINPERSID),
        )
    )
    rest = b"".join(_encode(where, x, blocks) for x in (0, shape, strides, False))
    hooks = pickle.GLOBAL + b"collections\nOrderedDict\n" + pickle.EMPTY_TUPLE + pickle.REDUCE
    call = pickle.GLOBAL + b"torch._utils\n_rebuild_tensor_v2\n"
    return b"".join((call, pickle.MARK, block, rest, hooks, pickle.TUPLE, pickle.REDUCE))
