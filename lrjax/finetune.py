"""Fine-tuning with per-layer rates: a Flax network, a rate per group, an epoch in one compiled call.

``lrtorch/finetune.py`` is the same task on PyTorch, function by function. Neither knows of the other:
weights, images and batch orders come in as NumPy arrays, in the framework's own layout (here
``backbone/dense1/kernel`` with shape (in, out)).

This module alone needs flax; ``import lrjax`` does not load it.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from lrspec import check, finetune
from lrspec.finetune import Trace as Trace
from lrspec.finetune import replace_head as replace_head

from ._tree_paths import paths
from .arithmetic.float64 import on_host
from .control import get_lr, set_lr
from .optim._nested_states import states_of
from .param_groups import labels as group_labels
from .stepping import step

try:
    from flax import nnx
except ModuleNotFoundError as error:
    if error.name != "flax":
        raise
    raise ImportError("lrjax.finetune: flax is not installed; type: pip install lrjax[finetune]") from error

LAYERS = ("backbone/dense1", "backbone/dense2", "head")


class Backbone(nnx.Module):
    """Two hidden layers with ReLU, which is exact in every framework and so adds no rounding of its own."""

    def __init__(self, sizes: Sequence[int]) -> None:
        rngs = nnx.Rngs(0)  # the values are never used: ``network`` puts the caller's in their place
        self.dense1 = nnx.Linear(sizes[0], sizes[1], rngs=rngs)
        self.dense2 = nnx.Linear(sizes[1], sizes[2], rngs=rngs)

    def __call__(self, x: jax.Array) -> jax.Array:
        """Features, shape=(batch, sizes[2])."""
        return nnx.relu(self.dense2(nnx.relu(self.dense1(x))))


class Network(nnx.Module):
    """A backbone to pretrain and a linear head to replace.

    Args:
        sizes: inputs, first hidden layer, second hidden layer, classes.
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        self.backbone = Backbone(sizes[:3])
        self.head = nnx.Linear(sizes[2], sizes[3], rngs=nnx.Rngs(0))

    def __call__(self, x: jax.Array) -> jax.Array:
        """Logits, shape=(batch, classes)."""
        return self.head(self.backbone(x))


def network(weights: Mapping[str, Any]) -> tuple[Any, Any]:
    """The network that holds ``weights``.

    Args:
        weights: path -> array, such as ``head/kernel``: shape=(in, out). The sizes of the layers are read from them.

    Returns:
        What ``nnx.split`` gives: the graph definition (static, hashable) and the parameters.

    Raises:
        ValueError: a weight is missing or unknown.
    """
    expected = sorted(f"{layer}/{kind}" for layer in LAYERS for kind in ("kernel", "bias"))
    if sorted(weights) != expected:
        check.fail("network", "weights", f"must have exactly the names {', '.join(expected)}", sorted(weights))
    sizes = (weights[f"{LAYERS[0]}/kernel"].shape[0], *(weights[f"{layer}/bias"].shape[0] for layer in LAYERS))
    graph, shapes = nnx.split(nnx.eval_shape(lambda: Network(sizes)), nnx.Param)
    values = [jnp.asarray(weights[path]) for path in paths(shapes)]
    return graph, jax.tree.unflatten(jax.tree.structure(shapes), values)


def per_layer(groups: Sequence[Mapping[str, Any]], optimizer: Callable[..., Any], **options: Any) -> Any:
    """Per-layer rates by ``optax.multi_transform``: one optimizer per group, labelled by the group's patterns.

    ``optimizer(groups, **options)`` gives the same bits in one pass; this is the route for whoever
    wants plain optax around it.

    Args:
        groups: dicts with "params", "name" and the group's own options, "lr" first of all.
        optimizer: ``lrjax.SGD``, ``lrjax.AdamW``.
        options: for every group: momentum, scheduler, ...

    Returns:
        An ``optax.GradientTransformationExtraArgs``.
    """
    own_options = [{key: value for key, value in group.items() if key not in ("params", "name")} for group in groups]
    transforms = {
        group["name"]: optimizer([{"params": "**", "name": group["name"]}], **{**options, **mine})
        for group, mine in zip(groups, own_options, strict=True)
    }
    return optax.multi_transform(transforms, group_labels(groups))


