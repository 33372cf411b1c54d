"""``update_bn`` of linen's and nnx's BatchNorm against torch's."""

from collections.abc import Callable
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from flax import nnx

import lrjax
import lrtorch

KERNEL = np.random.default_rng(0).normal(size=(5, 6)).astype(np.float32)
BATCHES = [np.random.default_rng(n).normal(3, 2, size=(n, 4, 5)).astype(np.float32) for n in (8, 8, 3)]
BOUND = 2e-6  # 32 float32 numbers added in another order: 16 ulp


class Linen(nn.Module):
    """Two BatchNorms, one of them inside of another module."""

    @nn.compact
    def __call__(self, x: jax.Array, train: bool) -> jax.Array:
        """Features, shape=(batch, 4, 6)."""
        x = nn.Dense(6, use_bias=False, name="fc")(x)
        x = nn.relu(nn.BatchNorm(not train, name="first", use_fast_variance=False)(x))
        return nn.BatchNorm(not train, name="second", momentum=0.9)(x)


class Nnx(nnx.Module):
    """The same in nnx, with dropout behind."""

    def __init__(self) -> None:
        rngs = nnx.Rngs(0)
        self.fc = nnx.Linear(5, 6, use_bias=False, rngs=rngs)
        self.fc.kernel[...] = jnp.asarray(KERNEL)
        self.first = nnx.BatchNorm(6, use_fast_variance=False, rngs=rngs)
        self.second = nnx.BatchNorm(6, momentum=0.9, rngs=rngs)
        self.drop = nnx.Dropout(0.5, rngs=rngs)

    def __call__(self, x: jax.Array) -> jax.Array:
        """Features, shape=(batch, 4, 6)."""
        return self.drop(self.second(nnx.relu(self.first(self.fc(x)))))


class Torch(torch.nn.Module):
    """The same in torch, whose channels come second."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = torch.nn.Linear(5, 6, bias=False)
        self.fc.weight.data.copy_(torch.from_numpy(KERNEL.T))
        self.first, self.second = torch.nn.BatchNorm1d(6), torch.nn.BatchNorm1d(6)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Features, shape=(batch, 6, 4)."""
        return self.second(torch.relu(self.first(self.fc(x).transpose(1, 2))))


def of_linen(batches: Any, **options: Any) -> dict[str, np.ndarray]:
    stats = {name: {"mean": jnp.full(6, jnp.nan), "var": jnp.full(6, jnp.nan)} for name in ("first", "second")}
    variables = {"params": {"fc": {"kernel": jnp.asarray(KERNEL)}, **norms()}, "batch_stats": stats}
    found = lrjax.update_bn(batches, in_training(True), variables, **options)
    assert found["params"] is variables["params"]
    return {f"{n}.{s}": np.asarray(x) for n, of_norm in found["batch_stats"].items() for s, x in of_norm.items()}


def norms() -> dict[str, Any]:
    return {name: {"scale": jnp.ones(6), "bias": jnp.zeros(6)} for name in ("first", "second")}


def in_training(train: bool) -> Callable[..., Any]:
    return lambda v, x: Linen().apply(v, x, train, mutable=["batch_stats"])[1]


def of_nnx(batches: Any, **options: Any) -> dict[str, np.ndarray]:
    model = Nnx()
    model.eval()
    assert lrjax.update_bn(batches, model, **options) is None
    assert (model.first.momentum, model.second.momentum, model.first.use_running_average) == (0.99, 0.9, True)
    assert int(model.drop.rngs.count[...]) == len(batches)  # type: ignore[union-attr]
    norms = {"first": model.first, "second": model.second}
    return {f"{n}.{s}": np.asarray(getattr(norm, s)[...]) for n, norm in norms.items() for s in ("mean", "var")}


