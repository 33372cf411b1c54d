"""Step counts near 2**31, where counts of 32 bits end: as in torch below, refused in both packages from there on."""

from typing import Any

import numpy as np
import pytest

import lrjax
import lrtorch

STEPS = 5
CASES: dict[str, Any] = {
    "StepLR": lambda p, n: p.StepLR(n),
    "MultiStepLR": lambda p, n: p.MultiStepLR([1, n]),
    "StepDecay": lambda p, n: p.StepDecay(lr_decay=n),
    "TableLR": lambda p, n: p.TableLR([[n, 0.5]]),
    "SequentialLR": lambda p, n: p.SequentialLR([p.StepLR(1), p.StepLR(1)], [n]),
    "CosineAnnealingLR": lambda p, n: p.CosineAnnealingLR(n // 2),
    "CosineAnnealingWarmRestarts": lambda p, n: p.CosineAnnealingWarmRestarts(n),
    "CosineAnnealingWarmRestarts T_mult": lambda p, n: p.CosineAnnealingWarmRestarts(1, n),
    "LinearLR": lambda p, n: p.LinearLR(total_iters=n),
    "ConstantLR": lambda p, n: p.ConstantLR(total_iters=n),
    "PolynomialLR": lambda p, n: p.PolynomialLR(total_iters=n),
    "OneCycleLR": lambda p, n: p.OneCycleLR(0.1, total_steps=n),
    "OneCycleLR epochs": lambda p, n: p.OneCycleLR(0.1, epochs=2, steps_per_epoch=n // 2, three_phase=True),
    "SWALR": lambda p, n: p.SWALR(0.1, anneal_epochs=n),
    "ReduceLROnPlateau patience": lambda p, n: p.ReduceLROnPlateau(patience=n),
    "ReduceLROnPlateau cooldown": lambda p, n: p.ReduceLROnPlateau(patience=0, cooldown=n),
}
PACKAGES: tuple[Any, ...] = (lrjax, lrtorch)


@pytest.mark.parametrize("name", CASES)
def test_the_largest_count_is_torchs(name: str) -> None:
    rates = []
    for package in PACKAGES:
        scheduler = CASES[name](package, 2**31 - 1)
        metrics = [1.0] * STEPS if "Plateau" in name else None
        rates.append(package.simulate(scheduler, 0.1, STEPS, metrics=metrics))
    np.testing.assert_array_equal(*rates)


@pytest.mark.parametrize("n", [2**31, 2**32, 2**63, 10**20])
@pytest.mark.parametrize("name", CASES)
def test_larger_ones_are_refused(name: str, n: int) -> None:
    """They wrapped: StepLR(2**32) decayed at every step."""
    messages = []
    for package in PACKAGES:
        with pytest.raises(
            ValueError, match=f"^{name.split()[0]}: .* (for steps are counted in 32 bits|steps), got"
        ) as e:
            CASES[name](package, n)
        messages.append(str(e.value))
    assert messages[0] == messages[1]


def test_every_and_last_epoch() -> None:
    for package in PACKAGES:
        for argument in ("every", "last_epoch"):
            with pytest.raises(ValueError, match=f"StepLR: {argument} must be below 2"):
                package.StepLR(1, **{argument: 2**31})


def test_a_table_of_epochs_has_a_length_that_fits_in_memory() -> None:
    for package in PACKAGES:
        with pytest.raises(ValueError, match=r"EpochTable: table must last at most 10000000 epochs .*, got 1000000002"):
            package.EpochTable([[10**9, 0.5], [2, 0.1]])
