"""Gradient clipping against torch's: the norm, the scaling, and the chain in front of an optimizer."""

import math
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch

import lrjax
import lrtorch
from lrparity.oracle.cpu import CorrectSqrt
from lrparity.runs.bits import differing

SIZES = [(96, 96), (17, 33), (5, 5, 3), (), (75,)]
HALF = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16, "float64": torch.float64}
Grads = dict[str, Any]  # name -> array


def gradients(seed: int, sizes: Any = SIZES) -> Grads:
    """Gradients of mixed magnitude; names in order."""
    rng = np.random.default_rng(seed)
    return {
        f"{i:02d}": np.asarray(rng.normal(size=n) * 10.0 ** rng.uniform(-4, 1, size=n), np.float32)
        for i, n in enumerate(sizes)
    }


@cache
def compiled(*arguments: Any) -> Any:
    """One compiled function for all seeds."""
    return jax.jit(lambda grads: lrjax.clip_grad_norm_(grads, *arguments))


def clip_both(grads: Grads, *arguments: Any, dtype: str = "float32", **form: Any) -> tuple[Any, Any, Any, Any]:
    """Our gradients and norm, torch's gradients and norm: of the dtype, as float64 arrays."""
    with jax.enable_x64(True):
        ours, norm = compiled(*arguments)({n: jnp.asarray(g).astype(dtype) for n, g in grads.items()})
        assert {str(g.dtype) for g in ours.values()} == {str(norm.dtype)} == {dtype}
        ours = {n: np.asarray(g.astype(jnp.float64)) for n, g in ours.items()}
        norm = float(norm)
    model = [torch.nn.Parameter(torch.from_numpy(np.asarray(g)).to(HALF[dtype])) for g in grads.values()]
    for p in model:
        p.grad = p.detach().clone()
    theirs_norm = lrtorch.clip_grad_norm_(model, *arguments, **form)
    theirs = {n: p.grad.double().numpy() for n, p in zip(grads, model, strict=True) if p.grad is not None}
    return ours, norm, theirs, theirs_norm.item()


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("arguments", [(1.0,), (1e9,), (math.inf,), (0.3, "inf")], ids=str)
def test_norm_and_gradients_are_torchs_in_every_bit(arguments: tuple[Any, ...], dtype: str) -> None:
    for seed in range(3):
        ours, norm, theirs, theirs_norm = clip_both(gradients(seed), *arguments, dtype=dtype)
        assert norm == theirs_norm
        assert differing(ours, theirs) == {}


def test_every_length_of_tail() -> None:
    """One tensor of 0 to 17 elements: whole rows of eight, four and the rest each take another path in torch."""
    for size in range(18):
        rows = np.stack([gradients(seed, [(size,)])["00"] for seed in range(20)])
        norms = jax.jit(jax.vmap(lambda g: lrjax.clip_grad_norm_(g, 1.0)[1]))(rows)
        assert norms.tolist() == [torch.linalg.vector_norm(torch.from_numpy(g)).item() for g in rows]


def test_a_sum_in_another_order_is_seen() -> None:
    """Negative control: optax's global norm."""
    norms = [(float(optax.tree.norm(g)), clip_both(g, 1.0)[3]) for g in map(gradients, range(5))]
    assert any(a != b for a, b in norms)


@pytest.mark.parametrize("norm_type", [1, 3.0, 0.5, 0, -math.inf])
def test_other_norms(norm_type: float) -> None:
    """torch adds n numbers in float32 one by one and may be n half ulps off; ours is the float64 sum."""
    grads = gradients(7)
    _, norm, _, theirs = clip_both(grads, 1.0, norm_type)
    in64 = [float(np.linalg.norm(g.astype(np.float64).ravel(), norm_type)) for g in grads.values()]
    truth = float(np.linalg.norm(np.array(in64), norm_type))
    ulp = float(np.spacing(np.float32(truth)))
    assert abs(norm - truth) <= len(grads) * ulp  # each norm is rounded to float32, as in torch, and then their norm
    assert abs(norm - theirs) <= max(g.size for g in grads.values()) / 2 * ulp


@pytest.mark.parametrize(("dtype", "bound"), [("float16", 2**-10), ("float64", 1e-14)])
def test_other_types(dtype: str, bound: float) -> None:
    grads = {n: g / 16 for n, g in gradients(8).items()}
    ours, norm, theirs, theirs_norm = clip_both(grads, 1.0, dtype=dtype)
    assert abs(norm - theirs_norm) <= bound * theirs_norm
    for name in grads:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=2 * bound, atol=6e-8 if dtype == "float16" else 0)


def test_given_the_norm_every_bit_whatever_the_type() -> None:
    """One value: the norm is exact, and what is left is the coefficient and the product."""
    for dtype in ("float32", "bfloat16", "float16"):
        for value in np.random.default_rng(0).normal(size=50):
            ours, norm, theirs, theirs_norm = clip_both({"a": np.array([value], np.float32)}, 0.123, 1.0, dtype=dtype)
            assert (norm, differing(ours, theirs)) == (theirs_norm, {})


def test_missing_gradients_are_skipped_and_kept() -> None:
    clipped, norm = lrjax.clip_grad_norm_({"a": jnp.full(4, 2.0), "b": None}, 1.0)
    assert float(norm) == 4.0
    assert clipped["b"] is None
    clipped, norm = lrjax.clip_grad_norm_({"b": None}, 1.0)
    assert (clipped, float(norm)) == ({"b": None}, lrtorch.clip_grad_norm_([torch.ones(2)], 1.0).item())


