"""The same bits whatever way the optimizer is called: JAX's modes, containers, copies; what cannot be is refused."""

import copy
import pickle
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import lrjax
from parity_tests.by_hand import by_hand
from parity_tests.schedulers.cases import CASES as SCHEDULERS
from parity_tests.schedulers.cases import make as make_scheduler

OPTIONS: dict[str, dict[str, Any]] = {
    "SGD": dict(lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    "Adam": dict(amsgrad=True, weight_decay=0.1),
    "AdamW": dict(amsgrad=True, maximize=True),
    "NAdam": dict(decoupled_weight_decay=True, weight_decay=0.1),
    "RAdam": dict(weight_decay=0.1),
    "Adamax": dict(weight_decay=0.1),
    "Adagrad": dict(lr_decay=0.1, initial_accumulator_value=0.1),
    "Adadelta": dict(weight_decay=0.1),
    "RMSprop": dict(centered=True, momentum=0.9),
    "Rprop": dict(),
    "ASGD": dict(t0=2.0, weight_decay=0.1),
    "Adafactor": dict(weight_decay=0.1),
    "Muon": dict(nesterov=True),
}
NAMES = list(OPTIONS)
SCHEDULE = [
    lrjax.SequentialLR([lrjax.LinearLR(0.5, total_iters=2), lrjax.CosineAnnealingLR(9)], [2], every=1),
    lrjax.StepLR(2, every=2),
]
PARAMS = {"a": {"w": jnp.linspace(-1, 1, 12).reshape(4, 3)}, "b": jnp.linspace(0.1, 2, 6).reshape(2, 3)}


def make(name: str, groups: Any = None) -> Any:
    return getattr(lrjax, name)(groups, scheduler=by_hand(SCHEDULE), **OPTIONS[name])


def trained(tx: Any, params: Any = PARAMS, steps: int = 3) -> Any:
    """Parameters and state after some steps."""
    state = tx.init(params)
    for i in range(steps):
        grads = jax.tree.map(lambda p, i=i: jnp.cos(p + np.float32(i)), params)
        params, state = lrjax.step(tx, grads, state, params)
    return params, state


def same(ours: Any, theirs: Any) -> None:
    jax.tree.map(np.testing.assert_array_equal, jax.tree.leaves(ours), jax.tree.leaves(theirs))


@contextmanager
def strict() -> Iterator[None]:
    """Neither dtypes nor ranks are promoted."""
    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        yield


MODES: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "without jit": jax.disable_jit,
    "no promotion": strict,
    "NaNs are errors": lambda: jax.debug_nans(True),
    "leaks are errors": jax.checking_leaks,
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", NAMES)
def test_the_same_bits_in_every_mode_of_jax(name: str, mode: str) -> None:
    expected = trained(make(name))
    with MODES[mode]():
        same(trained(make(name)), expected)


ONE_OF_EACH = {case.spec[0]: case for case in SCHEDULERS if not case.spec[1].get("last_epoch")}


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_schedulers_under_strict_promotion(name: str) -> None:
    with strict():
        scheduler = make_scheduler(lrjax, ONE_OF_EACH[name].spec)
        params = {name: jnp.ones(2) for name in "abc"}
        tx = lrjax.SGD([{"params": name} for name in params], lr=0.1, momentum=0.9, scheduler=by_hand(scheduler))
        state = lrjax.step_scheduler(tx, tx.init(params), metric=1.0)
        lrjax.step(tx, params, state, params)


@pytest.mark.parametrize("name", NAMES)
def test_one_array_is_a_tree(name: str) -> None:
    """As optax and JAX see it; its path is "params"."""
    tree = {"params": PARAMS["a"]["w"]}
    for tx in (make(name), make(name, "params"), make(name, [{"params": "**", "lr": OPTIONS[name].get("lr", 0.01)}])):
        assert tx.init(tree["params"]).layout.paths == ("params",)
        if tx is not None:
            same(trained(tx, tree["params"]), trained(tx, tree))
    state = lrjax.state_dict(make(name).init(tree["params"]))
    lrjax.load_state_dict(make(name).init(tree), state)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("Muon", "Adafactor")])
def test_flattened_by_optax(name: str) -> None:
    expected, ours = PARAMS, PARAMS
    plain, flat = make(name), optax.flatten(make(name))
    states = plain.init(PARAMS), flat.init(PARAMS)
    for _ in range(3):
        grads = jax.tree.map(jnp.cos, ours)
        updates, states = zip(
            plain.update(grads, states[0], expected), flat.update(grads, states[1], ours), strict=True
        )
        expected, ours = optax.apply_updates(expected, updates[0]), optax.apply_updates(ours, updates[1])
        same(ours, expected)


