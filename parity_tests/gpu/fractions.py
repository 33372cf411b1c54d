"""Floating-point numbers as exact fractions, and their rounding."""

import math
from fractions import Fraction

import numpy as np

# Type -> digits of the significand, exponent of the smallest subnormal number, of the first number out of range.
FORMATS = {
    "float32": (24, -149, 128),
    "float64": (53, -1074, 1024),
    "bfloat16": (8, -133, 128),
    "float16": (11, -24, 16),
}


def nearest(x: Fraction, name: str = "float32") -> Fraction:
    """The number of a format that is nearest to ``x``, ties to even; out of range it stays out of range."""
    digits, lowest, _ = FORMATS[name]
    if not x:
        return x
    exponent = abs(x.numerator).bit_length() - x.denominator.bit_length()
    exponent -= abs(x) < Fraction(2) ** exponent
    unit = Fraction(2) ** max(exponent - digits + 1, lowest)
    return round(x / unit) * unit


def as_float(x: Fraction, name: str) -> float:
    """The number, or infinity."""
    if abs(x) < Fraction(2) ** FORMATS[name][2]:
        return float(x)
    return math.inf if x > 0 else -math.inf


def fused(a: float, b: float, c: float, name: str) -> float:
    """What IEEE 754 says of a fused multiply-add."""
    if not (math.isfinite(a) and math.isfinite(b)):
        return float(np.float64(a) * np.float64(b) + np.float64(c))
    if not math.isfinite(c):
        return c
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    if exact:
        size = as_float(nearest(abs(exact), name), name)
        return size if exact > 0 else -size
    if a and b:
        return 0.0  # the product cancels c
    signs = math.copysign(1, a) * math.copysign(1, b), math.copysign(1, c)
    return -0.0 if signs == (-1, -1) else 0.0


def root(x: Fraction) -> Fraction:
    """A square root to 80 digits, with one more that says whether it is exact."""
    shift = 2 * (160 - (x.numerator.bit_length() - x.denominator.bit_length()) // 2) if x else 0
    scaled = x * Fraction(2) ** shift
    floor = math.isqrt(math.floor(scaled))
    return Fraction(2 * floor + (floor * floor != scaled), 2) / Fraction(2) ** (shift // 2)
