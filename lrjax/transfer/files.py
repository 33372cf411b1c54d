"""Checkpoint files: what ``torch.save`` and safetensors wrote, read without torch, and written for ``torch.load``.

A file of ``torch.save`` is a zip archive: ``data.pkl``, a pickle in which each tensor's numbers are a
reference, and one member for each block of numbers. Only plain data and tensors are read, as with
``torch.load(weights_only=True)``: a pickle that names anything else is refused, and nothing in it runs.
"""

import json
import pickle
import zipfile
import zlib
from collections import Counter, OrderedDict
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Literal

import jax.numpy as jnp
import numpy as np

from lrspec import check

from ._pickle import DTYPES, encode

_WHERE = "load_checkpoint"
_SAFETENSORS = {
    **{"F64": np.float64, "F32": np.float32, "F16": np.float16, "BF16": jnp.bfloat16, "BOOL": np.bool_},
    **{"I64": np.int64, "I32": np.int32, "I16": np.int16, "I8": np.int8},
    **{"U64": np.uint64, "U32": np.uint32, "U16": np.uint16, "U8": np.uint8},
}


def load_checkpoint(file: Any) -> Any:
    """Read a file of ``torch.save`` or safetensors; torch is not needed.

    Args:
        file: a path, or a binary file that can seek. Which of the two formats it is, its content says.

    Returns:
        What was saved, with NumPy arrays for tensors (bfloat16 by ``ml_dtypes``). A safetensors file is a dict
        from name to array.

    Raises:
        ValueError: a damaged or truncated file, another format, or objects beside tensors and plain data.
    """
    if isinstance(file, str | Path):
        with open(file, "rb") as opened:
            return _load(opened, str(file))
    return _load(file, getattr(file, "name", "the file"))


def _load(file: IO[bytes], name: str) -> Any:
    start = file.read(9)
    file.seek(0)
    if start[:2] == b"PK":
        return _load_torch(file, name)
    if start[8:] == b"{":
        return _load_safetensors(file.read(), name)
    if start[:1] == b"\x80":
        rule = "must be in torch's zip format (torch.load and torch.save it once: a pickle, or older than torch 1.6)"
        check.fail(_WHERE, "file", rule, name)
    check.fail(_WHERE, "file", "must be what torch.save or safetensors wrote, whole", name)


def _load_torch(file: IO[bytes], name: str) -> Any:
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.namelist()
            found = [member for member in members if member.rpartition("/")[2] == "data.pkl"]
            if len(found) != 1:
                check.fail(_WHERE, "file", "must be an archive that torch.save wrote (with one data.pkl)", name)
            return _Unpickler(archive, found[0].removesuffix("data.pkl"), name).load()
    except (zipfile.BadZipFile, zlib.error, EOFError, pickle.UnpicklingError, KeyError, IndexError) as error:
        rule = f"must be whole: it is damaged or truncated ({error})"
        raise ValueError(f"{_WHERE}: file {rule}, got {name!r}") from error


class _Unpickler(pickle.Unpickler):
    """Reads tensors and plain data, and refuses every other name."""

    def __init__(self, archive: zipfile.ZipFile, root: str, name: str) -> None:
        super().__init__(BytesIO(archive.read(f"{root}data.pkl")))
        self.archive, self.root, self.file = archive, root, name
        little = f"{root}byteorder" not in archive.namelist() or archive.read(f"{root}byteorder") == b"little"
        self.order: Literal["<", ">"] = "<" if little else ">"
        self.blocks: dict[str, np.ndarray] = {}

    def find_class(self, module: str, name: str) -> Any:
        """The few names that a checkpoint of plain data and tensors needs."""
        if (module, name) in _KNOWN:
            return _KNOWN[module, name]
        if module == "torch" and name in DTYPES:
            return np.dtype(DTYPES[name])
        rule = f"must hold tensors and plain data only, as for weights_only=True (it holds a {module}.{name})"
        check.fail(_WHERE, "file", rule, self.file)

    def persistent_load(self, pid: Any) -> np.ndarray:
        """The numbers of a tensor."""
        kind, dtype, key, _, size = pid
        if kind != "storage" or not isinstance(dtype, np.dtype):
            check.fail(_WHERE, "file", "must hold tensors of numbers", (self.file, kind))
        if key not in self.blocks:
            dtype = dtype if dtype == jnp.bfloat16 else dtype.newbyteorder(self.order)
            raw = self.archive.read(f"{self.root}data/{key}")
            if len(raw) < size * dtype.itemsize:
                rule = f"must be whole: block {key} has {len(raw)} of {size * dtype.itemsize} bytes"
                check.fail(_WHERE, "file", rule, self.file)
            self.blocks[key] = np.frombuffer(raw, dtype, size)
        return self.blocks[key]