def test_nan_and_infinity_pass_as_in_torch() -> None:
    for bad in (math.nan, math.inf):
        grads = {"a": np.array([1.0, bad], np.float32), "b": np.array([3.0, 4.0], np.float32)}
        for norm_type in (2.0, math.inf):
            ours, _, theirs, _ = clip_both(grads, 1.0, norm_type)
            for name in grads:
                np.testing.assert_array_equal(ours[name], theirs[name])
        model = [torch.nn.Parameter(torch.ones(2)) for _ in grads]
        for p, g in zip(model, grads.values(), strict=True):
            p.grad = torch.from_numpy(g.copy())
        message = f"clip_grad_norm_: the gradients' norm must be finite (error_if_nonfinite=True), got {bad}"
        with pytest.raises(RuntimeError) as ours_error:
            lrjax.clip_grad_norm_(grads, 1.0, error_if_nonfinite=True)
        with pytest.raises(RuntimeError) as theirs_error:
            lrtorch.clip_grad_norm_(model, 1.0, error_if_nonfinite=True)
        assert str(ours_error.value) == str(theirs_error.value) == message
        assert model[1].grad is not None
        assert model[1].grad.tolist() == [3.0, 4.0]


def test_compiled_code_cannot_raise() -> None:
    with pytest.raises(ValueError, match="error_if_nonfinite must be False in compiled code, which cannot raise, got"):
        jax.jit(lambda g: lrjax.clip_grad_norm_(g, 1.0, error_if_nonfinite=True))(jnp.ones(3))


@pytest.mark.parametrize("foreach", [False, True])
def test_values(foreach: bool) -> None:
    grads = {**gradients(9), "nan": np.array([math.nan, math.inf, -math.inf, -0.0, 0.25, -0.25], np.float32)}
    ours = jax.jit(lambda g: lrjax.clip_grad_value_(g, 0.25))(grads)
    model = [torch.nn.Parameter(torch.from_numpy(g)) for g in grads.values()]
    for p in model:
        p.grad = p.detach().clone()
    lrtorch.clip_grad_value_(model, 0.25, foreach=foreach)
    theirs = {n: p.grad.numpy() for n, p in zip(grads, model, strict=True) if p.grad is not None}
    for name in grads:
        np.testing.assert_array_equal(np.asarray(ours[name]), theirs[name])


BAD: list[tuple[str, tuple[Any, ...], str]] = [
    ("clip_grad_norm_", (-1.0,), "clip_grad_norm_: max_norm must be in [0.0, inf], got -1.0"),
    ("clip_grad_norm_", (math.nan,), "clip_grad_norm_: max_norm must be in [0.0, inf], got nan"),
    ("clip_grad_norm_", ("1",), "clip_grad_norm_: max_norm must be in [0.0, inf], got '1'"),
    ("clip_grad_norm_", (1.0, math.nan), "clip_grad_norm_: norm_type must be a number or 'inf', got nan"),
    ("clip_grad_norm_", (1.0, "fro"), "clip_grad_norm_: norm_type must be a number or 'inf', got 'fro'"),
    ("clip_grad_value_", (-0.5,), "clip_grad_value_: clip_value must be in [0.0, inf], got -0.5"),
]


@pytest.mark.parametrize(("name", "arguments", "message"), BAD, ids=[row[2] for row in BAD])
def test_bad_arguments(name: str, arguments: tuple[Any, ...], message: str) -> None:
    for package, grads in ((lrjax, jnp.ones(2)), (lrtorch, [torch.ones(2)])):
        with pytest.raises(ValueError) as caught:
            getattr(package, name)(grads, *arguments)
        assert str(caught.value) == message


def test_bad_arguments_of_the_transformations() -> None:
    with pytest.raises(ValueError, match=r"ClipGradNorm: max_norm must be in \[0.0, inf\], got -1"):
        lrjax.ClipGradNorm(-1)
    with pytest.raises(ValueError, match=r"ClipGradValue: clip_value must be in \[0.0, inf\], got -1"):
        lrjax.ClipGradValue(-1)


@pytest.mark.parametrize("by_value", [False, True])
def test_in_front_of_an_optimizer(by_value: bool) -> None:
    """Ten steps of clipping and AdamW, in one compiled scan: parameters equal in every bit."""
    start, steps = gradients(20), [gradients(21 + t) for t in range(10)]
    clip = lrjax.ClipGradValue(0.1) if by_value else lrjax.ClipGradNorm(1.0)
    tx = optax.chain(clip, lrjax.AdamW(lr=1e-2))
    ours: Any = jax.tree.map(jnp.asarray, start)
    stacked = jax.tree.map(lambda *g: np.stack(g), *steps)
    carry = (ours, tx.init(ours))
    ours = jax.jit(lambda c, g: jax.lax.scan(lambda c, g: (lrjax.step(tx, g, c[1], c[0]), None), c, g)[0][0])(
        carry, stacked
    )
    model = {n: torch.nn.Parameter(torch.from_numpy(p.copy())) for n, p in start.items()}
    optimizer = lrtorch.AdamW(model, lr=1e-2, foreach=False)
    for grads in steps:
        for n, p in model.items():
            p.grad = torch.from_numpy(grads[n].copy())
        (lrtorch.clip_grad_value_ if by_value else lrtorch.clip_grad_norm_)(model.values(), 0.1 if by_value else 1.0)
        with CorrectSqrt():
            optimizer.step()
    assert differing(jax.tree.map(np.asarray, ours), {n: p.detach().numpy() for n, p in model.items()}) == {}


def test_under_vmap_each_has_its_own_norm() -> None:
    grads = [gradients(s) for s in range(3)]
    stacked = jax.tree.map(lambda *g: np.stack(g), *grads)
    _, norms = jax.jit(jax.vmap(lambda g: lrjax.clip_grad_norm_(g, 1.0)))(stacked)
    assert norms.tolist() == [clip_both(g, 1.0)[3] for g in grads]
