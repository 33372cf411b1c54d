"""Adafactor and Muon against live torch: every bit, but for what depends on the order of a sum.

What does is held to torch's own spread: see ``matrix_cases.py``.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch

import lrjax
import lrtorch
from lrparity.runs.bits import differing
from parity_tests.errors.messages import build, message

from .cases import GROUP_TABLES, RATES, STEPS, Case, Run, first_step, run_jax, run_torch
from .matrix_cases import (
    CASES,
    EXACT,
    LONG,
    QUICK_STEPS,
    SLOW,
    TENSORS,
    assert_same_bits,
    distance,
    exact_tensors,
    spread,
    tensors,
)


def with_rates(cases: list[Case]) -> Any:
    """Each case with every rate pattern in the slow run; else the patterns take turns."""
    runs = [(c, r) for i, c in enumerate(cases) for j, r in enumerate(RATES) if SLOW or (i + 2) % 3 == j]
    return pytest.mark.parametrize(("case", "rates"), runs, ids=[f"{case.id}, {rates}" for case, rates in runs])


@with_rates(CASES)
def test_no_further_from_torch_than_torch_from_itself(case: Case, rates: str) -> None:
    params, grads = tensors(case.name, 0, STEPS if SLOW or case.id in LONG else QUICK_STEPS[case.name])
    theirs, ours = run_torch(case, rates, params, grads), run_jax(case, rates, params, grads)
    bound, seen = spread(case, rates, params, grads, theirs), distance(ours, theirs, params)
    # Twice: the spread is the largest of three or four draws, ours is one more draw. States without a sum have none.
    assert all(seen[what] <= 2 * bound[what] for what in bound), (seen, bound)
    assert ours.rates == theirs.rates
    for name, expected in theirs.memory.items():
        np.testing.assert_array_equal(ours.memory[name], expected)


@with_rates(EXACT)
def test_every_bit_where_no_sum_decides(case: Case, rates: str) -> None:
    params, grads = exact_tensors(case.name, STEPS)
    ours = run_jax(case, rates, params, grads)
    assert_same_bits(ours, run_torch(case, rates, params, grads))
    assert set(differing(ours.params, params)) == set(params)


def test_momentum_buffers_are_torchs_in_every_bit_whatever_the_products() -> None:
    case = Case("", "Muon", dict(ns_steps=1), "two rates")
    params, grads = tensors("Muon", 1, STEPS)
    ours, theirs = run_jax(case, "constant", params, grads), run_torch(case, "constant", params, grads)
    assert differing(ours.slots["momentum_buffer"], theirs.slots["momentum_buffer"]) == {}


@pytest.mark.parametrize("how", ["init inside", "donated"])
@pytest.mark.parametrize("case", EXACT[1:3], ids=lambda case: case.id)
def test_however_it_is_compiled(case: Case, how: str) -> None:
    params, grads = exact_tensors(case.name, 1)
    tx = getattr(lrjax, case.name)(GROUP_TABLES[case.groups], **case.options)
    ours = first_step(how, tx, jax.tree.map(jnp.asarray, params), {n: jnp.asarray(g[0]) for n, g in grads.items()})
    assert differing(jax.tree.map(np.asarray, ours), run_torch(case, "constant", params, grads).params) == {}


@pytest.mark.parametrize("case", EXACT[1:3], ids=lambda case: case.id)
def test_vmap_over_seeds_of_a_scan(case: Case) -> None:
    runs = [exact_tensors(case.name, 20, seed) for seed in range(3)]
    params, grads = (jax.tree.map(lambda *x: np.stack(x), *side) for side in zip(*runs, strict=True))
    tx = getattr(lrjax, case.name)(GROUP_TABLES[case.groups], **case.options)
    ours = jax.jit(jax.vmap(lambda p, g: train(tx, p, g)[0]))(params, grads)
    for i, (p, g) in enumerate(runs):
        theirs = run_torch(case, "constant", p, g).params
        assert differing({n: np.asarray(x[i]) for n, x in ours.items()}, theirs) == {}


def train(tx: Any, params: Any, grads: Any) -> Any:
    """Parameters and state after all gradients."""
    carry = (jax.tree.map(jnp.asarray, params), tx.init(params))
    return jax.lax.scan(lambda c, g: (lrjax.step(tx, g, c[1], c[0]), None), carry, grads)[0]


@pytest.mark.parametrize("name", TENSORS)
def test_float64_is_the_same_algorithm(name: str) -> None:
    case = Case("", name, dict(weight_decay=0.1, **({"ns_steps": 0} if name == "Muon" else {})), "two rates")
    params, grads = tensors(name, 1, 200, np.float64)
    with jax.enable_x64(True):
        ours = run_jax(case, "scheduled", params, grads)
    theirs = run_torch(case, "scheduled", params, grads)
    for n, p in params.items():  # 1e-12 of the larger of start and end: 200 steps of 1e-16, and a weight may cross zero
        scale = np.maximum(np.abs(p), np.abs(theirs.params[n]))
        assert np.all(np.abs(ours.params[n] - theirs.params[n]) <= 1e-12 * scale)


@pytest.mark.parametrize("case", EXACT[::2], ids=lambda case: case.id)
def test_a_missing_gradient_skips_and_a_zero_gradient_does_not(case: Case) -> None:
    params = {n: np.full((2, 2), 2.0, np.float32) for n in "ab"}
    model = {n: torch.nn.Parameter(torch.from_numpy(p.copy())) for n, p in params.items()}
    optimizer = getattr(torch.optim, case.name)(model.values(), **case.options)
    tx = getattr(lrjax, case.name)(**case.options)
    ours, state = jax.tree.map(jnp.asarray, params), tx.init(params)
    step = jax.jit(lambda g, s, p: lrjax.step(tx, g, s, p))
    zero, one = np.zeros((2, 2), np.float32), np.ones((2, 2), np.float32)
    for a, b in [(zero, None), (one, None), (None, one), (one, one), (None, zero), (one, one)]:
        model["a"].grad, model["b"].grad = (None if g is None else torch.from_numpy(g.copy()) for g in (a, b))
        optimizer.step()
        ours, state = step({"a": a, "b": b}, state, ours)
        assert differing(jax.tree.map(np.asarray, ours), {n: p.detach().numpy() for n, p in model.items()}) == {}


# What the optax form does otherwise on a tensor. (A matrix it treats as torch does while lr <= 1 / sqrt(t).)
OPTAX = {
    "Adafactor": ("c", lambda: optax.adafactor(3e-3, min_dim_size_to_factor=1)),  # factors over the two largest axes
    "Muon": ("a", lambda: optax.contrib.muon(1e-3, eps=1e-7, weight_decay=0.1)),  # corrects the momentum's bias
}


@pytest.mark.parametrize("name", OPTAX)
def test_the_suite_sees_optax(name: str) -> None:
    """Negative control: the plain optax form is further from torch than ten times our bound."""
    case, (tensor, make) = next(case for case in CASES if case.name == name), OPTAX[name]
    params, grads = tensors(name, 2, QUICK_STEPS[name])
    theirs, ours = run_torch(case, "constant", params, grads), run_jax(case, "constant", params, grads)
    tx, p = make(), jnp.asarray(params[tensor])

    def one(carry: Any, g: Any) -> Any:
        updates, state = tx.update(g, carry[1], carry[0])
        return (optax.apply_updates(carry[0], updates), state), None

    (other, _), _ = jax.lax.scan(one, (p, tx.init(p)), grads[tensor])
    optaxs = theirs._replace(params={**theirs.params, tensor: np.asarray(other)}, slots={})
    bound = 2 * spread(case, "constant", params, grads, theirs)["params"]
    assert distance(ours, theirs, params)["params"] <= bound
    assert distance(optaxs, theirs._replace(slots={}), params)["params"] > 10 * bound


def half_run(case: Case, dtype: str, params: Any, grads: Any) -> tuple[Run, Run]:
    """Ours and torch's run with parameters and gradients in half precision, as float32."""
    tx, kind = getattr(lrjax, case.name)(**case.options), getattr(torch, dtype)
    ours, state = train(tx, *({n: jnp.asarray(x).astype(dtype) for n, x in t.items()} for t in (params, grads)))
    model = {n: torch.nn.Parameter(torch.from_numpy(p).to(kind)) for n, p in params.items()}
    optimizer = getattr(torch.optim, case.name)(model.values(), **case.options)
    for t in range(len(grads["a"])):
        for n, p in model.items():
            p.grad = torch.from_numpy(grads[n][t]).to(kind)
        optimizer.step()
    wide = lambda tree: jax.tree.map(lambda x: np.asarray(x, np.float32), tree)  # noqa: E731
    slots: dict[str, dict[str, np.ndarray]] = {}
    for n, p in model.items():
        for slot in optimizer.state[p].keys() - {"step"}:
            slots.setdefault(slot, {})[n] = optimizer.state[p][slot].float().numpy()
    theirs = Run({n: p.detach().float().numpy() for n, p in model.items()}, slots, {}, {})
    return Run(wide(ours), wide(state.slots), {}, {}), theirs


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@pytest.mark.parametrize("case", [EXACT[0], EXACT[3]], ids=lambda case: case.id)
def test_half_precision_is_torchs(case: Case, dtype: str) -> None:
    """Every bit but of the last n % 32 values, which torch rounds twice."""
    rng = np.random.default_rng(3)
    options = {**case.options, "eps": (None, 1.0)} if case.name == "Adafactor" else {**case.options, "lr": 1.0}
    shapes = {"a": (64, 1, 1), "b": (96,)} if case.name == "Adafactor" else {"a": (32, 48), "b": (64, 32)}
    params = {n: rng.normal(size=s).astype(np.float32) for n, s in shapes.items()}
    grads = {n: rng.normal(size=(20, *s)).astype(np.float32) for n, s in shapes.items()}
    grads["a"][0, 0] = 0.0
    ours, theirs = half_run(case._replace(options=options), dtype, params, grads)
    assert not any(np.isnan(p).any() for p in ours.params.values())
    assert_same_bits(ours, theirs)
    assert set(differing(ours.params, params)) == {"a", "b"}


