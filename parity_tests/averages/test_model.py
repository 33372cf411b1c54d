"""Buffers, integers, functions of one's own, derivatives and state dicts."""

import pickle
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from torch.optim import swa_utils

import lrjax
import lrtorch

from .cases import CASES, Case, draw, fill, module

INTEGERS = {
    "int32": [[1, 0, -5, 100], [7, 1, 0, -100], [8, 0, 3, 7]],
    "int8": [[1, 0, -5, 100], [7, 1, 0, -20], [8, 0, 3, 7]],
    "uint8": [[1, 0, 5, 100], [7, 1, 0, 200], [8, 0, 3, 7]],
    "bool": [[True, False, True, False], [False, False, True, True], [False, True, True, False]],
}
EQUAL = [Case("torch's choice"), Case("swa", "avg_fn", "get_swa_avg_fn")]
EMA = [Case("ema", "avg_fn", "get_ema_avg_fn", 0.3), Case("ema, lists", "multi_avg_fn", "get_ema_multi_avg_fn", 0.3)]


@pytest.mark.parametrize(
    ("case", "dtype"),
    [(case, dtype) for case in (*EQUAL, *EMA) for dtype in INTEGERS if dtype != "bool" or case in EMA],
    ids=lambda x: x.id if isinstance(x, Case) else x,
)
def test_integers_are_averaged_as_torch_does(case: Case, dtype: str) -> None:
    """As buffers, which is where models have them; floats beside them keep to their own kernels."""
    arrays = [np.array(row).astype(dtype) for row in INTEGERS[dtype]]
    averaged = lrjax.AveragedModel(**case.of(lrjax), use_buffers=True)
    weights, model = {"w": jnp.ones(3)}, module({"w": np.ones(3, np.float32)}, {"n": arrays[0]})
    state, theirs = (
        averaged.init(weights, {"n": arrays[0]}),
        lrtorch.AveragedModel(model, **case.of(lrtorch), use_buffers=True),
    )
    for row in arrays:
        fill(model, {"n": row})
        theirs.update_parameters(model)
        state = averaged.update(state, weights, {"n": row})
        assert state.buffers["n"].dtype == dtype
        assert state.buffers["n"].tolist() == theirs.module.n.tolist()  # type: ignore[union-attr]


@pytest.mark.parametrize("use_buffers", [False, True])
def test_buffers_are_the_latest_or_averaged(use_buffers: bool) -> None:
    averaged, model = (
        lrjax.AveragedModel(use_buffers=use_buffers),
        module(draw(0, "float32"), {"mean": np.zeros(9, np.float32)}),
    )
    theirs = swa_utils.AveragedModel(model, use_buffers=use_buffers)
    state = averaged.init(draw(0, "float32"), {"mean": jnp.zeros(9)})
    mean = np.zeros(9)
    for t in range(5):
        params, mean = draw(t, "float32"), np.random.default_rng(t).normal(size=9).astype(np.float32)
        fill(model, {**params, "mean": mean})
        theirs.update_parameters(model)
        state = jax.jit(averaged.update)(state, params, {"mean": mean})
    assert state.buffers["mean"].tolist() == theirs.module.mean.tolist()  # type: ignore[union-attr]
    assert (state.buffers["mean"].tolist() == mean.tolist()) == (not use_buffers)


def test_functions_of_ones_own() -> None:
    """torch's contract: one parameter and the count, or lists of one dtype each."""
    seen = []

    def largest(averaged: list[Any], current: list[Any], n: Any) -> list[Any]:
        seen.append({x.dtype.name for x in averaged})
        return [jnp.where(n > 0, jnp.maximum(a, p), jnp.nan) for a, p in zip(averaged, current, strict=True)]

    tree = {"a": jnp.array([1.0, 5.0]), "b": jnp.array([2.0], jnp.bfloat16), "c": jnp.array([1.0])}
    one: Any = lambda a, p, n: largest([a], [p], n)[0]  # noqa: E731
    for averaged in (lrjax.AveragedModel(multi_avg_fn=largest), lrjax.AveragedModel(avg_fn=one)):
        state = averaged.init(tree)
        for factor in (1.0, -1.0, 2.0):
            state = averaged.update(state, jax.tree.map(lambda x, f=factor: x * f, tree))
        assert jax.tree.map(lambda x: x.tolist(), state.params) == {"a": [2.0, 10.0], "b": [4.0], "c": [2.0]}
        assert state.params["b"].dtype == jnp.bfloat16
    assert all(len(dtypes) == 1 for dtypes in seen)


