"""The rules are torch's, in float64; probing finds optax's conventions; curves are read off their rates."""

from typing import Any

import jax
import numpy as np
import optax
import pytest
import torch

import lrjax
from lrparity.port import identify, machine
from lrparity.port.describe import describe
from lrparity.port.jax_side import JaxSide
from lrparity.port.rule import Rule, begin, of_torch, step

TORCH = [
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "maximize": True}),
    ("Adam", {"weight_decay": 0.1, "amsgrad": True}),
    ("AdamW", {"betas": (0.5, 0.7), "eps": 1e-3}),
    ("RMSprop", {"momentum": 0.5, "centered": True}),
    ("Adagrad", {"lr_decay": 0.1, "initial_accumulator_value": 0.2, "weight_decay": 0.1}),
    ("Adadelta", {}),
    ("Adamax", {"weight_decay": 0.1}),
    ("NAdam", {"weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("RAdam", {"betas": (0.9, 0.99)}),
]


@pytest.mark.parametrize(("name", "options"), TORCH, ids=[f"{n} {sorted(o)}" for n, o in TORCH])
def test_a_rule_is_torchs(name: str, options: dict[str, Any]) -> None:
    rng = np.random.default_rng(0)
    w = rng.normal(size=7)
    p = torch.nn.Parameter(torch.tensor(w))
    optimizer = getattr(torch.optim, name)([p], **options)
    group = optimizer.param_groups[0]
    rule, lr = of_torch(name, group), group["lr"]
    state = begin(rule, w)
    for g in rng.normal(size=(40, 7)):
        p.grad = torch.tensor(g)
        optimizer.step()
        w = w * (1 - lr * rule.weight_decay) if rule.decay_form == "decoupled" else w
        g = -g if rule.maximize else g
        w = w - step(rule, state, g + rule.weight_decay * w if rule.decay_form == "l2" else g, lr)
        np.testing.assert_allclose(w, p.detach().numpy(), rtol=0, atol=1e-13)


def schedule(count: Any) -> Any:
    return 1e-3 * jax.numpy.minimum(1.0, (count + 1) / 5)


OPTAX: list[tuple[Any, dict[str, Any]]] = [
    (optax.adam(schedule, b1=0.8, b2=0.95, eps=1e-6), {"family": "adam", "b1": 0.8, "b2": 0.95, "eps": 1e-6}),
    (optax.adam(schedule, eps=0.0, eps_root=1e-8), {"family": "adam", "eps": 1e-8, "eps_place": "inside"}),
    (optax.nadam(schedule), {"family": "adam", "nesterov": True}),
    (optax.amsgrad(schedule), {"family": "adam", "amsgrad": "corrected"}),
    (optax.rmsprop(schedule), {"family": "rmsprop", "alpha": 0.9, "eps_place": "inside", "bias2": False}),
    (optax.rmsprop(schedule, centered=True), {"family": "rmsprop", "centered": True}),
    (optax.rmsprop(schedule, momentum=0.9), {"family": "rmsprop", "momentum": 0.9, "rate_inside": True}),
    (optax.sgd(schedule, momentum=0.95, nesterov=True), {"family": "sgd", "momentum": 0.95, "nesterov": True}),
    (optax.chain(optax.scale_by_learning_rate(schedule), optax.trace(0.9)), {"family": "sgd", "rate_inside": True}),
    (optax.adagrad(schedule), {"family": "adagrad", "initial": 0.1}),
    (optax.adadelta(schedule), {"family": "adadelta", "rho": 0.9, "eps": 1e-6}),
    (optax.adamax(schedule), {"family": "adamax", "b1": 0.9, "b2": 0.999}),
    (optax.radam(schedule), {"family": "radam", "eps_place": "outside"}),
    (optax.lion(schedule), {"family": "lion", "b1": 0.9, "b2": 0.99}),
]


@pytest.mark.parametrize(("tx", "expected"), OPTAX, ids=[f"{i} {e['family']}" for i, (_, e) in enumerate(OPTAX)])
def test_probing_finds_the_rule_and_the_rates(tx: Any, expected: dict[str, Any]) -> None:
    """With hints of another algorithm, which do not help."""
    params = {"w": jax.ShapeDtypeStruct((5, 4), "float32"), "s": jax.ShapeDtypeStruct((), "float32")}
    side = JaxSide(tx, params, lrjax.match_names({"w": (5, 4), "s": ()}, params))
    shapes = machine.small(side.torch_shapes())
    how = identify.accumulation(side, shapes)
    found = identify.rules_of(side, shapes, side.words, lambda name: [Rule("sgd", momentum=0.5)], how)
    for name in ("w", "s"):
        rule = found[name].rule
        assert rule is not None and found[name].error < identify.SURE
        for key, value in expected.items():
            assert getattr(rule, key) == (pytest.approx(value, rel=1e-5) if isinstance(value, float) else value)
    rates = identify.rates_of(side, shapes, found, how, 8)
    wanted = 1e-3 * np.minimum(1.0, (np.arange(8) + 1) / 5)
    np.testing.assert_allclose(rates["w"], wanted, rtol=2e-6)  # this schedule computes in float32


def warm(n: int, start: float, then: np.ndarray) -> np.ndarray:
    return np.concatenate([np.linspace(start, then[0], n, endpoint=False), then])


def cosine(n: int, steps: int, floor: float = 0.0) -> np.ndarray:
    return floor + (1e-3 - floor) * (1 + np.cos(np.pi * np.minimum(np.arange(steps), n) / n)) / 2


CURVES = [
    (np.full(50, 1e-3), "constant 0.001"),
    (cosine(70, 100, 1e-5), "cosine from 0.001 at 0 to 1e-05 at 70, stays at 1e-05"),
    (cosine(5000, 300), "cosine from 0.001 at 0 to 0 at 5000, stays at 0"),
    (
        warm(20, 5e-5, cosine(70, 100)),
        "linear from 5e-05 to 0.001 at 20, then cosine from 0.001 at 20 to 0 at 90, stays at 0",
    ),
    (1e-3 * 0.99 ** np.arange(200), "0.001 times 0.99 at every count"),
    (1e-3 * 0.5 ** (np.arange(100) // 30), "0.001 times 0.5 at 30, 60, 90"),
    (1e-3 * (1 - np.arange(100) / 200) ** 2, "power of power 2 from 0.001 at 0 to 0 at 200, stays at 0"),
    (
        (0.1 + 0.9 * np.minimum(np.arange(200) / 30, 1)) * 1e-3 * 0.99 ** np.arange(200),
        "a warm-up from 0.1 to 1 at 30, times: 0.001 times 0.99 at every count",
    ),
    (
        np.minimum(np.arange(200) / 30, 1) * 1e-3 * (1 - np.arange(200) / 500) ** 0.9,
        "a warm-up from 0 to 1 at 30, times: power of power 0.9 from 0.001 at 0 to 0 at 500, stays at 0",
    ),
    (1e-3 * np.maximum(1 - np.arange(100) / 80, 0), "linear from 0.001 at 0 to 0 at 80, stays at 0"),
]


@pytest.mark.parametrize(("rates", "words"), CURVES, ids=[words for _, words in CURVES])
def test_a_curve_is_read_off_its_rates(rates: np.ndarray, words: str) -> None:
    curve = describe(rates)
    assert curve is not None and str(curve) == words
    np.testing.assert_allclose(curve.values(np.arange(len(rates))), rates, rtol=0, atol=1e-11)


def test_noise_is_no_curve() -> None:
    assert describe(np.random.default_rng(0).uniform(size=100)) is None
    assert describe(np.full(5, np.nan)) is None
