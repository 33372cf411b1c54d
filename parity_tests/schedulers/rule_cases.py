"""The rows of the schedulers that follow one rule."""

import math
from typing import Any, NamedTuple

Spec = tuple[str, dict[str, Any]]


class Case(NamedTuple):
    """One row.

    Attributes:
        id: reads as English.
        spec: what to make.
        exact: whether the rule is built from + - * / alone, so that every float64 bit must agree.
        steps: rows to compare; None: 10,000.
        skip: why the installed torch cannot be compared with; tests of the row are then skipped.
    """

    id: str
    spec: Spec
    exact: bool
    steps: int | None = None
    skip: str = ""


def rows(name: str, exact: bool, *rows: tuple[str, dict[str, Any]] | tuple[str, dict[str, Any], int]) -> list[Case]:
    """A scheduler's rows: of each what is special about it, the arguments, and how many steps if not 10,000."""
    return [Case(f"{name} {row[0]}", (name, row[1]), exact, row[2] if len(row) == 3 else None) for row in rows]


def inverse_sqrt(e: int) -> float:
    """1, 0.71, 0.58, ..."""
    return 1 / math.sqrt(e + 1)


def _warm_up(e: int) -> float:
    return min(1.0, (e + 1) / 500)


def _halving(e: int) -> float:
    return 0.5 if e % 700 == 0 else 1.0


def slowly(e: int) -> float:
    """A little less each time."""
    return 0.9995


def _by_thirds(e: int) -> float:
    return 1 - (e % 3) / 9000


def _there_and_back(e: int) -> float:
    return 1.1 if e % 2 else 1 / 1.1


def _one(e: int) -> int:
    return 1


def _integer(e: int) -> int:
    return 1 + e // 4000


PERIODS = (41, 47, 55, 61, 97, 107)

