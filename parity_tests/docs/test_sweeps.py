"""The page "Sweeps": its code runs as printed, and shows what it says."""

import re
from typing import Any

import pytest

import lrjax
from parity_tests import ROOT

from .blocks import blocks_of

PAGE = ROOT / "docs" / "sweeps.md"


def test_the_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    blocks = blocks_of(PAGE)
    assert len(blocks) == 5
    for block in blocks:
        exec(compile(block, "sweeps.md", "exec"), names)
    assert names["losses"].shape == (8, 50)
    assert names["log"]["head"].shape == (8, 50)
    shown = capsys.readouterr().out
    (table,) = re.findall(r"```text\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert table in shown
    assert lrjax.get_lr(names["state"])["**"] == float(names["state"].hyperparams["lr"])
