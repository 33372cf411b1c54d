"""A run handed over at half time goes on as if it had not been: PyTorch to JAX, and JAX to PyTorch."""

import io
import os
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

import lrjax
from parity_tests.schedulers.cases import make

from . import cases as cases
from .cases import CASES, HALF, PLATEAU, Case, Torch

BACK = HALF if os.environ.get("LRJAX_SLOW") else 40  # steps of torch after the way back
IDS = [f"{case.name} with {case.scheduler[0]}" for case in CASES]


class Whole(NamedTuple):
    """torch's own run, and what it was at half time."""

    start: tuple[Any, Any]  # state dicts
    half: tuple[Any, Any]
    half_weights: dict[str, np.ndarray]
    soon_weights: dict[str, np.ndarray]  # BACK steps later
    end: Any  # the run


def whole(case: Case) -> Whole:
    run, grads = Torch(case, cases.start(case)), cases.gradients(case)
    first = run.state_dicts()
    run.run(grads, 0, HALF)
    half, weights = run.state_dicts(), run.weights()
    run.run(grads, HALF, HALF + BACK)
    soon = run.weights()
    run.run(grads, HALF + BACK, 2 * HALF)
    return Whole(first, half, weights, soon, run)


def options(case: Case) -> dict[str, Any]:
    """What torch's states do not say: functions, and how often the scheduler steps."""
    name = case.scheduler[0]
    if name in ("LambdaLR", "MultiplicativeLR"):
        return {"scheduler": make(lrjax, (name, {**case.scheduler[1], "every": 1}))}
    return {} if name == PLATEAU else {"every": 1}


def assert_same(case: Case, ours: dict[str, np.ndarray], theirs: dict[str, np.ndarray]) -> None:
    for name, expected in theirs.items():
        if case.within:
            scale = np.abs(expected - cases.start(case)[name]).max()
            assert np.abs(ours[name] - expected).max() <= case.within * scale, name
        else:
            assert ours[name].tobytes() == expected.tobytes(), name


def through_torchs_file(data: Any) -> Any:
    file = io.BytesIO()
    torch.save(data, file)
    file.seek(0)
    return lrjax.load_checkpoint(file)


def through_our_file(data: Any) -> Any:
    file = io.BytesIO()
    lrjax.save_checkpoint(file, data)
    file.seek(0)
    return torch.load(file, weights_only=True)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_run_changes_over_at_half_time(case: Case) -> None:
    """Both ways, and there and back at once; one test, for the runs and what is compiled serve all three."""
    run = whole(case)
    params = lrjax.params_from_torch(run.half_weights, cases.empty_tree(case))
    states = through_torchs_file(run.half) if CASES.index(case) % 2 else run.half
    tx, state = lrjax.from_torch(states[0], states[1], params, **options(case))
    goes_on_in_jax(case, run, tx, params, state)
    comes_back_equal(state, run, run.half)
    goes_on_in_torch(case, run, tx)


def goes_on_in_jax(case: Case, run: Whole, tx: Any, params: Any, state: Any) -> None:
    """The second half in JAX ends where torch's own does."""
    grads = cases.to_tree(case, cases.gradients(case))
    plateau = case.scheduler[0] == PLATEAU
    params, state, rates = cases.run_jax(tx, params, state, grads, HALF, 2 * HALF, plateau=plateau)
    np.testing.assert_array_equal(rates, np.array(run.end.rates[HALF:], np.float32))
    names = lrjax.match_names(run.half_weights, params)
    assert_same(case, lrjax.params_to_torch(params, names), run.end.weights())


def goes_on_in_torch(case: Case, run: Whole, tx: Any) -> None:
    """The first half in JAX, from torch's state before the first update; the second half in torch."""
    names = lrjax.match_names(cases.start(case), cases.empty_tree(case))
    params = lrjax.params_from_torch(cases.start(case), cases.empty_tree(case), names)
    _, state = lrjax.from_torch(*run.start, params, mapping=names, tx=tx)
    comes_back_equal(state, run, run.start)
    grads = cases.to_tree(case, cases.gradients(case))
    params, state, rates = cases.run_jax(tx, params, state, grads, 0, HALF, plateau=case.scheduler[0] == PLATEAU)
    np.testing.assert_array_equal(rates, np.array(run.end.rates[:HALF], np.float32))
    fresh = Torch(case, lrjax.params_to_torch(params, names))
    optimizer_state, scheduler_state = through_our_file(lrjax.to_torch(state, mapping=names))
    fresh.optimizer.load_state_dict(optimizer_state)
    fresh.scheduler.load_state_dict(scheduler_state)
    fresh.run(cases.gradients(case), HALF, HALF + BACK)
    expected = np.array(run.end.rates[HALF : HALF + BACK], np.float32)
    np.testing.assert_array_equal(np.array(fresh.rates, np.float32), expected)
    assert_same(case, fresh.weights(), run.soon_weights)


def comes_back_equal(state: Any, run: Whole, states: tuple[Any, Any]) -> None:
    """torch's state dicts again, every entry of them."""
    names = [name for group in states[0]["param_groups"] for name in group["param_names"]]
    for like in (run.start[0], None):  # a fresh optimizer's state, or torch's defaults
        optimizer_state, scheduler_state = lrjax.to_torch(state, names=names, like=like, tensor=torch.from_numpy)
        for group in optimizer_state["param_groups"]:
            group.pop("name", None)  # which torch does not know
        assert_equal(optimizer_state, states[0])
        assert_equal(scheduler_state, states[1])


def assert_equal(ours: Any, theirs: Any) -> None:
    """Every key, number and bit."""
    if isinstance(theirs, torch.Tensor):
        assert isinstance(ours, torch.Tensor)
        assert ours.dtype == theirs.dtype
        torch.testing.assert_close(ours, theirs, rtol=0, atol=0, equal_nan=True)
    elif isinstance(theirs, dict):
        assert set(ours) == set(theirs)
        for key in theirs:
            assert_equal(ours[key], theirs[key])
    elif isinstance(theirs, list | tuple):
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs, strict=True):
            assert_equal(a, b)
    else:
        assert ours == theirs
