"""Derivatives of the rates of later steps by a rate that is set, and by the base rate."""

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lrjax
import lrtorch

from .cases import Tree, with_hyper

STEPS = 9  # past the end of those that end, where a branch that is not taken divides by zero
BASE = 0.3
ROWS: dict[str, tuple[str, Any]] = {
    "StepLR": ("StepLR", {"step_size": 2, "gamma": 0.5}),
    "MultiStepLR": ("MultiStepLR", {"milestones": [1, 3, 3], "gamma": 0.5}),
    "ConstantLR": ("ConstantLR", {"factor": 0.5, "total_iters": 3}),
    "LinearLR": ("LinearLR", {"start_factor": 0.25, "total_iters": 4}),
    "ExponentialLR": ("ExponentialLR", {"gamma": 0.9}),
    "PolynomialLR": ("PolynomialLR", {"total_iters": 4, "power": 2.0}),
    "PolynomialLR, root": ("PolynomialLR", {"total_iters": 4, "power": 0.5}),
    "CosineAnnealingLR": ("CosineAnnealingLR", {"T_max": 3, "eta_min": 0.01}),
    "CosineAnnealingWarmRestarts": ("CosineAnnealingWarmRestarts", {"T_0": 2, "T_mult": 2, "eta_min": 0.01}),
    "CyclicLR": ("CyclicLR", {"base_lr": 0.1, "max_lr": 0.2, "step_size_up": 2, "cycle_momentum": False}),
    "OneCycleLR": ("OneCycleLR", {"max_lr": 0.4, "total_steps": 20}),
    "LambdaLR": ("LambdaLR", {"lr_lambda": lambda e: 0.9**e}),
    "MultiplicativeLR": ("MultiplicativeLR", {"lr_lambda": lambda e: 0.9}),
    "SWALR": ("SWALR", {"swa_lr": 0.05, "anneal_epochs": 4}),
    "SWALR, linear": ("SWALR", {"swa_lr": 0.05, "anneal_epochs": 4, "anneal_strategy": "linear"}),
    "StepDecay": ("StepDecay", {"lr_decay": 2, "gamma": 0.5}),
    "EpochTable": ("EpochTable", {"table": [[1, 1.0], [2, 0.5]], "mode": "factor"}),
    "TableLR": ("TableLR", {"table": [[2, 0.1], [10, 0.2]]}),
    "SequentialLR": (
        "SequentialLR",
        lambda side: {
            "schedulers": [side.LinearLR(0.25, total_iters=3), side.CosineAnnealingLR(4)],
            "milestones": [3],
        },
    ),
    "ChainedScheduler": (
        "ChainedScheduler",
        lambda side: {"schedulers": [side.LinearLR(0.25, total_iters=3), side.ExponentialLR(0.9)]},
    ),
}
FROM_BASE = ("CosineAnnealingWarmRestarts", "LambdaLR", "StepDecay", "EpochTable", "CosineAnnealingLR")
rows = pytest.mark.parametrize("row", ROWS)


def made(row: str, side: Any, **more: Any) -> Any:
    """The scheduler of a row, of lrjax or of lrtorch."""
    name, arguments = ROWS[row]
    given: Any = arguments(side) if callable(arguments) else arguments
    return getattr(side, name)(**given, **more)


def slopes(rates_at: Any, at: float, h: float = 1e-4) -> np.ndarray:
    """Central differences, float64."""
    return (rates_at(at + h) - rates_at(at - h)) / (2 * h)


def trained(tx: Any, state: Any, weights: jax.Array) -> jax.Array:
    """A weighted sum of the rates of a run's updates, after as many steps as there are weights."""

    def one(carry: Any, weight: jax.Array) -> Any:
        (params, state), rate = carry, carry[1].hyper["lr"].value[0]
        return lrjax.step(tx, {"w": jnp.zeros(2)}, state, params), weight * rate

    return jnp.sum(jax.lax.scan(one, ({"w": jnp.ones(2)}, state), weights)[1])


def by_weights(function: Any, at: float) -> np.ndarray:
    """The derivative of each rate: one reverse pass for each, batched."""
    return np.asarray(jax.jit(jax.vmap(jax.grad(function), in_axes=(None, 0)))(at, jnp.eye(STEPS)))


@rows
def test_by_a_rate_set_by_hand(row: str) -> None:
    """The scheduler steps within the compiled training loop, and goes on from that rate as torch's does."""
    tx = lrjax.SGD(lr=BASE, momentum=0.5, scheduler=made(row, lrjax, every=1))
    state: Any = tx.init({"w": jnp.ones(2)})

    def run(lr: jax.Array, weights: jax.Array) -> jax.Array:
        return trained(tx, with_hyper(state, {"lr": lr}), weights)

    start = float(state.hyper["lr"].value[0])
    expected = slopes(lambda lr: lrtorch.simulate(made(row, lrtorch), BASE, STEPS, edits={0: lr})[:, 0], start)
    np.testing.assert_allclose(by_weights(run, start), expected, atol=1e-5)


