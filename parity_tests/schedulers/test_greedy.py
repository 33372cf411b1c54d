"""GreedyLR against transformers' own, run live: rates and states, in every bit."""

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import lrjax
import lrtorch
from parity_tests.by_hand import by_hand
from parity_tests.originals import ask

from .cases import BASE_LRS, CASES

ROWS = [case for case in CASES if case.spec[0] == "GreedyLR"]
STEPS = 600
_T, _RNG = np.arange(STEPS), np.random.default_rng(3)
METRICS = {
    "falling": (3 * np.exp(-_T / 90)).tolist(),
    "rising": np.sqrt(_T).tolist(),
    "flat": [0.25] * STEPS,
    "noisy": (2 * np.exp(-_T / 300) + 0.05 * _RNG.normal(size=STEPS)).tolist(),
    "NaN now and then": [math.nan if t % 97 == 50 else float(np.cos(t / 40)) for t in _T.tolist()],
    "NaN from the start": [math.nan] * 40 + (3 * np.exp(-_T[40:] / 200)).tolist(),
    "infinite once": [math.inf if t == 5 else 1 / (t + 1) for t in _T.tolist()],
    "whole numbers": [float(t // 7 % 50) for t in _T.tolist()],
}


def theirs(case: Any) -> list[dict[str, Any]]:
    """The original's rates and states, for each of METRICS; all rows are asked for at once."""
    request = {"greedy": [row.spec[1] for row in ROWS], "metrics": list(METRICS.values()), "base_lrs": BASE_LRS}
    return ask("transformers", request)[ROWS.index(case)]


@pytest.mark.parametrize("case", ROWS, ids=[case.id for case in ROWS])
def test_equals_the_original(case: Any) -> None:
    moved = False
    for original, (name, metrics) in zip(theirs(case), METRICS.items(), strict=True):
        for package in (lrtorch, lrjax):
            made = package.GreedyLR(**case.spec[1])
            rates = package.simulate(made, BASE_LRS, STEPS, metrics=metrics)
            np.testing.assert_array_equal(rates, original["rates"], err_msg=f"{package.__name__}, {name}")
        moved |= len(np.unique(original["rates"])) > len(BASE_LRS)
    assert moved


def runs(spec: dict[str, Any]) -> tuple[Any, Any, Any]:
    """The same run in both packages."""
    groups: Any = [{"params": str(i), "lr": lr} for i, lr in enumerate(BASE_LRS)]
    tx = lrjax.SGD(groups, scheduler=by_hand(lrjax.GreedyLR(**spec)))
    named = [(str(i), torch.nn.Parameter(torch.ones(2))) for i in range(3)]
    optimizer = lrtorch.SGD(named, groups, scheduler=by_hand(lrtorch.GreedyLR(**spec)))
    return tx, tx.init({str(i): jnp.ones(2) for i in range(3)}), optimizer


@pytest.mark.parametrize("case", ROWS, ids=[case.id for case in ROWS])
def test_states_are_the_originals(case: Any) -> None:
    """Both packages' states have the original's entries and values, and each goes on from it."""
    for name in ("noisy", "NaN now and then"):
        original = theirs(case)[list(METRICS).index(name)]
        tx, state, optimizer = runs(case.spec[1])
        optimizer.step()
        for metric in METRICS[name][:30]:
            state = lrjax.step_scheduler(tx, state, metric)
            lrtorch.step_scheduler(optimizer, metric)
        ours, mirror = lrjax.scheduler_state_dict(state), lrtorch.scheduler_state_dict(optimizer)
        np.testing.assert_equal(ours, mirror)
        assert ours.keys() == original["state"].keys()
        state = lrjax.load_scheduler_state_dict(state, original["state"])
        lrtorch.load_scheduler_state_dict(optimizer, original["state"])
        np.testing.assert_equal(lrjax.scheduler_state_dict(state), original["state"])
        np.testing.assert_equal(lrtorch.scheduler_state_dict(optimizer), original["state"])


def test_a_state_of_other_arguments_is_refused() -> None:
    _, state, optimizer = runs({"smooth": True})
    good = lrtorch.scheduler_state_dict(optimizer)
    for bad in (
        {**good, "factor": 0.5},
        {**good, "max_lrs": [2.0] * 3},
        {k: v for k, v in good.items() if k != "best"},
    ):
        with pytest.raises(ValueError, match="state_dict"):
            lrjax.load_scheduler_state_dict(state, bad)
        with pytest.raises(ValueError, match="state_dict"):
            lrtorch.load_scheduler_state_dict(optimizer, bad)


def test_a_torch_run_goes_on_in_jax() -> None:
    """``from_torch`` knows the scheduler by its state, smoothing and all."""
    spec: dict[str, Any] = {"smooth": True, "window_size": 5, "patience": 1, "min_lr": [1e-3, 1e-3, 0.5]}
    _, _, optimizer = runs(spec)
    optimizer.step()
    metrics = METRICS["noisy"]
    for metric in metrics[:20]:
        lrtorch.step_scheduler(optimizer, metric)
    params = {str(i): jnp.ones(2) for i in range(3)}
    own = lrtorch.scheduler_state_dict(optimizer)
    tx, state = lrjax.from_torch(optimizer.state_dict(), own, params, names=["0", "1", "2"])
    for metric in metrics[20:60]:
        lrtorch.step_scheduler(optimizer, metric)
        state = lrjax.step_scheduler(tx, state, metric)
    assert lrjax.get_lr(state) == lrtorch.get_lr(optimizer)
    np.testing.assert_equal(lrjax.scheduler_state_dict(state), lrtorch.scheduler_state_dict(optimizer))


@pytest.mark.parametrize("window_size", [1, 3, 50])
@pytest.mark.parametrize("several", [False, True], ids=["one run", "two runs"])
def test_a_saved_state_goes_on_with_its_window(window_size: int, several: bool) -> None:
    """Also where the window is as long as there are groups, and where the groups come back in another order."""
    groups: Any = [{"params": str(i), "lr": lr} for i, lr in enumerate(BASE_LRS)]
    params = {str(i): jnp.ones(2) for i in range(3)}
    scheduler = by_hand(lrjax.GreedyLR(smooth=True, window_size=window_size, patience=1))
    tx, other = lrjax.SGD(groups, scheduler=scheduler), lrjax.SGD(groups[::-1], scheduler=scheduler)

    def over(function: Any) -> Any:
        return jax.vmap(function) if several else function

    def step(tx: Any, state: Any, metric: float) -> Any:
        return over(lambda state, metric: lrjax.step_scheduler(tx, state, metric))(state, metric * scales)

    scales = jnp.array([1.0, 0.5]) if several else jnp.array(1.0)
    state, fresh = (over(lambda scale, tx=tx: tx.init(params))(scales) for tx in (tx, other))
    for metric in METRICS["noisy"][:20]:
        state = step(tx, state, metric)
    fresh = lrjax.load_state_dict(fresh, lrjax.state_dict(state))
    for metric in METRICS["noisy"][20:40]:
        state, fresh = step(tx, state, metric), step(other, fresh, metric)
    np.testing.assert_equal(lrjax.get_lr(fresh), lrjax.get_lr(state))
    np.testing.assert_equal(lrjax.state_dict(fresh)["scheduler"], lrjax.state_dict(state)["scheduler"])


def test_a_new_group_is_refused() -> None:
    """The original fails at a later step, for it has bounds and first rates for the old groups alone."""
    tx = lrjax.SGD([{"params": "a"}], lr=0.1, scheduler=by_hand(lrjax.GreedyLR()))
    state = tx.init({"a": jnp.ones(2)})
    with pytest.raises(ValueError, match="add_param_group: scheduler must work from the groups' rates alone"):
        lrjax.add_param_group(state, {"a": jnp.ones(2), "b": jnp.ones(2)}, {"params": "b"})
    a, b = (torch.nn.Parameter(torch.ones(2)) for _ in range(2))
    optimizer = lrtorch.SGD([("a", a)], lr=0.1, scheduler=by_hand(lrtorch.GreedyLR()))
    with pytest.raises(ValueError, match="add_param_group: scheduler must work from the groups' rates alone"):
        lrtorch.add_param_group(optimizer, [("a", a), ("b", b)], {"params": "b"})


def test_a_floor_above_the_ceiling_is_refused() -> None:
    for package in (lrjax, lrtorch):
        for bounds in ({"min_lr": 2.0}, {"min_lr": [0.1, 0.3], "max_lr": [0.2, 0.2]}, {"max_lr": [1.0, 1e-4]}):
            with pytest.raises(ValueError, match=r"^GreedyLR: min_lr must be at most max_lr, "):
                package.GreedyLR(**bounds)
