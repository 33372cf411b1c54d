"""Random programs: schedulers, alone and one in another, rates by hand, saves and loads."""

import os
from typing import Any

import numpy as np
import pytest

pytest.importorskip("hypothesis")
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from .cases import HALF, Spec
from .composite_cases import LATE_START
from .program import program

EXAMPLES = 2000 if os.environ.get("LRJAX_SLOW") else 100
FIRST = 1 if LATE_START else 0  # the least milestone

factor = st.floats(0.1, 1.0)
count = st.integers(1, 20)


def _spec(name: str, **arguments: Any) -> st.SearchStrategy[Spec]:
    return st.tuples(st.just(name), st.fixed_dictionaries(arguments))


def _third(e: int) -> float:
    return 1 / (1 + e / 3)


def _wave(e: int) -> float:
    return 1.0 - 0.3 * (e % 4)


functions = st.sampled_from([_third, _wave, [_third, _wave, _third]])
rates = st.floats(1e-3, 1.0)
SIMPLE = st.one_of(
    _spec("LambdaLR", lr_lambda=functions),
    _spec("MultiplicativeLR", lr_lambda=functions),
    _spec("StepLR", step_size=count, gamma=factor),
    _spec("MultiStepLR", milestones=st.lists(st.integers(0, 20), max_size=4), gamma=factor),
    _spec("ConstantLR", factor=factor, total_iters=st.integers(0, 20)),
    _spec("LinearLR", start_factor=factor, end_factor=st.floats(0, 1), total_iters=count),
    _spec("ExponentialLR", gamma=factor),
    _spec("PolynomialLR", total_iters=count, power=st.floats(0.3, 3)),
    _spec("CosineAnnealingLR", T_max=count, eta_min=st.floats(0, 0.01)),
    _spec("CosineAnnealingWarmRestarts", T_0=count, T_mult=st.integers(1, 3), eta_min=st.floats(0, 0.01)),
    _spec(
        "CyclicLR",
        base_lr=rates,
        max_lr=st.one_of(rates, st.tuples(rates, rates, rates)),
        step_size_up=count,
        step_size_down=st.none() | count,
        mode=st.sampled_from(["triangular", "triangular2", "exp_range"]),
        gamma=factor,
    ),
    _spec(
        "OneCycleLR",
        max_lr=rates,
        total_steps=st.integers(3 * HALF, 80),
        pct_start=st.floats(0.1, 0.9),
        anneal_strategy=st.sampled_from(["cos", "linear"]),
        three_phase=st.booleans(),
    ),
    _spec("TableLR", table=st.lists(st.tuples(count, rates), max_size=6).map(lambda rows: [*rows, (4 * HALF, 0.5)])),
    _spec("SWALR", swa_lr=rates, anneal_epochs=st.integers(0, 15), anneal_strategy=st.sampled_from(["cos", "linear"])),
)


@st.composite
def _sequential(draw: Any, first: Any) -> Spec:
    schedulers = [draw(first), *draw(st.lists(SIMPLE, max_size=2))]
    milestones = draw(st.lists(st.integers(FIRST, 2 * HALF), min_size=2, max_size=2, unique=True).map(sorted))
    return "SequentialLR", dict(schedulers=schedulers, milestones=milestones[: len(schedulers) - 1])


CHAINED = st.lists(SIMPLE, min_size=1, max_size=3).map(lambda s: ("ChainedScheduler", dict(schedulers=s)))
NESTED = st.one_of(CHAINED, _sequential(SIMPLE))
PLATEAU = _spec(
    "ReduceLROnPlateau",
    mode=st.sampled_from(["min", "max"]),
    factor=st.floats(0.1, 0.9),
    patience=st.integers(0, 4),
    cooldown=st.integers(0, 3),
    threshold_mode=st.sampled_from(["rel", "abs"]),
    threshold=st.floats(0, 0.2),
    min_lr=st.one_of(st.just(0), st.just((0.0, 0.01, 0.5))),
)
PROGRAMS = st.one_of(
    SIMPLE,
    NESTED,
    PLATEAU,
    _sequential(NESTED),
    st.lists(st.one_of(SIMPLE, NESTED), min_size=1, max_size=2).map(lambda s: ("ChainedScheduler", dict(schedulers=s))),
)
edit = st.floats(2**-10, 2, width=32)
EDITS = st.dictionaries(st.tuples(st.integers(0, 2 * HALF - 1), st.integers(-1, 2)), edit, max_size=4)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(
    spec=PROGRAMS,
    edits=EDITS,
    metrics=st.lists(st.floats(-1, 1, width=32), min_size=24, max_size=24),
    save=st.booleans(),
)
@example(
    spec=(
        "SequentialLR",
        dict(schedulers=[("ChainedScheduler", dict(schedulers=[("ExponentialLR", dict(gamma=0.5))]))], milestones=[]),
    ),
    edits={},
    metrics=[0.0] * 24,
    save=True,
)
def test_random_programs(spec: Spec, edits: dict[tuple[int, int], float], metrics: list[float], save: bool) -> None:
    array = np.full((2 * HALF, 3), np.nan)
    for (t, group), lr in edits.items():
        array[t, slice(None) if group < 0 else group] = lr
    program(spec, array, np.array(metrics, np.float32), save)