@pytest.mark.parametrize("row", FROM_BASE)
def test_by_the_base_rate_in_a_state(row: str) -> None:
    """These rules compute from ``base_lrs``, which a rate set by hand does not change."""
    tx = lrjax.SGD(lr=BASE, scheduler=made(row, lrjax, every=1))
    state: Any = tx.init({"w": jnp.ones(2)})

    def run(base: jax.Array, weights: jax.Array) -> jax.Array:
        both = with_hyper(state, {"lr": base, "initial_lr": base})
        own = dict(state.scheduler[0])
        own["base_lrs"] = own["base_lrs"]._replace(value=jnp.reshape(base, (1,)))
        return trained(tx, replace(both, scheduler=(own,)), weights)

    expected = slopes(lambda base: lrtorch.simulate(made(row, lrtorch), base, STEPS)[:, 0], BASE)
    np.testing.assert_allclose(by_weights(run, BASE), expected, atol=1e-5)


@rows
def test_by_the_base_rate_of_a_schedule(row: str) -> None:
    scheduler = made(row, lrjax)
    num_steps = None if scheduler.has_schedule else STEPS  # the closed form, or the table of the chain
    ours = jax.vmap(jax.grad(lambda base, count: scheduler.schedule(base, num_steps)(count)), in_axes=(None, 0))
    expected = slopes(lambda base: lrtorch.simulate(made(row, lrtorch), base, STEPS)[:, 0], BASE)
    np.testing.assert_allclose(jax.jit(ours)(BASE, jnp.arange(STEPS)), expected, atol=1e-5)


def test_steps_of_the_scheduler_by_hand() -> None:
    """``step_scheduler``, with a metric: ReduceLROnPlateau cuts by ``factor``, down to ``min_lr``."""
    tx = lrjax.SGD(lr=BASE, scheduler=lrjax.ReduceLROnPlateau(factor=0.5, patience=0, min_lr=0.05))
    state: Any = tx.init({"w": jnp.ones(2)})

    def rate(lr: jax.Array, cuts: int) -> jax.Array:
        now = with_hyper(state, {"lr": lr})
        for _ in range(cuts + 1):
            now = lrjax.step_scheduler(tx, now, metric=jnp.float32(1.0))
        return now.hyper["lr"].value[0]

    assert [float(jax.grad(rate)(BASE, cuts)) for cuts in range(4)] == [1.0, 0.5, 0.25, 0.0]


def test_learned_rates_reach_the_parameters() -> None:
    """Three updates of SGD along ones move a parameter by the sum of the three rates."""
    tx = lrjax.SGD(lr=1.0, scheduler=lrjax.ExponentialLR(0.5, every=1))
    params = {"w": jnp.zeros(1)}
    state = tx.init(params)

    def run(lr: jax.Array) -> jax.Array:
        def one(carry: Any, _: Any) -> Any:
            return lrjax.step(tx, {"w": jnp.ones(1)}, carry[1], carry[0]), None

        (last, _), _ = jax.lax.scan(one, (params, with_hyper(state, {"lr": lr})), None, length=3)
        return last["w"][0]

    assert float(jax.jit(jax.grad(run))(0.8)) == -1.75


@pytest.mark.parametrize("norm_type", [1.0, 2.0, 3.0, np.inf])
def test_clipped_gradients(norm_type: float) -> None:
    """Through the norm, in 32 bits; a gradient that is zero makes no NaN."""
    rng = np.random.default_rng(0)
    grads: Tree = {"a": rng.normal(size=(3, 4)), "b": rng.normal(size=7), "zero": np.zeros(5)}
    towards = {name: rng.normal(size=np.shape(x)) for name, x in grads.items()}

    def clipped(grads: Tree) -> Any:
        return sum((towards[name] * x).sum() for name, x in lrjax.clip_grad_norm_(grads, 0.5, norm_type)[0].items())

    def by_hand(grads: Tree) -> float:
        norms = [np.linalg.norm(np.ravel(x), norm_type) for x in grads.values()]
        factor = 0.5 / (np.linalg.norm(norms, norm_type) + 1e-6)
        return sum((towards[name] * x).sum() * factor for name, x in grads.items())

    ours = jax.jit(jax.grad(clipped))(jax.tree.map(lambda x: jnp.asarray(x, jnp.float32), grads))
    for name, i in (("a", (1, 2)), ("b", (3,)), ("b", (5,))):
        h = np.zeros_like(grads[name])
        h[i] = 1e-6
        moved = by_hand({**grads, name: grads[name] + h}) - by_hand({**grads, name: grads[name] - h})
        np.testing.assert_allclose(ours[name][i], moved / 2e-6, rtol=1e-4, atol=1e-6)
    assert np.isfinite(ours["zero"]).all()
