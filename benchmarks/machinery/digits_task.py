"""The digits task in NumPy, the same for all contenders: first weights, images, batches and the groups' rates."""

from typing import Any

import numpy as np

from lrspec.types import ParamGroup

STEPS = 32  # per epoch
GROUPS: list[ParamGroup] = [
    {"params": "backbone/**", "name": "backbone", "lr": 1e-4},
    {"params": "head/**", "name": "head", "lr": 1e-3},
]
SHAPES = {"backbone/dense1": (64, 32), "backbone/dense2": (32, 32), "head": (32, 10)}
SCHEDULE: dict[str, Any] = {"step_size": 2, "gamma": 0.5, "every": STEPS}  # of StepLR: half the rate every two epochs


def task(batch: int) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray, np.ndarray]:
    """First weights in Flax's layout, images, labels, and which images each step takes: shape=(STEPS, batch)."""
    from sklearn.datasets import load_digits

    rng = np.random.default_rng(0)
    images, labels = load_digits(return_X_y=True)
    weights = {}
    for layer, (inputs, outputs) in SHAPES.items():
        for kind, shape in (("kernel", (inputs, outputs)), ("bias", (outputs,))):
            weights[f"{layer}/{kind}"] = rng.uniform(-1, 1, shape).astype(np.float32) / np.float32(inputs**0.5)
    batches = rng.integers(0, len(images), (STEPS, batch))
    return weights, (images / 16).astype(np.float32), labels.astype(np.int64), batches


def groups(lr: float | None = None) -> list[ParamGroup]:
    """The two groups; ``lr`` for both in place of their own."""
    return GROUPS if lr is None else [ParamGroup(params=g["params"], name=g.get("name", ""), lr=lr) for g in GROUPS]
