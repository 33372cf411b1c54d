"""Scheduler states in torch's layout."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
import torch

import lrjax
import lrtorch
from parity_tests.by_hand import by_hand

from .cases import BASE_LRS, CASES, FROM_METRIC, HALF, NAMES, Spec, make
from .program import optimizers, program

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
    ("no dict", 3, "state_dict must be a dict, got 3"),
]


@pytest.mark.parametrize(("change", "expected"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_a_foreign_state_is_refused(change: Any, expected: str) -> None:
    _, state, optimizer = optimizers(("StepLR", dict(step_size=5, gamma=0.5)))
    good = lrtorch.scheduler_state_dict(optimizer)
    bad = {**good, **change} if isinstance(change, dict) and "gamma" not in change else change
    with pytest.raises((ValueError, TypeError), match=f"load_scheduler_state_dict: {expected}"):
        lrjax.load_scheduler_state_dict(state, bad)


RESUMED = [c.spec for c in CASES if c.spec[0] not in FROM_METRIC and (c.steps is None or c.steps > 40)]


@pytest.mark.parametrize(
    "spec", [next(s for s in RESUMED if s[0] == name) for name in NAMES if name not in FROM_METRIC]
)
def test_last_epoch_goes_on_as_if_never_interrupted(spec: Spec) -> None:
    whole = lrtorch.simulate(make(lrtorch, spec), BASE_LRS, 40)
    for epochs in (1, 6, 29):
        resumed = spec[0], {**spec[1], "last_epoch": epochs - 1}
        for package in (lrjax, lrtorch):
            part = package.simulate(make(package, resumed), BASE_LRS, 40 - epochs)
            np.testing.assert_allclose(part, whole[epochs:], rtol=1e-13)
    assert float(lrjax.StepLR(2, 0.5, last_epoch=3).schedule(1.0)(0)) == 0.25


def test_several_schedulers_step_at_their_own_moments() -> None:
    def schedulers(package: Any) -> list[Any]:
        return [package.ExponentialLR(0.9, every=2), package.StepLR(3, 0.5), package.LinearLR(0.5, 1.0, 4, every=3)]

    groups: Any = [{"params": str(i), "lr": lr} for i, lr in enumerate(BASE_LRS)]
    named = [(str(i), torch.nn.Parameter(torch.ones(2))) for i in range(3)]
    optimizer = lrtorch.SGD(named, groups, scheduler=by_hand(schedulers(lrtorch)))
    tx = lrjax.SGD(groups, scheduler=by_hand(schedulers(lrjax)))
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
