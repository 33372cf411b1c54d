"""The page "Quick start": both programs run by themselves, print what the page shows, and have the same rates."""

import re
from pathlib import Path

import pytest

from parity_tests import ROOT

from .blocks import run, sections_of

PAGE = ROOT / "docs" / "quick-start.md"


def without_losses(text: str) -> list[str]:
    """The lines, without the losses, which depend on the processor's rounding."""
    return [re.sub(r"loss .* rates", "rates", line).rstrip() for line in text.strip().splitlines()]


def test_both_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    (shown,) = re.findall(r"```text\n(.*?)```", PAGE.read_text(), re.DOTALL)
    for section in ("In JAX", "In PyTorch"):
        names = run(PAGE, sections_of(PAGE)[section])
        assert without_losses(capsys.readouterr().out) == without_losses(shown)
        assert names["right"] > 0.85  # a network that has learnt
    assert (tmp_path / "rates.png").exists()