@pytest.mark.parametrize("name", TENSORS)
@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_makes_no_nan(name: str, dtype: str) -> None:
    params, grads = {"a": np.zeros((4, 6), np.float32)}, {"a": np.zeros((2, 4, 6), np.float32)}
    grads["a"][1] = 1.0
    ours, _ = half_run(Case("", name, {}), dtype, params, grads)
    assert np.all(np.isfinite(ours.params["a"]))


def test_eps_none_is_that_of_the_groups_first_parameter() -> None:
    """torch's fault: the machine epsilon of a float32 tensor serves the bfloat16 tensor after it."""
    options: dict[str, Any] = dict(eps=(None, 1.0), d=1e9, lr=0.5)
    g = np.full(32, 2.0**-13, np.float32)
    model = {"a": torch.nn.Parameter(torch.zeros(32)), "b": torch.nn.Parameter(torch.zeros(32, dtype=torch.bfloat16))}
    for p in model.values():
        p.grad = torch.from_numpy(g).to(p.dtype)
    lrtorch.Adafactor(model, **options).step()
    params = {"a": jnp.zeros(32), "b": jnp.zeros(32, jnp.bfloat16)}
    grads = jax.tree.map(lambda p: jnp.asarray(g, p.dtype), params)
    moved = {}
    tables: Any = (None, [{"params": "a"}, {"params": "b"}])
    for groups in tables:
        tx = lrjax.Adafactor(groups, **options)
        new, _ = lrjax.step(tx, grads, tx.init(params), params)
        moved[groups is None] = [float(new[n][0]) for n in "ab"]
    assert moved[True] == [float(model[n].detach()[0]) for n in "ab"] == [-0.5, -0.5]
    assert moved[False] == [-0.5, -(2.0**-7)]  # its own epsilon, 2**-7, is far above the gradient


