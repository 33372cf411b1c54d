"""The ranges of numbers, one by one: what users of torch mean is taken, what nobody means is refused."""

from fractions import Fraction
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import lrjax
import lrtorch
from parity_tests.by_hand import by_hand

# Unusual, and taken: torch's own rates come out.
TAKEN: list[tuple[str, dict[str, Any]]] = [
    ("StepLR", dict(step_size=2, gamma=0.0)),
    ("StepLR", dict(step_size=2, gamma=1.5)),
    ("ExponentialLR", dict(gamma=1.5)),
    ("ExponentialLR", dict(gamma=0)),
    ("MultiStepLR", dict(milestones=[2], gamma=3.0)),
    ("PolynomialLR", dict(total_iters=4, power=0.0)),
    ("CosineAnnealingLR", dict(T_max=4, eta_min=7.0)),
    ("CosineAnnealingWarmRestarts", dict(T_0=3, eta_min=7.0)),
    ("ReduceLROnPlateau", dict(factor=0.0, patience=0)),
    ("ReduceLROnPlateau", dict(patience=0, threshold=-0.5)),
    ("ReduceLROnPlateau", dict(patience=0, threshold=-0.5, threshold_mode="abs", mode="max")),
    ("ReduceLROnPlateau", dict(patience=0, eps=0.0, min_lr=9.0)),
    ("CyclicLR", dict(base_lr=0.5, max_lr=0.1, step_size_up=2)),
    ("CyclicLR", dict(base_lr=0.0, max_lr=0.0, step_size_up=2, base_momentum=0.9, max_momentum=0.1)),
    ("CyclicLR", dict(base_lr=0.1, max_lr=0.2, step_size_up=2, mode="exp_range", gamma=0.0)),
    ("OneCycleLR", dict(max_lr=0.0, total_steps=9)),
    ("OneCycleLR", dict(max_lr=0.1, total_steps=9, pct_start=0.0)),
    ("OneCycleLR", dict(max_lr=0.1, total_steps=9, pct_start=1.0)),
    ("OneCycleLR", dict(max_lr=0.1, total_steps=9, div_factor=0.5, final_div_factor=0.1)),
    ("OneCycleLR", dict(max_lr=0.1, total_steps=9, pct_start=5 / 9, three_phase=True)),
]


@pytest.mark.parametrize(("name", "arguments"), TAKEN, ids=[f"{n} {a}" for n, a in TAKEN])
@pytest.mark.parametrize("base_lr", [0.0, 0.1])
def test_unusual_and_taken(name: str, arguments: dict[str, Any], base_lr: float) -> None:
    metrics = [1.0, 1.2, 1.1, 1.4, 1.0, -1.0, -0.9, 2.0] if name == "ReduceLROnPlateau" else None
    ours, theirs = (
        package.simulate(getattr(package, name)(**arguments), base_lr, 8, metrics=metrics, momentum=True)
        for package in (lrjax, lrtorch)
    )
    np.testing.assert_allclose(ours, theirs, rtol=1e-13, atol=1e-18)  # 1e-18: a cosine at its zero


@pytest.mark.parametrize("three_phase", [False, True])
def test_a_last_phase_without_length_ends_before_it(three_phase: bool) -> None:
    """torch divides by zero at its extra step; here a NaN reached the weights."""
    arguments: dict[str, Any] = dict(max_lr=0.5, total_steps=5, pct_start=0.6 if three_phase else 1.0)
    arguments["three_phase"] = three_phase
    native = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1, momentum=0.9)
    live = torch.optim.lr_scheduler.OneCycleLR(native, **arguments)
    native.step()
    for _ in range(4):
        live.step()
    with pytest.raises(ZeroDivisionError):
        live.step()
    params = {"w": jnp.ones(2)}
    tx = lrjax.SGD(momentum=0.9, scheduler=by_hand(lrjax.OneCycleLR(**arguments)))
    step, state = jax.jit(lambda state: lrjax.step_scheduler(tx, state)), tx.init(params)
    for _ in range(4):
        state = lrjax.step_scheduler(tx, state)
    assert lrjax.get_lr(state)["**"] == pytest.approx(native.param_groups[0]["lr"], rel=1e-13)
    assert lrjax.get_lr(step(step(state))) == lrjax.get_lr(state)
    optimizer = lrtorch.SGD(
        {"w": torch.nn.Parameter(torch.ones(2))}, momentum=0.9, scheduler=lrtorch.OneCycleLR(**arguments, every=1)
    )
    for _ in range(4):
        optimizer.step()
    for past, where in (
        (lambda: lrjax.step_scheduler(tx, state), "step_scheduler: opt_state"),
        (lambda: lrtorch.step_scheduler(optimizer, index=0), "step_scheduler: optimizer"),
        (optimizer.step, "SGD.step: optimizer"),
    ):
        with pytest.raises(ValueError, match=f"^{where} must not be stepped past step 4, where the OneCycleLR ends"):
            past()