@pytest.mark.parametrize("update", [of_linen, of_nnx])
def test_statistics_are_torchs(update: Any) -> None:
    """A last batch that is smaller weighs as much as the others; n / (n - 1) is of each batch."""
    model = Torch()
    model.eval()
    lrtorch.update_bn([(torch.from_numpy(x), 0) for x in BATCHES], model)
    assert not model.training
    theirs = {name.replace("running_", ""): x.numpy() for name, x in model.named_buffers() if "running" in name}
    ours = update([[x, 0] for x in BATCHES])
    assert ours.keys() == theirs.keys()
    for name, x in theirs.items():
        np.testing.assert_allclose(ours[name], x, rtol=BOUND)
    flaxs = update(BATCHES, unbiased=False)
    assert np.all(np.abs(flaxs["first.var"] / theirs["first.var"] - 1) > 0.03)
    np.testing.assert_allclose(flaxs["first.mean"], theirs["first.mean"], rtol=BOUND)


def test_an_averaged_model_can_be_given() -> None:
    averaged = lrtorch.AveragedModel(Torch())
    lrtorch.update_bn([torch.from_numpy(x) for x in BATCHES], averaged)
    np.testing.assert_allclose(averaged.module.first.running_mean, of_linen(BATCHES)["first.mean"], rtol=BOUND)  # type: ignore[union-attr]


def test_without_a_batch_norm_nothing_happens() -> None:
    model = nnx.Linear(5, 6, rngs=nnx.Rngs(0))
    assert lrjax.update_bn(BATCHES, model) is None


VARIABLES = {"params": {}, "batch_stats": {}}
REFUSED: dict[str, tuple[Any, type[Exception], str]] = {
    "no loader": (lambda: lrjax.update_bn(3, Nnx()), TypeError, "loader must be batches to iterate over, got 3"),  # type: ignore[arg-type]
    "no batch": (lambda: lrjax.update_bn([], Nnx()), ValueError, "loader must have at least one batch, got []"),
    "a linen module": (
        lambda: lrjax.update_bn(BATCHES, Linen(), VARIABLES),
        TypeError,
        "model must be an nnx.Module, or a function (variables, batch) -> changed collections, got Linen(",
    ),
    "no statistics": (
        lambda: lrjax.update_bn(BATCHES, in_training(True), {"params": 1}),
        ValueError,
        "variables must be linen's, with batch_stats, got {'params': 1}",
    ),
    "in evaluation": (
        lambda: lrjax.update_bn(BATCHES, in_training(False), Linen().init(jax.random.key(0), BATCHES[0], True)),
        ValueError,
        "model must compute batch statistics (train=True or use_running_average=False), got",
    ),
    "the output, too": (
        lambda: lrjax.update_bn(BATCHES, lambda v, x: (x, v), VARIABLES),
        ValueError,
        "model must return the changed collections: model.apply(..., mutable=['batch_stats'])[1], got",
    ),
    "one value": (
        lambda: of_nnx([BATCHES[0][:1, :1]]),
        ValueError,
        "loader must have batches with more than one value for each feature, got a float32 array of shape (1, 1, 6)",
    ),
    "no switch": (
        lambda: lrjax.update_bn(BATCHES, Nnx(), unbiased=1),  # type: ignore[arg-type]
        TypeError,
        "unbiased must be True or False, got 1",
    ),
    "torch: no loader": (lambda: lrtorch.update_bn(3, Torch()), TypeError, "loader must be batches to iterate over"),  # type: ignore[arg-type]
    "torch: no batch": (lambda: lrtorch.update_bn([], Torch()), ValueError, "loader must have at least one batch"),
    "torch: no model": (lambda: lrtorch.update_bn([], 3), TypeError, "model must be a torch.nn.Module, got 3"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("label", REFUSED)
def test_refused_in_one_line(label: str) -> None:
    call, kind, text = REFUSED[label]
    with pytest.raises(kind) as caught:
        call()
    assert str(caught.value).startswith(f"update_bn: {text}")
    assert len(str(caught.value).splitlines()) == 1
