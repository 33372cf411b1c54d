"""A curve that divides a group's rate by a number divides, in lrjax too."""

import numpy as np

import lrjax
from lrspec.curves import formula


def test_a_rate_is_divided_and_not_multiplied_by_the_reciprocal() -> None:
    rates = [1.0, 0.1, 0.003]
    curve = formula(lambda m, t, base: base / 7.0, relative=False)
    found = lrjax.simulate(lrjax.CurveLR(curve), rates, 2)
    np.testing.assert_array_equal(found, [[rate / 7.0 for rate in rates]] * 2)
