"""The suite runs where packages that only some tests need are missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from parity_tests import ROOT

# Packages that the suite uses and that may be missing, and a torch as old as may be.
BARE = """
import sys
for name in ("expecttest", "haiku", "equinox", "timm", "transformers", "safetensors", "tqdm"):
    sys.modules[name] = None
import pytest, torch
torch.__version__ = "2.11.0"
sys.exit(pytest.main(sys.argv[1:]))
"""
FILES = """
    groups/test_containers.py optimizers/test_torch_errors.py transfer/test_files.py transfer/test_names.py
    schedulers/test_rates.py schedulers/test_tables.py
"""
CHOSEN = "haiku or equinox or starting or greedy or TanhLR or safetensors"


def test_where_packages_are_missing_their_tests_are_skipped() -> None:
    files = [f"parity_tests/{name}" for name in FILES.split()]
    command = [sys.executable, "-c", BARE, "-p", "no:cacheprovider", "-rs", "-k", CHOSEN, *files]
    env = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # nor xdist's
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    reasons = ("equinox", "haiku", "transformers.optimization", "timm is not", "safetensors.torch")
    for reason in (*reasons, "torch before 2.13 starts SequentialLR with schedulers[0] where a milestone is 0"):
        assert reason in done.stdout


MISSING = {
    "import lrtorch": ("torch", "lrtorch: torch is not installed; type: pip install lrjax[torch]"),
    "import lrjax.finetune": ("flax", "lrjax.finetune: flax is not installed; type: pip install lrjax[finetune]"),
}


@pytest.mark.parametrize("statement", MISSING)
def test_a_missing_package_is_named_with_the_extra_that_brings_it(statement: str) -> None:
    package, message = MISSING[statement]
    code = f"import sys; sys.modules[{package!r}] = None\n{statement}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.splitlines()[-1] == f"ImportError: {message}"


def test_a_package_that_is_there_but_broken_is_not_called_missing(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("import a_library_that_torch_needs")
    env = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    done = subprocess.run([sys.executable, "-c", "import lrtorch"], capture_output=True, text=True, env=env)
    assert done.stderr.splitlines()[-1] == "ModuleNotFoundError: No module named 'a_library_that_torch_needs'"
