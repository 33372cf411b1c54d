"""The curves of other libraries against the libraries themselves, run live in a process of their own."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lrjax
import lrtorch
from parity_tests.originals import ask

from . import (
    fastai_rows,
    fvcore_rows,
    ignite_rows,
    keras_rows,
    mmengine_rows,
    optax_rows,
    paddle_rows,
    transformers_rows,
)
from .rows import BASE_LRS, STEPS, Row, formula_of, owners

TABLES = {
    "fastai": fastai_rows.ROWS,
    "fvcore": fvcore_rows.ROWS + fvcore_rows.DETECTRON2_ROWS,
    "ignite": ignite_rows.ROWS,
    "keras": keras_rows.ROWS,
    "mmengine": mmengine_rows.ROWS,
    "optax": optax_rows.ROWS,
    "paddle": paddle_rows.ROWS,
    "transformers": transformers_rows.ROWS,
}
ROWS = owners(TABLES)
TINY = np.finfo(np.float32).tiny  # XLA has nothing between this and 0
LARGE = np.unique(np.linspace(0, 1_000_000, 1_009).astype(int))


def original(owner: str, row: Row) -> np.ndarray:
    """The original's rates, shape (STEPS, groups); all rows of an owner are asked for at once."""
    if callable(row.original):
        return np.array(formula_of(row))
    asked = [one for one in TABLES[owner] if not callable(one.original)]
    request = {"rows": [one.original for one in asked], "base_lrs": BASE_LRS, "steps": STEPS}
    return np.array(ask(owner, request)[asked.index(row)])


@pytest.mark.parametrize(("owner", "row"), ROWS, ids=[f"{owner} {row.id}" for owner, row in ROWS])
def test_equals_the_original(owner: str, row: Row) -> None:
    theirs = original(owner, row)
    n = row.steps_per_unit
    on_torch = lrtorch.simulate(lrtorch.CurveLR(row.curve, steps_per_unit=n), BASE_LRS, STEPS)
    in_jax = lrjax.simulate(lrjax.CurveLR(row.curve, steps_per_unit=n), BASE_LRS, STEPS)
    if row.bits == 32:  # a few operations in float32
        np.testing.assert_allclose(on_torch, theirs, rtol=1e-5, atol=1e-6 * np.abs(theirs).max())
    elif row.drift:
        np.testing.assert_allclose(on_torch, theirs, rtol=0, atol=row.drift * np.abs(theirs).max())
    else:
        np.testing.assert_array_equal(on_torch, theirs)
    if row.exact:
        np.testing.assert_array_equal(in_jax, on_torch)
    np.testing.assert_allclose(in_jax, on_torch, rtol=1e-13, atol=1e-13 * np.abs(on_torch).max())


@pytest.mark.parametrize(("owner", "row"), ROWS, ids=[f"{owner} {row.id}" for owner, row in ROWS])
def test_closed_form(owner: str, row: Row) -> None:
    del owner
    closed = jax.jit(lrjax.CurveLR(row.curve, steps_per_unit=row.steps_per_unit).schedule(0.1))
    ours, theirs = np.asarray(closed(jnp.asarray(LARGE, jnp.int32))), at_large_counts(row, 0.1)
    ours, theirs = (np.where(np.abs(rates) < TINY, np.float32(0), rates) for rates in (ours, theirs))
    assert np.abs(ours.view(np.int32).astype(np.int64) - theirs.view(np.int32)).max() <= 1


def at_large_counts(row: Row, base: float) -> Any:
    """float32 of what Python computes."""
    unit = row.steps_per_unit
    return np.array([row.curve(int(count) if unit == 1 else count / unit, base) for count in LARGE], np.float32)