@pytest.mark.parametrize("case", [CASES[0], *EMA], ids=lambda case: case.id)
def test_the_functions_can_be_called(case: Case) -> None:
    """As torch's are, on one parameter or on lists."""
    made = case.of(lrjax).get(case.argument, lrjax.get_swa_avg_fn())
    a, p = jnp.array([1.0, 2.0]), jnp.array([3.0, 8.0])
    found = made([a], [p], 3)[0] if "lists" in case.id else made(a, p, 3)
    expected = [1.5, 3.5] if case.id == "torch's choice" else [0.3 + 0.7 * 3, 0.6 + 0.7 * 8]
    np.testing.assert_allclose(found, expected, rtol=2e-7)  # two roundings


def test_derivatives() -> None:
    """Of the average by the parameters, and by the decay."""

    def last(decay: Any, value: Any) -> Any:
        averaged = lrjax.AveragedModel(multi_avg_fn=lrjax.get_ema_multi_avg_fn(decay))
        state = averaged.update(averaged.init({"w": jnp.float32(0)}), {"w": jnp.float32(2)})
        return averaged.update(state, {"w": value}).params["w"]

    by_decay, by_value = jax.jit(jax.grad(last, (0, 1)))(jnp.float32(0.75), jnp.float32(6))
    assert (float(by_decay), float(by_value)) == (-4.0, 0.25)  # decay * 2 + (1 - decay) * value


class Normed(nn.Module):
    """A Dense layer and a BatchNorm."""

    @nn.compact
    def __call__(self, x: jax.Array, train: bool = False) -> jax.Array:
        """Features, shape=(batch, 3)."""
        return nn.BatchNorm(use_running_average=not train, name="norm")(nn.Dense(3, name="fc")(x))


class TorchNormed(torch.nn.Module):
    """The same in torch."""

    def __init__(self) -> None:
        super().__init__()
        self.fc, self.norm = torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3)


def test_an_average_goes_to_jax_and_back() -> None:
    model, make = TorchNormed(), lambda package: package.get_ema_multi_avg_fn(0.75)
    theirs = lrtorch.AveragedModel(model, multi_avg_fn=make(lrtorch), use_buffers=False)
    for _ in range(3):
        for x in (model.fc.weight, model.norm.running_mean):
            torch.nn.init.normal_(x)  # type: ignore[arg-type]
        theirs.update_parameters(model)
    variables = Normed().init(jax.random.key(0), jnp.ones((2, 4)))
    params, stats = variables["params"], variables["batch_stats"]
    state = lrjax.average_from_torch(theirs.state_dict(), params, buffers=stats)
    assert int(state.n_averaged) == 3
    assert state.params["fc"]["kernel"].T.tolist() == theirs.module.fc.weight.tolist()  # type: ignore[union-attr]
    names = lrjax.match_names(model.state_dict(), {"params": params, "batch_stats": stats})
    now = lrjax.params_from_torch(model.state_dict(), {"params": params, "batch_stats": stats}, names)
    averaged = lrjax.AveragedModel(multi_avg_fn=make(lrjax))
    state = averaged.update(state, now["params"], now["batch_stats"])
    back = lrtorch.AveragedModel(model, multi_avg_fn=make(lrtorch))
    back.load_state_dict({**back.state_dict(), **lrjax.average_to_torch(state, names, tensor=torch.from_numpy)})
    theirs.update_parameters(model)
    for name, x in theirs.state_dict().items():
        assert torch.equal(back.state_dict()[name], x), name


def test_torchs_object_is_torchs() -> None:
    """It can be pickled, which torch's with an EMA cannot, and its state dict is torch's."""
    made = lrtorch.AveragedModel(TorchNormed(), multi_avg_fn=lrtorch.get_ema_multi_avg_fn(0.9))
    copy = pickle.loads(pickle.dumps(made))
    assert isinstance(copy, swa_utils.AveragedModel)
    assert copy.multi_avg_fn == made.multi_avg_fn
    assert repr(made.multi_avg_fn) == "get_ema_multi_avg_fn(decay=0.9)" == repr(lrjax.get_ema_multi_avg_fn(0.9))
    assert list(made.state_dict()) == list(swa_utils.AveragedModel(TorchNormed()).state_dict())
