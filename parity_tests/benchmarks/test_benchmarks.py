"""The benchmarks run; their figures are not judged here."""

import json
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmarks import MEASUREMENTS, optimizer_step
from benchmarks.__main__ import main
from benchmarks.machinery import case_runner, figures, report
from benchmarks.machinery.measurement import Case, Contender, Outcome, Target, ratio
from benchmarks.machinery.provenance import folder, hardware
from benchmarks.machinery.worker_process import Failed


def measurement(name: str) -> Any:
    """The module of a measurement."""
    return import_module(f"benchmarks.{MEASUREMENTS[name]}")


def test_short_form_runs_every_measurement(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    able = [name for name in MEASUREMENTS if measurement(name).cases(True, "cpu")]  # gpu_code needs a compiler
    assert set(MEASUREMENTS) - set(able) <= {"gpu_code"}
    chosen = [word for name in able for word in ("--only", name)]
    assert main(["--short", "--out", str(tmp_path), *chosen]) == 0, capsys.readouterr().err
    stored = json.loads((tmp_path / "results.json").read_text())["measurements"]
    text = (tmp_path / "report.md").read_text()
    assert list(stored) == able
    assert str(tmp_path) not in text and str(Path.cwd()) not in text
    for name, one in stored.items():
        assert (tmp_path / f"{name}.png").stat().st_size > 1000
        assert f"## {one['title']}" in text
        optional = {c.name for case in measurement(name).cases(True, "cpu") for c in case.contenders if c.optional}
        outcomes = {who: outcome for rows in one["cases"].values() for who, outcome in rows.items()}
        ran = {who: outcome for who, outcome in outcomes.items() if who not in optional or not outcome["error"]}
        assert all(min(outcome["samples"]) > 0 for outcome in ran.values()), name


@pytest.mark.parametrize("name", MEASUREMENTS)
def test_the_figure_has_a_baseline(name: str) -> None:
    module = measurement(name)
    cases = [{one.name: Outcome("jax", [1.0]) for one in case.contenders} for case in module.cases(False, "cpu")]
    if not cases and name == "gpu_code":
        pytest.skip("needs a compiler for GPUs, see parity_tests/gpu")
    assert any(figures.baseline_of(rows, getattr(module, "BASELINE", ())) for rows in cases)


def test_a_measurement_that_is_not_run_again_keeps_its_result(tmp_path: Path) -> None:
    case, rows = Case("c", {}, []), {"c": {"a": Outcome("jax", [1.0, 2.0])}}
    module = SimpleNamespace(TITLE="T", QUESTION="Q", COLUMNS={}, targets=lambda results: [])
    modules = {"one": module, "two": module}
    for name in modules:
        one = report.record(module, [case], rows, "make bench")  # type: ignore[arg-type]
        report.save(tmp_path, "a machine", {name: one}, modules)  # type: ignore[arg-type]
    assert list(json.loads((tmp_path / "results.json").read_text())["measurements"]) == ["one", "two"]


def test_the_ratio_pairs_the_turns_of_a_round() -> None:
    # The machine slows down tenfold on the way: the ratio of the medians would be off, that of the turns is not.
    rows = {"a": Outcome("jax", [2.0, 20.0, 20.0]), "b": Outcome("torch", [1.0, 10.0, 10.0])}
    assert ratio({"case": rows}, "case", "a", "b") == 2.0
    assert ratio({"case": rows}, "case", "a", "absent") is None


@pytest.mark.parametrize(("value", "holds"), [(4.0, True), (3.9, False), (None, None)])
def test_a_target_holds_at_its_bound(value: float | None, holds: bool | None) -> None:
    assert Target("x", value, 4.0, at_least=True).holds is holds


class Answers:
    """A worker that has its answers ready."""

    def __init__(self, answers: dict[str, np.ndarray]) -> None:
        self.answers = answers

    def ask(self, request: str, *arguments: object) -> object:
        """What a worker would say."""
        if request == "make":
            return self.answers[str(arguments[1])], 0.1, {}
        return {"turn": 1.0, "facts": {}}[request]


def _run(tolerance: float | None, answer: list[float]) -> dict[str, Outcome]:
    case = Case("c", {}, [Contender("a", "torch"), Contender("b", "jax", tolerance)], rounds=3)
    worker = Answers({"a": np.array([1.0, 2.0]), "b": np.array(answer)})
    processes = type("Processes", (), {"__getitem__": lambda self, side: worker, "drop": lambda self: None})()
    module = SimpleNamespace(__name__="benchmarks.none")
    return case_runner.run_case(module, case, processes, lambda: None)  # type: ignore[arg-type]


def test_a_wrong_answer_is_not_timed() -> None:
    assert len(_run(0.1, [1.0, 2.05])["b"].samples) == 3
    for wrong in ([1.0, 2.2], [1.0, float("nan")], [1.0]):
        with pytest.raises(Failed, match="c, b: "):
            _run(0.1, wrong)
    assert _run(None, [1.0, 3.0])["b"].difference == 1.0  # another rule: stated


def test_a_contender_that_cannot_run_is_named_in_the_table() -> None:
    rows = {"a": asdict(Outcome("torch", [1.0])), "b": asdict(Outcome("torch", error="no compiler"))}
    lines = report.table({"cases": {"c": rows}, "unit": {"c": "step"}}, {})
    assert lines[-1] == "| c | b | did not run: no compiler |  |  |"


def test_no_gpu_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("benchmarks.__main__.without_gpu", lambda: ["JAX", "PyTorch"])
    assert main(["--device", "gpu", "--only", "startup"]) == 2
    assert "argument --device: gpu: JAX and PyTorch found no GPU" in capsys.readouterr().err


def test_the_folder_names_the_machine() -> None:
    assert folder(hardware("cpu")).endswith(("-core", "-cores"))


def test_a_case_that_fails_does_not_lose_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run_case(module: object, case: Case, *more: object) -> dict[str, Outcome]:
        if case.name.startswith("SGD"):
            raise Failed("SGD: it broke")
        return {c.name: Outcome(c.side, [1.0]) for c in case.contenders}

    monkeypatch.setattr(case_runner, "run_case", run_case)
    arguments = ["--short", "--only", "optimizer_step", "--leave-out", "optax", "--out", str(tmp_path)]
    assert main(arguments) == 1
    assert "python -m benchmarks: SGD: it broke" in capsys.readouterr().err
    (case,) = json.loads((tmp_path / "results.json").read_text())["measurements"]["optimizer_step"]["cases"].items()
    assert case[0].startswith("Adafactor") and "optax" not in case[1] and "lrjax step" in case[1]
    assert main([*arguments, "--match", "Adaf*"]) == 0
    assert main([*arguments, "--match", "none such"]) == 1
    assert "no case is left to run" in capsys.readouterr().err
    assert main(["--match", "Adaf*"]) == 2


def test_no_case_begins_when_the_time_is_up(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--short", "--only", "finetune", "--seconds", "-1"]) == 1
    assert "batch 16: not begun, the time was up" in capsys.readouterr().err


def test_the_share_of_a_copys_bandwidth() -> None:
    outcomes = {"lrjax step": Outcome("jax", [10.0]), "a copy": Outcome("torch", [2.0])}
    optimizer_step.add_facts({"optimizer": "SGD", "size": 10**9}, outcomes, {})
    assert outcomes["a copy"].facts == {"GB/s": 4.0}  # 4 bytes read, 4 written, 1e9 times in 2 s
    assert outcomes["lrjax step"].facts == {"GB/s": 2.0, "of floor": 0.5}
