"""``plot`` and ``python -m lrjax``."""

import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lrjax
import lrtorch
import lrtorch.plotting
from docs import make_gallery
from lrjax import plotting
from lrjax.__main__ import main
from lrspec import command

PACKAGES = {"lrjax": (lrjax, plotting.plot), "lrtorch": (lrtorch, lrtorch.plotting.plot)}
both = pytest.mark.parametrize(("package", "plot"), PACKAGES.values(), ids=list(PACKAGES))


@both
def test_lines_are_the_simulated_numbers(package: Any, plot: Any) -> None:
    scheduler, edits = package.StepLR(step_size=2, gamma=0.5), {3: 0.7}
    figure = plot(scheduler, [0.1, 0.01], 7, edits=edits)
    (axes,) = figure.axes
    drawn = np.array([line.get_ydata() for line in axes.get_lines()]).T
    assert drawn.tolist() == package.simulate(scheduler, [0.1, 0.01], 7, edits).tolist()
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("scheduler step", "learning rate")
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "group 0 (base rate 0.1)",
        "group 1 (base rate 0.01)",
    ]
    assert figure.get_suptitle() == repr(scheduler)


CYCLING = {
    "OneCycleLR": ("OneCycleLR(max_lr=0.1, total_steps=10)", True),
    "a part that cycles": ("ChainedScheduler([StepLR(3), CyclicLR(0.1, 0.2, 2)])", True),
    "CyclicLR told not to": ("CyclicLR(0.1, 0.2, 2, cycle_momentum=False)", False),
    "StepLR": ("StepLR(3)", False),
}


@both
@pytest.mark.parametrize("name", CYCLING)
def test_momentum_is_drawn_where_it_is_cycled(package: Any, plot: Any, name: str) -> None:
    call, cycles = CYCLING[name]
    scheduler = eval(call, {name: getattr(package, name) for name in dir(package)})
    figure = plot(scheduler, num_steps=10)
    assert [axes.get_ylabel() for axes in figure.axes] == ["learning rate", "momentum"][: 1 + cycles]
    if cycles:
        _, momenta = package.simulate(scheduler, 0.1, 10, momentum=True)
        assert figure.axes[1].get_lines()[0].get_ydata().tolist() == momenta[:, 0].tolist()


@both
def test_title_names_functions_without_their_address(package: Any, plot: Any) -> None:
    def decay(epoch: int) -> float:
        return 0.5**epoch

    inner = package.LambdaLR([decay, partial(pow, 0.5)])
    figure = plot(package.ChainedScheduler([inner]), [1.0, 2.0], 3, labels=["head", "backbone"])
    assert figure.get_suptitle() == "ChainedScheduler(schedulers=(LambdaLR(lr_lambda=(decay, partial)),))"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["head", "backbone"]


def test_long_titles_and_many_groups_leave_room_for_the_axes() -> None:
    table = lrjax.EpochTable([[epochs, 1 / epochs] for epochs in range(1, 100)])
    figure = plotting.plot(table, [0.1] * 40, 5)
    figure.draw_without_rendering()
    assert figure.get_suptitle().count("\n") == 3
    assert figure.get_suptitle().endswith(" ...")
    assert figure.axes[0].get_position().height * figure.get_figheight() > 2


@both
def test_bad_labels_and_missing_metrics(package: Any, plot: Any) -> None:
    for labels in (["a"], "ab"):
        with pytest.raises(ValueError, match=r"^plot: labels must be a list with one label for each of the 2 groups"):
            plot(package.StepLR(3), [0.1, 0.2], labels=labels)
    with pytest.raises(ValueError, match=r"^simulate: metrics must have 100 numbers for ReduceLROnPlateau, got None"):
        plot(package.ReduceLROnPlateau())


@both
def test_missing_matplotlib_is_said_plainly(package: Any, plot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"pip install lrjax\[plot\]"):
        plot(package.StepLR(3))


def test_importing_the_plot_does_not_import_matplotlib() -> None:
    code = "import sys, lrjax.plotting; print('matplotlib' in sys.modules)"  # lrtorch's drawing is the same file
    run = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_the_command_writes_a_picture(tmp_path: Path) -> None:
    out = tmp_path / "curve.png"
    words = f"-W error -m lrjax plot StepLR --step-size 30 --base-lrs 0.1 --num-steps 100 --out {out}"
    run = subprocess.run([sys.executable, *words.split()], capture_output=True, text=True)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert out.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(("suffix", "start"), [(".svg", b"<?xml"), (".PDF", b"%PDF")])
def test_the_extension_says_the_format(suffix: str, start: bytes, tmp_path: Path) -> None:
    out = tmp_path / f"curve{suffix}"
    assert main(["plot", "OneCycleLR", "--max-lr", "0.1", "--total-steps", "9", "--out", str(out)]) == 0
    assert out.read_bytes().startswith(start)


