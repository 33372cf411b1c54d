"""The foreign libraries that the suite runs: floats arrive with all bits, and each is the version that is pinned."""

import math
import sys
from typing import Any

import pytest

from parity_tests import originals

MODULES = {  # import name -> name in requirements.txt
    "fastai": "fastai",
    "ignite": "pytorch-ignite",
    "lightning": "lightning",
    "mmengine": "mmengine",
}


@pytest.mark.parametrize("value", [0.1, -5e-324, math.inf, -math.inf, 1, "nan", None, [], {"a": [1.5, {"b": 2.5}]}])
def test_json_keeps_bits(value: Any) -> None:
    assert originals.from_json(originals.to_json(value)) == value


def test_json_keeps_nan() -> None:
    assert math.isnan(originals.from_json(originals.to_json([math.nan]))[0])


@pytest.mark.parametrize("module", MODULES)
def test_versions_are_the_pinned_ones(module: str) -> None:
    lines = (originals.ROOT / "parity_tests/originals/requirements.txt").read_text().splitlines()
    pinned = dict(line.split("==") for line in lines if "==" in line)
    assert originals.ask("versions", [module]) == {module: pinned[MODULES[module]]}
    assert module not in sys.modules


@pytest.mark.skipif(not originals.WHEELS.is_dir(), reason="the original libraries are not installed")
def test_what_is_not_there_is_skipped() -> None:
    with pytest.raises(pytest.skip.Exception, match="cannot be imported: ModuleNotFoundError: No module named 'nosuch"):
        originals.ask("versions", ["nosuchlibrary"])


def test_an_original_that_fails_is_no_skip() -> None:
    with pytest.raises(RuntimeError, match="versions failed"):
        originals.ask("versions", 3)
