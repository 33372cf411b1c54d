"""Two claims of learning-rate tutorials, tested over many seeds: on the JAX side, a ``vmap`` over all runs.

A seed draws its own first weights, its own images and its own batch order. What is compared is paired
by seed. Whether a claim holds is computed: the mean difference must exceed twice its standard error.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

import lrjax
from lrjax.finetune import evaluate, mean_loss, network, replace_head, train_epoch

from . import task

SWING_RATE = 0.3  # large: of 0.1, 0.3, 0.5 and 1 the largest that, held constant, still trains every one of 20 seeds
SWING_IMAGES, SWING_BATCH, SWING_EPOCHS, SWING_GAMMA = 512, 16, 20, 0.3

RATES = (0.03, 0.1, 0.3, 0.6, 1.0, 3.0)  # tried for every arm; the best is inside for all of them
RATIO = 0.1  # the backbone's rate over the head's
TARGET_IMAGES, TARGET_BATCH, TARGET_STEPS = (10, 50, 200), 10, 200
SOURCE_IMAGES, SOURCE_BATCH, SOURCE_EPOCHS, SOURCE_RATE = 640, 32, 10, 0.1


class Swing(NamedTuple):
    """Claim 1: a constant rate against the same rate with decay."""

    loss: dict[str, np.ndarray]  # arm -> shape=(seeds, steps): of all training images, after each step
    swing: dict[str, np.ndarray]  # arm -> shape=(seeds,): over the last quarter
    accuracy: dict[str, np.ndarray]  # arm -> shape=(seeds,): on the test images, at the end


class PerLayer(NamedTuple):
    """Claim 2 for one number of target images: per-layer rates, one rate, and from scratch."""

    images: int
    chosen: dict[str, float]  # arm -> its best rate (per-layer: the head's)
    validation: dict[str, np.ndarray]  # arm -> shape=(rates,): mean accuracy over the seeds
    accuracy: dict[str, np.ndarray]  # arm -> shape=(seeds,): test accuracy with the best rate
    pretrained: np.ndarray  # shape=(seeds,): test accuracy on the source digits


def swing_claim(seeds: int, seed: int = 0, epochs: int = SWING_EPOCHS) -> Swing:
    """Train on digits 5-9 from first weights with SGD, at a constant large rate and with decay.

    The swing is the standard deviation of the changes of the training loss (of all training images)
    from one step to the next, over the last quarter of the steps.
    """
    every = SWING_IMAGES // SWING_BATCH
    arms = {
        "constant": lrjax.ConstantLR(factor=1.0, every=every),
        "decay": lrjax.StepLR(step_size=max(1, epochs // 4), gamma=SWING_GAMMA, every=every),
    }
    jobs = stack([_swing_job(np.random.default_rng([seed, s]), epochs) for s in range(seeds)])
    loss, accuracy = {}, {}
    for arm, scheduler in arms.items():
        tx = lrjax.SGD(lr=SWING_RATE, scheduler=scheduler)
        loss[arm], accuracy[arm] = jax.tree.map(np.asarray, jax.jit(jax.vmap(partial(_watched_run, tx)))(*jobs))
    return Swing(loss, {arm: swing_of(curves) for arm, curves in loss.items()}, accuracy)


def _swing_job(rng: np.random.Generator, epochs: int) -> tuple[Any, Any, Any]:
    data = task.load(task.TARGET, SWING_IMAGES, rng)
    batches = task.batches(rng, SWING_IMAGES, epochs, SWING_BATCH)
    return data, task.first_weights(rng), batches.reshape(-1, SWING_BATCH)


def _watched_run(tx: Any, data: task.Digits, weights: Any, batches: Any) -> tuple[jax.Array, jax.Array]:
    """A whole training: the loss of all training images after each step, and the final test accuracy."""
    graph, params = network(weights)

    def one(carry: Any, batch: Any) -> Any:
        params, opt_state = carry
        grads = jax.grad(mean_loss)(params, graph, data.train_images[batch], data.train_labels[batch])
        params, opt_state = lrjax.step(tx, grads, opt_state, params)
        return (params, opt_state), mean_loss(params, graph, data.train_images, data.train_labels)

    (params, _), loss = jax.lax.scan(one, (params, tx.init(params)), batches)
    return loss, _accuracy(graph, params, data.test_images, data.test_labels)


def swing_of(loss: np.ndarray) -> np.ndarray:
    """The standard deviation of successive differences over the last quarter of the steps (axis 1)."""
    return np.std(np.diff(last_quarter(loss), axis=1), axis=1)


def last_quarter(loss: np.ndarray) -> np.ndarray:
    """The last quarter of the steps (axis 1)."""
    return loss[:, -(loss.shape[1] // 4) :]


def per_layer_claim(
    seeds: int,
    seed: int = 0,
    images: Sequence[int] = TARGET_IMAGES,
    steps: int = TARGET_STEPS,
    source_epochs: int = SOURCE_EPOCHS,
) -> list[PerLayer]:
    """Fine-tune on a few images of digits 5-9 in three ways, each with the best of the same rates.

    The images that are not trained on are halved: one half chooses the rate of each arm (highest mean
    over the seeds), the other half gives the accuracy that is reported.

    Returns:
        One result for each number of ``images``.
    """
    sources = stack([_source_job(np.random.default_rng([seed, s]), source_epochs) for s in range(seeds)])
    pretrained, accuracy = jax.jit(jax.vmap(_pretrain))(sources)
    single = [(rate, rate) for rate in RATES]
    arms = {
        "per-layer": (pretrained, [(RATIO * rate, rate) for rate in RATES]),
        "one rate": (pretrained, single),
        "from scratch": (sources["weights"], single),
    }
    results = []
    for n in images:
        targets = stack([_target_job(np.random.default_rng([seed, s, n]), n, steps) for s in range(seeds)])
        scores = {arm: np.asarray(_all_rates(_states(rates), first, targets)) for arm, (first, rates) in arms.items()}
        results.append(_best(n, scores, np.asarray(accuracy)))
    return results


def _source_job(rng: np.random.Generator, epochs: int) -> dict[str, Any]:
    return {
        "data": task.load(task.SOURCE, SOURCE_IMAGES, rng),
        "weights": task.first_weights(rng),
        "head": task.first_weights(rng),
        "batches": task.batches(rng, SOURCE_IMAGES, epochs, SOURCE_BATCH).reshape(-1, SOURCE_BATCH),
    }


def _target_job(rng: np.random.Generator, images: int, steps: int) -> dict[str, Any]:
    epochs = -(-steps * TARGET_BATCH // images)
    batches = task.batches(rng, images, epochs, TARGET_BATCH).reshape(-1, TARGET_BATCH)
    return {"data": task.load(task.TARGET, images, rng), "batches": batches[:steps]}


def _pretrain(job: dict[str, Any]) -> tuple[dict[str, Any], jax.Array]:
    """Weights with a pretrained backbone and a new head, and the accuracy on the source digits."""
    (graph, params), data = network(job["weights"]), job["data"]
    tx = lrjax.SGD(lr=SOURCE_RATE, momentum=0.9)
    (params, _), _ = train_epoch(
        graph, tx, params, tx.init(params), data.train_images, data.train_labels, job["batches"]
    )
    weights = dict(zip(lrjax.param_groups.paths(params), jax.tree.leaves(params), strict=True))
    accuracy = _accuracy(graph, params, data.test_images, data.test_labels)
    return replace_head(weights, job["head"]), accuracy


def _sgd(backbone: float, head: float) -> Any:
    return lrjax.SGD([{"params": "backbone", "lr": backbone}, {"params": "head", "lr": head}])


_TX = _sgd(0.0, 0.0)  # the rates are in the state


def _states(rates: Sequence[tuple[float, float]]) -> Any:
    """Optimizer states with each pair of rates, stacked: rates are data, one program serves them all."""
    _, params = network(task.first_weights(np.random.default_rng(0)))
    return stack([_sgd(*pair).init(params) for pair in rates])


@jax.jit
@partial(jax.vmap, in_axes=(None, 0, 0))  # over seeds
@partial(jax.vmap, in_axes=(0, None, None))  # over rates
def _all_rates(opt_state: Any, weights: dict[str, Any], job: dict[str, Any]) -> jax.Array:
    """Fine-tune; accuracy on the validation half and on the test half, shape=(seeds, rates, 2)."""
    (graph, params), data = network(weights), job["data"]
    (params, _), _ = train_epoch(graph, _TX, params, opt_state, data.train_images, data.train_labels, job["batches"])
    half = data.test_labels.shape[0] // 2
    halves = [(data.test_images[part], data.test_labels[part]) for part in (slice(half), slice(half, None))]
    return jnp.stack([_accuracy(graph, params, *part) for part in halves])


def _best(images: int, scores: dict[str, np.ndarray], source_accuracy: np.ndarray) -> PerLayer:
    """Each arm with the rate that is best on the validation half."""
    validation = {arm: score[..., 0].mean(axis=0) for arm, score in scores.items()}
    best = {arm: int(np.argmax(mean)) for arm, mean in validation.items()}
    accuracy = {arm: score[:, best[arm], 1] for arm, score in scores.items()}
    return PerLayer(images, {arm: RATES[i] for arm, i in best.items()}, validation, accuracy, source_accuracy)


def _accuracy(graph: Any, params: Any, images: Any, labels: Any) -> jax.Array:
    return evaluate(graph, params, images, labels)[1] / labels.shape[0]


def stack(trees: Sequence[Any]) -> Any:
    """Trees of arrays as one, the arrays side by side."""
    return jax.tree.map(lambda *leaves: np.stack(leaves), *trees)


def judge(difference: np.ndarray) -> str:
    """Whether a paired difference, positive where the claim is right, supports the claim.

    >>> judge(np.array([1.0, 1.1, 0.9])), judge(np.array([-1.0, -1.1, -0.9])), judge(np.array([1.0, -1.0, 0.1]))
    ('holds', 'does not hold here, the opposite does', 'does not hold here, there is no clear difference')
    """
    mean, error = difference.mean(), difference.std(ddof=1) / np.sqrt(len(difference))
    if mean > 2 * error:
        return "holds"
    opposite = mean < -2 * error
    return "does not hold here, " + ("the opposite does" if opposite else "there is no clear difference")
