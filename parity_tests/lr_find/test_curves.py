"""The digits task: the same curve in both frameworks, and the same suggestions, in float64."""

from typing import Any

import jax
import numpy as np
import pytest

import lrtorch
from lrspec.lr_finder.methods import METHODS
from lrspec.lr_finder.suggestions import SUGGESTIONS

from .digits import Side, both

# Of a loss that is a sum of 32: rounding, which a rate that diverges amplifies up to where the test stops.
BOUND = 1e-9
OPTIONS: dict[str, dict[str, Any]] = {
    **{method: dict(method=method) for method in METHODS},
    "linear, the backbone's rate": dict(method="lightning", mode="linear", num_iter=30, group="backbone"),
    "each by itself": dict(parallel=3, num_iter=25, stop="none", end_lr=0.3),
    "others' parts": dict(num_iter=30, smooth="none", stop="torch_lr_finder", threshold=3.0, suggest="slide"),
}


def differences(ours: Any, theirs: Any) -> float:
    """The largest relative difference of two curves, which end at the same place."""
    assert ours.lrs.tolist() == theirs.lrs.tolist()
    assert (ours.stopped_at, ours.plan) == (theirs.stopped_at, theirs.plan)
    finite = np.isfinite(ours.losses)
    assert (finite == np.isfinite(theirs.losses)).all()
    return float(np.max(np.abs(ours.losses / theirs.losses - 1)[finite]))


def place(test: Any, name: str) -> Any:
    """Rate and index of a suggestion, or why there is none."""
    try:
        return test.suggestion(name)[:2]
    except ValueError as error:
        return str(error)


ROWS = [("SGD", "fastai"), ("SGD", "each by itself"), *(("AdamW", name) for name in OPTIONS)]


@pytest.mark.parametrize(("optimizer", "row"), ROWS, ids=[f"{optimizer}, {row}" for optimizer, row in ROWS])
def test_the_same_curve(optimizer: str, row: str) -> None:
    options = OPTIONS[row]
    with both(optimizer) as (jax_side, torch_side):
        ours, theirs = (side.package.lr_find(*side.arguments, **options) for side in (jax_side, torch_side))
    assert differences(ours, theirs) < BOUND
    for name in SUGGESTIONS:
        assert place(ours, name) == place(theirs, name)
    assert ours.rates == theirs.rates
    assert ours.rates["backbone"] == pytest.approx(0.1 * ours.rates["head"], rel=1e-15)
    assert repr(ours) == repr(theirs)


def one_of(side: Side, run: int) -> tuple[Any, ...]:
    """The arguments of a single run."""
    first, second, *rest = side.arguments
    if side.package is lrtorch:
        return (first[run], second[run], *rest)
    return (first, jax.tree.map(lambda x: x[run], second), *rest)


@pytest.mark.parametrize("options", [{}, {"parallel": 2}], ids=["growing", "each by itself"])
def test_several_runs_are_each_what_it_is_alone(options: dict[str, Any]) -> None:
    options = {"num_iter": 25, **options}
    with both("AdamW", (0, 1, 2)) as sides:
        together = [side.package.lr_find(*side.arguments, **options, runs=3) for side in sides]
        alone = [[side.package.lr_find(*one_of(side, run), **options) for side in sides] for run in range(3)]
    assert differences(*together) < BOUND
    for both_alone, curves in zip(alone, zip(*(test.curves for test in together), strict=True), strict=True):
        for one, curve in zip(both_alone, curves, strict=True):
            assert one.stopped_at == curve.stopped_at
            np.testing.assert_allclose(one.losses, curve.losses, rtol=BOUND)
    rates = sorted(pair[0].lr for pair in alone)
    assert [test.lr for test in together] == [rates[1]] * 2
    assert together[0].losses.shape == (3, len(together[0].lrs))


def test_no_scheduler_steps() -> None:
    """One that would change rate and momentum in each update, and end after five."""
    ends: dict[str, Any] = dict(max_lr=[1e-4, 1e-3], div_factor=1.0, base_momentum=0.1, max_momentum=0.95)
    cycle = dict(total_steps=5, every=1, **ends)
    curves = []
    alternatives: list[dict[str, Any]] = [{}, {"scheduler": ("OneCycleLR", cycle)}]
    for options in alternatives:
        with both("SGD", momentum=0.95, **options) as sides:
            curves += [side.package.lr_find(*side.arguments, num_iter=30) for side in sides]
    for with_it, without in zip(curves[2:], curves[:2], strict=True):
        assert with_it.losses.tolist() == without.losses.tolist()
