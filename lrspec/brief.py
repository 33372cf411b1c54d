"""How errors show what they got: on one line, cut to a bounded length, quickly, whatever the value is."""

import numbers
from collections.abc import Iterable, Mapping
from dataclasses import is_dataclass
from itertools import islice
from typing import Any

import numpy as np

MOST = 120  # characters of a value
_ENTRIES = 8  # of a container
_DEPTH = 3  # of containers in containers
_BITS = 256  # of an integer that is written out


def brief(value: Any, most: int = MOST) -> str:
    """``value`` as an error shows it: its repr where that is short, else what it is and how large.

    Arrays and trees are never written out, and nothing is computed that grows with their size; a repr that raises
    is said to.
    """
    try:
        text = _brief(value, _DEPTH)
    except Exception as error:
        text = f"{_an(type(value).__name__)} whose repr raises {type(error).__name__}"
    return cut(text, most)


def cut(text: str, most: int = MOST) -> str:
    """``text`` on one line, at most ``most`` characters."""
    text = one_line(text[: most + 1])
    return text if len(text) <= most else f"{text[: most - 3]}..."


def one_line(text: str) -> str:
    """``text`` with line breaks and control characters as Python would write them in quotes."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def listed(names: Iterable[Any], most: int = MOST) -> str:
    """Up to eight names with commas between them, of ``most`` characters in all, and how many there are more."""
    names, texts, length = list(names), [], 0
    for name in names[:_ENTRIES]:
        text = cut(str(name), 60)
        length += len(text) + 2
        if texts and length > most:
            break
        texts.append(text)
    more = len(names) - len(texts)
    return ", ".join(texts) + (f" and {more} more" if more else "")


def _brief(value: Any, depth: int) -> str:
    """The text before it is cut."""
    kind = type(value)
    if kind is int and value.bit_length() > _BITS:
        return f"an integer of {value.bit_length()} bits"
    if kind in (str, bytes, bytearray):
        return repr(value) if len(value) <= MOST else f"{value[: MOST - 40]!r}... of length {len(value)}"
    if kind in (list, tuple, set, frozenset, dict):
        return _container(value, depth)
    if isinstance(value, numbers.Number | np.generic) or value is None:
        return repr(value)
    if hasattr(kind, "shape") and hasattr(kind, "dtype"):
        return _array(value)
    if isinstance(value, Mapping) or (isinstance(value, tuple | list | dict) and _prints_all(kind)):
        return f"{_an(kind.__name__)} of length {len(value)}"
    if is_dataclass(kind) and _prints_all(kind) and not isinstance(value, type):
        return _an(kind.__name__)
    return repr(value)


def _prints_all(kind: Any) -> bool:
    """Whether the type's repr writes out all it holds: Python's own, or the one that dataclasses are given."""
    parameters = getattr(kind, "__dataclass_params__", None)
    if parameters:
        return parameters.repr
    return kind.__repr__ in (tuple.__repr__, list.__repr__, dict.__repr__) or "_fields" in vars(kind)  # a named tuple


def _container(value: Any, depth: int) -> str:
    """The first entries of a list, tuple, set or dict."""
    if depth == 0 and value:
        return "..."
    entries = [
        f"{_brief(one, depth - 1)}: {_brief(value[one], depth - 1)}"
        if isinstance(value, dict)
        else _brief(one, depth - 1)
        for one in islice(value, _ENTRIES)
    ]
    inside = ", ".join(entries) + (f", ... {len(value) - _ENTRIES} more" if len(value) > _ENTRIES else "")
    if isinstance(value, list):
        return f"[{inside}]"
    if isinstance(value, tuple):
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if isinstance(value, frozenset):
        return f"frozenset({{{inside}}})" if value else "frozenset()"
    return f"{{{inside}}}" if value or isinstance(value, dict) else "set()"


def _array(value: Any) -> str:
    """A number's value; of an array, its dtype and shape."""
    shape = tuple(value.shape)
    dtype = str(value.dtype).removeprefix("torch.")
    return repr(value) if shape == () else f"{_an(dtype)} array of shape {shape}"


def _an(noun: str) -> str:
    return f"an {noun}" if noun[:1].lower() in tuple("aeio") else f"a {noun}"
