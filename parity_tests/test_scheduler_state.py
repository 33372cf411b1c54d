"""Scheduler states in torch's layout."""

import io
from dataclasses import replace
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import lrjax
import lrtorch
from lrjax.arithmetic.float64 import pack, unpack
from parity_tests.scheduler_cases import CASES, HALF, NAMES, Spec, make

LRS = [0.1, 3e-3, 1.7]


def optimizers(spec: Spec) -> tuple[Any, Any, Any]:
    """The same optimizer on both sides: transformation, state, torch's."""
    groups = [{"params": str(i), "lr": lr} for i, lr in enumerate(LRS)]
    tx = lrjax.SGD(groups, momentum=0.5, scheduler=make(lrjax, spec))
    named = [(str(i), torch.nn.Parameter(torch.ones(2))) for i in range(3)]
    optimizer = lrtorch.SGD(named, groups, momentum=0.5, scheduler=make(lrtorch, spec))
    optimizer.step()  # torch warns of schedulers that step first
    return tx, tx.init({str(i): jnp.ones(2) for i in range(3)}), optimizer


@cache
def compiled(scheduler: Any) -> Any:
    """HALF scheduler steps, each after its edits, in one compiled scan; the optimizer is in the state's layout."""

    def one(state: Any, row: Any) -> Any:
        mask, value, metric = row
        with jax.enable_x64(True):
            lr = pack(jnp.where(mask, value.astype(jnp.float64), unpack(state.hyper["lr"])))
        state = replace(state, hyper={**state.hyper, "lr": lr})
        return lrjax.step_scheduler(None, state, metric), (lr, state.hyper["momentum"])

    return jax.jit(lambda state, rows: jax.lax.scan(one, state, rows))


def run_jax(scheduler: Any, state: Any, edits: np.ndarray, metrics: np.ndarray) -> tuple[Any, np.ndarray]:
    """The state after HALF steps and the rates on the way; an edit is a float32, NaN is none."""
    mask = ~np.isnan(edits)
    state, (lr, _) = compiled(scheduler)(state, (mask, np.where(mask, edits, 0).astype(np.float32), metrics))
    with jax.enable_x64(True):
        return state, np.asarray(unpack(lr))


def run_torch(optimizer: Any, edits: np.ndarray, metrics: np.ndarray) -> np.ndarray:
    rates = []
    for row, metric in zip(edits, metrics, strict=True):
        for group, lr in zip(optimizer.param_groups, row.astype(np.float32).tolist(), strict=True):
            group["lr"] = group["lr"] if np.isnan(lr) else lr
        rates.append([group["lr"] for group in optimizer.param_groups])
        lrtorch.step_scheduler(optimizer, float(metric))
    return np.array(rates)


def assert_close(ours: Any, theirs: Any) -> None:
    """Equal up to rounding of cos and pow; numbers, lists and dicts alike."""
    if isinstance(theirs, dict):
        assert set(ours) == set(theirs)
        for name in theirs:
            assert_close(ours[name], theirs[name])
    elif isinstance(theirs, list) and theirs and isinstance(theirs[0], dict):
        for a, b in zip(ours, theirs, strict=True):
            assert_close(a, b)
    elif isinstance(theirs, float | list | np.ndarray) and np.asarray(theirs).dtype == float:
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-15)
    else:
        assert ours == theirs
        assert type(ours) is type(theirs)


def through_a_file(state_dict: Any) -> Any:
    """torch.save and torch.load, weights only."""
    file = io.BytesIO()
    torch.save(state_dict, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


def exchange(state: Any, optimizer: Any, fresh: Any) -> Any:
    """Each side goes on from what the other saved; only the groups' rates stay where they are, as in torch."""
    ours, theirs = lrjax.scheduler_state_dict(state), lrtorch.scheduler_state_dict(optimizer)
    assert_close(ours, theirs)
    ours, theirs = through_a_file(ours), through_a_file(theirs)
    new = lrjax.load_scheduler_state_dict(fresh, theirs)
    assert_close(lrjax.scheduler_state_dict(new), theirs)
    lrtorch.load_scheduler_state_dict(optimizer, ours)
    return replace(new, hyper=state.hyper)


def program(spec: Spec, edits: np.ndarray, metrics: np.ndarray, save: bool) -> None:
    tx, fresh, optimizer = optimizers(spec)
    scheduler, state = make(lrjax, spec), fresh
    for half in range(2):
        now = slice(half * HALF, (half + 1) * HALF)
        state, ours = run_jax(scheduler, state, edits[now], metrics[now])
        theirs = run_torch(optimizer, edits[now], metrics[now])
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-15 * np.abs(theirs).max())
        if save and half == 0:
            state = exchange(state, optimizer, fresh)
    del tx


NO_EDITS, METRICS = np.full((2 * HALF, 3), np.nan), np.array([1.0, 0.9, 0.9, 0.9, 0.95, 0.9] * 4, np.float32)
SAVED = {name: next(c.spec for c in CASES if c.spec[0] == name) for name in NAMES} | {
    "SequentialLR with a chain first": next(c.spec for c in CASES if c.id == "SequentialLR chain first"),
    "SequentialLR with a sequence first": next(c.spec for c in CASES if c.id == "SequentialLR sequence first"),
    "OneCycleLR in three phases": next(c.spec for c in CASES if c.id == "OneCycleLR three phases"),
    "CyclicLR exp_range": next(c.spec for c in CASES if c.id == "CyclicLR exponential peaks"),
}


