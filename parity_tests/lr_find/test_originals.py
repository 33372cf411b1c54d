"""On recorded losses: the rates, the smoothing, the stop and the suggestion of fastai, Lightning and torch_lr_finder.

The originals run whole, in a process of their own, on a model whose loss is the recorded one.
"""

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest

from lrspec.lr_finder.methods import read_plan, read_settings
from lrspec.lr_finder.result import RangeTest, recorded
from lrspec.lr_finder.smoothing import _fma
from lrspec.lr_finder.suggestions import SUGGESTIONS
from parity_tests.originals import ask

from .cases import COUNT, LOSSES

# Method -> what is asked besides the losses, for each mode here.
MODES: dict[str, dict[str, dict[str, Any]]] = {
    "fastai": {"exponential": {}},
    "lightning": {mode: {"mode": mode} for mode in ("exponential", "linear")},
    "torch_lr_finder": {
        mode: {"mode": theirs, "start_lr": 1e-7} for mode, theirs in (("exponential", "exp"), ("linear", "linear"))
    },
}
COUNTS = (COUNT, 12)  # iterations, of a curve's first losses
MODULES = {"fastai": "fastai_lr_find"}  # method -> its module of originals, where it is another
SUGGESTED = {"fastai": ("valley", "slide", "minimum", "steep")}


def ours(method: str, mode: str, losses: list[float], count: int) -> RangeTest:
    plan = read_plan(read_settings(method, num_iter=count, mode=mode), {"all": 1e-7}, {"all": False})
    return RangeTest(plan, (recorded(plan, losses[:count]),))


def suggested(test: RangeTest, name: str) -> Any:
    """Rate, index and the rate there; None where there is nothing to suggest."""
    try:
        lr, index, loss = test.suggestion(name)
    except ValueError as error:
        assert str(error).startswith(f"lr_find: the curve for '{name}' must have")
        return None
    assert loss == test.smoothed[index] or math.isnan(loss)
    return lr, index, float(test.lrs[index])


def agrees(mine: Any, theirs: Any, index: int | None) -> bool:
    """fastai gives a float32 rate, and that of its point; Lightning a rate and an index, torch_lr_finder a rate."""
    if mine is None or theirs is None:
        return mine is theirs
    lr, at, there = mine
    if isinstance(theirs, list):
        return [lr, float(np.float32(there))] == theirs
    return lr == there == theirs and at == (at if index is None else index)


@pytest.mark.parametrize("method", MODES)
def test_every_bit_of_the_curve_and_the_same_suggestion(method: str) -> None:
    rows = [(mode, count, name) for mode in MODES[method] for count in COUNTS for name in LOSSES]
    asked = [{"losses": LOSSES[name], "num_iter": count, **MODES[method][mode]} for mode, count, name in rows]
    others = []
    for (mode, count, name), theirs in zip(rows, ask(MODULES.get(method, method), asked), strict=True):
        test = ours(method, mode, LOSSES[name], count)
        pairs = (test.lrs, theirs["lrs"]), (test.smoothed, theirs["smoothed"])
        others += [(mode, count, name)] * (not all(np.array_equal(a, b, equal_nan=True) for a, b in pairs))
        for one in SUGGESTED.get(method, (method,)):
            found, expected = suggested(test, one), theirs[one if method in SUGGESTED else "suggestion"]
            others += [(mode, count, name, one, found, expected)] * (not agrees(found, expected, theirs.get("index")))
    assert others == []


def test_the_curves_are_of_every_kind() -> None:
    tests = [ours("fastai", "exponential", losses, COUNT) for losses in LOSSES.values()]
    assert {test.stopped_at is None for test in tests} == {True, False}
    assert {bool(np.isnan(test.losses).any()) for test in tests} == {True, False}
    found = {(name, one[1]) for test in tests for name in SUGGESTIONS if (one := suggested(test, name)) is not None}
    assert min(Counter(name for name, _ in found).values()) > 3


def test_a_sum_beside_a_tie_is_rounded_once() -> None:
    """1 + 2**-23 + 2**-24 - 2**-60: in float64 it is a tie of float32, which would go up."""
    a, b, c = (np.float32(x) for x in (2**-12 * (1 + 2**-18), 2**-12 * (1 - 2**-18), 1 + 2**-23))
    assert np.float32(float(a) * float(b) + float(c)) == 1 + 2**-22
    assert _fma(a, b, c) == 1 + 2**-23
