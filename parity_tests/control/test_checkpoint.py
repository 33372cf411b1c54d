"""A state on disk: by orbax into a fresh process with the same bits, by name into other groups, or a clear refusal."""

import pickle
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import orbax.checkpoint as ocp
import pytest

import lrjax
from parity_tests.by_hand import by_hand

GROUPS: Any = [{"params": "backbone", "lr": 1 / 3}, {"params": "head"}]
# The script of the fresh process; the test runs the same functions.
COMMON = """
import sys, jax, jax.numpy as jnp, lrjax, numpy as np, orbax.checkpoint as ocp
GROUPS = [{"params": "backbone", "lr": 1 / 3}, {"params": "head"}]
tx = lrjax.AdamW(GROUPS, scheduler=lrjax.SequentialLR([lrjax.StepLR(2, 0.5), lrjax.ExponentialLR(0.9)], [5], every=1))
params = {"backbone": {"w": jnp.ones((5, 7)), "b": jnp.ones(7)}, "head": {"w": jnp.ones((7, 3))}}
step = jax.jit(lambda p, s: lrjax.step(tx, jax.tree.map(jnp.cos, p), s, p))
def train(params, state, steps):
    for _ in range(steps):
        params, state = step(params, state)
    return params, state
"""
CONTINUE = """
folder, how = sys.argv[1:]
with ocp.StandardCheckpointer() as saved:
    if how == "state":
        params, state = saved.restore(folder, (params, tx.init(params)))
    else:
        params, plain = saved.restore(folder)
        state = lrjax.load_state_dict(tx.init(params), plain)
params, state = train(jax.tree.map(jnp.asarray, params), state, 5)
np.savez(folder + ".npz", *jax.tree.leaves((params, state)))
"""


