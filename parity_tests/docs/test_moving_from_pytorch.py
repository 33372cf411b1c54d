"""The page "Moving a PyTorch run to JAX" runs as printed, and its table has every name."""

import re
from pathlib import Path

import pytest
import torch

import lrjax
from parity_tests import ROOT

from .blocks import blocks_of

PAGE = ROOT / "docs" / "moving-from-pytorch.md"


def test_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    blocks = blocks_of(PAGE)
    assert len(blocks) == 8
    for block in blocks:
        exec(compile(block, "moving-from-pytorch.md", "exec"), names)
    shown = capsys.readouterr().out
    assert "dense1.weight  dense1/kernel  axes (1, 0)" in shown
    assert "norm.weight    norm/scale\n" in shown
    assert "mix               M  axes (1, 0)" in shown


def test_the_table_has_every_name_of_torch() -> None:
    rows = dict(re.findall(r"\| `(torch\.optim\.[\w.]+)` \| (`lrjax\.\w+`|none)", PAGE.read_text()))
    optimizers = {f"torch.optim.{name}" for name in torch.optim.__all__ if name != "Optimizer"}  # type: ignore[attr-defined]
    optimizers = {name for name in optimizers if isinstance(getattr(torch.optim, name.rpartition(".")[2]), type)}
    schedulers = {f"torch.optim.lr_scheduler.{name}" for name in torch.optim.lr_scheduler.__all__}
    averages = {f"torch.optim.swa_utils.{name}" for name in torch.optim.swa_utils.__all__}
    assert set(rows) == optimizers | schedulers | averages
    for theirs, ours in rows.items():
        assert ours == "none" or ours == f"`lrjax.{theirs.rpartition('.')[2]}`"
        assert ours == "none" or hasattr(lrjax, ours.strip("`").removeprefix("lrjax."))
