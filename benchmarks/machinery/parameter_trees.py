"""The parameters and gradients that optimizers are timed on, in NumPy: the same arrays on both sides."""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

LEAVES = {"large tree": 3000, "tree": 300, "small tree": 8}
_BLOCK = 1 << 20


def shapes(layout: str, size: int) -> dict[str, tuple[int, ...]]:
    """Path -> shape of about ``size`` parameters.

    Args:
        layout: "tensor": one vector; "matrix": one square matrix; "tree": 300 tensors, 75 layers of two square
            matrices and two vectors; "large tree": 3,000; "small tree": 8.
        size: how many numbers.
    """
    if layout == "tensor":
        return {"w": (size,)}
    if layout == "matrix":
        return {"w": (round(size**0.5), round(size**0.5))}
    layers = LEAVES[layout] // 4
    d = max(16, round((size / (2 * layers)) ** 0.5))
    kinds = {"inner": (d, d), "outer": (d, d), "bias": (d,), "scale": (d,)}
    return {f"layer_{i:03d}/{kind}": shape for i in range(layers) for kind, shape in kinds.items()}


@lru_cache(maxsize=2)
def arrays(layout: str, size: int, seed: int) -> dict[str, np.ndarray]:
    """Path -> float32 array of normal numbers. Drawn once and repeated: 50M draws would take longer than the steps.

    The last two are kept, parameters and gradients, for the next contender; they cannot be written to.
    """
    block = np.random.default_rng(seed).standard_normal(min(size, _BLOCK)).astype(np.float32)
    wanted = shapes(layout, size)
    sizes = [int(np.prod(shape)) for shape in wanted.values()]
    flat = np.resize(block, sum(sizes))
    parts = np.split(flat, np.cumsum(sizes)[:-1])
    made = {path: part.reshape(shape).copy() for (path, shape), part in zip(wanted.items(), parts, strict=True)}
    for value in made.values():
        value.setflags(write=False)
    return made


def sample(values: Mapping[str, np.ndarray]) -> np.ndarray:
    """Some numbers of every array, in the order of the paths: enough to see a wrong rule."""
    most = max(16, 4096 // len(values))
    return np.concatenate([np.ravel(values[path])[:most] for path in sorted(values)]).astype(np.float64)