@pytest.mark.parametrize("how", ["state", "by name"])
def test_orbax_into_a_fresh_process(how: str, tmp_path: Path) -> None:
    here: dict[str, Any] = {}
    exec(COMMON, here)
    params, state = here["train"](here["params"], here["tx"].init(here["params"]), 4)
    state = lrjax.set_lr(state, {"head": 0.05})
    folder = str(tmp_path / "checkpoint")
    with ocp.StandardCheckpointer() as checkpointer:
        checkpointer.save(folder, (params, state) if how == "state" else (params, lrjax.state_dict(state)))
    run = subprocess.run([sys.executable, "-c", COMMON + CONTINUE, folder, how], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    expected = jax.tree.leaves(here["train"](params, state, 5))
    there = np.load(folder + ".npz")
    assert len(there.files) == len(expected)
    for name, leaf in zip(there.files, expected, strict=True):
        np.testing.assert_array_equal(there[name], leaf)


PARAMS = {"backbone": {"w": jnp.ones((5, 7)), "b": jnp.ones(7)}, "head": {"w": jnp.ones((7, 3))}}


def trained(groups: Any, **options: Any) -> Any:
    tx = lrjax.AdamW(groups, **options)
    return lrjax.step(tx, PARAMS, tx.init(PARAMS), PARAMS)[1]


def test_into_reordered_groups_by_name() -> None:
    state = trained(
        [{"params": "backbone/b", "name": "biases", "lr": 0.5}, *GROUPS], scheduler=lrjax.StepLR(2, every=1)
    )
    tx = lrjax.AdamW(
        [GROUPS[1], {"params": "backbone/w", "name": "biases"}, GROUPS[0]], scheduler=lrjax.StepLR(2, every=1)
    )
    loaded = lrjax.load_state_dict(tx.init(PARAMS), lrjax.state_dict(state))
    assert lrjax.get_lr(loaded) == {"head": 1e-3, "biases": 0.5, "backbone": 1 / 3}
    for slot in ("exp_avg", "exp_avg_sq"):
        jax.tree.map(np.testing.assert_array_equal, loaded.slots[slot], state.slots[slot])
    schedulers = [lrjax.state_dict(each)["scheduler"] for each in (loaded, state)]
    jax.tree.map(np.testing.assert_array_equal, *schedulers)


def without(tree: dict[str, Any], key: str, *deeper: str) -> dict[str, Any]:
    if deeper:
        return {**tree, key: without(tree[key], *deeper)}
    return {name: value for name, value in tree.items() if name != key}


def without_arguments(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {name: without_arguments(value) for name, value in tree.items() if name != "arguments"}
    return [without_arguments(value) for value in tree] if isinstance(tree, list) else tree


def edited(what: str) -> Any:
    saved = lrjax.state_dict(trained(GROUPS, scheduler=by_hand(lrjax.StepLR(2))))
    if what == "a shape":
        saved["state"]["head/w"]["exp_avg"] = jnp.ones((3, 7))
    if what == "no scheduler":
        saved["scheduler"] = []
    return saved


DAMAGED: list[tuple[str, Any, str]] = [
    ("no dict", lambda: [1], "state_dict must be a dict, got 'list'"),
    ("empty", dict, "state_dict must have the names of the state (missing: ['count', 'groups', 'scheduler', 'state'])"),
    ("a group", lambda: without(edited(""), "groups", "head"), "groups must have the names of the state (missing: ['h"),
    ("a parameter", lambda: without(edited(""), "state", "head/w"), "parameters must have the names of the state (mis"),
    ("a slot", lambda: without(edited(""), "state", "head/w", "exp_avg"), "state of head/w must have the names"),
    ("an option", lambda: without(edited(""), "groups", "head", "eps"), "options of group 'head' must have the names"),
    ("a shape", lambda: edited("a shape"), "exp_avg of head/w must have the shape (7, 3), got (3, 7)"),
    ("no scheduler", lambda: edited("no scheduler"), "scheduler must be 1 in number, got 0"),
    (
        "SGD's",
        lambda: lrjax.state_dict(lrjax.SGD(GROUPS, scheduler=by_hand(lrjax.StepLR(2))).init(PARAMS)),
        "group 'backbone' must be of AdamW(amsgrad=False, maximize=False), got 'SGD(maximize=False, nesterov=False)'",
    ),
    (
        "SGD's as an earlier version wrote it",
        lambda: without_arguments(lrjax.state_dict(lrjax.SGD(GROUPS, scheduler=by_hand(lrjax.StepLR(2))).init(PARAMS))),
        "options of group 'backbone' must have the names of the state (missing: ['betas', 'eps']), got ['dampening'",
    ),
    (
        "Adam's",
        lambda: lrjax.state_dict(lrjax.Adam(GROUPS, scheduler=by_hand(lrjax.StepLR(2))).init(PARAMS)),
        "group 'backbone' must be of AdamW(amsgrad=False, maximize=False), got 'Adam(amsgrad=False, decoupled_weight",
    ),
    (
        "another scheduler's",
        lambda: lrjax.state_dict(trained(GROUPS, scheduler=by_hand(lrjax.CosineAnnealingLR(100)))),
        "scheduler[0] must be of StepLR(step_size=2, gamma=0.1), got 'CosineAnnealingLR(T_max=100, eta",
    ),
]


@pytest.mark.parametrize(("saved", "expected"), [row[1:] for row in DAMAGED], ids=[row[0] for row in DAMAGED])
def test_what_does_not_fit_is_named(saved: Any, expected: str) -> None:
    state = lrjax.AdamW(GROUPS, scheduler=by_hand(lrjax.StepLR(2))).init(PARAMS)
    with pytest.raises((ValueError, TypeError)) as caught:
        lrjax.load_state_dict(state, saved())
    assert str(caught.value).startswith(f"load_state_dict: {expected}")


def fits(ours: Any, theirs: Any) -> bool:
    """Whether a state with the scheduler ``theirs``, saved and read again, goes into one with ``ours``."""
    saved = lrjax.state_dict(trained(GROUPS, scheduler=by_hand(theirs)))
    state = lrjax.AdamW(GROUPS, scheduler=by_hand(ours)).init(PARAMS)
    try:
        lrjax.load_state_dict(state, saved)
    except ValueError as error:
        assert re.match(r"load_state_dict: scheduler(\[0\]| must be)", str(error))
        return False
    return True


def half(epoch: int) -> float:
    return 0.5**epoch


PLAYED = [[2, 0.5], [1, 0.1]]
SAME: list[tuple[Any, Any]] = [
    (lrjax.StepLR(2, 1), lrjax.StepLR(2, 1.0)),
    (lrjax.StepLR(2, every=3), lrjax.StepLR(2, every=4)),  # batches per epoch may change
    (lrjax.LambdaLR(half), lrjax.LambdaLR(half)),
    (lrjax.LambdaLR(lambda e: 0.5**e), lrjax.LambdaLR(lambda e: 0.5**e)),  # the same code in another process
    (lrjax.MultiStepLR([1, 2]), lrjax.MultiStepLR((1, 2))),
    (lrjax.TableLR(PLAYED), lrjax.TableLR([list(row) for row in PLAYED])),
    ([lrjax.StepLR(2), lrjax.StepLR(3)], [lrjax.StepLR(2), lrjax.StepLR(3)]),
]
OTHER: list[tuple[Any, Any]] = [
    (lrjax.CosineAnnealingLR(200), lrjax.CosineAnnealingLR(100)),
    (lrjax.StepLR(2), lrjax.CosineAnnealingLR(100)),
    (lrjax.StepLR(2, 0.1), lrjax.StepLR(2, 0.1 + 2e-17)),
    (lrjax.LambdaLR(half), lrjax.LambdaLR(lambda e: 0.5**e)),
    (lrjax.TableLR([[500, 0.5], [1, 0.1]]), lrjax.TableLR([[500, 0.5], [1, 0.2]])),
    (lrjax.TableLR([[1, i / 200] for i in range(100)]), lrjax.TableLR([[1, i / 201] for i in range(100)])),
    (lrjax.TableLR([[1, i] for i in range(100)]), lrjax.TableLR([*([1, i] for i in range(99)), [1, 7]])),
    (lrjax.EpochTable([[1, 0.5]] * 100), lrjax.EpochTable([*[[1, 0.5]] * 99, [1, 0.4]])),
    (
        lrjax.SequentialLR([lrjax.LinearLR(), lrjax.StepLR(2)], [5]),
        lrjax.SequentialLR([lrjax.LinearLR(), lrjax.StepLR(3)], [5]),
    ),
    ([lrjax.StepLR(2), lrjax.StepLR(3)], [lrjax.StepLR(3), lrjax.StepLR(2)]),
    (None, lrjax.StepLR(3)),
]


@pytest.mark.parametrize(("ours", "theirs"), SAME, ids=range(len(SAME)))
def test_the_same_schedulers_go_on(ours: Any, theirs: Any) -> None:
    assert fits(ours, theirs)
    tx = lrjax.AdamW(GROUPS, scheduler=by_hand(ours))
    lrjax.step(tx, PARAMS, tx.init(PARAMS), PARAMS)


@pytest.mark.parametrize(("ours", "theirs"), OTHER, ids=range(len(OTHER)))
def test_other_schedulers_are_refused(ours: Any, theirs: Any) -> None:
    assert not fits(ours, theirs) and not fits(theirs, ours)
    tx = lrjax.AdamW(GROUPS, scheduler=by_hand(ours))
    with pytest.raises(ValueError, match=r"^AdamW.update: state must be made with the schedulers \["):
        lrjax.step(tx, PARAMS, lrjax.AdamW(GROUPS, scheduler=by_hand(theirs)).init(PARAMS), PARAMS)


def test_a_state_of_other_switches_is_refused() -> None:
    state = lrjax.AdamW(GROUPS, lr=0.5).init(PARAMS)
    lrjax.AdamW(GROUPS, lr=0.1, weight_decay=0.5).update(PARAMS, state, PARAMS)  # the state's numbers count
    with pytest.raises(
        ValueError, match=r"^AdamW.update: state must be made with maximize=True, as the optimizer, got"
    ):
        lrjax.AdamW(GROUPS, maximize=True).update(PARAMS, state, PARAMS)
    saved = lrjax.state_dict(state)
    with pytest.raises(
        ValueError, match=r"^load_state_dict: group 'backbone' must be of AdamW\(.*maximize=True\), got"
    ):
        lrjax.load_state_dict(lrjax.AdamW(GROUPS, maximize=True).init(PARAMS), saved)


@pytest.mark.parametrize("name", ["SGD", "AdamW", "Adagrad", "RMSprop", "Rprop"])
def test_states_are_pickled(name: str) -> None:
    state = getattr(lrjax, name)(GROUPS, scheduler=by_hand(lrjax.StepLR(2))).init(PARAMS)
    again = pickle.loads(pickle.dumps(state))
    assert jax.tree.structure(again) == jax.tree.structure(state)
    jax.tree.map(np.testing.assert_array_equal, again, state)
