"""Derivatives through optimizer steps."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lrjax

from .cases import CASES, Case, Tree, differences, inputs, run_jax, with_hyper

TOLERANCE = 1e-4  # of the largest; float32 gives 1e-6, and central differences the rest
# Muon rounds its matrices to bfloat16 (1 / 256), so a derivative is taken at points so far from the reference's.
MUON = 1e-2


def as_float32(given: Tree) -> Tree:
    return jax.tree.map(lambda x: jnp.asarray(x, jnp.float32), given)


def assert_close(ours: Any, expected: Any, tolerance: float = TOLERANCE) -> None:
    """Each array, relative to its largest number."""
    for (path, want), got in zip(jax.tree.leaves_with_path(expected), jax.tree.leaves(ours), strict=True):
        got, scale = np.asarray(got), max(np.abs(want).max(), 1e-6)
        np.testing.assert_allclose(got / scale, want / scale, atol=tolerance, err_msg=jax.tree_util.keystr(path))


def by_id(*ids: str) -> list[Case]:
    return [case for case in CASES if case.id in ids]


def by_rate(case: Case, given: Tree) -> Any:
    """The run as a function of the rate alone."""
    return lambda lr: run_jax(case, {**given, "hyper": {**given["hyper"], "lr": lr}})


def rate_differences(case: Case, given: Tree, lr: float) -> float:
    hyper = {**given["hyper"], "lr": np.array(lr)}
    return float(differences(case, {**given, "hyper": hyper}, only="lr")["hyper"]["lr"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_by_everything_that_a_run_reads(case: Case) -> None:
    """Every hyperparameter, the first parameters, and what the gradients are made of; through a scan, compiled."""
    given = inputs(case)
    ours = jax.jit(jax.grad(partial(run_jax, case)))(as_float32(given))
    assert_close(ours, differences(case, given), MUON if case.name == "Muon" else TOLERANCE)


@pytest.mark.parametrize("case", by_id("SGD", "AdamW", "Rprop", "Adafactor"), ids=lambda case: case.id)
def test_where_64_bits_are_switched_on(case: Case) -> None:
    given = inputs(case)
    with jax.enable_x64(True):
        ours = jax.jit(jax.grad(partial(run_jax, case)))(jax.tree.map(jnp.asarray, given))
        assert {x.dtype.name for x in jax.tree.leaves(ours)} == {"float64"}
    assert_close(ours, differences(case, given), 1e-5)


def test_one_step_of_muon() -> None:
    """From the same point as the reference; uncompiled."""
    case = by_id("Muon")[0]._replace(steps=1)
    given = inputs(case)
    assert_close(jax.grad(partial(run_jax, case))(as_float32(given)), differences(case, given))


@pytest.mark.parametrize("case", by_id("SGD", "Adam", "ASGD", "Adafactor"), ids=lambda case: case.id)
def test_a_sweep_of_rates(case: Case) -> None:
    """vmap of grad, and grad of vmap."""
    given = inputs(case)
    run, rates = by_rate(case, as_float32(given)), case.options["lr"] * np.array([0.5, 1.0, 2.0], np.float32)
    expected = [rate_differences(case, given, float(lr)) for lr in rates]
    assert_close(jax.jit(jax.vmap(jax.grad(run)))(rates), np.array(expected))
    assert_close(jax.jit(jax.grad(lambda rates: jax.vmap(run)(rates).sum()))(rates), np.array(expected))


@pytest.mark.parametrize("case", by_id("SGD", "Adam"), ids=lambda case: case.id)
def test_forward_mode_and_second_order(case: Case) -> None:
    """Second derivatives through a scan, too, where ``jax.custom_jvp`` would lose its rule."""
    given, lr = inputs(case), case.options["lr"]
    run, h = by_rate(case, as_float32(given)), 1e-3 * lr
    slope = rate_differences(case, given, lr)
    curvature = (rate_differences(case, given, lr + h) - rate_differences(case, given, lr - h)) / (2 * h)
    np.testing.assert_allclose(jax.jvp(run, (lr,), (1.0,))[1], slope, rtol=TOLERANCE)
    for second in (jax.hessian(run), jax.grad(jax.grad(run)), jax.grad(jax.jit(jax.jacfwd(run)))):
        np.testing.assert_allclose(jax.jit(second)(lr), curvature, rtol=1e-3)


@pytest.mark.parametrize("name", sorted({case.name for case in CASES}))
def test_a_zero_gradient_makes_no_nan(name: str) -> None:
    """At the default eps: the root of a second moment that is zero has no derivative, the update has."""
    case = Case(name, {"lr": 0.05}, steps=3)
    given = inputs(case)
    for part in ("slope", "shift"):
        given[part]["a"][:2] = 0.0
        given[part]["b"][:] = 0.0
    ours = jax.jit(jax.grad(partial(run_jax, case)))(as_float32(given))
    for path, leaf in jax.tree.leaves_with_path(ours):
        assert np.isfinite(leaf).all(), jax.tree_util.keystr(path)
    expected = rate_differences(case, given, 0.05)
    np.testing.assert_allclose(ours["hyper"]["lr"], expected, rtol=MUON if name == "Muon" else TOLERANCE)


def test_no_gradient_at_all() -> None:
    """Adam's first step along zeros moves nothing, whatever the rate."""
    tx, params = lrjax.Adam(), {"w": jnp.ones(3)}

    def run(lr: jax.Array) -> Any:
        state = with_hyper(tx.init(params), {"lr": lr})
        return lrjax.step(tx, {"w": jnp.zeros(3)}, state, params)[0]["w"].sum()

    assert float(jax.grad(run)(0.1)) == 0.0