def test_hand_worked_adafactor() -> None:
    """One number: the update is sign(g), the step RMS(p) min(lr, 1 / sqrt(t)): p (1 - lr) for g > 0."""
    new, state = train(lrjax.Adafactor(lr=0.25), {"w": jnp.ones(1)}, {"w": jnp.full((2, 1), 2.0)})
    assert (float(new["w"][0]), float(state.slots["variance"]["w"][0])) == (0.5625, 4.0)


def test_hand_worked_muon() -> None:
    """A matrix of twos: x = 1/2; A = A A = 1/2; x/1 + (A + A A) x = 3/2; a JAX kernel (in, out) of 4 rows, 1 column."""
    options: dict[str, Any] = dict(lr=0.25, momentum=0.0, weight_decay=0.0, ns_steps=1, ns_coefficients=(1.0, 1.0, 1.0))
    new, _ = train(lrjax.Muon(**options), {"w": jnp.ones((2, 2))}, {"w": jnp.full((1, 2, 2), 2.0)})
    assert np.asarray(new["w"]).tolist() == [[0.625] * 2] * 2
    tall, _ = train(lrjax.Muon(**{**options, "ns_steps": 0}), {"w": jnp.ones((4, 1))}, {"w": jnp.full((1, 4, 1), 2.0)})
    assert np.asarray(tall["w"]).tolist() == [[0.75]] * 4  # 1 - 0.25 * sqrt(4 / 1) * 0.5