def _tensor(block: np.ndarray, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: Any) -> np.ndarray:
    """``torch._utils._rebuild_tensor_v2``: a tensor is a view of its block."""
    if 0 in size:
        return np.zeros(size, block.dtype.newbyteorder("="))
    last = offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True))
    if min((offset, *stride)) < 0 or last >= len(block):
        check.fail(_WHERE, "file", "must hold tensors that lie within their blocks", (offset, size, stride))
    steps = [step * block.itemsize for step in stride]
    view = np.lib.stride_tricks.as_strided(block[offset:], size, steps, writeable=False)
    return np.array(view, block.dtype.newbyteorder("="), order="C")


def _parameter(data: np.ndarray, *_: Any) -> np.ndarray:
    """``torch._utils._rebuild_parameter``."""
    return data


_KNOWN: dict[tuple[str, str], Callable[..., Any]] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("collections", "Counter"): Counter,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch._utils", "_rebuild_parameter"): _parameter,
    ("torch", "Size"): tuple,
}


def _load_safetensors(raw: bytes, name: str) -> dict[str, np.ndarray]:
    """Eight bytes: the length of the header, in JSON; then the tensors, each where the header says."""
    end = 8 + int.from_bytes(raw[:8], "little")
    if end > len(raw):
        check.fail(_WHERE, "file", f"must be whole: its header ends at byte {end} of {len(raw)}", name)
    try:
        header = json.loads(raw[8:end])
        described = {key: value for key, value in header.items() if key != "__metadata__"}
        places = {k: (v["dtype"], tuple(v["shape"]), *map(int, v["data_offsets"])) for k, v in described.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{_WHERE}: file must be a safetensors file with a sound header, got {name!r}") from error
    return {key: _block(raw, end, name, key, *place) for key, place in places.items()}


def _block(
    raw: bytes, base: int, name: str, key: str, dtype: str, shape: tuple[int, ...], start: int, stop: int
) -> np.ndarray:
    if dtype not in _SAFETENSORS:
        check.fail(_WHERE, "file", f"must hold tensors of {', '.join(_SAFETENSORS)} ({key} is not)", dtype)
    kind, count = np.dtype(_SAFETENSORS[dtype]), int(np.prod(shape))
    if not 0 <= start <= stop <= len(raw) - base or stop - start != count * kind.itemsize:
        rule = f"must be whole: {key} lies at bytes {start} to {stop} of {len(raw) - base}"
        check.fail(_WHERE, "file", rule, name)
    return np.frombuffer(raw, kind, count, base + start).reshape(shape).copy()


def save_checkpoint(file: Any, data: Any) -> None:
    """Write what ``torch.load(file, weights_only=True)`` reads; torch is not needed.

    Args:
        file: a path, or a binary file.
        data: dicts, lists, tuples, Counters, strings, numbers, bools, None, NumPy and JAX arrays.

    Raises:
        TypeError: anything else; nothing is written.
    """
    pickled, blocks = encode("save_checkpoint", data)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("archive/data.pkl", pickled)
        archive.writestr("archive/byteorder", "little")
        for i, block in enumerate(blocks):
            archive.writestr(f"archive/data/{i}", block)
        archive.writestr("archive/version", "3\n")
