"""The two claims: a vmap over seeds is each seed's own run, and the words follow the numbers."""

from typing import Any

import numpy as np
import pytest

import lrjax
from lrjax.finetune import FineTuner
from lrparity.digits import claims, claims_report
from lrparity.digits.claims import PerLayer, Swing, judge, per_layer_claim, swing_claim, swing_of

SEEDS, EPOCHS = 3, 2


@pytest.fixture(scope="module")
def swing() -> Swing:
    """A short run of claim 1."""
    return swing_claim(SEEDS, seed=0, epochs=EPOCHS)


@pytest.fixture(scope="module")
def layers() -> list[PerLayer]:
    """A short run of claim 2."""
    return per_layer_claim(SEEDS, images=(10,), steps=8, source_epochs=1)


def test_a_vmap_over_seeds_gives_each_seed_its_own_run(swing: Swing):
    assert swing.loss["constant"].shape == (SEEDS, EPOCHS * claims.SWING_IMAGES // claims.SWING_BATCH)
    seed = SEEDS - 1
    data, weights, batches = claims._swing_job(np.random.default_rng([0, seed]), EPOCHS)
    tuner = FineTuner(weights, [{"params": "**", "name": "all", "lr": claims.SWING_RATE}], lrjax.SGD)
    tuner.epoch(data.train_images, data.train_labels, batches)
    alone, _ = tuner.evaluate(data.train_images, data.train_labels)
    # Batched matrix products are summed in another order: float32 rounding over 64 steps.
    np.testing.assert_allclose(swing.loss["constant"][seed, -1], alone, rtol=1e-3)


def test_the_arms_of_claim_1_are_one_run_until_the_first_drop(swing: Swing):
    every = claims.SWING_IMAGES // claims.SWING_BATCH
    constant, decay = swing.loss["constant"], swing.loss["decay"]
    np.testing.assert_allclose(constant[:, :every], decay[:, :every], rtol=1e-5)
    assert not np.allclose(constant[:, every + 1], decay[:, every + 1], rtol=1e-5)


def test_seeds_differ(swing: Swing):
    assert len(set(swing.loss["constant"][:, 0])) == SEEDS


def test_the_swing_is_the_spread_of_the_changes_in_the_last_quarter():
    loss = np.array([[9.0, 0.0, 5.0, 1.0, 3.0, 3.0, 3.0, 3.0, 0.0, 0.0, 0.0, 7.0, 1.0, 2.0, 1.0, 2.0]])
    assert swing_of(loss) == pytest.approx(np.std([1.0, -1.0, 1.0]), rel=1e-15)


def test_claim_2_takes_each_arms_best_rate_by_validation(layers: list[PerLayer]):
    (result,) = layers
    assert set(result.accuracy) == {"per-layer", "one rate", "from scratch"}
    for arm, accuracy in result.accuracy.items():
        assert accuracy.shape == (SEEDS,)
        assert result.chosen[arm] == claims.RATES[int(np.argmax(result.validation[arm]))]
    assert result.pretrained.mean() > 0.5  # five digits, one epoch


@pytest.mark.parametrize(
    ("differences", "words"),
    [
        ([2.0, 2.1, 1.9], "holds"),
        ([-2.0, -2.1, -1.9], "does not hold here, the opposite does"),
        ([2.0, -2.1, 0.2], "does not hold here, there is no clear difference"),
    ],
    ids=["when it is right", "when the opposite is right", "when nothing is clear"],
)
def test_the_judgement_follows_the_numbers(differences: list[float], words: str):
    assert judge(np.array(differences)) == words


def test_claim_1_is_said_not_to_hold_when_decay_swings_more(swing: Swing):
    wild, calm = np.array([3.0, 3.1, 2.9]), np.array([1.0, 1.1, 0.9])
    text = claims_report.swing_text(swing._replace(swing={"constant": calm, "decay": wild}))
    assert any("Claim 1 does not hold here, the opposite does" in line for line in text)


def test_claim_2_is_said_to_hold_when_per_layer_rates_win(layers: list[PerLayer]):
    best = {"per-layer": [0.9, 0.91, 0.92], "one rate": [0.7, 0.72, 0.71], "from scratch": [0.9, 0.92, 0.91]}
    result = layers[0]._replace(accuracy={arm: np.array(values) for arm, values in best.items()})
    text = "\n".join(claims_report.layer_text([result]))
    assert "Against one rate claim 2 holds: +20.0 points on average, better with 3 of 3 seeds." in text
    assert "Against from scratch claim 2 does not hold here, there is no clear difference" in text


def test_the_figure_is_written(swing: Swing, layers: list[PerLayer], tmp_path: Any):
    claims_report.save_figure(tmp_path, swing, layers)
    assert (tmp_path / "claims.png").stat().st_size > 10_000