class FineTuner(finetune.FineTuner):
    """The fine-tuner of ``lrspec.finetune`` on JAX: an epoch is one compiled call."""

    def __init__(
        self,
        weights: Mapping[str, np.ndarray],
        groups: Sequence[Mapping[str, Any]],
        optimizer: Callable[..., Any],
        **options: Any,
    ) -> None:
        self.graph, self.params = network(weights)
        self.tx = per_layer(groups, optimizer, **options)
        self.opt_state = self.tx.init(self.params)

    def epoch(self, images: np.ndarray, labels: np.ndarray, batches: np.ndarray) -> Trace:
        """Train once over ``batches``, see ``lrspec.finetune``."""
        (self.params, self.opt_state), (loss, rates, grads) = train_epoch(
            self.graph, self.tx, self.params, self.opt_state, images, labels, batches
        )
        return Trace(np.asarray(loss), {name: on_host(lr) for name, lr in rates.items()}, _to_numpy(grads))

    def evaluate(self, images: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
        """Mean loss and accuracy (0 to 1) over all images."""
        loss, right = evaluate(self.graph, self.params, images, labels)
        return float(loss), int(right) / len(labels)

    def weights(self) -> dict[str, np.ndarray]:
        """A copy of the parameters: path -> NumPy array."""
        return _to_numpy(self.params)

    def get_lr(self) -> dict[str, float]:
        """The rate of each group that the next update will use."""
        return get_lr(self.opt_state)

    def set_lr(self, lr: float | Mapping[str, float]) -> None:
        """Set rates by hand, between two epochs: one for all groups, or group -> rate."""
        self.opt_state = set_lr(self.opt_state, lr)


@partial(jax.jit, static_argnums=(0, 1))
def train_epoch(graph: Any, tx: Any, params: Any, opt_state: Any, images: Any, labels: Any, batches: Any) -> Any:
    """An epoch as one compiled call, a ``lax.scan`` over the batches; also under ``vmap``.

    Returns:
        (params, opt_state), (loss, rates, grads), the last three stacked over the steps.
    """
    images, labels = jnp.asarray(images), jnp.asarray(labels)

    def one(carry: Any, batch: Any) -> Any:
        params, opt_state = carry
        loss, grads = jax.value_and_grad(mean_loss)(params, graph, images[batch], labels[batch])
        rates = _rates(opt_state)
        return step(tx, grads, opt_state, params), (loss, rates, grads)

    return jax.lax.scan(one, (params, opt_state), batches)


@partial(jax.jit, static_argnums=0)
def evaluate(graph: Any, params: Any, images: Any, labels: Any) -> tuple[jax.Array, jax.Array]:
    """Mean loss over all images, and how many are classified right."""
    right = jnp.argmax(nnx.merge(graph, params)(images), axis=-1) == labels
    return mean_loss(params, graph, images, labels), jnp.sum(right)


def mean_loss(params: Any, graph: Any, images: Any, labels: Any) -> jax.Array:
    """The mean cross entropy over a batch."""
    logits = nnx.merge(graph, params)(images)
    return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()


def _rates(opt_state: Any) -> dict[str, Any]:
    """Group -> its rate in the state's own form, float32 leaves that hold a float64, so that scan can stack it."""
    return {
        name: jax.tree.map(lambda leaf, i=i: leaf[i], state.hyper["lr"])
        for state in states_of(opt_state, "train_epoch")
        for i, name in enumerate(state.layout.names)
    }


def _to_numpy(params: Any) -> dict[str, np.ndarray]:
    return {path: np.asarray(leaf) for path, leaf in zip(paths(params), jax.tree.leaves(params), strict=True)}
