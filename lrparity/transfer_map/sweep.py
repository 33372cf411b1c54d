"""All runs of a task as one program: ``jax.vmap`` over seeds, numbers of images and pairs of rates, which are traced.

A seed draws its own first weights, images and batch orders; all arms of a seed have them in common.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

import lrjax
from lrjax.finetune import mean_loss, network, replace_head

from ..digits import task as digits_task
from ..digits.claims import stack
from ..digits.task import SOURCE
from ..runs.records import Weights
from . import tasks
from .settings import Rates, Settings
from .tasks import Task

SOURCE_BATCH, SOURCE_RATE, SOURCE_MOMENTUM = 30, 0.1, 0.9


class Source(NamedTuple):
    """What all tasks start from, every array with the seeds in front."""

    trained: Weights  # the network pretrained on digits 0-4, with its own head
    pretrained: Weights  # the same with a new head
    scratch: Weights  # first weights, and that new head


class Jobs(NamedTuple):
    """What the runs of a task are given, by index of image."""

    batches: np.ndarray  # shape=(counts, seeds, steps, batch)
    evaluated: np.ndarray  # shape=(seeds, validation + test)


class Runs(NamedTuple):
    """All the runs of a task: what they were given, and what the networks say of the validation and the test images."""

    images: np.ndarray  # shape=(1797, 64)
    labels: np.ndarray  # shape=(1797,)
    jobs: Jobs
    pretrained: np.ndarray  # logits, shape=(counts, seeds, pairs, validation + test, classes)
    scratch: np.ndarray  # the same from first weights, with the pairs of one rate


def pretrain(settings: Settings) -> Source:
    """Train on digits 0-4 from first weights, every seed on its own images."""
    images, labels = tasks.images_of(tasks.TASKS[0], settings.seed), tasks.labels()
    rngs = [np.random.default_rng([settings.seed, s + 1, 1]) for s in range(settings.seeds)]
    first = stack([digits_task.first_weights(rng) for rng in rngs])
    head = stack([digits_task.first_weights(rng) for rng in rngs])
    batches = []
    for s, rng in enumerate(rngs):
        source = tasks.split(SOURCE, settings.seed, s).source
        orders = digits_task.batches(rng, len(source), settings.source_epochs, SOURCE_BATCH)
        batches.append(source[orders].reshape(-1, SOURCE_BATCH))
    trained = jax.tree.map(np.asarray, _pretrained(first, np.stack(batches), images, labels))
    return Source(trained, replace_head(trained, head), replace_head(first, head))


@jax.jit
@partial(jax.vmap, in_axes=(0, 0, None, None))
def _pretrained(weights: Weights, batches: Any, images: Any, labels: Any) -> Weights:
    tx = lrjax.SGD(lr=SOURCE_RATE, momentum=SOURCE_MOMENTUM)
    _, params = _trained(tx, weights, batches, images, labels)
    return dict(zip(lrjax.param_groups.paths(params), jax.tree.leaves(params), strict=True))


def jobs_of(task: Task, settings: Settings) -> Jobs:
    """Batch orders and what is evaluated, for every seed."""
    splits = [tasks.split(task.digits, settings.seed, s) for s in range(settings.seeds)]
    batches = [[_batches(settings, s, n, part.train[:n]) for s, part in enumerate(splits)] for n in settings.counts]
    return Jobs(np.array(batches), np.stack([np.concatenate([part.validation, part.test]) for part in splits]))


def _batches(settings: Settings, s: int, n: int, train: np.ndarray) -> np.ndarray:
    """Which images each step takes: a new order every epoch."""
    rng = np.random.default_rng([settings.seed, s + 1, 2, n])
    epochs = -(-settings.steps * settings.batch // n)
    return train[digits_task.batches(rng, n, epochs, settings.batch)].reshape(-1, settings.batch)[: settings.steps]


def runs_of(task: Task, settings: Settings, source: Source) -> Runs:
    """Fine-tune on a task with every pair of rates, and train on it from scratch with every one rate."""
    images, labels = tasks.images_of(task, settings.seed), tasks.labels()
    jobs = jobs_of(task, settings)

    def logits(weights: Weights, pairs: Sequence[Rates]) -> np.ndarray:
        rates = Rates(*np.array(pairs, "float32").T)
        return np.asarray(_all_runs(weights, jobs.batches, jobs.evaluated, rates, images, labels))

    pairs = settings.pairs()
    one = pairs[: len(settings.rates)]  # the first ratio is 1
    return Runs(images, labels, jobs, logits(source.pretrained, pairs), logits(source.scratch, one))


@jax.jit
def _all_runs(weights: Weights, batches: Any, evaluated: Any, rates: Rates, images: Any, labels: Any) -> jax.Array:
    """Seed after seed, the runs of one side by side: so many stay in a processor's cache."""
    over_rates = jax.vmap(_run, in_axes=(None, None, None, 0, None, None))
    over_counts = jax.vmap(over_rates, in_axes=(None, 0, None, None, None, None))

    def of_seed(job: Any) -> jax.Array:
        weights, batches, evaluated = job
        return over_counts(weights, batches, evaluated, rates, images, labels)

    logits = jax.lax.map(of_seed, (weights, jnp.swapaxes(batches, 0, 1), evaluated))
    return jnp.swapaxes(logits, 0, 1)


def _run(weights: Weights, batches: Any, evaluated: Any, rates: Rates, images: Any, labels: Any) -> jax.Array:
    """A whole fine-tuning; the logits of the images that are evaluated."""
    tx = lrjax.SGD([{"params": "backbone", "lr": rates.backbone}, {"params": "head", "lr": rates.head}])
    graph, params = _trained(tx, weights, batches, images, labels)
    return nnx.merge(graph, params)(images[evaluated])


# Single runs again, each with its own weights, batches, images and rates.
again = jax.jit(jax.vmap(_run, in_axes=(0, 0, 0, 0, None, None)))


def _trained(tx: Any, weights: Weights, batches: Any, images: Any, labels: Any) -> tuple[Any, Any]:
    """A whole run: the graph of the network and its last parameters."""
    graph, params = network(weights)

    def one(carry: Any, batch: Any) -> Any:
        params, opt_state = carry
        grads = jax.grad(mean_loss)(params, graph, images[batch], labels[batch])
        return lrjax.step(tx, grads, opt_state, params), None

    (params, _), _ = jax.lax.scan(one, (params, tx.init(params)), batches)
    return graph, params
