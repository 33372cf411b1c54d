"""What a type checker finds before anything runs: 40 planted mistakes, and nothing wrong in what is right."""

import json
import re
import subprocess
import sys
from pathlib import Path

from lrspec.optimizer_options import BY_NAME
from lrspec.types import ParamGroup

from .. import ROOT

FILE = Path(__file__).parent / "typed_mistakes.txt"  # a program; no .py, for the tree itself has no mistakes


def test_pyright_finds_what_is_wrong_and_nothing_else(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(FILE.read_text())
    (tmp_path / "pyrightconfig.json").write_text(json.dumps({"extraPaths": [str(ROOT)]}))
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "--project", tmp_path]
    run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    found = {int(line) for line in re.findall(r"program.py:(\d+):\d+ - error", run.stdout)}
    lines = program.read_text().splitlines()
    wrong = {i for i, line in enumerate(lines, 1) if line.endswith("# wrong")}
    assert len(wrong) >= 40, run.stderr
    assert found == wrong, [lines[i - 1] for i in found ^ wrong]


def test_a_group_has_the_options_of_all_optimizers() -> None:
    options = {name for options in BY_NAME.values() for name in options.of_groups}
    assert set(ParamGroup.__annotations__) == options | {"params", "name", "frozen", "stacked", "lr_scale"}
