"""The page "Averages of weights": its code runs as printed, and does in both packages what it says."""

from typing import Any

import jax
import numpy as np
import pytest

from lrparity.runs.bounds import FLOAT64_BOUND
from lrparity.runs.verdict import relative_difference
from parity_tests import ROOT
from parity_tests.trees import flat

from .blocks import blocks_of


def test_both_packages_end_at_the_same_averages(capsys: pytest.CaptureFixture[str]) -> None:
    """In float64, where only the order of sums is between them."""
    names: dict[str, Any] = {}
    blocks = blocks_of(ROOT / "docs" / "averages.md")
    assert len(blocks) == 5
    with jax.enable_x64(True):
        for code in blocks:
            exec(code.replace("float32", "float64"), names)
    ema, variables = names["ema"], names["variables"]
    swa_model, ema_model = names["swa_model"], names["ema_model"]
    pairs = [(variables["params"], variables["batch_stats"], swa_model), (ema.params, ema.buffers, ema_model)]
    for params, stats, averaged in pairs:
        ours, theirs = {**flat(params), **flat(stats)}, in_jax(averaged.module)
        assert {x.dtype for x in ours.values()} == {np.dtype("float64")}
        if averaged is ema_model:  # update_bn gives torch's variance; flax's training divides by 64, torch's by 63
            ratio = ours.pop("norm/var") / theirs.pop("norm/var")
            assert 63 / 64 <= ratio.min() <= ratio.max() < 1
        assert relative_difference(ours, theirs) < FLOAT64_BOUND
    assert (int(names["swa"].n_averaged), int(ema.n_averaged)) == (3, 168)
    shown = capsys.readouterr().out.splitlines()
    rights = [float(line.split("right: ")[1].split()[0]) for line in shown[:4]]
    assert rights[0] == rights[1] > 0.95
    assert rights[2] == rights[3] > 0.95
    assert shown[4] == "['module.head.weight', 'module.hidden.weight', 'module.norm.bias']"


def in_jax(module: Any) -> dict[str, np.ndarray]:
    """torch's parameters and statistics by JAX's paths."""
    words = {"running_mean": "mean", "running_var": "var", "bias": "bias"}
    found = {}
    for name, x in module.state_dict().items():
        part, _, word = name.partition(".")
        if word == "weight":
            found[f"{part}/{'scale' if part == 'norm' else 'kernel'}"] = x.numpy().T
        elif word in words:
            found[f"{part}/{words[word]}"] = x.numpy()
    return found
