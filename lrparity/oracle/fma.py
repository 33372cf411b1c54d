"""Fused multiply-adds in NumPy: ``a * b + c``, rounded once."""

from fractions import Fraction
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def fma32(a: Any, b: Any, c: Any) -> Array:
    """``a * b + c`` of float32 values, rounded once.

    The product is exact in float64. The sum is rounded to odd there: of its two neighbours in float64, the one with an
    odd last bit. From there, one rounding to float32 is the rounding of the exact sum, as 53 >= 24 + 2.
    """
    with np.errstate(all="ignore"):
        product = np.asarray(a, np.float64) * np.asarray(b, np.float64)
        return np.asarray(_add_to_odd(product, np.asarray(c, np.float64)).astype(np.float32))


def fma64(a: Any, b: Any, c: Any) -> Array:
    """``a * b + c`` of float64 values, rounded once.

    Boldo and Melquiond, Emulation of FMA and correctly rounded sums, 2008: with ``a * b = high + low`` and
    ``c + low = top + rest`` and ``high + top = sum + error`` without any error, the result is ``sum + odd(rest +
    error)``. This needs exponents far from the ends of the range; the few other values go through fractions.
    """
    with np.errstate(all="ignore"):
        a, b, c = np.broadcast_arrays(*(np.asarray(x, np.float64) for x in (a, b, c)))
        high, low = _two_product(a, b)
        top, rest = _two_sum(c, low)
        total, error = _two_sum(high, top)
        result = np.array(total + _add_to_odd(rest, error))
        zero = (a == 0) | (b == 0)
        finite = np.isfinite(a) & np.isfinite(b)
        plain = zero | ~finite | ~np.isfinite(c)
        # The product is zero, or not a number of the range, or the sum is c's infinity or NaN.
        special = np.where(finite & ~np.isfinite(c), c, a * b + c)
        result[plain] = special[plain]
        safe = _within(a, -400, 400) & _within(b, -400, 400) & ((c == 0) | _within(c, -800, 900))
        for where in zip(*np.nonzero(~plain & ~safe), strict=True) if result.ndim else [()] * int(~plain & ~safe):
            result[where] = _nearest64(
                Fraction(float(a[where])) * Fraction(float(b[where])) + Fraction(float(c[where]))
            )
        return result


def _within(x: Array, low: int, high: int) -> Array:
    return (np.abs(x) > 2.0**low) & (np.abs(x) < 2.0**high)


def _nearest64(x: Fraction) -> float:
    try:
        return x.numerator / x.denominator  # Python's quotient of integers is correctly rounded
    except OverflowError:
        return np.inf if x > 0 else -np.inf


def _two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    """The rounded sum, and its error without any error (Knuth)."""
    total = np.asarray(a + b)
    a_part = total - b
    return total, np.asarray((a - a_part) + (b - (total - a_part)))


def _two_product(a: Array, b: Array) -> tuple[Array, Array]:
    """The rounded product, and its error without any error (Dekker, Veltkamp)."""

    def halves(x: Array) -> tuple[Array, Array]:
        scaled = x * 134217729.0  # 2 ** 27 + 1
        upper = scaled - (scaled - x)
        return upper, x - upper

    (a1, a0), (b1, b0) = halves(a), halves(b)
    product = np.asarray(a * b)
    return product, np.asarray(a0 * b0 - (((product - a1 * b1) - a0 * b1) - a1 * b0))


def _add_to_odd(a: Array, b: Array) -> Array:
    """The sum of float64 values: itself where exact, else the neighbour of it that has an odd last bit."""
    total, error = _two_sum(a, b)
    bits = total.view(np.int64)
    inexact = np.isfinite(total) & np.isfinite(error) & (error != 0) & (bits & 1 == 0)
    outwards = (error > 0) == (total > 0)
    return np.asarray(np.where(inexact, bits + np.where(outwards, 1, -1), bits)).view(np.float64)
