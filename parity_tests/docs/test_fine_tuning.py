"""The page "Fine-tuning": its code runs as printed, and does in both packages what it says."""

from typing import Any

import jax
import pytest

import lrjax
import lrtorch
from lrparity.digits import layout
from lrparity.runs.bounds import FLOAT64_BOUND
from lrparity.runs.verdict import relative_difference
from parity_tests import ROOT
from parity_tests.trees import flat

from .blocks import blocks_of


def test_gradual_unfreezing_ends_at_the_same_weights_in_both(capsys: pytest.CaptureFixture[str]) -> None:
    """In float64, where only the matrix products' rounding is between them."""
    names: dict[str, Any] = {}
    with jax.enable_x64(True):
        for code in blocks_of(ROOT / "docs" / "fine-tuning.md"):
            exec(code.replace("float32", "float64"), names)
    ours = flat(names["params"])
    theirs = layout.to_jax({name: p.detach().numpy() for name, p in names["model"].named_parameters()})
    assert relative_difference(ours, theirs) < FLOAT64_BOUND
    assert lrjax.get_lr(names["opt_state"]) == lrtorch.get_lr(names["optimizer"])
    assert min(lrjax.get_lr(names["opt_state"]).values()) > 0
    tables = capsys.readouterr().out
    assert tables.count("backbone/dense1  2        2,080       float64  yes") == 4  # frozen for two epochs, in both
    assert tables.count("backbone/dense1  2        2,080       float64  no") == 2
