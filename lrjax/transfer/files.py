"""Checkpoint files: what ``torch.save`` and safetensors wrote, read without torch, and written for ``torch.load``.

Only plain data and tensors are read, as with ``torch.load(weights_only=True)``: a file that names anything else is
refused, nothing in it runs, and nothing that it says can change anything but the data that it gives.
"""

import json
import math
import os
import shutil
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import jax.numpy as jnp
import numpy as np

from lrspec import check

from . import _torch_archive
from ._pickle import encode

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
    if not (hasattr(file, "read") and hasattr(file, "seek")):
        check.fail(_WHERE, "file", "must be a path, or a binary file that can seek", file, TypeError)
    return _load(file, getattr(file, "name", "the file"))


def _load(file: IO[bytes], name: str) -> Any:
    start = file.read(9)
    file.seek(0)
    if start[:2] == b"PK":
        return _torch_archive.load(file, name)
    if start[8:] == b"{":
        return _load_safetensors(file.read(), name)
    if start[:1] == b"\x80":
        rule = "must be in torch's zip format (torch.load and torch.save it once: a pickle, or older than torch 1.6)"
        check.fail(_WHERE, "file", rule, name)
    check.fail(_WHERE, "file", "must be what torch.save or safetensors wrote, whole", name)


def _load_safetensors(raw: bytes, name: str) -> dict[str, np.ndarray]:
    """Eight bytes: the length of the header, in JSON; then the tensors, each where the header says."""
    end = 8 + int.from_bytes(raw[:8], "little")
    if end > len(raw):
        check.fail(_WHERE, "file", f"must be whole: its header ends at byte {end} of {len(raw)}", name)
    try:
        header = json.loads(raw[8:end], object_pairs_hook=_without_doubles)
        described = {key: value for key, value in header.items() if key != "__metadata__"}
        places = {k: (v["dtype"], tuple(v["shape"]), *map(int, v["data_offsets"])) for k, v in described.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{_WHERE}: file must be a safetensors file with a sound header, got {name!r}") from error
    loaded = {key: _block(raw, end, name, key, *place) for key, place in places.items()}
    at = 0
    for key, (*_, start, stop) in sorted(places.items(), key=lambda item: item[1][2:]):
        if start != at:
            rule = f"must hold its tensors one after the other: {key} begins at byte {start}, not at {at}"
            check.fail(_WHERE, "file", rule, name)
        at = stop
    if at != len(raw) - end:
        check.fail(_WHERE, "file", f"must be whole: its tensors end at byte {at} of {len(raw) - end}", name)
    return loaded


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; a name that stands in it twice is an error."""
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a name twice")
    return dict(pairs)


def _block(raw: bytes, base: int, name: str, key: str, dtype: Any, shape: Any, start: int, stop: int) -> np.ndarray:
    if type(dtype) is not str or dtype not in _SAFETENSORS:
        check.fail(_WHERE, "file", f"must hold tensors of {', '.join(_SAFETENSORS)} ({key} is not)", dtype)
    if not all(type(n) is int and n >= 0 for n in shape):
        check.fail(_WHERE, "file", f"must give {key} a shape of integers, not negative", shape)
    kind = np.dtype(_SAFETENSORS[dtype])
    if not 0 <= start <= stop <= len(raw) - base or stop - start != math.prod(shape) * kind.itemsize:
        rule = f"must be whole: {key} lies at bytes {start} to {stop} of {len(raw) - base}"
        check.fail(_WHERE, "file", rule, name)
    return np.frombuffer(raw, kind, math.prod(shape), base + start).reshape(shape).copy()


def save_checkpoint(file: Any, data: Any) -> None:
    """Write what ``torch.load(file, weights_only=True)`` reads; torch is not needed.

    Args:
        file: a path, or a binary file.
        data: dicts, lists, tuples, Counters, strings, numbers, bools, None, NumPy and JAX arrays.

    Raises:
        TypeError: anything else; nothing is written.
        OSError: the file cannot be written; the old one, if there is one, stays whole, whenever the process is killed.
    """
    if not (isinstance(file, str | os.PathLike) or hasattr(file, "write")):
        check.fail("save_checkpoint", "file", "must be a path or a binary file", file, TypeError)
    pickled, blocks = encode("save_checkpoint", data)
    special = isinstance(file, str | os.PathLike) and os.path.exists(file) and not os.path.isfile(file)  # a pipe
    if special or not isinstance(file, str | os.PathLike):
        _write(file, pickled, blocks)
    else:
        with _replacing(Path(file)) as unfinished:
            _write(unfinished, pickled, blocks)


def _write(file: Any, pickled: bytes, blocks: list[bytes]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("archive/data.pkl", pickled)
        archive.writestr("archive/byteorder", "little")
        for i, block in enumerate(blocks):
            archive.writestr(f"archive/data/{i}", block)
        archive.writestr("archive/version", "3\n")


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file beside ``path`` that takes its place when it is complete and on the disk: a reader finds old or new."""
    target = path.resolve()  # a link stays a link
    unfinished = target.with_name(f".{target.name}.{os.getpid()}-{uuid.uuid4().hex[:8]}.unfinished")
    try:
        with open(unfinished, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, unfinished)
        os.replace(unfinished, target)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    if os.name == "posix":
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the new name, too
        finally:
            os.close(folder)
