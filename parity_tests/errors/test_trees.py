"""Trees that do not fit: parameters, gradients and states of another shape, kind or optimizer are refused, by path."""

from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import lrjax
import lrtorch

PARAMS = {"a": jnp.ones((1, 2)), "b": {"w": jnp.ones(3)}}


def both_ways(tx: Any, grads: Any, state: Any, params: Any) -> set[tuple[type, str]]:
    """The errors of an update, eager and compiled, and of a step."""
    found = set()
    for action in (tx.update, jax.jit(tx.update), lambda g, s, p: lrjax.step(tx, g, s, p)):
        with pytest.raises((ValueError, TypeError)) as caught:
            action(grads, state, params)
        found.add((caught.type, str(caught.value)))
    return found


B = PARAMS["b"]
GRADIENTS: dict[str, tuple[Any, str]] = {
    "another shape": ({"a": jnp.ones((3, 2)), "b": B}, "the gradient of a must have its shape, (1, 2), got (3, 2)"),
    "one that broadcasts": ({"a": jnp.ones(2), "b": B}, "the gradient of a must have its shape, (1, 2), got (2,)"),
    "complex": (
        {"a": PARAMS["a"], "b": {"w": jnp.ones(3, complex)}},
        "the gradient of b/w must be real, got 'an array of complex64'",
    ),
}


@pytest.mark.parametrize("what", GRADIENTS)
def test_gradients(what: str) -> None:
    grads, expected = GRADIENTS[what]
    tx = lrjax.AdamW()
    assert both_ways(tx, grads, tx.init(PARAMS), PARAMS) == {(ValueError, f"AdamW.update: {expected}")}


def test_a_state_of_other_parameters() -> None:
    tx = lrjax.SGD(momentum=0.9)
    (error,) = both_ways(tx, {"a": PARAMS["a"]}, tx.init(PARAMS), {"a": PARAMS["a"]})
    assert error == (ValueError, "SGD.update: params must be the 2 parameters of the state, got '1 arrays'")


def test_a_state_of_another_optimizer() -> None:
    tx, other, nothing = lrjax.SGD(), lrjax.AdamW().init(PARAMS), cast(Any, None)
    with pytest.raises(ValueError, match=r"^SGD.update: state must be of SGD, got 'one of AdamW'$"):
        tx.update(PARAMS, other, PARAMS)
    with pytest.raises(TypeError, match=r"^SGD.update: state must be what init gave, got 'NoneType'$"):
        tx.update(PARAMS, nothing, PARAMS)


def test_integers_are_refused_unless_they_are_frozen() -> None:
    params = {"w": jnp.ones(2), "ids": jnp.arange(4)}
    with pytest.raises(
        TypeError, match=r"^SGD: params must be floats of 16, 32 or 64 bits \(ids is not: leave it out, or set fr"
    ):
        lrjax.SGD().init(params)
    tx = lrjax.SGD([{"params": "ids", "frozen": True}, {"params": "w"}], momentum=0.9)
    new, _ = lrjax.step(tx, {"w": jnp.ones(2), "ids": None}, tx.init(params), params)
    np.testing.assert_array_equal(new["ids"], params["ids"])


def test_paths_that_collide() -> None:
    params = {"a/b": jnp.ones(2), "a": {"b": jnp.zeros(2)}}
    with pytest.raises(ValueError, match=r"^SGD: params must have paths that differ .* got 'a/b'$"):
        lrjax.SGD().init(params)


SWITCHES = [("SGD", dict(maximize="False")), ("SGD", dict(momentum=0.9, nesterov="no")), ("AdamW", dict(amsgrad=1))]
SWITCHES += [("RMSprop", dict(centered=None)), ("NAdam", dict(decoupled_weight_decay="x")), ("Muon", dict(nesterov=0))]


@pytest.mark.parametrize(("name", "options"), SWITCHES)
def test_switches_are_bools(name: str, options: dict[str, Any]) -> None:
    model = {"w": torch.nn.Parameter(torch.ones(2, 2))}
    (last,) = list(options)[-1:]
    for make in (lambda: getattr(lrjax, name)(**options), lambda: getattr(lrtorch, name)(model, **options)):
        with pytest.raises(TypeError, match=f"^{name}: {last} must be True or False, got {options[last]!r}$"):
            make()
    assert lrjax.SGD(maximize=np.True_) is not None  # type: ignore[arg-type]


def test_rates_that_float32_does_not_hold() -> None:
    model = {"w": torch.nn.Parameter(torch.ones(2))}
    for make in (lambda: lrjax.SGD(lr=1e39), lambda: lrtorch.SGD(model, lr=1e39)):
        with pytest.raises(ValueError, match=r"^SGD: lr must be at most 3.4e38, the largest float32, got 1e\+39$"):
            make()


@pytest.mark.parametrize("lr", [-5.0, float("nan"), float("inf")])
def test_a_saved_rate_is_checked(lr: float) -> None:
    state = lrjax.SGD().init(PARAMS)
    saved = lrjax.state_dict(state)
    saved["groups"]["**"]["lr"] = np.float64(lr)
    with pytest.raises(ValueError, match=r"^load_state_dict: lr of group '\*\*' must be a finite number, at least 0.0"):
        lrjax.load_state_dict(state, saved)


def test_every_number_of_muon_can_be_set_by_hand() -> None:
    """Its steps and its rule for the rate are no switches: a check that took them for such refused every edit."""
    state = lrjax.Muon().init({"w": jnp.ones((2, 2))})
    optimizer = lrtorch.Muon({"w": torch.nn.Parameter(torch.ones(2, 2))})
    for name, value in {"weight_decay": 0.2, "momentum": 0.8, "eps": 1e-6, "ns_coefficients": (3.0, -4.0, 2.0)}.items():
        state = lrjax.set_hyper(state, name, value)
        lrtorch.set_hyper(optimizer, name, value)
        assert lrjax.get_hyper(state, name) == lrtorch.get_hyper(optimizer, name) == {"**": value}
