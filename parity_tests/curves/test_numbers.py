"""What XLA made of JAX's side of the arithmetic: a zero with a sign, a reciprocal of a constant."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lrjax
import lrtorch
from lrspec.curves import Curve, const, formula, sequence


@pytest.mark.parametrize("curve", [const(0.0), sequence(const(1.0, 3), const(0.0)), formula(lambda m, t: 0.0 * t)])
def test_a_zero_has_no_sign(curve: Curve) -> None:
    closed = jax.jit(lrjax.CurveLR(curve).schedule(0.1))
    assert not np.signbit(closed(jnp.arange(6))).any()


def test_groups_over_a_constant_are_divided() -> None:
    """31 groups have the quotients that Python gives, not products with a rounded 1 / 31."""
    curve, rates = formula(lambda m, t, base: (base - 1e-5) / 31 + 0 * t, relative=False), np.linspace(0.003, 1, 31)
    theirs = lrtorch.simulate(lrtorch.CurveLR(curve), rates.tolist(), 3)
    np.testing.assert_array_equal(lrjax.simulate(lrjax.CurveLR(curve), rates.tolist(), 3), theirs)
    assert (theirs[0] != (rates - 1e-5) * (1 / 31)).any()