ERRORS: list[tuple[str, dict[str, Any], str]] = [
    ("Adafactor", dict(lr=-0.1), "lr must be a finite number, at least 0.0, got -0.1"),
    ("Adafactor", dict(beta2_decay=0.8), "beta2_decay must be at most 0.0, got 0.8"),
    ("Adafactor", dict(eps=(-1e-30, 1e-3)), "eps[0] must be a finite number, at least 0.0, got -1e-30"),
    ("Adafactor", dict(eps=(None, -1e-3)), "eps[1] must be a finite number, at least 0.0, got -0.001"),
    ("Adafactor", dict(eps=(None, None)), "eps[1] must be a finite number, at least 0.0, got None"),
    ("Adafactor", dict(eps=1e-3), "eps must be two numbers, or None and a number, got 0.001"),
    ("Adafactor", dict(d=0.0), "d must be a finite number, at least 1.0, got 0.0"),
    ("Adafactor", dict(weight_decay=-0.5), "weight_decay must be a finite number, at least 0.0, got -0.5"),
    ("Muon", dict(lr=-0.1), "lr must be a finite number, at least 0.0, got -0.1"),
    ("Muon", dict(weight_decay=-0.5), "weight_decay must be a finite number, at least 0.0, got -0.5"),
    ("Muon", dict(momentum=-0.1), "momentum must be a finite number, at least 0.0, got -0.1"),
    ("Muon", dict(adjust_lr_fn="arbitrary"), "adjust_lr_fn must be None, 'original' or 'match_rms_adamw', got 'arbitr"),
    ("Muon", dict(ns_steps=100), "ns_steps must be below 100, got 100"),
    ("Muon", dict(ns_steps=-1), "ns_steps must be an integer, at least 0, got -1"),
    ("Muon", dict(ns_coefficients=(1.0, 2.0)), "ns_coefficients must be three numbers, got (1.0, 2.0)"),
    ("Muon", dict(), "params must be matrices (give the others another optimizer), got (2,)"),
]


@pytest.mark.parametrize(("name", "options", "expected"), ERRORS, ids=[f"{n} {o}" for n, o, _ in ERRORS])
def test_bad_options(name: str, options: dict[str, Any], expected: str) -> None:
    ours, theirs = (message(lambda p=p: build(p, name=name, **options)) for p in (lrjax, lrtorch))
    assert ours == theirs
    assert (ours[0], ours[1].startswith(f"{name}: {expected}")) == (ValueError, True)
