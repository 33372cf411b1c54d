"""The how-to pages: their code runs as printed, and does in both packages what they say."""

import re
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

import lrjax
import lrtorch
from parity_tests import layout
from parity_tests.verdict import FLOAT64_BOUND, relative_difference

DOCS = Path(__file__).parent.parent / "docs"


def blocks(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)


def test_gradual_unfreezing_ends_at_the_same_weights_in_both(capsys: pytest.CaptureFixture[str]) -> None:
    """In float64, where only the matrix products' rounding is between them."""
    names: dict[str, Any] = {}
    with jax.enable_x64(True):
        for code in blocks("fine-tuning.md"):
            exec(code.replace("float32", "float64"), names)
    paths = lrjax.param_groups.paths(names["params"])
    ours = dict(zip(paths, map(np.asarray, jax.tree.leaves(names["params"])), strict=True))
    theirs = layout.to_jax({name: p.detach().numpy() for name, p in names["model"].named_parameters()})
    assert relative_difference(ours, theirs) < FLOAT64_BOUND
    assert lrjax.get_lr(names["opt_state"]) == lrtorch.get_lr(names["optimizer"])
    assert min(lrjax.get_lr(names["opt_state"]).values()) > 0
    tables = capsys.readouterr().out
    assert tables.count("backbone/dense1  2        2,080       float64  yes") == 4  # frozen for two epochs, in both
    assert tables.count("backbone/dense1  2        2,080       float64  no") == 2
