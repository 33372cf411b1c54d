"""Both zeros, NaN, infinities, overflow and subnormal numbers, in every combination: as torch has them."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import lrjax
from lrparity.oracle.cpu import CorrectSqrt
from lrparity.runs.bits import unequal

from .shape_cases import OPTIONS

VALUES = [0.0, -0.0, 1.0, -1.0, 0.3, 1e-20, -1e-20, 1e-30, 1e30, -1e30, 3e38, np.inf, -np.inf, np.nan]
SUBNORMAL = [-3e-39, 2e-40]
LATER = [0.0, -0.0, 1.0, -1.0, 1e-20, 1e30, -np.inf, np.nan]


@contextmanager
def flushing(flush: bool) -> Iterator[None]:
    """torch with subnormal numbers made zero, as XLA on a CPU makes them."""
    torch.set_flush_denormal(flush)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


def in_torch(name: str, options: dict[str, Any], p: np.ndarray, grads: list[np.ndarray]) -> tuple[np.ndarray, Any]:
    parameter = torch.nn.Parameter(torch.from_numpy(p.copy()))
    optimizer = getattr(torch.optim, name)([parameter], lr=0.1, foreach=False, **options)
    for g in grads:
        parameter.grad = torch.from_numpy(g.copy())
        with CorrectSqrt():
            optimizer.step()
    return parameter.detach().numpy(), optimizer.state[parameter]


def in_jax(name: str, options: dict[str, Any], p: np.ndarray, grads: list[np.ndarray]) -> tuple[np.ndarray, Any]:
    tx = getattr(lrjax, name)(lr=0.1, **options)
    step = jax.jit(lambda params, state, g: lrjax.step(tx, g, state, params))
    params: Any = {"w": jnp.asarray(p)}
    state: Any = tx.init(params)
    for g in grads:
        params, state = step(params, state, {"w": jnp.asarray(g)})
    return np.asarray(params["w"]), {slot: np.asarray(tree["w"]) for slot, tree in state.slots.items()}


@pytest.mark.filterwarnings("ignore:invalid value|overflow")
@pytest.mark.parametrize("options", ["default", "all"])
@pytest.mark.parametrize("name", OPTIONS)
def test_every_combination(name: str, options: str) -> None:
    """Rprop is told apart: it keeps the sign of a subnormal product, as torch does when it does not flush."""
    flush = name != "Rprop"
    first = [*VALUES, *SUBNORMAL] if flush else VALUES
    p, g, later = (np.array(x, np.float32) for x in zip(*itertools.product(first, first, LATER), strict=True))
    chosen = OPTIONS[name] if options == "all" else {}
    ours, slots = in_jax(name, chosen, p, [g, later, g])
    with flushing(flush):
        theirs, state = in_torch(name, chosen, p, [g, later, g])
    assert unequal(ours, theirs) == 0
    for slot, value in slots.items():
        assert unequal(value, state[slot].numpy()) == 0


def test_rprop_sees_the_sign_of_a_subnormal_product() -> None:
    """Gradients of 1e-20: their product, 1e-40, is not zero in torch, and 30 steps lead 11 units away."""
    p, grads = np.full(40, 1.0, np.float32), [np.full(40, 1e-20, np.float32)] * 30
    ours, theirs = in_jax("Rprop", {}, p, grads)[0], in_torch("Rprop", {}, p, grads)[0]
    assert unequal(ours, theirs) == 0
    assert theirs[0] < -10


def test_a_negative_zero_stays() -> None:
    assert np.signbit(in_jax("SGD", {}, np.array([-0.0], np.float32), [np.zeros(1, np.float32)])[0]).all()
