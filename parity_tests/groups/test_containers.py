"""Per-layer rates over every container that holds parameters: the digits task, and torch's end of it."""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx
from flax.core import freeze
from flax.training.train_state import TrainState

import lrjax
import lrjax.finetune
import lrtorch
import lrtorch.finetune
from lrparity.digits import layout, task
from lrparity.runs.bounds import FLOAT64_BOUND
from lrparity.runs.records import Weights
from lrparity.runs.verdict import relative_difference
from parity_tests.by_hand import by_hand
from parity_tests.trees import flat, nested

EPOCHS, STEPS, BATCH = 2, 16, 16
GROUPS: Any = [{"params": "backbone", "lr": 0.02}, {"params": "head"}]
LAYERS = ("backbone/dense1", "backbone/dense2", "head")


def job() -> tuple[Weights, task.Digits, np.ndarray]:
    rng = np.random.default_rng(0)
    data = task.load(task.TARGET, STEPS * BATCH, rng, "float64")
    return task.first_weights(rng, "float64"), data, task.batches(rng, STEPS * BATCH, EPOCHS, BATCH)


def optimizer(package: Any, *model: Any) -> Any:
    scheduler = package.StepLR(step_size=1, gamma=0.5, every=STEPS)
    return package.SGD(*model, GROUPS, lr=0.1, momentum=0.9, scheduler=by_hand(scheduler))


class Container(NamedTuple):
    """Parameters in one library's form: how they are made, used and read back in Flax's names and layout."""

    params: Any
    apply: Callable[[Any, Any], Any]  # (params, images) -> logits
    read: Callable[[Any], Weights]


class LinenBackbone(nn.Module):
    """Two hidden layers."""

    @nn.compact
    def __call__(self, x: Any) -> Any:
        """Features."""
        for name in ("dense1", "dense2"):
            x = nn.relu(nn.Dense(task.HIDDEN, name=name, dtype=x.dtype)(x))
        return x


class Linen(nn.Module):
    """The network in linen."""

    @nn.compact
    def __call__(self, x: Any) -> Any:
        """Logits."""
        return nn.Dense(task.CLASSES, name="head", dtype=x.dtype)(LinenBackbone(name="backbone")(x))


def plain(weights: Weights) -> Container:
    return Container(nested(weights), lambda p, x: Linen().apply({"params": p}, x), flat)


def frozen_dict(weights: Weights) -> Container:
    return Container(freeze(nested(weights)), lambda p, x: Linen().apply({"params": p}, x), flat)


def nnx_state(weights: Weights) -> Container:
    graph, params = lrjax.finetune.network(weights)
    return Container(params, lambda p, x: nnx.merge(graph, p)(x), flat)


def equinox(weights: Weights) -> Container:
    eqx = pytest.importorskip("equinox")

    class Equinox(eqx.Module):
        """The network, with a callable among its leaves."""

        backbone: dict[str, Any]
        head: Any
        activation: Callable[..., Any]

        def __call__(self, x: Any) -> Any:
            """Logits of one image."""
            for layer in self.backbone.values():
                x = self.activation(layer(x))
            return self.head(x)

    def linear(layer: str) -> Any:
        kernel, bias = (jnp.asarray(weights[f"{layer}/{kind}"]) for kind in ("kernel", "bias"))
        made = eqx.nn.Linear(kernel.shape[0], kernel.shape[1], key=jax.random.key(0))
        return eqx.tree_at(lambda m: (m.weight, m.bias), made, (kernel.T, bias))

    model = Equinox({n: linear(f"backbone/{n}") for n in ("dense1", "dense2")}, linear("head"), jax.nn.relu)
    params, static = eqx.partition(model, eqx.is_inexact_array)
    assert None in jax.tree.leaves(params, is_leaf=lambda x: x is None)
    return Container(
        params,
        lambda p, x: jax.vmap(eqx.combine(p, static))(x),
        lambda p: layout.to_jax({path.replace("/", "."): value for path, value in flat(p).items()}),
    )


