"""The map of transfer: nothing is in two parts, the test images choose nothing, help is seen where it must be."""

import csv
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread
from scipy.stats import t

from lrparity import __main__
from lrparity.digits.task import SOURCE, TARGET
from lrparity.transfer_map import cells, gain, run, sweep, tasks
from lrparity.transfer_map.answer import agrees, answer
from lrparity.transfer_map.choice import AT_SCRATCH, LAYERS, ONE, SCRATCH, by_itself, by_others
from lrparity.transfer_map.run import Map
from lrparity.transfer_map.settings import SHORT, Settings
from parity_tests import ROOT


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the command writes."""
    return tmp_path_factory.mktemp("map")


@pytest.fixture(scope="module")
def short(folder: Path) -> Map:
    """The short map of two tasks, the digits of pretraining and others, as the command makes it."""
    maps: list[Map] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks, "TASKS", (tasks.TASKS[0], tasks.TASKS[-1]))
        patch.setattr(run, "run", lambda *given, run=run.run: maps.append(run(*given)) or maps[-1])
        assert __main__.main(["map", "--short", "--out", str(folder)]) == 0
    return maps[0]


@pytest.mark.parametrize("digits", [SOURCE, TARGET], ids=["the same digits", "other digits"])
def test_no_image_is_in_two_parts(digits: tuple[int, ...]) -> None:
    parts = [tasks.split(digits, 0, s) for s in range(20)]
    for part in parts:
        together = np.concatenate(part)
        assert len(set(together)) == len(together) == 300 + 300 + 90 + 180
    learned = np.concatenate([np.concatenate(part[:3]) for part in parts])
    assert not set(learned) & set(parts[0].test)  # no seed chooses or learns by an image that any seed is tested on
    assert all((part.test == parts[0].test).all() for part in parts)
    assert len({tuple(part.train) for part in parts}) == 20


def test_few_images_hold_every_digit_as_often() -> None:
    part = tasks.split(TARGET, 0, 3)
    for n in Settings().counts:
        assert set(np.bincount(tasks.labels()[part.train[:n]])) == {n // 5}


def test_the_runs_take_only_images_to_train_on() -> None:
    settings = Settings(**SHORT)
    jobs = sweep.jobs_of(tasks.TASKS[0], settings)
    for s in range(settings.seeds):
        part = tasks.split(SOURCE, settings.seed, s)
        for i, n in enumerate(settings.counts):
            assert set(jobs.batches[i, s].ravel()) == set(part.train[:n])
        assert (jobs.evaluated[s] == np.concatenate([part.validation, part.test])).all()


def test_the_labels_of_the_test_images_choose_nothing() -> None:
    settings = Settings(**SHORT)
    rng = np.random.default_rng(0)
    shape = (len(settings.counts), settings.seeds)
    validation = 5 * tasks.VALIDATION
    jobs = sweep.jobs_of(tasks.TASKS[0], settings)
    logits = [rng.normal(size=(*shape, n, jobs.evaluated.shape[1], 5)) for n in (len(settings.pairs()), 2)]
    labels, permuted = tasks.labels(), tasks.labels()
    test = jobs.evaluated[0, validation:]
    permuted[test] = rng.permutation(labels[test])
    both = [cells.cells_of("same", settings, sweep.Runs(test, y, jobs, *logits)) for y in (labels, permuted)]
    for cell, other in zip(*both, strict=True):
        for name, arm in cell.arms.items():
            assert (arm.pairs == other.arms[name].pairs).all()
        assert (cell.arms[ONE].right != other.arms[ONE].right).any()


def test_a_half_of_the_seeds_does_not_choose_its_ratio() -> None:
    rng = np.random.default_rng(0)
    scores, ways = rng.random((6, 5)), [np.full(6, pair) for pair in range(5)]
    before = by_others(scores, ways)
    scores[::2] = rng.random((3, 5))
    after = by_others(scores, ways)
    assert (after[::2] == before[::2]).all()
    assert (after[1::2] == np.argmax(scores[::2].mean(axis=0))).all()


def test_a_seed_chooses_by_its_own_images_and_by_all_only_where_two_are_equal() -> None:
    scores = np.array([[80, 80, 70], [60, 70, 0], [0, 1, 2]]) / 90
    assert list(by_itself(scores, [0, 1, 2])) == [1, 1, 2]
    assert list(by_itself(scores, [0, 2])) == [0, 0, 2]


def test_pretraining_on_the_same_task_is_seen_to_help(short: Map) -> None:
    arms = short.cells["same", 10].arms
    for arm in (ONE, LAYERS):
        found = gain.gain(arms[arm].right, arms[SCRATCH].right)
        assert found.clear == 1 and found.mean > 3


def test_other_digits_are_further_away(short: Map) -> None:
    same, other = short.distances["same"], short.distances["other digits"]
    assert same.probe > 0.9 > other.probe and list(short.distances) == ["same", "other digits"]
    assert same.unchanged > 0.9 and np.isnan(other.unchanged)


def test_the_untuned_arms_take_the_rate_of_scratch(short: Map) -> None:
    for cell in short.cells.values():
        for ratio, name in ((1, "1"), (0.1, "1/10")):
            heads = [pair.head for pair in cell.arms[AT_SCRATCH + name].rates]
            assert heads == [pair.head for pair in cell.arms[SCRATCH].rates]
            backbones = [pair.backbone for pair in cell.arms[AT_SCRATCH + name].rates]
            assert backbones == pytest.approx([ratio * head for head in heads])


def test_torch_gives_the_same_on_a_sample(short: Map) -> None:
    assert len(short.sample) == 4 * len(short.cells)
    assert agrees(short)
    assert max(run.apart for run in short.sample) < 1e-3  # no rate of the short map is so large that a run jumps about
    assert not any(run.other_answers for run in short.sample)


def test_a_sample_that_is_another_run_is_seen(short: Map) -> None:
    wrong = short.sample[0]._replace(apart=2e-3, own=1e-6)
    assert not agrees(short._replace(sample=[wrong, *short.sample[1:]]))


def test_the_interval_covers_the_truth_and_is_no_narrower_than_over_the_seeds_alone() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(400):  # accuracies of 90 and 88 %, which vary by seed and by image
        chance = 0.8 * rng.normal(size=(20, 1)) * 0.05 + 0.1 * rng.normal(size=(1, 180))
        ours, theirs = (rng.random((20, 180)) < mean + scale * chance for mean, scale in ((0.8, 1), (0.75, 0.3)))
        found = gain.gain(ours, theirs)
        covered += found.low <= 5 <= found.high
        by_seed = 100 * (ours.mean(axis=1) - theirs.mean(axis=1))
        assert found.high - found.mean >= t.ppf(0.975, 19) * by_seed.std(ddof=1) / np.sqrt(20) * (1 - 1e-12)
    assert covered >= 0.93 * 400


def test_the_command_writes_page_figure_and_table(short: Map, folder: Path) -> None:
    rows = list(csv.DictReader((folder / "transfer-map.csv").read_text().splitlines()))
    assert len(rows) == sum(len(cell.arms) for cell in short.cells.values())
    assert {row["arm"] for row in rows} >= {ONE, LAYERS, SCRATCH, "frozen"}
    for sentence in answer(short):
        assert sentence in " ".join((folder / "transfer-map.md").read_text().split())
    assert (folder / "transfer-map.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("--seeds=3", "argument --seeds: must be an integer, at least 4, got '3'"),
        ("--shorter", "unrecognized arguments: --shorter"),
    ],
)
def test_a_bad_argument_is_one_line(argument: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        __main__.main(["map", argument])
    assert capsys.readouterr().err == f"python -m lrparity map: {message}\n"


def test_a_folder_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert __main__.main(["map", "--out", str(tmp_path / "file")]) == 2
    assert capsys.readouterr().err.startswith("python -m lrparity map: argument --out: must be a folder that can be")


def test_the_picture_in_the_docs_fits_a_screen() -> None:
    height, width = imread(ROOT / "docs/transfer-map.png").shape[:2]
    assert height <= 900 and width <= 1900


def test_the_readme_says_what_the_table_holds() -> None:
    rows = list(csv.DictReader((ROOT / "docs/transfer-map.csv").read_text().splitlines()))
    small = [row for row in rows if row["arm"] == LAYERS]
    better = sum(float(row["over_one_rate_low"]) > 0 for row in small)
    worse = sum(float(row["over_one_rate_high"]) < 0 for row in small)
    text = " ".join((ROOT / "README.md").read_text().split())
    assert f"of {len(small)} cells they are clearly better in {better or 'none'}" in text
    assert f"and clearly worse in {worse}, by up to" in text


def test_the_words_follow_the_numbers(short: Map) -> None:
    def with_gain(best: str) -> Map:
        """The map, where one arm knows every image and the others none."""
        right = np.ones((4, 180), bool)
        changed = {}
        for where, cell in short.cells.items():
            arms = {name: arm._replace(right=right if name == best else ~right) for name, arm in cell.arms.items()}
            changed[where] = cell._replace(arms=arms)
        return short._replace(cells=changed)

    assert "clearly better than one well-chosen rate for all layers in 4 of 4 cells" in answer(with_gain(LAYERS))[0]
    assert (
        "better than one well-chosen rate for all layers in no cell, and clearly worse in 4"
        in answer(with_gain(ONE))[0]
    )
    assert (
        "clearly better than training from scratch in no cell, and clearly worse in 4" in answer(with_gain(SCRATCH))[1]
    )
    assert "clearly better than both in none of the 4" in answer(with_gain(SCRATCH))[1]
