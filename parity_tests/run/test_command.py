"""``python -m lrparity`` with a bad argument: one line that says what is allowed, and nothing written."""

import subprocess
import sys
from typing import Any

import pytest

from lrparity import __main__, devices
from lrparity.digits.choices import RULES
from parity_tests import ROOT

BAD = {
    "an unknown device": ("--device=tpu", "argument --device: must be one of cpu, gpu, got 'tpu'"),
    "an unknown dtype": ("--dtype=half", "argument --dtype: must be one of float32, float64, got 'half'"),
    "an unknown rule": ("--rule=cosine", f"argument --rule: must be one of {', '.join(RULES)}, got 'cosine'"),
    "an unknown optimizer": ("--optimizer=lion", "argument --optimizer: must be one of sgd, sgd-momentum, "),
    "an optimizer that ascends": ("--optimizer=sgd-maximize", "argument --optimizer: must be one of sgd, "),
    "no epoch": ("--epochs=0", "argument --epochs: must be an integer, at least 1, got '0'"),
    "half an epoch": ("--epochs=0.5", "argument --epochs: must be an integer, at least 1, got '0.5'"),
    "a negative seed": ("--seed=-1", "argument --seed: must be an integer, at least 0, got '-1'"),
    "too few seeds": ("--seeds=3", "argument --seeds: must be an integer, at least 20, got '3'"),
    "an unknown option": ("--epoch=3", "unrecognized arguments: --epoch=3"),
}


@pytest.mark.parametrize("name", BAD)
def test_one_line_for(name: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.chdir(tmp_path)
    argument, message = BAD[name]
    with pytest.raises(SystemExit, match="2"):
        __main__.main([argument])
    error = capsys.readouterr().err
    assert error.startswith(f"python -m lrparity: {message}")
    assert error.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_folder_that_holds_something_else_is_refused(tmp_path: Any, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "thesis.tex").touch()
    assert __main__.main(["--out", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("python -m lrparity: argument --out: must be a new folder, or one that holds nothing")
    assert error.count("\n") == 1


@pytest.mark.skipif(not devices.missing("gpu"), reason="there is a GPU in both frameworks")
def test_a_missing_gpu_is_said_plainly(tmp_path: Any, capsys: pytest.CaptureFixture[str]):
    assert __main__.main(["--device=gpu", "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert error.startswith("python -m lrparity: argument --device: gpu needs a GPU in both frameworks")
    assert error.count("\n") == 1


def test_the_tests_call_the_same_command_by_their_own_name():
    command = [sys.executable, "-m", "parity_tests", "--device=tpu"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "python -m parity_tests: argument --device: must be one of cpu, gpu, got 'tpu'\n"


@pytest.mark.parametrize("module", ["torch", "flax", "sklearn", "matplotlib"])
def test_what_is_not_installed_is_named(
    module: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setitem(sys.modules, module, None)
    assert __main__.main(["--out", str(tmp_path / "out")]) == 2
    name = {"sklearn": "scikit-learn"}.get(module, module)
    expected = f"python -m lrparity: {name} must be installed: pip install lrjax[parity]\n"
    assert capsys.readouterr() == ("", expected)
    assert not list(tmp_path.iterdir())


def test_help_and_bad_arguments_load_no_framework():
    code = (
        "import sys; from lrparity.__main__ import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: print([m for m in ('jax', 'torch', 'numpy') if m in sys.modules], file=sys.stderr)"
    )
    for argument in ("--help", "--device=tpu"):
        done = subprocess.run([sys.executable, "-c", code, argument], capture_output=True, text=True, check=True)
        assert done.stderr.splitlines()[-1] == "[]"
