"""Every optimizer against live torch: every bit of parameters and states."""

import os
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch

import lrjax
from lrparity.oracle.cpu import CorrectSqrt
from lrparity.runs.bits import differing

from .cases import (
    CASES,
    GROUPS,
    NAMES,
    RATES,
    STEPS,
    Case,
    first_step,
    gradients,
    run_jax,
    run_torch,
    start,
)

PLAIN = {"foreach": False}
SLOW = bool(os.environ.get("LRJAX_SLOW"))
# Every row with every rate pattern in the slow run; else all rows of SGD and AdamW and every fourth of the others,
# and the patterns take turns.
QUICK = [case for i, case in enumerate(CASES) if case.name in ("SGD", "AdamW") or i % 4 == 0]
RUNS = [(c, r) for i, c in enumerate(CASES if SLOW else QUICK) for j, r in enumerate(RATES) if SLOW or i % 3 == j]
FLOAT64 = [case for i, case in enumerate(CASES) if SLOW or i % 5 == 0]


@pytest.mark.parametrize(("case", "rates"), RUNS, ids=[f"{case.id}, {rates}" for case, rates in RUNS])
def test_every_bit_equals_torch(case: Case, rates: str) -> None:
    params, grads = start(0), gradients(0, STEPS)
    ours = run_jax(case, rates, params, grads)
    with CorrectSqrt():
        theirs = run_torch(case, rates, params, grads, **PLAIN)
    assert ours.rates == theirs.rates
    assert differing(ours.params, theirs.params) == {}
    for slot, expected in theirs.slots.items():
        assert differing(ours.slots[slot], expected) == {}
    for name, expected in theirs.memory.items():
        np.testing.assert_array_equal(ours.memory[name], expected)
    assert differing(ours.params, params) != {}


@pytest.mark.parametrize("case", FLOAT64, ids=[case.id for case in FLOAT64])
def test_every_bit_of_float64(case: Case) -> None:
    params, grads = start(1, np.float64), gradients(1, 200, np.float64)
    with jax.enable_x64(True):
        ours = run_jax(case, "scheduled", params, grads)
    with CorrectSqrt():
        theirs = run_torch(case, "scheduled", params, grads, **PLAIN)
    assert differing(ours.params, theirs.params) == {}
    for slot, expected in theirs.slots.items():
        assert differing(ours.slots[slot], expected) == {}


@pytest.mark.parametrize("name", NAMES)
def test_a_scan_is_the_loop(name: str) -> None:
    case = next(case for case in CASES if case.name == name)
    params, grads = start(7), gradients(7, 300)
    loop, scan = (run_jax(case, "by hand", params, grads, route=route) for route in ("step", "scan"))
    assert differing(loop.params, scan.params) == {}
    assert differing(loop.params, params) != {}


@pytest.mark.parametrize("name", NAMES)
def test_update_and_apply_round_twice(name: str) -> None:
    case = next(case for case in CASES if case.name == name)
    params, grads = start(2), gradients(2, 1)
    exact = run_jax(case, "constant", params, grads)
    ours = run_jax(case, "constant", params, grads, route="update")
    for tensor, new in exact.params.items():
        # new - p is within half an ulp of itself, at most twice the larger of the two; the sum rounds once more
        ulp = np.spacing(np.maximum(np.abs(params[tensor]), np.abs(new)))
        assert np.all(np.abs(ours.params[tensor] - new) <= 1.5 * ulp)


@pytest.mark.parametrize("name", ["SGD", "AdamW"])
def test_one_step_eager(name: str) -> None:
    case = Case("", name, dict(weight_decay=0.1))
    params, grads = start(3), gradients(3, 3)
    tx = getattr(lrjax, name)(GROUPS, **case.options)
    ours, state = jax.tree.map(jnp.asarray, params), tx.init(params)
    for t in range(3):
        ours, state = lrjax.step(tx, {n: jnp.asarray(g[t]) for n, g in grads.items()}, state, ours)
    with CorrectSqrt():
        theirs = run_torch(case, "constant", params, grads, **PLAIN)
    assert differing(jax.tree.map(np.asarray, ours), theirs.params) == {}


