"""Derivatives by a rate set by hand, scaled, or given to the constructor: that by the rate in the state."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lrjax

PARAMS = {"a": jnp.linspace(0.5, 1, 4), "b": jnp.ones((2, 2))}
RATE = jnp.float32(0.01)


def after_three(tx: Any, state: Any) -> jax.Array:
    """A number that three updates lead to."""

    def one(carry: Any, _: None) -> Any:
        params, state = carry
        return lrjax.step(tx, jax.tree.map(jnp.square, params), state, params), None

    (params, _), _ = jax.lax.scan(one, (PARAMS, state), None, length=3)
    return sum((jnp.sum(jnp.sin(x)) for x in params.values()), start=jnp.float32(0))


def make(name: str, lr: Any) -> Any:
    return getattr(lrjax, name)(lr=lr, scheduler=lrjax.ExponentialLR(0.9, every=1))


def in_the_state(name: str, lr: jax.Array) -> jax.Array:
    tx = make(name, float(RATE))
    state = tx.init(PARAMS)
    rates = state.hyper["lr"]._replace(value=lr[None])
    return after_three(tx, replace(state, hyper={**state.hyper, "lr": rates}))


def by_hand(name: str, lr: jax.Array) -> jax.Array:
    tx = make(name, 0.5)
    return after_three(tx, lrjax.set_lr(tx.init(PARAMS), lr))


def in_the_constructor(name: str, lr: jax.Array) -> jax.Array:
    tx = make(name, lr)
    return after_three(tx, tx.init(PARAMS))


def scaled(name: str, lr: jax.Array) -> jax.Array:
    tx = make(name, float(RATE))
    return after_three(tx, lrjax.scale_lr(tx.init(PARAMS), lr / RATE))


@pytest.mark.parametrize("how", [by_hand, in_the_constructor, scaled])
@pytest.mark.parametrize("name", ["SGD", "AdamW", "Adagrad", "RMSprop", "Adafactor"])
def test_every_way_to_give_a_rate(name: str, how: Callable[[str, jax.Array], jax.Array]) -> None:
    value, slope = jax.jit(jax.value_and_grad(lambda lr: how(name, lr)))(RATE)
    expected, expected_slope = jax.jit(jax.value_and_grad(lambda lr: in_the_state(name, lr)))(RATE)
    assert value == expected and abs(expected_slope) > 1
    np.testing.assert_allclose(slope, expected_slope, rtol=1e-6)
    np.testing.assert_allclose(jax.jvp(lambda lr: how(name, lr), (RATE,), (jnp.float32(1),))[1], slope, rtol=1e-5)
