"""bfloat16 and float16 parameters beside torch's own: every bit of what torch computes in vectors."""

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import lrjax
from docs.distances import HALF_STEPS, distance, measure_half
from docs.distances import NAMES as ALL

from .cases import GROUPS, NAMES, Case, gradients, run_jax, run_torch, start
from .halves import HALVES

# add_(grad, alpha=-lr): the last n % 32 elements of a tensor do not go through torch's vector code.
ROUNDS_ITS_TAIL = {"SGD", "ASGD", "Adadelta"}


def problem(dtype: str, steps: int) -> tuple[Any, Any]:
    begin, grads = start(0, jnp.dtype(dtype)), gradients(0, steps, jnp.dtype(dtype))
    begin["a"], grads = begin["a"][:20, :17], {**grads, "a": grads["a"][:, :20, :17]}
    return {n: begin[n] for n in "acdef"}, {n: grads[n] for n in "acdef"}


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("name", NAMES)
def test_every_bit_of_the_vector_code(name: str, dtype: str) -> None:
    case = Case("", name, {}, "two rates")
    begin, grads = problem(dtype, HALF_STEPS)
    ours = run_jax(case, "constant", begin, grads).params
    theirs = run_torch(case, "constant", begin, grads, foreach=False).params
    for tensor, expected in theirs.items():
        assert ours[tensor].dtype == expected.dtype == jnp.dtype(dtype)
        body = expected.size - expected.size % 32 if name in ROUNDS_ITS_TAIL else expected.size
        np.testing.assert_array_equal(ours[tensor].ravel()[:body], expected.ravel()[:body])
        assert not np.array_equal(ours[tensor], begin[tensor])


@pytest.mark.parametrize("dtype", HALVES)
def test_the_tail_is_an_ulp_off_at_most(dtype: str) -> None:
    """One step: torch rounds lr * g, then p - lr * g; here the second only."""
    case = Case("", "SGD", dict(lr=0.3), "two rates")
    begin, grads = problem(dtype, 1)
    ours = run_jax(case, "constant", begin, grads).params
    theirs = run_torch(case, "constant", begin, grads, foreach=False).params
    far = distance(ours, theirs, begin)
    assert far.equal < 1
    assert far.ulp <= 1


@pytest.mark.parametrize("name", ALL)
def test_no_nan_at_step_one(name: str) -> None:
    """With torch's defaults in bfloat16; in float16 with an eps that float16 can hold (Adafactor squares it)."""
    eps: dict[str, Any] = {"SGD": {}, "Rprop": {}, "ASGD": {}, "Adafactor": dict(eps=(1e-2, 1e-3))}
    for dtype, options in (("bfloat16", {}), ("float16", eps.get(name, dict(eps=1e-4)))):
        params = {"w": jnp.asarray(start(0)["b"], dtype)}
        grads = {"w": jnp.asarray(gradients(0, 1)["b"][0] / 64, dtype).at[0].set(0)}  # squares fit into float16
        tx = getattr(lrjax, name)(**options)
        new, _ = jax.jit(lambda p, g, tx=tx: lrjax.step(tx, g, tx.init(p), p))(params, grads)
        assert new["w"].dtype == dtype
        assert bool(jnp.all(jnp.isfinite(new["w"])))


def test_torchs_own_nan_is_kept() -> None:
    """An eps of 1e-8 is zero in float16: 0 / 0 where the gradient is zero, in torch and here."""
    far, nan = measure_half(Case("", "Adam", {}, "two rates"), "float16", steps=1)
    assert far.equal == 1
    assert nan > 0.01


@pytest.mark.parametrize("dtype", HALVES)
def test_rates_and_betas_stay_wide(dtype: str) -> None:
    tx = lrjax.AdamW(GROUPS, lr=1e-3, betas=(0.9, 0.999))
    params = {n: jnp.zeros(2, dtype) for n in "abcdefg"}
    state = tx.init(params)
    _, state = lrjax.step(tx, params, state, params)
    assert {leaf.dtype for leaf in jax.tree.leaves(state.hyper)} == {jnp.dtype("float32")}
    assert {leaf.dtype for leaf in jax.tree.leaves(state.slots)} == {jnp.dtype(dtype)}
    assert list(lrjax.get_lr(state).values()) == [1e-3, 3e-3, 0.0]  # 64 bits, as three float32


@pytest.mark.parametrize("length", [3, 40])
@pytest.mark.parametrize("dtype", ["float32", *HALVES])
def test_what_overflows_is_infinite_as_in_torch(dtype: str, length: int) -> None:
    """The sum of squares becomes infinite, and the next step is zero; also where rows are short (exact_fma)."""
    huge = 3e20 if dtype != "float16" else 3e4
    tx = lrjax.Adagrad(lr=0.5)
    params = {"w": jnp.ones(length, dtype)}
    state = tx.init(params)
    model = torch.nn.Parameter(torch.ones(length, dtype=getattr(torch, dtype)))
    optimizer = torch.optim.Adagrad([model], lr=0.5, foreach=False)
    for g in (huge, 1.0):
        params, state = lrjax.step(tx, {"w": jnp.full(length, g, dtype)}, state, params)
        model.grad = torch.full_like(model, g)
        optimizer.step()
    assert state.slots["sum"]["w"].tolist() == optimizer.state[model]["sum"].tolist() == [math.inf] * length
    assert params["w"].tolist() == model.tolist()


def test_float16_keeps_its_subnormals() -> None:
    tx = lrjax.SGD(lr=1.0)
    new, _ = jax.jit(lambda p: lrjax.step(tx, p, tx.init(p), jax.tree.map(jnp.zeros_like, p)))(
        {"w": jnp.float16([6e-8, 1e-6])}
    )
    assert new["w"].tolist() == [-float(np.float16(6e-8)), -float(np.float16(1e-6))]
