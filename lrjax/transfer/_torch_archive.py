"""A file of ``torch.save``: a zip archive with ``data.pkl`` and a member for each block of numbers.

Every size in the file is checked before memory is taken for it: all that is read and made together is at most
``GROWTH`` times the file, and a little.
"""

import zipfile
from typing import IO, Any

import jax.numpy as jnp
import numpy as np

from lrspec import check

from ._pickle import DTYPES
from ._unpickler import Name, Unpickler

WHERE = "load_checkpoint"
GROWTH, LITTLE = 4, 1 << 20  # bytes in memory for one byte of the file; bytes that any file may take
_CALLS = ("collections.OrderedDict", "collections.Counter", "torch._utils._rebuild_tensor_v2")
_CALLS += ("torch._utils._rebuild_parameter", "torch.Size")


def load(file: IO[bytes], name: str) -> Any:
    """What ``torch.save`` has put into a file, with NumPy arrays for tensors.

    Raises:
        ValueError: whatever is wrong with it, with its name.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            found = [member for member in archive.namelist() if member.rpartition("/")[2] == "data.pkl"]
            if len(found) != 1:
                check.fail(WHERE, "file", "must be an archive that torch.save wrote (with one data.pkl)", name)
            return _Reader(archive, file, found[0].removesuffix("data.pkl"), name).load()
    except OSError:
        raise
    except Exception as error:  # a damaged file can end in any of zipfile's, zlib's, NumPy's and Python's errors
        if isinstance(error, ValueError) and str(error).startswith(f"{WHERE}: "):
            raise
        rule = f"must be whole: it is damaged or truncated ({error or type(error).__name__})"
        raise ValueError(f"{WHERE}: file {rule}, got {name!r}") from error


class _Reader:
    """Reads tensors and plain data, and refuses every other name."""

    def __init__(self, archive: zipfile.ZipFile, file: IO[bytes], root: str, name: str) -> None:
        self.archive, self.root, self.name = archive, root, name
        self.left = GROWTH * file.seek(0, 2) + LITTLE
        little = f"{root}byteorder" not in archive.namelist() or self._member("byteorder") == b"little"
        self.order = "<" if little else ">"
        self.blocks: dict[str, np.ndarray] = {}

    def load(self) -> Any:
        """The data."""
        return Unpickler(self._member("data.pkl"), self._accept, self._call, self._storage).load()

    def _fail(self, rule: str) -> Any:
        check.fail(WHERE, "file", rule, self.name)

    def _spend(self, what: str, size: int) -> None:
        """Before memory is taken."""
        self.left -= size
        if self.left < 0:
            self._fail(f"must not grow more than {GROWTH} times in memory ({what} takes {size:,} bytes)")

    def _member(self, name: str) -> bytes:
        info = self.archive.getinfo(f"{self.root}{name}")
        self._spend(name, info.file_size)
        with self.archive.open(info) as member:
            data = member.read(info.file_size)  # not more, whatever is packed in it
            if len(data) != info.file_size or member.read(1):
                self._fail(f"must be whole: {name} is not as long as the archive says")
        return data

    def _accept(self, name: Name) -> None:
        known = str(name) in _CALLS or (name.module == "torch" and name.name in DTYPES)
        if not known:
            self._fail(f"must hold tensors and plain data only, as for weights_only=True (it holds a {name})")

    def _storage(self, pid: tuple[Any, ...]) -> np.ndarray:
        """The numbers of a tensor."""
        kind, dtype, key, _, size = pid
        if kind != "storage" or type(dtype) is not Name or dtype.name not in DTYPES or type(key) is not str:
            self._fail("must hold tensors of numbers")
        if key not in self.blocks:
            stored = np.dtype(DTYPES[dtype.name])
            stored = stored if stored == jnp.bfloat16 else stored.newbyteorder(self.order)  # type: ignore[arg-type]
            raw = self._member(f"data/{key}")
            if type(size) is not int or not 0 <= size * stored.itemsize <= len(raw):
                wanted = size * stored.itemsize if type(size) is int else size
                self._fail(f"must be whole: block {key} has {len(raw)} of {wanted} bytes")
            self.blocks[key] = np.frombuffer(raw, stored, size)
        return self.blocks[key]

    def _call(self, name: Name, arguments: tuple[Any, ...]) -> Any:
        if name.name == "_rebuild_tensor_v2":
            return self._tensor(*arguments[:4])
        if name.name == "_rebuild_parameter" and isinstance(arguments[0], np.ndarray):
            return arguments[0]
        if name.name == "Size" and len(arguments) == 1 and type(arguments[0]) in (list, tuple):
            return tuple(arguments[0])
        self._fail(f"must hold tensors and plain data only ({name} is called otherwise than torch does)")

    def _tensor(self, block: Any, offset: Any, size: Any, stride: Any) -> np.ndarray:
        """``torch._utils._rebuild_tensor_v2``: a tensor is a view of its block."""
        numbers = (offset, *size, *stride)
        fits = isinstance(block, np.ndarray) and all(type(n) is int and n >= 0 for n in numbers)
        if not fits or len(size) != len(stride):
            self._fail("must hold tensors of numbers, with sizes and strides that are no negative integers")
        native = block.dtype.newbyteorder("=")
        if 0 in size:
            return np.zeros(size, native)
        if offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True)) >= len(block):
            place = (offset, size, stride)
            self._fail(f"must hold tensors that lie within their blocks (this one has offset, size, stride {place})")
        count = 1
        for n in size:
            count *= n
        self._spend("a tensor", count * native.itemsize)
        steps = [step * block.itemsize for step in stride]
        view = np.lib.stride_tricks.as_strided(block[offset:], size, steps, writeable=False)
        return np.array(view, native, order="C")
