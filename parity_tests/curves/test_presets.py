"""The curves of other libraries against the libraries themselves, run live in a process of their own."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lrjax
from lrspec.curves import Curve
from parity_tests.originals import ask

from . import (
    epfml_rows,
    fairseq_rows,
    megatron_rows,
    minicpm_rows,
    nanochat_rows,
    nanogpt_rows,
    olmo_core_rows,
    olmo_rows,
    papers_rows,
    tensor2tensor_rows,
    torchtitan_rows,
    transformers_rows,
    warmup_scheduler_rows,
)
from .rows import BASE_LRS, STEPS, Row, formula_of, owners
from .running import run_in_jax, run_in_torch

TABLES = {
    "epfml": epfml_rows.ROWS,
    "fairseq": fairseq_rows.ROWS,
    "megatron": megatron_rows.ROWS,
    "minicpm": minicpm_rows.ROWS,
    "nanochat": nanochat_rows.ROWS,
    "nanogpt": nanogpt_rows.ROWS,
    "olmo": olmo_rows.ROWS,
    "olmo_core": olmo_core_rows.ROWS,
    "papers": papers_rows.ROWS,
    "tensor2tensor": tensor2tensor_rows.ROWS,
    "torchtitan": torchtitan_rows.ROWS,
    "transformers": transformers_rows.ROWS,
    "warmup_scheduler": warmup_scheduler_rows.ROWS,
}
ROWS = owners(TABLES)
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
    on_torch, in_jax = run_in_torch(row), run_in_jax(row)
    if row.bits == 32:  # a few operations in float32
        np.testing.assert_allclose(on_torch, theirs, rtol=1e-5, atol=1e-6 * np.abs(theirs).max())
    else:
        np.testing.assert_array_equal(on_torch, theirs)
    if row.exact:
        np.testing.assert_array_equal(in_jax, on_torch)
    np.testing.assert_allclose(in_jax, on_torch, rtol=1e-13, atol=1e-13 * np.abs(on_torch).max())


@pytest.mark.parametrize(("owner", "row"), ROWS, ids=[f"{owner} {row.id}" for owner, row in ROWS])
def test_closed_form(owner: str, row: Row) -> None:
    del owner
    closed = jax.jit(lrjax.CurveLR(row.curve).schedule(0.1))
    ours, theirs = flushed(np.asarray(closed(jnp.asarray(LARGE, jnp.int32)))), flushed(at_large_counts(row.curve, 0.1))
    assert np.abs(ours.view(np.int32).astype(np.int64) - theirs.view(np.int32)).max() <= 1


def at_large_counts(curve: Curve, base: float) -> Any:
    """float32 of what Python computes."""
    return np.array([curve(int(count), base) for count in LARGE], np.float32)


def flushed(x: np.ndarray) -> np.ndarray:
    """Numbers that XLA may flush are 0: what is too small for float32, and a zero has no sign."""
    return np.where(np.abs(x) < np.finfo(np.float32).tiny, np.float32(0), x)
