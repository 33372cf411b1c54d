"""Random compositions: torch's side, JAX's side compiled, and 50 digits agree."""

import os
from fractions import Fraction
from typing import Any

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
import pytest

import lrjax
import lrtorch
from lrjax.arithmetic.exact import runtime_zero
from lrjax.arithmetic.kernels import Kernels
from lrspec.curves import Curve

from .drawn import Draw
from .truth import truth

PROGRAMS = range(200 if os.environ.get("LRJAX_SLOW") else 4)
CURVES = 50  # in one program
COUNTS = np.unique([*range(12), *range(35, 110, 4), 200, 250, 251, 347, 500, 597, 700, 999, 12_345, 1_000_000])


def follows(curve: Curve) -> bool:
    return any(True for _ in curve.captures())


def compiled(curves: list[Curve], base_lrs: list[list[float]]) -> np.ndarray:
    """The closed forms of all curves in one program: float64, shape (curves, counts, groups)."""

    def run(zero: jax.Array, bases: jax.Array, counts: jax.Array) -> Any:
        shape = (len(counts), bases.shape[1])
        e = jnp.broadcast_to(counts[:, None], shape)
        return [
            lrjax.CurveLR(curve).closed_form(Kernels(zero), jnp.broadcast_to(base, shape), e)
            for curve, base in zip(curves, bases, strict=True)
        ]

    with jax.enable_x64(True):
        return np.array(jax.jit(run)(runtime_zero(), jnp.array(base_lrs), jnp.array(COUNTS, jnp.int32)))


@pytest.mark.parametrize("program", PROGRAMS)
def test_closed_forms_agree(program: int) -> None:
    draws = [Draw(program * CURVES + i) for i in range(CURVES)]
    curves = [draw.curve() for draw in draws]
    kept = [(curve, draw.base_lrs()) for curve, draw in zip(curves, draws, strict=True) if not follows(curve)]
    ours = compiled([curve for curve, _ in kept], [bases for _, bases in kept])
    for (curve, bases), its in zip(kept, ours, strict=True):
        python = np.array([[curve(int(count), base) for base in bases] for count in COUNTS])
        np.testing.assert_array_equal(its, python, err_msg=repr(curve))
        with mp.workdps(50):
            true = [[truth(curve, Fraction(int(t)), mp.mpf(base), None) for base in bases] for t in COUNTS]
        np.testing.assert_allclose(
            python, np.array(true, float), rtol=1e-13, atol=1e-14 * max(bases), err_msg=repr(curve)
        )


SIMULATED = range(1_000 if os.environ.get("LRJAX_SLOW") else 25)
UNITS: tuple[dict[str, Any], ...] = (
    {},
    {},
    {"units_per_step": 3},
    {"steps_per_unit": 7},
    {"units_per_step": [[30, 2], [1, 1.5]]},
)


@pytest.mark.parametrize("seed", SIMULATED)
def test_chains_agree(seed: int) -> None:
    """With rates set by hand on the way, which a segment that starts from CURRENT goes on from."""
    draw = Draw(100_000 + seed)
    curve, bases, units = draw.curve(), draw.base_lrs(), UNITS[seed % len(UNITS)]
    edits = {5: 0.25, draw.random.randint(6, 300): {1: 0.125}}
    ours = lrjax.simulate(lrjax.CurveLR(curve, **units), bases, 400, edits=edits)
    theirs = lrtorch.simulate(lrtorch.CurveLR(curve, **units), bases, 400, edits=edits)
    np.testing.assert_array_equal(ours, theirs, err_msg=repr(curve))


def test_the_draws_are_of_every_kind() -> None:
    drawn = "".join(repr(Draw(seed).curve()) for seed in range(300))
    words = (
        "linear",
        "cosine",
        "power",
        "one_minus_sqrt",
        "exponential",
        "const",
        "pieces",
        "inverse_sqrt",
        "sequence",
    )
    words += (
        "maximum",
        "minimum",
        "product",
        "shift",
        "window",
        "repeat",
        "CURRENT",
        "absolute",
        "closed=True",
        "warp=",
    )
    assert [word for word in words if word not in drawn] == []