def haiku(weights: Weights) -> Container:
    hk = pytest.importorskip("haiku")

    class Backbone(hk.Module):
        def __call__(self, x: Any) -> Any:
            for name in ("dense1", "dense2"):
                x = jax.nn.relu(hk.Linear(task.HIDDEN, name=name)(x))
            return x

    logits = hk.without_apply_rng(hk.transform(lambda x: hk.Linear(task.CLASSES, name="head")(Backbone()(x))))
    params = {layer: {"w": weights[f"{layer}/kernel"], "b": weights[f"{layer}/bias"]} for layer in LAYERS}
    assert jax.tree.structure(logits.init(jax.random.key(0), jnp.ones((1, task.PIXELS)))) == jax.tree.structure(params)
    ends = {"kernel": "w", "bias": "b"}
    return Container(
        jax.tree.map(jnp.asarray, params),
        logits.apply,
        lambda p: {f"{layer}/{ours}": np.asarray(p[layer][its]) for layer in LAYERS for ours, its in ends.items()},
    )


CONTAINERS = [plain, frozen_dict, nnx_state, equinox, haiku]


@cache
def by_torch() -> Weights:
    weights, data, batches = job()
    tuner = lrtorch.finetune.FineTuner(
        layout.to_torch(weights), GROUPS, lambda model, groups: optimizer(lrtorch, model)
    )
    for epoch in batches:
        tuner.epoch(data.train_images, data.train_labels, epoch)
    return layout.to_jax(tuner.weights())


def loss(logits: Any, labels: Any) -> Any:
    return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()


@pytest.mark.parametrize("make", CONTAINERS, ids=lambda make: make.__name__)
def test_the_digits_task_ends_where_torch_does(make: Callable[[Weights], Container]) -> None:
    weights, data, batches = job()
    with jax.enable_x64(True):
        params, apply, read = make(weights)
        tx = optimizer(lrjax)
        images, labels = jnp.asarray(data.train_images), jnp.asarray(data.train_labels)

        def one(carry: Any, batch: Any) -> Any:
            grads = jax.grad(lambda p: loss(apply(p, images[batch]), labels[batch]))(carry[0])
            return lrjax.step(tx, grads, carry[1], carry[0]), None

        run = jax.jit(lambda p, s: jax.lax.scan(one, (p, s), jnp.asarray(batches).reshape(-1, BATCH))[0])
        end, state = run(params, tx.init(params))
        assert jax.tree.structure(end) == jax.tree.structure(params)
        assert relative_difference(read(end), by_torch()) < FLOAT64_BOUND
    assert lrjax.get_lr(state) == {"backbone": 0.005, "head": 0.025}


def test_nnx_optimizer() -> None:
    weights, data, batches = job()
    with jax.enable_x64(True):
        model = nnx.merge(*lrjax.finetune.network(weights))
        trainer = nnx.Optimizer(model, optimizer(lrjax), wrt=nnx.Param)

        @nnx.jit
        def step(model: Any, trainer: Any, images: Any, labels: Any) -> None:
            trainer.update(model, nnx.grad(lambda m: loss(m(images), labels))(model))

        for batch in batches.reshape(-1, BATCH):
            step(model, trainer, data.train_images[batch], data.train_labels[batch])
        assert relative_difference(flat(nnx.state(model, nnx.Param)), by_torch()) < FLOAT64_BOUND
        assert lrjax.get_lr(trainer.opt_state) == {"backbone": 0.005, "head": 0.025}
        trainer.opt_state = lrjax.set_lr(trainer.opt_state, {"head": 0.3})
        trainer.opt_state = lrjax.set_hyper(trainer.opt_state, "momentum", 0.5)
        trainer.opt_state = lrjax.step_scheduler(trainer.tx, trainer.opt_state, index=0)
        step(model, trainer, data.train_images[:BATCH], data.train_labels[:BATCH])
        assert lrjax.get_lr(trainer.opt_state) == {"backbone": 0.0025, "head": 0.15}
        assert lrjax.describe(trainer.opt_state, nnx.state(model, nnx.Param))[1]["momentum"] == 0.5


def test_train_state() -> None:
    weights, data, _ = job()
    params, apply, _ = plain({path: w.astype(np.float32) for path, w in weights.items()})
    state = TrainState.create(apply_fn=apply, params=params, tx=optimizer(lrjax))
    state = lrjax.set_lr(state, {"head": 0.3})
    images = data.train_images.astype(np.float32)
    grads = jax.grad(lambda p: loss(apply(p, images), data.train_labels))(state.params)
    state = jax.jit(lambda s, g: s.apply_gradients(grads=g))(state, grads)
    assert lrjax.get_lr(state) == {"backbone": 0.02, "head": 0.3}
    assert int(state.step) == 1
