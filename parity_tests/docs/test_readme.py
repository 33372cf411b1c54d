"""The README is short, its example gives what it prints, and the report that it shows is that of its program."""

import re
from pathlib import Path
from typing import Any

import pytest

from parity_tests import ROOT

from .blocks import run

README = ROOT / "README.md"


def test_it_is_short() -> None:
    assert len(README.read_text().splitlines()) < 120


def test_it_prints_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = run(README)
    shown = capsys.readouterr().out
    assert names["lrjax"].get_lr(names["opt_state"]) == {"backbone": 1e-05, "head": 3e-4}
    assert (
        "{'backbone': 1e-05, 'head': 0.0003}" in shown and "{'backbone': 1e-05, 'head': 0.0003}" in README.read_text()
    )
    (report,) = re.findall(r"```\n(NOT EQUAL.*?)```", README.read_text(), re.DOTALL)
    assert all(line in shown for line in report.splitlines())
    assert (tmp_path / "report" / "report.html").exists()
