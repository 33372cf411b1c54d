"""The page "Finding a learning rate": its code runs as printed, and shows what the page says."""

from pathlib import Path

import pytest

from parity_tests import ROOT

from .blocks import run

PAGE = ROOT / "docs" / "lr-find.md"


def test_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    names = run(PAGE)
    shown = capsys.readouterr().out
    printed = PAGE.read_text().split("```text\n")[1].split("```")[0]
    assert shown.startswith(printed)
    assert (tmp_path / "lr-find.png").stat().st_size > 10_000
    assert (ROOT / "docs" / "lr-find.png").exists()
    middle = names["test"].lr
    assert 0.3 < names["band"].lr / middle < 3  # seeds that are near each other
    assert names["alone"].lr > 3 * middle  # steeper where it is larger
    assert names["with_dropout"].losses.tolist() != names["test"].losses.tolist()
    assert names["same"].plan == names["test"].plan
