"""A scheduler, stepped on both sides with rates set by hand on the way, and perhaps saved and loaded at half time."""

import io
from dataclasses import replace
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch

import lrjax
import lrtorch
from lrjax.arithmetic.float64 import pack, unpack
from parity_tests.by_hand import by_hand

from .cases import BASE_LRS, HALF, Spec, make


def optimizers(spec: Spec) -> tuple[Any, Any, Any]:
    """The same optimizer on both sides: transformation, state, torch's."""
    groups: Any = [{"params": str(i), "lr": lr} for i, lr in enumerate(BASE_LRS)]
    tx = lrjax.SGD(groups, momentum=0.5, scheduler=by_hand(make(lrjax, spec)))
    named = [(str(i), torch.nn.Parameter(torch.ones(2))) for i in range(3)]
    optimizer = lrtorch.SGD(named, groups, momentum=0.5, scheduler=by_hand(make(lrtorch, spec)))
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
    """The rates of HALF scheduler steps, each after its edits."""
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
    """Both sides must have the same rates; with ``save`` each goes on from what the other saved."""
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