RULES: list[Case] = [
    *rows(
        "LambdaLR",
        True,
        ("inverse square root", dict(lr_lambda=inverse_sqrt)),
        ("linear warm-up", dict(lr_lambda=_warm_up)),
        ("one function per group", dict(lr_lambda=[inverse_sqrt, _warm_up, _integer])),
        ("halving now and then", dict(lr_lambda=_halving)),
        ("constant", dict(lr_lambda=slowly)),
        ("by thirds", dict(lr_lambda=_by_thirds)),
        ("integer factors", dict(lr_lambda=_integer)),
        ("per group, same twice", dict(lr_lambda=[slowly, slowly, _by_thirds])),
    ),
    *rows(
        "MultiplicativeLR",
        True,
        ("slow decay", dict(lr_lambda=slowly)),
        ("halving now and then", dict(lr_lambda=_halving)),
        ("one function per group", dict(lr_lambda=[slowly, _halving, _by_thirds])),
        ("by thirds", dict(lr_lambda=_by_thirds)),
        ("growing by integers", dict(lr_lambda=_integer), 60),
        ("decaying to nothing", dict(lr_lambda=inverse_sqrt), 150),
        ("warming up from nothing", dict(lr_lambda=_warm_up), 100),
        ("per group, same twice", dict(lr_lambda=[_halving, _halving, slowly])),
        ("there and back", dict(lr_lambda=_there_and_back)),
        ("slowly by thirds", dict(lr_lambda=[_by_thirds, slowly, _there_and_back])),
        ("one", dict(lr_lambda=_one)),
    ),
    *rows(
        "StepLR",
        True,
        *((f"period {n}", dict(step_size=n, gamma=0.97)) for n in PERIODS),
        ("tenfold drops", dict(step_size=3000)),
        ("every step", dict(step_size=1, gamma=0.999)),
        ("growing", dict(step_size=500, gamma=1.3)),
    ),
    *rows(
        "MultiStepLR",
        True,
        ("three milestones", dict(milestones=[1000, 3000, 9000])),
        ("awkward milestones", dict(milestones=list(PERIODS), gamma=0.3)),
        ("unordered", dict(milestones=[900, 100, 5000], gamma=0.7)),
        ("twice the same", dict(milestones=[100, 100, 250], gamma=0.7)),
        ("milestone 0", dict(milestones=[0, 10], gamma=0.25)),
        ("none", dict(milestones=[])),
        ("first steps", dict(milestones=[1, 2, 3], gamma=0.9)),
        ("thrice the same, growing", dict(milestones=[41, 41, 41], gamma=1.1)),
    ),
    *rows(
        "ConstantLR",
        True,
        ("default", dict()),
        ("half for ten", dict(factor=0.5, total_iters=10)),
        ("a third for long", dict(factor=1 / 3, total_iters=9000)),
        ("a seventh", dict(factor=1 / 7, total_iters=97)),
        ("one", dict(factor=1.0, total_iters=3)),
        ("never undone", dict(factor=0.3, total_iters=0)),
        ("one epoch", dict(factor=0.9, total_iters=1)),
        ("tiny", dict(factor=1e-6, total_iters=107)),
    ),
    *rows(
        "LinearLR",
        True,
        ("default", dict()),
        ("long warm-up", dict(start_factor=1e-3, total_iters=9000)),
        ("awkward length", dict(start_factor=0.1, total_iters=97)),
        ("downwards", dict(start_factor=1.0, end_factor=0.1, total_iters=5000)),
        ("down to zero", dict(start_factor=1.0, end_factor=0.0, total_iters=1000)),
        ("one epoch", dict(total_iters=1)),
        ("flat", dict(start_factor=0.5, end_factor=0.5, total_iters=10)),
        ("from almost nothing", dict(start_factor=1e-8, total_iters=41)),
    ),
    *rows(
        "ExponentialLR",
        True,
        *((f"gamma {g}", dict(gamma=g)) for g in (0.9, 0.97, 0.999, 0.99999, 1.0, 1.001, 0.5, 0.0)),
    ),
    *rows(
        "PolynomialLR",
        True,
        ("default", dict()),
        ("long and linear", dict(total_iters=9000)),
        ("awkward and linear", dict(total_iters=97)),
        ("one epoch", dict(total_iters=1)),
    ),
    *rows(
        "PolynomialLR",
        False,
        ("square", dict(total_iters=5000, power=2.0)),
        ("root", dict(total_iters=5000, power=0.5)),
        ("power 0.9", dict(total_iters=107, power=0.9)),
        ("power 5", dict(total_iters=9999, power=5)),
    ),
    *rows(
        "CosineAnnealingLR",
        False,
        ("long", dict(T_max=10_000)),
        ("two and a half periods", dict(T_max=2000, eta_min=1e-5)),
        ("awkward period", dict(T_max=97, eta_min=0.01)),
        ("period 41, no floor", dict(T_max=41)),
        ("one epoch", dict(T_max=1, eta_min=0.05)),
        ("two epochs", dict(T_max=2)),
        ("fractional period", dict(T_max=2.5, eta_min=0.001), 1000),
        ("period 107, low floor", dict(T_max=107, eta_min=1e-6)),
        ("floor above a base rate", dict(T_max=500, eta_min=0.05)),
    ),
    *rows(
        "CosineAnnealingWarmRestarts",
        False,
        ("period 50", dict(T_0=50)),
        ("doubling", dict(T_0=10, T_mult=2)),
        ("tripling from one", dict(T_0=1, T_mult=3)),
        ("awkward", dict(T_0=97, eta_min=1e-3)),
        ("one epoch", dict(T_0=1)),
        ("tenfold", dict(T_0=2, T_mult=10, eta_min=1e-4)),
        ("longer than the run", dict(T_0=20_000)),
        ("floor above a base rate", dict(T_0=41, T_mult=2, eta_min=0.05)),
    ),
    *rows(
        "CyclicLR",
        True,
        ("default", dict(base_lr=1e-3, max_lr=0.1)),
        ("short", dict(base_lr=0.01, max_lr=0.3, step_size_up=4)),
        ("unequal halves", dict(base_lr=0.01, max_lr=0.3, step_size_up=41, step_size_down=97)),
        ("per group", dict(base_lr=[0.1, 0.01, 0.2], max_lr=[0.3, 0.02, 0.1], step_size_up=61)),
        ("no way down", dict(base_lr=0.1, max_lr=0.3, step_size_up=2, step_size_down=0)),
        ("own scale by cycle", dict(base_lr=0.1, max_lr=0.3, step_size_up=500, scale_fn=inverse_sqrt)),
        (
            "own scale by step",
            dict(base_lr=0.1, max_lr=0.3, step_size_up=500, scale_fn=_warm_up, scale_mode="iterations"),
        ),
        ("halving peaks", dict(base_lr=0.1, max_lr=0.3, step_size_up=300, mode="triangular2")),
        ("rates alone", dict(base_lr=0.1, max_lr=0.3, step_size_up=107, cycle_momentum=False)),
    ),
    *rows(
        "CyclicLR",
        False,
        ("exponential peaks", dict(base_lr=0.1, max_lr=0.3, step_size_up=55, mode="exp_range", gamma=0.9995)),
    ),
    *rows(
        "OneCycleLR",
        True,
        ("linear", dict(max_lr=0.1, total_steps=9999, anneal_strategy="linear")),
        ("linear, three phases", dict(max_lr=0.1, total_steps=997, anneal_strategy="linear", three_phase=True), 998),
        ("linear, past its end", dict(max_lr=1.0, total_steps=10, anneal_strategy="linear"), 11),
    ),
    *rows(
        "OneCycleLR",
        False,
        ("cosine", dict(max_lr=0.1, total_steps=9999)),
        ("by epochs", dict(max_lr=0.1, epochs=97, steps_per_epoch=41), 97 * 41 + 1),
        ("three phases", dict(max_lr=0.1, total_steps=9999, three_phase=True)),
        (
            "three phases, the third out of reach",
            dict(max_lr=0.1, total_steps=100, three_phase=True, pct_start=0.6),
            101,
        ),
        ("no way up", dict(max_lr=0.1, total_steps=10, pct_start=0.0), 11),
        ("only up", dict(max_lr=0.1, total_steps=50, pct_start=1.0), 50),
        ("per group", dict(max_lr=[0.1, 0.2, 0.3], total_steps=107, base_momentum=0.8, max_momentum=0.9), 108),
        ("divided otherwise", dict(max_lr=0.3, total_steps=500, div_factor=7.0, final_div_factor=30.0), 501),
        ("rates alone", dict(max_lr=0.1, total_steps=61, cycle_momentum=False), 62),
        ("rates alone, long", dict(max_lr=0.1, total_steps=10_000, cycle_momentum=False)),
        ("early peak", dict(max_lr=0.1, total_steps=10_007, pct_start=0.05)),
        ("per group, long", dict(max_lr=[0.1, 0.2, 0.3], epochs=107, steps_per_epoch=97, div_factor=10.0)),
        ("low end", dict(max_lr=1.0, total_steps=20_011, final_div_factor=1e8, pct_start=0.45)),
        ("three phases, other momenta", dict(max_lr=0.5, total_steps=10_009, three_phase=True, base_momentum=0.7)),
    ),
    *rows(
        "SWALR",
        True,
        ("linear", dict(swa_lr=0.05, anneal_strategy="linear")),
        ("linear and long", dict(swa_lr=1e-3, anneal_epochs=5000, anneal_strategy="linear")),
        ("at once", dict(swa_lr=0.05, anneal_epochs=0, anneal_strategy="linear")),
        ("per group, linear", dict(swa_lr=[0.05, 0.01, 0.5], anneal_epochs=97, anneal_strategy="linear")),
    ),
    *rows(
        "SWALR",
        False,
        ("cosine", dict(swa_lr=0.05)),
        ("cosine and long", dict(swa_lr=1e-3, anneal_epochs=2000)),
        ("one epoch", dict(swa_lr=0.05, anneal_epochs=1)),
        ("upwards", dict(swa_lr=2.0, anneal_epochs=41)),
    ),
    *rows(
        "StepDecay",
        False,
        ("formula", dict(lr_decay=30)),
        ("awkward", dict(lr_decay=47, gamma=0.97)),
        ("one rate for all", dict(lr_decay=1000, gamma=0.5, mode="rate", lr0=0.2)),
    ),
    *rows(
        "EpochTable",
        True,
        ("factors", dict(table=[[1, 1e-1], [2, 1e-2], [400, 1e-3]], mode="factor")),
        ("one rate for all", dict(table=[[41, 0.1], [47, 0.01], [97, 0.001]], mode="rate")),
        ("one row", dict(table=[[5, 0.3]], mode="factor")),
    ),
    *rows(
        "ReduceLROnPlateau",
        True,
        ("default", dict()),
        ("patient", dict(patience=50, factor=0.7)),
        ("impatient with cooldown", dict(patience=0, cooldown=5, factor=0.9)),
        ("rising metric", dict(mode="max", factor=0.9, patience=3)),
        ("absolute threshold", dict(threshold_mode="abs", threshold=0.1, factor=0.8)),
        ("rising, absolute", dict(mode="max", threshold_mode="abs", threshold=0.01, factor=0.95, patience=2)),
        ("floors per group", dict(min_lr=[1e-3, 1e-3, 0.5], factor=0.5, patience=5)),
        ("large eps", dict(eps=1e-3, factor=0.5, patience=5)),
        ("threshold one", dict(threshold=1.0, patience=20, factor=0.9)),
    ),
    *rows(
        "TableLR",
        True,
        ("one rate for all", dict(table=[[41, 0.1], [47, 0.01], [10_000, 0.001]])),
        ("every step another rate", dict(table=[[1, 1 / n] for n in range(1, 10_001)])),
        ("per group", dict(table=[[1, [0.1, 0.2, 0.3]], [97, [0.3, 0.2, 0.1]], [10_000, [1e-3, 1e-30, 1e30]]])),
        ("momentum", dict(table={"lr": [[10_000, 0.1]], "momentum": [[7, [0.9] * 3], [9993, [0.5, 0.6, 0.7]]]})),
        ("to its last step", dict(table=[[3, 0.1], [4, -0.01]]), 7),
    ),
]
