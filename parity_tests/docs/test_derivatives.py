"""The page "Derivatives": its code runs as printed, and does what it says."""

from typing import Any

import jax
import numpy as np

from parity_tests import ROOT

from .blocks import blocks_of


def test_the_rates_are_learned() -> None:
    names: dict[str, Any] = {}
    for code in blocks_of(ROOT / "docs" / "derivatives.md"):
        exec(code, names)
    loss = jax.jit(lambda rates: names["after_five"]({"hidden": rates[0], "head": rates[1]}))
    start = np.log([1e-3, 1e-3]).astype(np.float32)
    assert float(names["value"]) < 0.75 * float(loss(start))  # 0.446 from 0.640
    slopes = jax.vmap(jax.grad(loss))(np.stack([start, start - 1]))
    for log_rates, slope in zip([start, start - 1], slopes, strict=True):
        for i in range(2):
            h = np.zeros(2, np.float32)
            h[i] = 0.02
            np.testing.assert_allclose(slope[i], (loss(log_rates + h) - loss(log_rates - h)) / 0.04, rtol=0.02)
