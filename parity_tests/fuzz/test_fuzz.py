"""A thousand random programs, those that once failed, and the fuzzer itself: it sees a fault and makes it small."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import torch

from lrspec.optimizer_options import BY_NAME

from .__main__ import main
from .events import KINDS
from .programs import MEMBERS, program
from .run import outcome, run
from .schedulers import NAMES

COUNT = 10_000 if os.environ.get("LRJAX_SLOW") else 1_000
BLOCK = 5 * MEMBERS
KEPT = json.loads(Path(__file__).with_name("kept.json").read_text())


@pytest.mark.parametrize("start", range(0, COUNT, BLOCK))
def test_random_programs(start: int) -> None:
    failures = list(run(0, range(start, start + BLOCK), shrunk=False))
    assert not failures, [f"program {failure.number}: {failure.says}" for failure in failures]


@pytest.mark.parametrize("why", KEPT)
def test_programs_that_once_failed(why: str) -> None:
    assert outcome(KEPT[why]) == ""


def test_a_thousand_programs_have_everything_in_them() -> None:
    programs = [program(0, number) for number in range(1_000)]
    text = json.dumps(programs)
    assert text == json.dumps([program(0, number) for number in range(1_000)])
    assert {one["optimizer"] for one in programs} == set(BY_NAME)
    assert {len(one["groups"]) for one in programs} == {1, 2, 3, 4, 5}
    assert {len(one["schedulers"]) for one in programs} == {0, 1, 2, 3}
    assert [word for word in (*KINDS, *NAMES, "scale_fn", "bfloat16", "float16") if f'"{word}"' not in text] == []
    assert [word for word in ("NaN", "Infinity", "-Infinity") if f": {word}" not in text] == []


SMALL = {
    "optimizer": "SGD",
    "options": {"lr": 0.3},
    "leaves": {"a": {"shape": [3], "dtype": "float32"}, "b": {"shape": [2, 3], "dtype": "float32"}},
    "groups": [{"params": ["a"], "name": "g0"}, {"params": ["b"], "name": "g1", "lr": 0.7}],
    "schedulers": [["ExponentialLR", {"gamma": 0.9}], ["StepLR", {"step_size": 2, "gamma": 0.7}]],
    "compiled": False,
    "sums": False,
    "start": 1,
    "events": [
        {"do": "step", "grad": 1, "none": [], "clip": None},
        *[{"do": "scheduler", "metric": None, "index": None}] * 4,
        {"do": "set_lr", "value": {"g1": 0.3}},
        *[{"do": "scheduler", "metric": None, "index": None}] * 2,
    ],
}


def test_a_fault_is_seen_and_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """ExponentialLR one unit in the last place off; what is left of the program is one scheduler and one step of it."""
    of_torch = torch.optim.lr_scheduler.ExponentialLR

    def nearly(self: Any) -> list[Any]:
        rates = [group["lr"] for group in self.optimizer.param_groups]
        return [lr * self.gamma * (1 + 2**-52) for lr in rates] if self.last_epoch else rates

    assert outcome(SMALL) == ""
    monkeypatch.setattr(of_torch, "get_lr", nearly)
    monkeypatch.setattr("parity_tests.fuzz.run.program", lambda seed, number: SMALL)
    (failure,) = run(0, range(1))
    assert failure.says.startswith("after event 0, scheduler: lr['g")
    assert [name for name, _ in failure.program["schedulers"]] == ["ExponentialLR"]
    assert [event["do"] for event in failure.program["events"]] == ["scheduler"]
    assert len(failure.program["leaves"]) == 1


def test_the_command_goes_on_where_it_stopped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--folder", str(tmp_path), "--jobs", "1", "--count"]
    assert main([*arguments, "1"]) == 0
    assert "0 failures" in capsys.readouterr().out
    (tmp_path / "progress-0.txt").write_text("0\n")  # as if the first chunk were done
    (tmp_path / "failures" / "0-3.json").write_text(json.dumps({"program": SMALL}))
    assert main([*arguments, "200"]) == 1
    assert "1 failures" in capsys.readouterr().out
    assert main(["--replay", str(tmp_path / "failures" / "0-3.json")]) == 0
    assert capsys.readouterr().out == "the two sides agree\n"
