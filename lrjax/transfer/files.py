"""Checkpoint files: those of ``torch.save`` and safetensors, read and written without torch.

Only plain data and tensors are read, as with ``torch.load(weights_only=True)``: a file that names anything else is
refused, nothing in it runs, and nothing that it says can change anything but the data that it gives.
"""

import os
import shutil
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any

from lrspec import check

from . import _safetensors, _torch_archive
from ._pickle import encode

_WHERE = "load_checkpoint"


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
        return _safetensors.decode(_WHERE, file.read(), name)
    if start[:1] == b"\x80":
        rule = "must be in torch's zip format (torch.load and torch.save it once: a pickle, or older than torch 1.6)"
        check.fail(_WHERE, "file", rule, name)
    check.fail(_WHERE, "file", "must be what torch.save or safetensors wrote, whole", name)


def save_checkpoint(file: Any, data: Any) -> None:
    """Write what ``torch.load(file, weights_only=True)`` reads, or a safetensors file; torch is not needed.

    Args:
        file: a path, or a binary file. A path that ends in ``.safetensors`` is written in that format.
        data: dicts, lists, tuples, Counters, strings, numbers, bools, None, NumPy and JAX arrays. For safetensors a
            dict from name to array.

    Raises:
        TypeError: anything else; nothing is written.
        OSError: the file cannot be written; the old one, if there is one, stays whole, whenever the process is killed.
    """
    where, a_path = "save_checkpoint", isinstance(file, str | os.PathLike)
    if not (a_path or hasattr(file, "write")):
        check.fail(where, "file", "must be a path or a binary file", file, TypeError)
    if a_path and str(file).endswith(".safetensors"):
        write = partial(_write_bytes, _safetensors.encode(where, data))
    else:
        write = partial(_write_archive, *encode(where, data))
    if not a_path:
        write(file)
    elif os.path.exists(file) and not os.path.isfile(file):  # a pipe
        with open(file, "wb") as pipe:
            write(pipe)
    else:
        with _replacing(Path(file)) as unfinished:
            write(unfinished)


def _write_bytes(content: bytes, file: IO[bytes]) -> None:
    file.write(content)


def _write_archive(pickled: bytes, blocks: list[bytes], file: IO[bytes]) -> None:
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
