"""The target tasks and the images of each seed, all in NumPy.

Every task has five classes and the same network. An image is known by its index among the 1,797 of scikit-learn, so
that what is kept apart can be checked. A task changes all images in one way, once and for all seeds.
"""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
from scipy.ndimage import rotate
from sklearn.datasets import load_digits

from ..digits.task import CLASSES, SOURCE, TARGET

SIDE = 8  # pixels
TEST, SOURCE_IMAGES, TRAIN, VALIDATION = 36, 60, 60, 18  # of each digit; of the rarest there are 174, their sum
Rng = np.random.Generator


class Task(NamedTuple):
    """What to fine-tune on."""

    name: str
    text: str  # of the table
    change: Callable[[np.ndarray, Rng], np.ndarray]  # images, shape=(images, 8, 8), 0 to 1 -> the same shape
    digits: tuple[int, ...] = SOURCE


def _noisy(images: np.ndarray, rng: Rng) -> np.ndarray:
    return images + rng.normal(0, 0.4, images.shape)


def _shifted(images: np.ndarray, rng: Rng) -> np.ndarray:
    del rng
    return np.pad(images, ((0, 0), (0, 0), (1, 0)))[:, :, :SIDE]


def _tilted(images: np.ndarray, rng: Rng) -> np.ndarray:
    del rng
    return np.clip(rotate(images, 30, axes=(2, 1), reshape=False, order=1), 0, 1)


def _scrambled(images: np.ndarray, rng: Rng) -> np.ndarray:
    pixels = images.reshape(-1, SIDE * SIDE)
    return pixels[:, rng.permutation(SIDE * SIDE)].reshape(images.shape)


TASKS = (
    Task("same", "the digits of pretraining, other images", lambda images, _: images),
    Task("noisy", "the same, with Gaussian noise of 0.4 on pixels of 0 to 1", _noisy),
    Task("shifted", "the same, 1 pixel to the right", _shifted),
    Task("tilted", "the same, by 30 degrees", _tilted),
    Task("rotated", "the same, by 90 degrees", lambda images, _: np.rot90(images, axes=(1, 2))),
    Task("inverted", "the same, black and white exchanged", lambda images, _: 1 - images),
    Task("scrambled", "the same, all pixels in another order, one for all images", _scrambled),
    Task("other digits", "5 to 9, as they are", lambda images, _: images, TARGET),
)


class Split(NamedTuple):
    """The images of one seed, by index; no image is in two of them."""

    source: np.ndarray  # to pretrain on, shape=(300,)
    train: np.ndarray  # to fine-tune on, shape=(300,): the first n hold each digit n / 5 times
    validation: np.ndarray  # chooses the rates, shape=(90,)
    test: np.ndarray  # gives the accuracies, shape=(180,), the same for all seeds


@cache
def _digits() -> tuple[np.ndarray, np.ndarray]:
    """All images, shape=(1797, 8, 8), 0 to 1, and the digit of each."""
    images, target = load_digits(return_X_y=True)
    return images.reshape(-1, SIDE, SIDE) / 16, target


def labels() -> np.ndarray:
    """Which of its task's five digits each image is, shape=(1797,)."""
    return _digits()[1] % CLASSES


def images_of(task: Task, seed: int) -> np.ndarray:
    """All 1,797 images as the task shows them, shape=(1797, 64)."""
    images, _ = _digits()
    changed = task.change(images, np.random.default_rng([seed, 0, 1]))
    return np.ascontiguousarray(changed.reshape(len(images), -1), "float32")


def split(digits: tuple[int, ...], seed: int, s: int) -> Split:
    """The images of the ``s``-th seed: the test images depend on ``seed`` alone."""
    _, target = _digits()
    shuffled = np.random.default_rng([seed, 0, 0]).permutation(len(target))
    of_digit = [shuffled[target[shuffled] == digit] for digit in range(10)]
    rng = np.random.default_rng([seed, s + 1, 0])
    rest = [rng.permutation(images[TEST:]) for images in of_digit]

    def part(chosen: tuple[int, ...], start: int, count: int) -> np.ndarray:
        return np.stack([rest[digit][start : start + count] for digit in chosen], axis=1).ravel()

    after = SOURCE_IMAGES + TRAIN
    test = np.stack([of_digit[digit][:TEST] for digit in digits], axis=1).ravel()
    source = part(SOURCE, 0, SOURCE_IMAGES)
    return Split(source, part(digits, SOURCE_IMAGES, TRAIN), part(digits, after, VALIDATION), test)