MODES: list[dict[str, Any]] = [
    dict(scale_fn=lambda x: 1 / (1 + 0.3 * x)),
    dict(scale_fn=lambda x: 1 / (1 + 0.3 * x), scale_mode="iterations"),
    {},
    dict(mode="exp_range", gamma=0.9),
    dict(mode="triangular2"),
]


@pytest.mark.parametrize("mode", range(len(MODES)))
@pytest.mark.parametrize(
    ("up", "down"), [(0.3, 0.3), (0.3, 0), (0.7, 1.9), (2.5, None), (0.02, 0.01), (3, 4.5), (1, 0)]
)
def test_cycles_shorter_than_a_step(up: float, down: float | None, mode: int) -> None:
    """More cycles than steps: ``scale_fn`` of the cycle was looked up beyond its table, and gave NaN."""
    arguments = dict(base_lr=0.1, max_lr=0.5, step_size_up=up, step_size_down=down, **MODES[mode])
    ours, theirs = (p.simulate(p.CyclicLR(**arguments), 0.1, 9, momentum=True) for p in (lrjax, lrtorch))
    np.testing.assert_array_equal(ours, theirs)


def test_more_cycles_than_int32_counts_and_their_end() -> None:
    arguments: dict[str, Any] = dict(base_lr=0.1, max_lr=0.5, step_size_up=1e-12)
    scaled = dict(arguments, scale_fn=lambda cycle: 1 / cycle)
    np.testing.assert_array_equal(*(p.simulate(p.CyclicLR(**scaled), 0.1, 5) for p in (lrjax, lrtorch)))
    with pytest.raises(OverflowError):
        lrtorch.simulate(lrtorch.CyclicLR(**arguments, mode="triangular2"), 0.1, 5)
    rates = lrjax.simulate(lrjax.CyclicLR(**arguments, mode="triangular2"), 0.1, 5)
    assert rates.ravel().tolist() == [0.1] * 5


@pytest.mark.parametrize("package", [lrjax, lrtorch])
def test_momenta_beside_betas_are_below_one(package: Any) -> None:
    for name, scheduler in {
        "OneCycleLR": dict(max_lr=0.1, total_steps=9, max_momentum=1.0),
        "CyclicLR": dict(base_lr=0.1, max_lr=0.2, base_momentum=[1.5]),
    }.items():
        made = getattr(package, name)(**scheduler)
        package.simulate(made, 0.1, 3)
        model = [{"w": torch.nn.Parameter(torch.ones(2))}] if package is lrtorch else []
        package.SGD(*model, momentum=0.9, scheduler=by_hand(made))
        with pytest.raises(ValueError, match=rf"^{name}: \w+_momentum must be below 1 with betas, got 1"):
            package.Adam(*model, scheduler=by_hand(made))


def test_numbers_of_numpy_and_fractions_are_kept_as_pythons() -> None:
    made = lrjax.CyclicLR(np.float32(0.5), [np.float64(1.0)], np.int64(2), Fraction(5, 2), cycle_momentum=np.False_)  # type: ignore[arg-type]
    assert repr(made) == (
        "CyclicLR(base_lr=0.5, max_lr=(1.0,), step_size_up=2, step_size_down=2.5, cycle_momentum=False)"
    )
    options: dict[str, Any] = dict(lr=Fraction(1, 4), betas=[np.float64(0.5), 0.75])
    optimizer = lrtorch.AdamW({"w": torch.nn.Parameter(torch.ones(2))}, **options)
    assert optimizer.defaults["lr"] == 0.25
    assert type(optimizer.defaults["lr"]) is float
    assert lrtorch.get_hyper(optimizer, "betas") == {"**": (0.5, 0.75)}
