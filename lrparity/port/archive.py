"""Arrays with a head of plain data in one ``.npz`` without pickles: how records and traces are kept."""

import io
import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

# Whatever reading a damaged file, or one of another kind, can end in.
DAMAGED = (
    *(OSError, KeyError, EOFError, TypeError, ValueError, AttributeError, IndexError, NotImplementedError),
    *(zipfile.BadZipFile, zlib.error, MemoryError, RecursionError),
)


def save(path: str | Path, head: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Write beside the file and put it in its place at once, so that a killed process leaves the old one whole."""
    packed = np.frombuffer(json.dumps(head, default=str).encode(), np.uint8)
    unfinished = Path(f"{path}.unfinished-{os.getpid()}")
    with open(unfinished, "wb") as file:
        np.savez_compressed(file, head=packed, **arrays)  # type: ignore[arg-type]
    os.replace(unfinished, path)


def load(path: str | Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The head and the arrays; one of ``DAMAGED`` where the file is no such archive."""
    with np.load(io.BytesIO(Path(path).read_bytes()), allow_pickle=False) as file:
        arrays = {key: file[key] for key in file.files}
    return json.loads(arrays.pop("head").tobytes().decode()), arrays