@pytest.mark.parametrize("name", SAVED)
def test_states_travel_both_ways(name: str) -> None:
    program(SAVED[name], NO_EDITS, METRICS, save=True)


class Counted:
    """A callable object: torch saves its attributes."""

    def __init__(self, gamma: float) -> None:
        self.gamma = gamma

    def __call__(self, epoch: int) -> float:
        """gamma to the epoch."""
        return self.gamma**epoch


def test_a_callable_object_is_saved_with_its_attributes() -> None:
    _, state, optimizer = optimizers(("LambdaLR", dict(lr_lambda=Counted(0.5))))
    saved = lrjax.scheduler_state_dict(state)
    assert saved["lr_lambdas"] == [{"gamma": 0.5}] * 3 == lrtorch.scheduler_state_dict(optimizer)["lr_lambdas"]
    other = Counted(0.9)
    _, fresh, _ = optimizers(("LambdaLR", dict(lr_lambda=other)))
    lrjax.load_scheduler_state_dict(fresh, saved)
    assert other.gamma == 0.5


REFUSED: list[tuple[str, Any, str]] = [
    ("another scheduler's", {"step_size": 5, "gamma": 0.1}, "state_dict must have '_last_lr', as a StepLR has"),
    ("another period", {"step_size": 7}, r"state_dict\['step_size'\] must be 5, as the StepLR says, got 7"),
    ("another number of groups", {"base_lrs": [0.1]}, r"state_dict\['base_lrs'\] must have 3 values"),
    ("no dict", 3, "state_dict must be a dict, got 'int'"),
]


@pytest.mark.parametrize(("change", "expected"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_a_foreign_state_is_refused(change: Any, expected: str) -> None:
    _, state, optimizer = optimizers(("StepLR", dict(step_size=5, gamma=0.5)))
    good = lrtorch.scheduler_state_dict(optimizer)
    bad = {**good, **change} if isinstance(change, dict) and "gamma" not in change else change
    with pytest.raises((ValueError, TypeError), match=f"load_scheduler_state_dict: {expected}"):
        lrjax.load_scheduler_state_dict(state, bad)


RESUMED = [c.spec for c in CASES if c.spec[0] != "ReduceLROnPlateau" and (c.steps is None or c.steps > 40)]


@pytest.mark.parametrize(
    "spec", [next(s for s in RESUMED if s[0] == name) for name in NAMES if name != "ReduceLROnPlateau"]
)
def test_last_epoch_goes_on_as_if_never_interrupted(spec: Spec) -> None:
    whole = lrtorch.simulate(make(lrtorch, spec), LRS, 40)
    for epochs in (1, 6, 29):
        resumed = spec[0], {**spec[1], "last_epoch": epochs - 1}
        for package in (lrjax, lrtorch):
            part = package.simulate(make(package, resumed), LRS, 40 - epochs)
            np.testing.assert_allclose(part, whole[epochs:], rtol=1e-13)
    assert float(lrjax.StepLR(2, 0.5, last_epoch=3).schedule(1.0)(0)) == 0.25


def test_several_schedulers_step_at_their_own_moments() -> None:
    def schedulers(package: Any) -> list[Any]:
        return [package.ExponentialLR(0.9, every=2), package.StepLR(3, 0.5), package.LinearLR(0.5, 1.0, 4, every=3)]

    groups = [{"params": str(i), "lr": lr} for i, lr in enumerate(LRS)]
    named = [(str(i), torch.nn.Parameter(torch.ones(2))) for i in range(3)]
    optimizer = lrtorch.SGD(named, groups, scheduler=schedulers(lrtorch))
    tx = lrjax.SGD(groups, scheduler=schedulers(lrjax))
    params = {str(i): jnp.ones(2) for i in range(3)}
    state = tx.init(params)
    for t in range(20):
        assert lrjax.get_lr(state) == lrtorch.get_lr(optimizer)
        optimizer.step()
        params, state = lrjax.step(tx, params, state, params)
        if t % 4 == 3:
            lrtorch.step_scheduler(optimizer)
            state = lrjax.step_scheduler(tx, state)
    assert (
        lrjax.scheduler_state_dict(state, 2)["last_epoch"]
        == lrtorch.scheduler_state_dict(optimizer, 2)["last_epoch"]
        == 6
    )


def test_restarts_that_torch_stepped_by_fractions_of_an_epoch() -> None:
    spec: Spec = ("CosineAnnealingWarmRestarts", dict(T_0=3, T_mult=2))
    tx, state, optimizer = optimizers(spec)
    (its,) = lrtorch.stepping.schedulers_of(optimizer)
    its.step(1.5)
    state = lrjax.set_lr(lrjax.load_scheduler_state_dict(state, its.state_dict()), lrtorch.get_lr(optimizer))
    assert lrjax.scheduler_state_dict(state)["T_cur"] == 1.5
    for _ in range(9):
        its.step()
        state = lrjax.step_scheduler(tx, state)
        ours, theirs = lrjax.get_lr(state), lrtorch.get_lr(optimizer)
        np.testing.assert_allclose(list(ours.values()), list(theirs.values()), rtol=1e-13)
