"""The data of the task: scikit-learn's handwritten digits, first weights and batch orders, all in NumPy.

Both frameworks get these very arrays, so that whatever differs later comes from the frameworks.
"""

from typing import NamedTuple

import numpy as np
from sklearn.datasets import load_digits

from ..runs.records import Weights

PIXELS, HIDDEN, CLASSES = 64, 32, 5
SOURCE, TARGET = (0, 1, 2, 3, 4), (5, 6, 7, 8, 9)  # the digits to pretrain on, the digits to fine-tune on


class Digits(NamedTuple):
    """Images of five digits, split for training and testing."""

    train_images: np.ndarray  # shape=(train, 64), 0 to 1
    train_labels: np.ndarray  # shape=(train,), int64, 0 to 4: which of the five digits
    test_images: np.ndarray
    test_labels: np.ndarray


def load(digits: tuple[int, ...], train: int, rng: np.random.Generator, dtype: str = "float32") -> Digits:
    """The images of some digits, shuffled; the first ``train`` of them to train on, the rest to test on."""
    images, labels = load_digits(return_X_y=True)
    chosen = rng.permutation(np.flatnonzero(np.isin(labels, digits)))
    images = (images[chosen] / 16).astype(dtype)
    labels = np.searchsorted(digits, labels[chosen]).astype(np.int64)
    return Digits(images[:train], labels[:train], images[train:], labels[train:])


def first_weights(rng: np.random.Generator, dtype: str = "float32") -> Weights:
    """Weights of the 64-32-32-5 network, in Flax's layout.

    Uniform within 1/sqrt(inputs), as ``torch.nn.Linear`` begins; drawn in float64, so that the two
    dtypes begin at the same point but for rounding.
    """
    sizes = {"backbone/dense1": (PIXELS, HIDDEN), "backbone/dense2": (HIDDEN, HIDDEN), "head": (HIDDEN, CLASSES)}
    weights = {}
    for layer, (inputs, outputs) in sizes.items():
        weights[f"{layer}/kernel"] = _uniform(rng, (inputs, outputs), inputs, dtype)
        weights[f"{layer}/bias"] = _uniform(rng, (outputs,), inputs, dtype)
    return weights


def _uniform(rng: np.random.Generator, shape: tuple[int, ...], inputs: int, dtype: str) -> np.ndarray:
    bound = 1 / np.sqrt(inputs)
    return rng.uniform(-bound, bound, shape).astype(dtype)


def batches(rng: np.random.Generator, images: int, epochs: int, size: int) -> np.ndarray:
    """Which images each step takes: a new order every epoch, an incomplete last batch left out.

    Returns:
        Integers, shape=(epochs, images // size, size).
    """
    orders = [rng.permutation(images)[: images - images % size].reshape(-1, size) for _ in range(epochs)]
    return np.stack(orders)