PRINTED = {
    "a list": ("MultiStepLR --milestones 3 6", lrjax.MultiStepLR([3, 6])),
    "a list of one": ("MultiStepLR --milestones 3", lrjax.MultiStepLR([3])),
    "an empty list": ("MultiStepLR --milestones", lrjax.MultiStepLR([])),
    "capitals": ("CosineAnnealingLR --T-max 5 --eta-min 1e-3", lrjax.CosineAnnealingLR(5, 1e-3)),
    "small letters": ("CosineAnnealingWarmRestarts --t-0 5 --t-mult 2", lrjax.CosineAnnealingWarmRestarts(5, 2)),
    "yes": ("OneCycleLR --max-lr 1 --total-steps 9 --three-phase", lrjax.OneCycleLR(1, 9, three_phase=True)),
    "no": ("OneCycleLR --max-lr 1 --total-steps 9 --no-three-phase", lrjax.OneCycleLR(1, 9)),
    "None": ("OneCycleLR --max-lr 1 --total-steps 9 --epochs None", lrjax.OneCycleLR(1, 9)),
    "one value per group": ("SWALR --swa-lr 0.1 0.2", lrjax.SWALR([0.1, 0.2])),
    "a table": ("EpochTable --table 3:0.1 6:0.01 --mode rate", lrjax.EpochTable([[3, 0.1], [6, 0.01]], "rate")),
    "an expression": ("LambdaLR --lr-lambda 0.95**epoch", lrjax.LambdaLR(lambda epoch: 0.95**epoch)),
    "math": ("LambdaLR --lr-lambda min(1,exp(-epoch))", lrjax.LambdaLR(lambda epoch: min(1, np.exp(-epoch)))),
    "a product": ("MultiplicativeLR --lr-lambda 1/epoch", lrjax.MultiplicativeLR(lambda epoch: 1 / epoch)),
}


@pytest.mark.parametrize("name", PRINTED)
def test_the_command_prints_the_simulated_numbers(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    words, scheduler = PRINTED[name]
    assert main(["print", *words.split(), "--base-lrs", "0.1", "0.03", "--num-steps", "9"]) == 0
    head, *rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert head == ["step", "group0", "group1"]
    assert [int(row[0]) for row in rows] == list(range(9))
    assert [[float(x) for x in row[1:]] for row in rows] == lrjax.simulate(scheduler, [0.1, 0.03], 9).tolist()


def test_metrics_come_as_words_or_in_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    metrics = [1.0, 0.9, 0.9, -0.9, 2.0, 2.0]
    (tmp_path / "losses.txt").write_text("\n".join(map(str, metrics)))
    expected = lrjax.simulate(lrjax.ReduceLROnPlateau(patience=0), 0.1, 6, metrics=metrics)[:, 0].tolist()
    for words in ([str(tmp_path / "losses.txt")], map(str, metrics)):
        assert main(["print", "ReduceLROnPlateau", "--patience", "0", "--metrics", *words]) == 0
        rows = capsys.readouterr().out.splitlines()[1:]
        assert [float(row.split()[1]) for row in rows] == expected


BAD = {
    "no step": ("plot StepLR --step-size 0 --out x.png", "StepLR: step_size must be an integer, at least 1, got 0"),
    "a word": ("plot StepLR --step-size x --out x.png", "StepLR: step_size must be an integer, at least 1, got 'x'"),
    "nothing given": ("plot StepLR --out x.png", "the following arguments are required: --step-size"),
    "a rate": (
        "print StepLR --step-size 3 --base-lrs -1",
        "simulate: base_lrs[0] must be a finite number, at least 0.0",
    ),
    "no row": ("print StepLR --step-size 3 --num-steps 0", "simulate: num_steps must be an integer, at least 1, got 0"),
    "a table": ("print EpochTable --table 30", "EpochTable: table[0] must be a pair [epochs, rate], got [30]"),
    "half an expression": ("print LambdaLR --lr-lambda epoch+", "must be a Python expression of epoch, got 'epoch+'"),
    "not a math name": ("print LambdaLR --lr-lambda open('x')", "name 'open' is not defined"),
    "no metrics": (
        "print ReduceLROnPlateau",
        "simulate: metrics must have 100 numbers for ReduceLROnPlateau, got None",
    ),
    "a bad metric": ("print ReduceLROnPlateau --metrics 1 a", "must be numbers, or one file of numbers, got 'a'"),
    "no such file": ("print ReduceLROnPlateau --metrics a.txt", "No such file or directory: 'a.txt'"),
    "another format": ("plot StepLR --step-size 3 --out x.jpg", "must end in .png, .svg or .pdf, got 'x.jpg'"),
    "no such folder": ("plot StepLR --step-size 3 --out no/x.png", "No such file or directory: 'no/x.png'"),
    "labels": ("plot StepLR --step-size 3 --labels a b --out x.png", "plot: labels must be a list with one label"),
    "SequentialLR": (
        "plot SequentialLR --milestones 3",
        "SequentialLR is made of schedulers: use lrjax.plot in Python",
    ),
    "ChainedScheduler": ("print ChainedScheduler", "ChainedScheduler is made of schedulers: use lrjax.simulate in"),
    "an unknown scheduler": ("plot CosineLR --out x.png", "invalid choice: 'CosineLR'"),
    "an unknown option": ("print StepLR --step-size 3 --every 2", "unrecognized arguments: --every 2"),
}


@pytest.mark.parametrize("name", BAD)
def test_one_line_for(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    words, message = BAD[name]
    try:
        status: Any = main(words.split())
    except SystemExit as exit:
        status = exit.code
    out, error = capsys.readouterr()
    assert (status, out, error.count("\n")) == (2, "", 1)
    assert error.startswith("python -m lrjax")
    assert message in error
    assert not list(tmp_path.iterdir())


def test_list_has_every_scheduler(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert sorted(names) == sorted(entry.name for entry in make_gallery.ENTRIES)


@pytest.mark.parametrize("name", sorted(set(command.schedulers(lrjax)) - set(command.COMPOSITES)))
def test_help_explains_every_argument(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["plot", name, "--help"])
    text = capsys.readouterr().out
    cls = command.schedulers(lrjax)[name]
    assert set(cls.__dataclass_fields__) - {"every", "last_epoch"} <= set(command.argument_texts(cls))
    assert f"arguments of {name}:" in text