@pytest.mark.parametrize("how", ["init inside", "state captured", "donated", "scan of one"])
@pytest.mark.parametrize("name", ["SGD", "AdamW"])
def test_however_it_is_compiled(name: str, how: str) -> None:
    case = Case("", name, dict(weight_decay=0.1))
    params, grads = start(4), gradients(4, 1)
    tx = getattr(lrjax, name)(GROUPS, **case.options)
    ours = first_step(how, tx, jax.tree.map(jnp.asarray, params), {n: jnp.asarray(g[0]) for n, g in grads.items()})
    with CorrectSqrt():
        theirs = run_torch(case, "constant", params, grads, **PLAIN)
    assert differing(jax.tree.map(np.asarray, ours), theirs.params) == {}


@pytest.mark.parametrize(
    "case",
    [Case("", "SGD", dict(momentum=0.9, nesterov=True, weight_decay=0.1)), Case("", "AdamW", {})],
    ids=lambda c: c.name,
)
def test_vmap_over_seeds_of_a_scan(case: Case) -> None:
    runs = [(start(s), gradients(s, 50)) for s in range(5)]
    params, grads = (jax.tree.map(lambda *x: np.stack(x), *side) for side in zip(*runs, strict=True))
    tx = getattr(lrjax, case.name)(GROUPS, **case.options)

    def train(p: Any, g: Any) -> Any:
        return jax.lax.scan(lambda c, g: (lrjax.step(tx, g, c[1], c[0]), None), (p, tx.init(p)), g)[0][0]

    ours = jax.jit(jax.vmap(train))(params, grads)
    for i, (p, g) in enumerate(runs):
        with CorrectSqrt():
            theirs = run_torch(case, "constant", p, g, **PLAIN)
        assert differing({n: np.asarray(x[i]) for n, x in ours.items()}, theirs.params) == {}


def test_vmap_over_rates() -> None:
    case, lrs = Case("", "AdamW", {}), [1e-4, 3e-3, 0.1]
    params, grads = start(6), gradients(6, 50)
    tx = lrjax.AdamW()
    states = [lrjax.set_lr(tx.init(params), lr) for lr in lrs]
    state = jax.tree.map(lambda *x: jnp.stack(x), *states)

    def train(state: Any) -> Any:
        carry = (jax.tree.map(jnp.asarray, params), state)
        return jax.lax.scan(lambda c, g: (lrjax.step(tx, g, c[1], c[0]), None), carry, grads)[0][0]

    ours = jax.jit(jax.vmap(train))(state)
    for i, lr in enumerate(lrs):
        alone = _torch_alone(case, lr, params, grads)
        assert differing({n: np.asarray(x[i]) for n, x in ours.items()}, alone) == {}


def _torch_alone(case: Case, lr: float, params: Any, grads: Any) -> dict[str, np.ndarray]:
    """torch with one group and this rate."""
    model = {n: torch.nn.Parameter(torch.from_numpy(p.copy())) for n, p in params.items()}
    optimizer = getattr(torch.optim, case.name)(model.values(), lr=lr, foreach=False)
    for t in range(len(grads["a"])):
        for n, p in model.items():
            p.grad = torch.from_numpy(np.asarray(grads[n][t]))
        with CorrectSqrt():
            optimizer.step()
    return {n: p.detach().numpy() for n, p in model.items()}


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_gradient_skips_and_a_zero_gradient_does_not(name: str) -> None:
    options = {"SGD": dict(momentum=0.9, weight_decay=0.1), "Rprop": {}}.get(name, dict(weight_decay=0.1))
    params = {"a": np.full(3, 2.0, np.float32), "b": np.full(3, 2.0, np.float32)}
    model = {n: torch.nn.Parameter(torch.from_numpy(p.copy())) for n, p in params.items()}
    optimizer = getattr(torch.optim, name)(model.values(), lr=0.1, foreach=False, **options)
    tx = getattr(lrjax, name)(lr=0.1, **options)
    ours, state = jax.tree.map(jnp.asarray, params), tx.init(params)
    zero, one = np.zeros(3, np.float32), np.ones(3, np.float32)
    for a, b in [(zero, None), (one, None), (None, one), (one, one), (None, zero), (one, one)]:
        model["a"].grad, model["b"].grad = (None if g is None else torch.from_numpy(g.copy()) for g in (a, b))
        with CorrectSqrt():
            optimizer.step()
        ours, state = jax.jit(lambda g, s, p: lrjax.step(tx, g, s, p))({"a": a, "b": b}, state, ours)
        assert differing(jax.tree.map(np.asarray, ours), {n: p.detach().numpy() for n, p in model.items()}) == {}


