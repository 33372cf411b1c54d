"""One sense of the same array for all tests of single operations."""

from typing import Any

import numpy as np


def assert_same(ours: Any, expected: Any) -> None:
    """The same type, shape and bits, but for those of a NaN."""
    ours, expected = np.asarray(ours), np.asarray(expected)
    assert (ours.dtype, ours.shape) == (expected.dtype, expected.shape)
    if ours.dtype.kind not in "biu":  # ml_dtypes' halves have kind V, and fewer functions
        ours, expected = ours.astype(np.float64), expected.astype(np.float64)
        known = ~np.isnan(ours)
        np.testing.assert_array_equal(np.signbit(ours)[known], np.signbit(expected)[known])
    np.testing.assert_array_equal(ours, expected)
