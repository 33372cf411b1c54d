"""Arrays compared bit by bit."""

from collections.abc import Mapping
from typing import Any

import numpy as np


def bits(x: np.ndarray) -> np.ndarray:
    """The bits of floats, as unsigned integers of the same size.

    >>> bits(np.array([0.0, -0.0], np.float32)).tolist()
    [0, 2147483648]
    """
    return x.view(f"u{x.dtype.itemsize}")


def differing(a: Mapping[str, np.ndarray], b: Mapping[str, np.ndarray]) -> dict[str, int]:
    """How many values differ in any bit, per tensor of ``a``; equal tensors are left out."""
    counts = {name: int(np.sum(bits(x) != bits(b[name]))) for name, x in a.items()}
    return {name: count for name, count in counts.items() if count}


def unequal(a: Any, b: Any) -> int:
    """How many values differ in any bit; which NaN it is does not count, another shape or type is all values."""
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or a.dtype != b.dtype:
        return a.size + b.size
    return int(np.sum((bits(a) != bits(b)) & ~(np.isnan(a) & np.isnan(b))))
