"""The fused multiply-adds of the CUDA oracle against exact fractions."""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lrparity.oracle.fma import fma32, fma64
from parity_tests.arithmetic.same import assert_same

from .fractions import FORMATS, fused

SPECIAL = [0.0, 1.0, 1.5, np.inf, np.nan]
SPECIAL = SPECIAL + [-x for x in SPECIAL]


def triples(name: str, count: int) -> np.ndarray:
    """Triples for a fused multiply-add: shape=(3, any)."""
    dtype = np.dtype(name)
    digits, lowest, top = FORMATS[name]
    rng = np.random.default_rng(0)
    whole: dict[str, Any] = {"float32": np.uint32, "float64": np.uint64}

    def scaled(low: float, high: float) -> np.ndarray:
        """Random significands with exponents between two."""
        x = rng.integers(2 ** (digits - 1), 2**digits, count) * rng.choice([-1.0, 1.0], count)
        return np.ldexp(x, rng.integers(int(low), int(high) + 1, count) - digits).astype(dtype)

    with np.errstate(all="ignore"):
        any_bits = rng.integers(0, np.iinfo(whole[name]).max, (3, count), whole[name], endpoint=True).view(dtype)
        near = [scaled(-9, 9), scaled(-9, 9), scaled(-30, 30)]
        # A product halfway between two numbers, and something small, or nothing, or a number that keeps it halfway.
        half = digits // 2
        a = (rng.integers(2 ** (half - 1), 2**half, count) * 2 + 1).astype(dtype)
        b = (rng.integers(2 ** (digits - half - 1), 2 ** (digits - half), count) | 1).astype(dtype)
        small = scaled(lowest + digits, -1) * rng.choice([0, 1, 1, 1], count).astype(dtype)
        a *= rng.choice([-1, 1], count).astype(dtype)
        ties = [a, b, np.where(rng.random(count) < 0.3, np.sign(small) * dtype.type(2.0) ** digits, small)]
        # The rounded product taken away, or one of its neighbours.
        a, b = scaled(-9, 9), scaled(-9, 9)
        c = -(a * b)
        cancelled = [a, b, np.where(rng.random(count) < 0.5, c, np.nextafter(c, dtype.type(rng.choice([-1e9, 1e9]))))]
        # Results among the subnormal numbers, and around the largest.
        below = [scaled(lowest // 2 - 2, lowest // 2 + 30), scaled(lowest // 2 - 2, 0 + lowest // 2)]
        below = [*below, scaled(lowest + 1, lowest + digits + 2)]
        # One factor among the smallest numbers, and often nothing to add.
        uneven = [scaled(lowest + digits, lowest + 2 * digits), scaled(-40, 40)]
        uneven = [*uneven, scaled(lowest + digits, lowest + 2 * digits) * rng.choice([0, 1], count).astype(dtype)]
        above = [scaled(top // 2 - 2, top // 2), scaled(top // 2 - 1, top // 2 + 1), scaled(top - 3, top)]
        # Far apart.
        apart = [scaled(-9, 9), scaled(-9, 9), scaled(lowest + digits, lowest + digits + 40)]
        wide = [scaled(-40, -30), scaled(-40, -30), scaled(60, 90)]
    special = np.array(list(itertools.product([*SPECIAL, *2.0 ** np.array([lowest, top - 1])], repeat=3)), dtype).T
    return np.concatenate([any_bits, near, ties, cancelled, below, uneven, above, apart, wide, special], 1).astype(
        dtype
    )


@pytest.mark.parametrize(("name", "fma", "count"), [("float32", fma32, 13_000), ("float64", fma64, 3_000)])
def test_fma_rounds_once(name: str, fma: Callable[..., np.ndarray], count: int) -> None:
    values = triples(name, count)
    with np.errstate(all="ignore"):
        expected = np.array([fused(float(a), float(b), float(c), name) for a, b, c in values.T], np.dtype(name))
        twice = values[0] * values[1] + values[2]
        ours = fma(*values)
    assert_same(ours, expected)
    usual = np.isfinite(expected)
    assert np.mean(twice[usual] != expected[usual]) > 0.1  # the values tell a fused from another
    smallest_normal = np.finfo(name).smallest_normal
    assert np.sum((np.abs(expected) < smallest_normal) & (expected != 0)) > count / 4


def test_fma_of_float32_is_more_than_float64_can() -> None:
    """The product is halfway between two float32 numbers; float64 loses the addend that decides."""
    a, b, c = np.float32(1 + 2**-23), np.float32(1.5), np.float32(-(2.0**-80))
    assert fma32(a, b, c) == np.float32(1.5 + 2**-23)
    assert np.float32(np.float64(a) * np.float64(b) + np.float64(c)) != fma32(a, b, c)


def test_fma_keeps_shapes() -> None:
    for fma, dtype in ((fma32, np.float32), (fma64, np.float64)):
        x = np.arange(6, dtype=dtype).reshape(2, 3)
        assert fma(x, dtype(2), x[:1]).shape == (2, 3)
        assert fma(dtype(2), dtype(3), dtype(4)).shape == ()
        assert fma(dtype(2), dtype(3), dtype(4)) == 10
        tiny = np.finfo(dtype).smallest_subnormal
        assert fma(tiny, dtype(0.75), dtype(0)) == tiny
        assert fma(dtype(1e-3) * tiny, tiny, -tiny) == -tiny
