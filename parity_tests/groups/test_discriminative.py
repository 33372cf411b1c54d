"""Rates that rise from layer to layer, fastai's and ULMFiT's, in both packages."""

from typing import Any

import numpy as np
import pytest

import lrjax
import lrtorch

from .error_cases import DISCRIMINATIVE
from .parameters import named

PACKAGES = [lrjax, lrtorch]
NAMES = ["embedding", "layers_0", "layers_1", ["norm", "head"]]


def test_a_slice_spreads_rates_geometrically() -> None:
    for package in PACKAGES:
        groups = package.discriminative(NAMES, lr=slice(1e-5, 1e-3))
        spread = [group["lr"] for group in groups]
        step = 100.0 ** (1 / 3)  # fastai's even_mults, in its order of operations
        assert spread == [1e-5, 1e-5 * step, 1e-5 * step**2, 1e-5 * step**3]
        np.testing.assert_allclose(spread, [1e-5 * 100 ** (i / 3) for i in range(4)], rtol=1e-15)
        assert [group["params"] for group in groups] == [["embedding"], ["layers_0"], ["layers_1"], ["norm", "head"]]
        assert package.discriminative(["all"], lr=slice(1e-5, 1e-3))[0]["lr"] == 1e-3
        assert [g["lr"] for g in package.discriminative(NAMES, lr=slice(1e-3))] == [1e-3 / 10] * 3 + [1e-3]


def test_ulmfit_divides_by_its_factor_from_layer_to_layer() -> None:
    for package in PACKAGES:
        spread = [group["lr"] for group in package.discriminative(NAMES, lr=0.01, factor=2.6)]
        assert spread == [0.01 / 2.6**3, 0.01 / 2.6**2, 0.01 / 2.6, 0.01]
        np.testing.assert_allclose(spread, [5.6896e-4, 1.4793e-3, 3.8462e-3, 0.01], rtol=1e-4)  # by hand


def test_the_optimizers_take_discriminative_groups() -> None:
    shapes = {"embedding.w": (2,), "layers_0.w": (2,), "layers_1.w": (2,), "norm.w": (2,), "head.w": (2,)}
    expected = {"embedding": 1e-3, "layers_0": 1e-3, "layers_1": 1e-3, "norm, head": 1e-2}
    state = lrjax.SGD(lrjax.discriminative(NAMES, lr=slice(1e-2))).init(named(lrjax, shapes))
    optimizer = lrtorch.SGD(named(lrtorch, shapes), lrtorch.discriminative(NAMES, lr=slice(1e-2)))
    assert lrjax.get_lr(state) == lrtorch.get_lr(optimizer) == expected


@pytest.mark.parametrize(
    ("groups", "options", "error", "expected"), DISCRIMINATIVE, ids=[r[3][:70] for r in DISCRIMINATIVE]
)
def test_bad_discriminative(groups: Any, options: dict[str, Any], error: type[Exception], expected: str) -> None:
    for package in PACKAGES:
        with pytest.raises(error) as caught:
            package.discriminative(groups, **options)
        assert type(caught.value) is error
        assert str(caught.value).startswith(expected)
