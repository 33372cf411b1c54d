"""Recorded losses: what a range test may look like, as float32 numbers (the loss tensors of the originals)."""

import math

import numpy as np

COUNT = 100  # iterations
_PLACE = np.linspace(0, 1, COUNT)
_NOISE = np.random.default_rng(0).standard_normal((2, COUNT))


def _convex(blow_up: float = 40.0) -> np.ndarray:
    """Flat, falling, then diverging."""
    return 2.3 - 1.8 / (1 + np.exp(-30 * (_PLACE - 0.55))) + blow_up * np.maximum(_PLACE - 0.85, 0) ** 2


def _with_tail(losses: np.ndarray, tail: float, start: int = 80) -> np.ndarray:
    return np.where(np.arange(COUNT) < start, losses, tail)


CURVES = {
    "convex": _convex(),
    "noisy": _convex() + 0.1 * _NOISE[0],
    "very noisy": _convex() * np.exp(0.5 * _NOISE[1]),
    "diverging early": np.where(_PLACE < 0.4, _convex(), 1e4),
    "NaN tail": _with_tail(_convex(0), math.nan),
    "NaN early": _with_tail(_convex(0), math.nan, 14),
    "NaN once": np.where(np.arange(COUNT) == 60, math.nan, _convex(0)),
    "NaN at first": _with_tail(_convex(0), math.nan, 0),
    "infinite tail": _with_tail(_convex(0), math.inf),
    "falling": 3 - 2 * _PLACE,
    "rising": 1 + 2 * _PLACE,
    "constant": np.full(COUNT, 0.7),
    "short": np.where(_PLACE < 0.15, 1.0, 50.0),
    "negative": -1 - _PLACE**2,
    "huge": _convex() * 1e37,
    "tiny": _convex() * 1e-37,
}
LOSSES = {name: losses.astype(np.float32).astype(float).tolist() for name, losses in CURVES.items()}