def accumulated(tx: Any) -> Any:
    """Parameters after four batches, two to a step."""
    params, state = PARAMS, tx.init(PARAMS)
    for i in range(4):
        updates, state = tx.update(jax.tree.map(lambda p, i=i: jnp.cos(p + np.float32(i)), params), state, params)
        params = optax.apply_updates(params, updates)
    return params


@pytest.mark.parametrize("name", NAMES)
def test_step_says_where_it_cannot_be_exact(name: str) -> None:
    inner = make(name)
    around = [optax.MultiSteps(inner, 2), optax.apply_if_finite(inner, 2), optax.chain(inner, optax.scale(0.5))]
    for tx in around:
        with pytest.raises(TypeError, match=r"^step: tx must be an lrjax optimizer, .* \(else use tx.update"):
            lrjax.step(tx, PARAMS, tx.init(PARAMS), PARAMS)
        assert all(jnp.isfinite(leaf).all() for leaf in jax.tree.leaves(accumulated(tx)))


def test_an_error_of_the_users_own_stays_what_it_is() -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise TypeError("mine")

    tx = optax.GradientTransformationExtraArgs(lambda params: (), broken)
    with pytest.raises(TypeError, match=r"^mine$"):
        lrjax.step(tx, PARAMS, (), PARAMS)


@pytest.mark.parametrize("how", [lambda tx: pickle.loads(pickle.dumps(tx)), copy.deepcopy, copy.copy])
@pytest.mark.parametrize("name", NAMES)
def test_copies(name: str, how: Callable[[Any], Any]) -> None:
    tx = make(name, [{"params": "a", "lr": 0.3}, {"params": "b"}])
    again = how(tx)
    assert repr(again) == repr(tx)
    same(trained(again), trained(tx))
    params, state = trained(tx)
    lrjax.step(again, params, how(state), params)


@pytest.mark.parametrize("name", NAMES)
def test_dtypes_that_torch_does_not_train_are_refused(name: str) -> None:
    for dtype in ("float8_e4m3fn", "float8_e5m2", "int8", "bool"):
        params = {"a": jnp.ones((2, 2), dtype), "b": jnp.ones((2, 2))}
        with pytest.raises(TypeError, match=rf"^{name}: params must be floats of 16, .* \(a is not: .* {dtype}'"):
            make(name).init(params)
        tx = make(name, [{"params": "a", "frozen": True}, {"params": "b"}])
        new, _ = lrjax.step(tx, {"a": None, "b": params["b"]}, tx.init(params), params)
        assert new["a"].dtype == dtype
        same(new["a"], params["a"])


def test_integers_of_several_kinds_beside_adafactor() -> None:
    """Its eps is the machine epsilon of a group's first parameter: integers, which are frozen, have none."""
    params = {"a": jnp.arange(3), "b": jnp.arange(3, dtype=jnp.int8), "c": jnp.ones((2, 2))}
    tx = lrjax.Adafactor([{"params": ["a", "b"], "frozen": True}, {"params": "c"}])
    lrjax.step(tx, {"a": None, "b": None, "c": params["c"]}, tx.init(params), params)


def test_a_group_added_to_adafactor_takes_the_epsilon_of_its_first_parameter() -> None:
    """As a group that was there from the start does."""
    params = {"a": jnp.ones((2, 2)), "b": {"half": jnp.ones((2, 3), jnp.float16), "whole": jnp.ones((2, 3))}}
    whole = lrjax.Adafactor([{"params": "a"}, {"params": "b"}]).init(params)
    added = lrjax.add_param_group(lrjax.Adafactor("a").init({"a": params["a"]}), params, {"params": "b"})
    assert lrjax.get_hyper(added, "eps") == lrjax.get_hyper(whole, "eps")
    assert lrjax.get_hyper(added, "eps")["b"] == (float(jnp.finfo(jnp.float16).eps), 1e-3)


def test_no_parameters() -> None:
    with pytest.raises(ValueError, match=r"^SGD: params must have at least one array, got {}$"):
        lrjax.SGD().init({})


def test_frozen_parameters_of_muon_are_matrices_too() -> None:
    params = {"w": jnp.ones((2, 2)), "ids": jnp.arange(4)}
    with pytest.raises(ValueError, match=r"^Muon: params must be matrices .*, got \(4,\)$"):
        lrjax.Muon([{"params": "ids", "frozen": True}, {"params": "w"}]).init(params)
    tx = lrjax.Muon([{"params": "w", "stacked": 3}])
    tx.init({"w": jnp.ones((3, 2, 2))})
    with pytest.raises(ValueError, match=r"^Muon: params must be matrices .*, got \(2,\)$"):
        tx.init({"w": jnp.ones((3, 2))})
