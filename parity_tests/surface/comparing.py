"""What is stored, how an entry is compared with what is there now, and how a difference is told."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

FOLDER = Path(__file__).parent / "snapshot"
Entries = dict[str, Callable[[], Any]]  # entry -> what computes it, as plain data


class Section(NamedTuple):
    """One file of the snapshot.

    Attributes:
        entries: gives the function that computes each entry.
        differences: ``(stored, now) -> lines``, one for each thing that changed.
    """

    entries: Callable[[], Entries]
    differences: Callable[[Any, Any], list[str]]


def stored(section: str) -> dict[str, Any]:
    """What the snapshot holds of a section: entry -> plain data."""
    path = FOLDER / f"{section}.json"
    return json.loads(path.read_text()) if path.exists() else {}


def plain_text(text: Any) -> str:
    """A text without the addresses of objects."""
    return re.sub(r" at 0x[0-9a-fA-F]+", " at 0x...", str(text))


def sha256(arrays: Iterable[Any]) -> str:
    """The digest of arrays: their types, shapes and bytes."""
    digest = hashlib.sha256()
    for array in map(np.asarray, arrays):
        digest.update(f"{array.dtype} {array.shape} ".encode() + np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def exact(stored: Any, now: Any, at: str = "") -> list[str]:
    """Every difference between two nests of dicts, lists and values, each with its place."""
    if isinstance(stored, dict) and isinstance(now, dict):
        gone = [f"{_inside(at, key)}is gone, was {stored[key]!r}" for key in stored if key not in now]
        new = [f"{_inside(at, key)}is new: {now[key]!r}" for key in now if key not in stored]
        both = [line for key in stored if key in now for line in exact(stored[key], now[key], _place(at, key))]
        return gone + new + both
    if isinstance(stored, list) and isinstance(now, list) and stored != now:
        gone, new = [x for x in stored if x not in now], [x for x in now if x not in stored]
        lines = [_start(at) + f"is gone: {x!r}" for x in gone] + [_start(at) + f"is new: {x!r}" for x in new]
        return lines or [_start(at) + f"has another order: was {stored!r}, is {now!r}"]
    return [] if stored == now else [_start(at) + f"was {stored!r}, is {now!r}"]


def none_missing(stored: Any, now: Any) -> list[str]:
    """As ``exact``, but what is new is no difference."""
    return exact(stored, {key: now[key] for key in now if key in stored})


def within_an_ulp(stored: Any, now: Any) -> list[str]:
    """As ``exact``, but lists of float32 numbers may differ by one unit in the last place each."""
    return _numbers(stored, now, lambda a, b: np.abs(_ordered(a) - _ordered(b)) <= 1, "1 ulp")


def close(relative: float, absolute: float) -> Callable[[Any, Any], list[str]]:
    """As ``exact``, but lists of numbers may differ by so much."""
    allowed = f"{relative:g} relative or {absolute:g}"
    return lambda stored, now: _numbers(stored, now, lambda a, b: np.isclose(b, a, relative, absolute), allowed)


def _numbers(stored: Any, now: Any, near: Callable[[Any, Any], Any], allowed: str, at: str = "") -> list[str]:
    if isinstance(stored, dict) and isinstance(now, dict) and stored.keys() == now.keys():
        return [line for key in stored for line in _numbers(stored[key], now[key], near, allowed, _place(at, key))]
    if not _are_numbers(stored) or not _are_numbers(now) or len(stored) != len(now):
        return exact(stored, now, at)
    far = np.flatnonzero(~near(np.asarray(stored, np.float32), np.asarray(now, np.float32)))
    return [f"{_start(at)}number {i} was {stored[i]}, is {now[i]}, further than {allowed}" for i in far.tolist()]


def _are_numbers(x: Any) -> bool:
    return isinstance(x, list) and all(isinstance(value, float) for value in x)


def _ordered(x: Any) -> Any:
    """Integers in the order of the float32 numbers, so that neighbours differ by one."""
    bits = np.asarray(x, np.float32).view(np.int32).astype(np.int64)
    return np.where(bits < 0, -(bits & 0x7FFFFFFF), bits)


def _place(at: str, key: Any) -> str:
    return f"{at}/{key}" if at else str(key)


def _start(at: str) -> str:
    return f"{at}: " if at else ""


def _inside(at: str, key: Any) -> str:
    return f"{_start(at)}{key!r} "