OPTAX: dict[str, tuple[Case, Any]] = {
    "optax adamw is close, not equal": (
        Case("", "AdamW", dict(weight_decay=1e-2)),
        lambda lr: optax.adamw(lr, weight_decay=1e-2),
    ),
    "optax nadam is another algorithm": (Case("", "NAdam", {}), lambda lr: optax.nadam(lr)),
    "optax radam rounds its rectifier": (Case("", "RAdam", {}), lambda lr: optax.radam(lr)),
    "optax rprop is one update late": (Case("", "Rprop", {}), lambda lr: optax.rprop(lr)),
    "optax amsgrad corrects before the maximum": (
        Case("", "Adam", dict(amsgrad=True)),
        lambda lr: optax.amsgrad(lr),
    ),
    "optax adagrad has its epsilon inside": (Case("", "Adagrad", {}), lambda lr: optax.adagrad(lr, 0.0, 1e-10)),
    "optax rmsprop with momentum under a schedule": (
        Case("", "RMSprop", dict(momentum=0.9)),
        lambda lr: optax.rmsprop(optax.exponential_decay(lr, 5, 0.5), 0.99, 1e-8, eps_in_sqrt=False, momentum=0.9),
    ),
    "an epsilon inside the root": (
        Case("", "AdamW", dict(weight_decay=0.0)),
        lambda lr: optax.adam(lr, eps=0.0, eps_root=1e-8),
    ),
    "a momentum buffer that starts from zero": (
        Case("", "SGD", dict(momentum=0.9, dampening=0.5)),
        lambda lr: optax.chain(optax.ema(0.9, debias=False), optax.scale(-lr)),
    ),
}


@pytest.mark.parametrize("what", OPTAX)
def test_the_suite_sees(what: str) -> None:
    """Negative controls: the plain optax form fails the test that lrjax passes."""
    case, make = OPTAX[what]
    params, grads = start(5), gradients(5, 20)
    tx = make(1e-3)
    theirs, state = jax.tree.map(jnp.asarray, params), tx.init(params)
    for t in range(20):
        updates, state = tx.update({n: jnp.asarray(g[t]) for n, g in grads.items()}, state, theirs)
        theirs = optax.apply_updates(theirs, updates)
    expected = _ours(case, params, grads)
    assert differing(jax.tree.map(np.asarray, theirs), expected) != {}


def _ours(case: Case, params: Any, grads: Any) -> dict[str, np.ndarray]:
    """lrjax with one group, rate 1e-3."""
    tx = getattr(lrjax, case.name)(lr=1e-3, **case.options)
    carry = (jax.tree.map(jnp.asarray, params), tx.init(params))
    return jax.tree.map(
        np.asarray, jax.lax.scan(lambda c, g: (lrjax.step(tx, g, c[1], c[0]), None), carry, grads)[0][0]
    )


def test_hand_worked_sgd() -> None:
    """Powers of two by hand: b = g, then b/2 + g; p - b/4."""
    tx = lrjax.SGD(lr=0.25, momentum=0.5)
    params, state = {"w": jnp.array([1.0])}, tx.init({"w": jnp.array([1.0])})
    seen = []
    for g in (1.0, 1.0, 0.0):
        params, state = lrjax.step(tx, {"w": jnp.array([g])}, state, params)
        seen.append(float(params["w"][0]))
    assert seen == [0.75, 0.375, 0.1875]


def test_hand_worked_adamw() -> None:
    """At step 1 the moments cancel: p(1 - lr wd) - lr sign(g), up to eps."""
    tx = lrjax.AdamW(lr=0.5, weight_decay=0.5, eps=0.0)
    params = {"w": jnp.array([1.0, -2.0])}
    new, _ = lrjax.step(tx, {"w": jnp.array([3.0, -4.0])}, tx.init(params), params)
    np.testing.assert_allclose(np.asarray(new["w"]), [0.25, -1.0], rtol=1e-6)
