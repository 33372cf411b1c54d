"""The pages on ports: their code runs as printed, and the tool says what they say."""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from parity_tests import ROOT
from parity_tests.foreign_timm import import_timm

from .blocks import blocks_of


def test_the_guide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    first, *rest = blocks_of(ROOT / "docs" / "is-my-port-the-same.md")
    exec(first, names)
    assert {cause.convention for cause in names["result"].causes} == {"weight_decay", "clip_eps"}
    shown = capsys.readouterr().out
    (report,) = re.findall(r"```\n(NOT EQUAL.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert all(line in shown for line in report.splitlines())
    for code in rest:
        exec(code, names)
    assert {cause.convention for cause in names["result"].causes} >= {"weight_decay", "clip_eps"}


def test_the_vit() -> None:
    """All its faults are named, and mended it is the same; with three blocks, with ``LRJAX_SLOW=1`` with its twelve."""
    import_timm()
    names: dict[str, Any] = {}
    for code in blocks_of(ROOT / "docs" / "a-vit-ported.md"):
        exec(code if os.environ.get("LRJAX_SLOW") else code.replace("num_classes=10", "num_classes=10, depth=3"), names)
    said = {cause.convention for cause in names["result"].causes}
    assert said == {"eps_place", "lr", "warmup_start", "clip_eps"}
    assert not names["result"].equal and names["mended"].equal


def test_the_page_on_whole_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for code in blocks_of(ROOT / "docs" / "whole-runs.md"):
        exec(code, names)
    assert names["result"].explained and names["result"].sentence.startswith("The runs are the same but for rounding")