def test_groups_and_frozen_groups() -> None:
    """Each group's rate moves its own parameters; a frozen group's moves none, and its parameters only themselves."""
    groups: Any = [{"params": "a", "lr": 0.1}, {"params": "b", "lr": 0.2}, {"params": "c", "frozen": True}]
    tx = lrjax.SGD(groups, momentum=0.9)
    params = {name: jnp.full(2, 3.0) for name in "abc"}

    def run(rates: jax.Array, params: Tree) -> Any:
        state = with_hyper(tx.init(params), {"lr": rates})
        for _ in range(2):
            params, state = lrjax.step(tx, {"a": params["a"], "b": jnp.ones(2), "c": jnp.ones(2)}, state, params)
        return sum(jnp.sum(x) for x in params.values())

    rates = jnp.array([0.1, 0.2, 0.3])
    by_rates, by_params = jax.grad(run, argnums=(0, 1))(rates, params)
    # a: p (1 - r), then - r (p (1 - r) + 0.9 p): 3 * (2 r - 3.9 + ...) by hand; b: - r, then - 1.9 r, for two numbers
    r = 0.1
    np.testing.assert_allclose(by_rates, [2 * 3.0 * (-2.9 + 2 * r), 2 * -2.9, 0.0], rtol=1e-6)
    np.testing.assert_allclose(by_params["a"], np.full(2, 1 - 2.9 * r + r * r), rtol=1e-6)
    np.testing.assert_array_equal(by_params["c"], np.ones(2))


def test_update_and_apply_updates() -> None:
    """optax's two calls have the derivative of ``step``."""
    tx, params = lrjax.AdamW(), {"w": jnp.array([1.0, -2.0])}

    def run(lr: jax.Array, *, by_step: bool) -> Any:
        state = with_hyper(tx.init(params), {"lr": lr})
        if by_step:
            return lrjax.step(tx, params, state, params)[0]["w"].sum()
        updates: Any = tx.update(params, state, params)[0]
        return (params["w"] + updates["w"]).sum()

    ours = [float(jax.grad(partial(run, by_step=by_step))(0.1)) for by_step in (True, False)]
    np.testing.assert_allclose(ours[0], ours[1], rtol=1e-6)
    np.testing.assert_allclose(ours[0], 0.01, rtol=1e-4)  # -(1 - 1) for the signs, 0.01 * (2 - 1) for the decay


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision(dtype: str) -> None:
    """Derivatives are as precise as the parameters' type."""
    case = by_id("Adam")[0]
    given = as_float32(inputs(case))
    halves = {**jax.tree.map(lambda x: x.astype(dtype), given), "hyper": given["hyper"]}
    expected, ours = (jax.jit(jax.grad(partial(run_jax, case)))(x) for x in (given, halves))
    assert ours["params"]["a"].dtype == dtype
    np.testing.assert_allclose(ours["hyper"]["lr"], expected["hyper"]["lr"], rtol=0.05)


def test_small_leaves_and_large_ones_sharded() -> None:
    """On a mesh, as in a sharded program (of automatic axes)."""
    mesh = jax.make_mesh((1,), ("batch",), axis_types=(jax.sharding.AxisType.Auto,))
    spread = jax.NamedSharding(mesh, jax.P("batch"))
    tx, params = lrjax.Adam(), jax.device_put({"w": jnp.ones((8, 4)), "b": jnp.ones(8)}, spread)

    def run(lr: jax.Array, params: Tree) -> Any:
        params, _ = lrjax.step(tx, params, with_hyper(tx.init(params), {"lr": lr}), params)
        return sum(jnp.sum(x) for x in params.values())

    np.testing.assert_allclose(jax.jit(jax.grad(run))(0.1, params), -40.0, rtol=1e-4)
