"""The digits task for the range test, in both frameworks and in float64."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import torch

import lrjax
import lrtorch
from benchmarks.machinery.digits_task import task
from lrjax import finetune as in_jax
from lrparity.digits.layout import to_torch
from lrspec.types import ParamGroup
from lrtorch import finetune as in_torch

GROUPS: list[ParamGroup] = [
    {"params": "backbone/**", "name": "backbone", "lr": 1e-4},
    {"params": "head/**", "name": "head", "lr": 1e-3},
]
BATCH = 32


class Side(NamedTuple):
    """A package with what its ``lr_find`` takes before the options, and its loss alone."""

    package: Any
    arguments: tuple[Any, ...]


def weights_of(seed: int) -> Any:
    """The task's weights in float64, another seed's scaled at random."""
    factors = np.random.default_rng(seed)
    weights, *_ = task(BATCH)
    return {k: w * (1 + 0.1 * seed * factors.standard_normal(w.shape)) for k, w in weights.items()}


def batches_of() -> tuple[np.ndarray, np.ndarray]:
    """Images and labels, stacked: a batch at each index."""
    _, images, labels, order = task(BATCH)
    return images.astype(np.float64)[order], labels[order]


@contextmanager
def both(optimizer: str, seeds: tuple[int, ...] = (0,), **options: Any) -> Iterator[tuple[Side, Side]]:
    """Both packages, ready; with several seeds as ``runs`` takes them."""
    with jax.enable_x64(True):
        yield _jax(optimizer, seeds, options), _torch(optimizer, seeds, options)


def _built(package: Any, options: dict[str, Any]) -> dict[str, Any]:
    """A scheduler is given by its name and its arguments."""
    if "scheduler" not in options:
        return options
    name, arguments = options["scheduler"]
    return {**options, "scheduler": getattr(package, name)(**arguments)}


def _jax(optimizer: str, seeds: tuple[int, ...], options: dict[str, Any]) -> Side:
    graph, _ = in_jax.network(weights_of(0))
    runs = [in_jax.network(weights_of(seed))[1] for seed in seeds]
    params = jax.tree.map(lambda *xs: jnp.stack(xs), *runs) if len(runs) > 1 else runs[0]
    tx = getattr(lrjax, optimizer)(GROUPS, **_built(lrjax, options))
    return Side(lrjax, (tx, params, lambda params, batch: in_jax.mean_loss(params, graph, *batch), batches_of()))


def _torch(optimizer: str, seeds: tuple[int, ...], options: dict[str, Any]) -> Side:
    models = [in_torch.network(to_torch(weights_of(seed))) for seed in seeds]
    made = [getattr(lrtorch, optimizer)(model, GROUPS, **_built(lrtorch, options)) for model in models]
    first = (models, made) if len(models) > 1 else (models[0], made[0])
    batches = tuple(map(torch.as_tensor, batches_of()))
    return Side(lrtorch, (*first, lambda model, batch: in_torch.mean_loss(model, *batch), batches))
