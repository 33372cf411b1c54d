"""The curves of other libraries against the libraries themselves, run live in a process of their own."""

import os
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lrjax
import lrtorch
from lrjax.arithmetic.exact import runtime_zero
from lrjax.arithmetic.kernels import Kernels
from lrspec.curves.curve import Named
from lrspec.curves.numbers import PYTHON
from parity_tests.originals import ask

from .rows import BASE_LRS, STEPS, Row, formula_of
from .running import run_in_jax, run_in_torch

SLOW = bool(os.environ.get("LRJAX_SLOW"))
TABLES: dict[str, list[Row]] = {
    path.stem.removesuffix("_rows"): import_module(f".{path.stem}", __package__).ROWS
    for path in sorted(Path(__file__).parent.glob("*_rows.py"))
}
ROWS = [(owner, row) for owner, rows in TABLES.items() for row in rows]
COUNTS = np.unique([*range(STEPS), *np.linspace(0, 1_000_000, 1_009).astype(int)])


def _name(row: Row) -> str:
    assert isinstance(row.curve, Named)
    return row.curve.name


FIRST = {_name(row): row for _, row in reversed(ROWS)}  # of each preset
COMPILED = [pair for pair in ROWS if SLOW or FIRST[_name(pair[1])] is pair[1]]
CHAINS = [pair for pair in ROWS if SLOW or TABLES[pair[0]][0] is pair[1] or pair[1].target != "lr"]  # the same code


def original(owner: str, row: Row) -> np.ndarray:
    """The original's rates, shape (STEPS, groups); all rows of an owner are asked for at once."""
    if callable(row.original):
        return np.array(formula_of(row))
    asked = [one for one in TABLES[owner] if not callable(one.original)]
    request = {"rows": [one.original for one in asked], "base_lrs": BASE_LRS, "steps": STEPS}
    return np.array(ask(owner, request)[asked.index(row)])


def in_python(row: Row, counts: Iterable[int]) -> np.ndarray:
    """What the curve gives after so many steps, shape (counts, groups)."""
    scheduler = lrtorch.CurveLR(row.curve, **row.units())
    units = [scheduler.count(PYTHON, int(count)) for count in counts]
    return np.array([[row.curve(unit, base) for base in BASE_LRS] for unit in units])


def rows(pairs: list[tuple[str, Row]]) -> Any:
    return pytest.mark.parametrize(("owner", "row"), pairs, ids=[f"{owner} {row.id}" for owner, row in pairs])


@rows(ROWS)
def test_equals_the_original(owner: str, row: Row) -> None:
    """In Python, where it is torch's side's."""
    theirs, ours = original(owner, row), in_python(row, range(STEPS))
    if row.bits == 32:  # a few operations in float32
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6 * np.abs(theirs).max())
    elif row.drift:
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=row.drift * np.abs(theirs).max())
    else:
        np.testing.assert_array_equal(ours, theirs)


@rows(COMPILED)
def test_compiled_it_is_the_same(owner: str, row: Row) -> None:
    """The closed form in lrjax, to a million counts, in float64."""
    del owner
    scheduler = lrjax.CurveLR(row.curve, **row.units())

    def run(zero: jax.Array, counts: jax.Array) -> jax.Array:
        shape = (len(counts), len(BASE_LRS))
        bases = jnp.broadcast_to(jnp.array(BASE_LRS), shape)
        return scheduler.closed_form(Kernels(zero), bases, jnp.broadcast_to(counts[:, None], shape))

    with jax.enable_x64(True):
        ours = np.array(jax.jit(run)(runtime_zero(), jnp.asarray(COUNTS, jnp.int32)))
    same(flushed(ours), flushed(in_python(row, COUNTS)), row)


@rows(CHAINS)
def test_step_by_step_it_is_the_same(owner: str, row: Row) -> None:
    """The chain form in lrjax; weight decay and momentum inside of an optimizer."""
    del owner
    same(run_in_jax(row), run_in_torch(row), row)


def same(ours: np.ndarray, theirs: np.ndarray, row: Row) -> None:
    """Every bit; where XLA's exp or tanh decides, nearly."""
    if row.exact:
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_allclose(ours, theirs, rtol=1e-13, atol=1e-13 * np.abs(theirs).max())


def flushed(x: np.ndarray) -> np.ndarray:
    """XLA on a CPU makes subnormal numbers 0."""
    return np.where(np.abs(x) < np.finfo(np.float64).tiny, 0.0, x)
