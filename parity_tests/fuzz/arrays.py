"""The parameters and gradients of a program, from their seeds."""

from collections.abc import Iterable, Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np

Arrays = dict[str, np.ndarray]


def parameters(seed: int, leaves: Mapping[str, Mapping[str, Any]]) -> Arrays:
    """First weights: of ordinary size, some zero."""
    rng = np.random.default_rng(seed)
    return {name: _drawn(rng, leaf, -2, 1) for name, leaf in leaves.items()}


def gradients(seed: int, leaves: Mapping[str, Mapping[str, Any]], without: Iterable[str]) -> dict[str, Any]:
    """Gradients of mixed magnitude, some zero, rarely NaN or infinite; None for parameters ``without``."""
    rng = np.random.default_rng(seed)
    drawn = {name: _drawn(rng, leaf, -3, 1) for name, leaf in leaves.items()}
    if rng.random() < 0.01:
        for x in drawn.values():
            x.ravel()[:1] = rng.choice([np.nan, np.inf, -np.inf])
    return {**drawn, **dict.fromkeys(set(without) & set(drawn))}


def _drawn(rng: np.random.Generator, leaf: Mapping[str, Any], low: float, high: float) -> np.ndarray:
    x = rng.normal(size=leaf["shape"]) * 10.0 ** rng.uniform(low, high, size=leaf["shape"])
    return np.asarray(np.where(rng.random(leaf["shape"]) < 0.05, 0, x), jnp.dtype(leaf["dtype"]))
