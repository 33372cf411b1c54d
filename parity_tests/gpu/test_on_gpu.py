"""What waits for a GPU runs without one."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from parity_tests import ROOT

from . import bits

SCRIPT = ROOT / "benchmarks" / "on_gpu.sh"


def test_the_script_is_sound() -> None:
    subprocess.run(["bash", "-n", str(SCRIPT)], check=True)


def test_a_failing_step_does_not_stop_the_others(tmp_path: Path) -> None:
    env = {**os.environ, "PYTHON": "false", "OUT": str(tmp_path), "DEVICE": "cpu"}
    done = subprocess.run(["bash", str(SCRIPT)], env=env, capture_output=True, text=True, check=True)
    steps = [line for line in (tmp_path / "summary.md").read_text().splitlines() if "exit status 1" in line]
    assert [line.split()[1] for line in steps] == ["bits", "verdict", "optimizers", "groups", "epoch", "sweep"]
    assert all(line in done.stdout for line in steps)


def test_no_step_begins_when_the_time_is_up(tmp_path: Path) -> None:
    env = {**os.environ, "PYTHON": "false", "OUT": str(tmp_path), "DEVICE": "cpu", "LIMIT": "0"}
    subprocess.run(["bash", str(SCRIPT)], env=env, capture_output=True, check=True)
    assert (tmp_path / "summary.md").read_text().count("not begun") == 6


def _two_rows() -> list[Any]:
    rows = {row.case.name: row for row in reversed(bits.rows())}
    return [rows["SGD"], rows["AdamW"]]


def test_bits_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    two = _two_rows()
    monkeypatch.setattr(bits, "rows", lambda: two)
    assert bits.main(["--device", "cpu", "--out", str(tmp_path), "--steps", "3"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "Equal in every bit, single: 2 of 2 rows."
    stored = json.loads((tmp_path / "bits.json").read_text())
    assert {what.split()[0] for what in stored["rows"][1]["tensors"]} == {"parameters", "exp_avg", "exp_avg_sq"}
    assert "| AdamW default | single | 0 of 10,488 | 0 of 20,976 | never |" in (tmp_path / "bits.md").read_text()


def test_a_form_that_does_not_run_is_said_and_the_time_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    two = _two_rows()
    monkeypatch.setattr(bits, "rows", lambda: two)
    monkeypatch.setattr(bits, "trace_jax", lambda *arguments: 1 / 0)
    arguments = ["--device", "cpu", "--out", str(tmp_path), "--only", "AdamW"]
    assert bits.main(arguments) == 1
    assert "did not run: ZeroDivisionError" in (tmp_path / "bits.md").read_text()
    assert bits.main([*arguments, "--seconds", "-1"]) == 0
    with pytest.raises(SystemExit):
        bits.main([*arguments, "--only", "Adams"])


def test_the_rows_begin_with_the_defaults_of_all_optimizers() -> None:
    rows = bits.rows()
    assert len({row.case.name for row in rows[:13]}) == 13
    assert len({row.case.id for row in rows}) == len(rows) > 60
    assert bits.forms("AdamW", "gpu") == ["default", "single", "fused"]
    assert bits.forms("Muon", "gpu") == ["default"]


def test_a_bit_that_differs_is_seen() -> None:
    theirs = {"parameters a": [np.zeros(3, np.float32)] * 3}
    ours = {"parameters a": [np.zeros(3, np.float32), np.array([0, -0.0, 1], np.float32), np.zeros(3, np.float32)]}
    found = bits.compare(ours, theirs)["parameters a"]
    assert (found["differ"], found["first"]) == (
        0,
        {"step": 2, "differ": 2, "index": 1, "ours": "-0x0.0p+0", "theirs": "0x0.0p+0"},
    )
    one = {"case": "c", "form": "single", "summed": False, "tensors": {"parameters a": found}}
    assert bits.table([one])[-1] == "| c | single | 0 of 3 | - | 2 |"
    assert bits.sentence([one]) == "Equal in every bit, single: 0 of 1 rows."


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_bits_on_a_gpu(tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if name != "JAX_PLATFORMS"}
    command = [sys.executable, "-m", "parity_tests.gpu.bits", "--only", "Adagrad", "--steps", "3", "--out", tmp_path]
    subprocess.run(command, env=env, cwd=ROOT, check=True)
