"""A row's curve run in both packages: its values, one for each step and group."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch

import lrjax
import lrtorch

from .rows import BASE_LRS, STEPS, Row

PATHS = [str(i) for i in range(len(BASE_LRS))]
AS = {"weight_decay": ("AdamW", "weight_decay"), "momentum": ("SGD", "momentum")}  # target -> optimizer, its option


def run_in_torch(row: Row) -> np.ndarray:
    """The values of ``lrtorch.CurveLR``, shape (STEPS, groups)."""
    scheduler = lrtorch.CurveLR(row.curve, target=row.target, every=None, **row.units())
    if row.target == "lr":
        return lrtorch.simulate(scheduler, BASE_LRS, STEPS)
    name, option = AS[row.target]
    model = {path: torch.zeros(()).requires_grad_() for path in PATHS}
    optimizer = getattr(lrtorch, name)(model, _groups(option), lr=0.1, scheduler=scheduler)
    optimizer.step()  # there are no gradients; torch warns of schedulers that come first
    values = []
    for _ in range(STEPS):
        values.append([group[option] for group in optimizer.param_groups])
        lrtorch.step_scheduler(optimizer)
    return np.array(values)


def run_in_jax(row: Row) -> np.ndarray:
    """The values of ``lrjax.CurveLR``, shape (STEPS, groups)."""
    scheduler = lrjax.CurveLR(row.curve, target=row.target, every=None, **row.units())
    if row.target == "lr":
        return np.asarray(lrjax.simulate(scheduler, BASE_LRS, STEPS))
    name, option = AS[row.target]
    tx = getattr(lrjax, name)(_groups(option), lr=0.1, scheduler=scheduler)
    state = tx.init({path: jnp.zeros(()) for path in PATHS})
    advance = jax.jit(lambda state: lrjax.step_scheduler(tx, state))
    values = []
    for _ in range(STEPS):
        values.append(list(lrjax.get_hyper(state, option).values()))
        state = advance(state)
    return np.array(values)


def _groups(option: str) -> list[dict[str, Any]]:
    return [{"params": path, option: value} for path, value in zip(PATHS, BASE_LRS, strict=True)]
