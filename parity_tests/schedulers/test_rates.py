"""Every scheduler against live torch: chain form, closed form, hand-set rates."""

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import lrjax
import lrtorch
from parity_tests.by_hand import by_hand

from .cases import BASE_LRS, CASES, FROM_METRIC, NAMES, PERIODS, Case, make

STEPS = 10_000


def metrics_of(case: Case, steps: int) -> np.ndarray | None:
    """A metric that falls, stalls, jumps and is NaN once."""
    if case.spec[0] not in FROM_METRIC:
        return None
    t = np.arange(steps)
    metric = 2 * np.exp(-t / 800) + 0.3 * np.sin(t / 37.0) + 0.05 * np.sin(t * 12.9898) - 0.2
    metric[steps // 3] = np.nan
    return metric


def ulp32(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Distance in float32 steps between two float64 arrays rounded once."""
    bits = [np.asarray(x, np.float64).astype(np.float32).view(np.int32).astype(np.int64) for x in (a, b)]
    ordered = [np.where(x < 0, -(2**31) - x, x) for x in bits]
    return np.abs(ordered[0] - ordered[1])


def assert_equal_rates(ours: np.ndarray, theirs: np.ndarray, exact: bool) -> None:
    """The bounds of every case: all float64 bits where exact; else 1e-13 relative; float32 within 1 ulp."""
    tiny = np.finfo(np.float64).tiny  # XLA flushes subnormal numbers to zero, torch keeps them: rates below 2e-308
    ours, theirs = (np.where(np.abs(x) < tiny, 0.0, x) for x in (ours, theirs))
    if exact:
        np.testing.assert_array_equal(ours, theirs)
    # cos and pow are libm's on both sides, but not always the same libm: a few float64 ulp per step
    scale = np.maximum(np.abs(theirs), 1e-13 * np.abs(theirs).max())
    assert np.max(np.abs(ours - theirs) / np.where(scale == 0, 1, scale)) <= 1e-13
    normal = np.abs(theirs) > 1.2e-38
    ulp = ulp32(ours[normal], theirs[normal])
    assert ulp.max(initial=0) <= 1
    assert np.sum(ulp != 0) <= 1e-4 * ulp.size


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_chain_form_equals_torch(case: Case) -> None:
    steps = case.steps or STEPS
    metrics: Any = metrics_of(case, steps)
    ours = lrjax.simulate(make(lrjax, case.spec), BASE_LRS, steps, metrics=metrics, momentum=True)
    theirs = lrtorch.simulate(make(lrtorch, case.spec), BASE_LRS, steps, metrics=metrics, momentum=True)
    assert_equal_rates(ours[0], theirs[0], case.exact)
    assert_equal_rates(ours[1], theirs[1], case.exact)


def test_every_scheduler_has_eight_long_rows() -> None:
    torch_names = {*torch.optim.lr_scheduler.__all__, "SWALR"} - {"LRScheduler"}
    count = {name: sum(case.spec[0] == name and case.steps is None for case in CASES) for name in torch_names}
    assert {name: n for name, n in count.items() if n < 8} == {}


def loop(scheduler: Any, groups: Any, steps: int, metrics: Any) -> np.ndarray:
    """torch's own class in torch's own loop: the witness that lrtorch adds nothing."""
    rates = []
    for t in range(steps):
        rates.append([group["lr"] for group in groups])
        if t + 1 < steps:
            scheduler.optimizer.step()
            scheduler.step(*(() if metrics is None else (float(metrics[t]),)))
    return np.array(rates)


@pytest.mark.parametrize(
    "case",
    [c for c in CASES if "schedulers" not in c.spec[1] and hasattr(torch.optim.lr_scheduler, c.spec[0])],
    ids=lambda c: c.id,
)
def test_lrtorch_is_torch(case: Case) -> None:
    steps = min(case.steps or 200, 200)
    optimizer = torch.optim.SGD([{"params": [torch.zeros((), requires_grad=True)], "lr": lr} for lr in BASE_LRS])
    scheduler = getattr(torch.optim.lr_scheduler, case.spec[0])(optimizer, **case.spec[1])
    metrics: Any = metrics_of(case, steps)
    direct = loop(scheduler, optimizer.param_groups, steps, metrics)
    np.testing.assert_array_equal(direct, lrtorch.simulate(make(lrtorch, case.spec), BASE_LRS, steps, metrics=metrics))


CLOSED = [c for c in CASES if getattr(make(lrjax, c.spec), "has_schedule", False) and "lr_lambda" not in str(c.spec)]
COUNTS = np.unique(np.concatenate([np.arange(3000), np.arange(9_980, 10_000), np.linspace(0, 1e6, 4001).astype(int)]))


@pytest.mark.parametrize("case", CLOSED, ids=[case.id for case in CLOSED])
def test_closed_form_equals_the_chain_form(case: Case) -> None:
    steps = case.steps or STEPS
    counts = COUNTS[COUNTS < steps]
    theirs = lrtorch.simulate(make(lrtorch, case.spec), BASE_LRS, steps)[counts]
    for group, base_lr in enumerate(BASE_LRS):
        schedule = jax.jit(jax.vmap(make(lrjax, case.spec).schedule(base_lr)))
        ours = np.asarray(schedule(jnp.asarray(counts, jnp.int32)))
        assert ours.dtype == np.float32
        # torch's recursion drifts by up to 1e-13 from the formula, so at a zero of the cosine only the scale counts
        visible = np.abs(theirs[:, group]) > 1e-10 * np.abs(theirs[:, group]).max()
        assert ulp32(ours[visible], theirs[visible, group]).max() <= 1


def truth(name: str, a: dict[str, Any], base: float, e: int) -> Any:
    """The formula in 50 digits, written from the definition and not from either implementation."""
    import mpmath as mp

    b, pi = mp.mpf(base), mp.pi
    match name:
        case "StepLR":
            return b * mp.mpf(a["gamma"]) ** (e // a["step_size"])
        case "ExponentialLR":
            return b * mp.mpf(a["gamma"]) ** e
        case "LinearLR":
            s, t = mp.mpf(a["start_factor"]), mp.mpf(a["end_factor"])
            return b * (s + (t - s) * min(e, a["total_iters"]) / a["total_iters"])
        case "PolynomialLR":
            return b * (1 - mp.mpf(min(e, a["total_iters"])) / a["total_iters"]) ** mp.mpf(a["power"])
        case "CosineAnnealingLR":
            low = mp.mpf(a["eta_min"])
            return low + (b - low) * (1 + mp.cos(pi * e / a["T_max"])) / 2
        case "CosineAnnealingWarmRestarts":
            low = mp.mpf(a["eta_min"])
            return low + (b - low) * (1 + mp.cos(pi * (e % a["T_0"]) / a["T_0"])) / 2
    raise AssertionError(name)


MILLION = [
    *(("StepLR", dict(step_size=p, gamma=0.9999)) for p in PERIODS),
    ("ExponentialLR", dict(gamma=0.99999)),
    ("LinearLR", dict(start_factor=0.001, end_factor=1.0, total_iters=1_000_000)),
    ("PolynomialLR", dict(total_iters=1_000_000, power=0.9)),
    ("CosineAnnealingLR", dict(T_max=1_000_000, eta_min=1e-6)),
    ("CosineAnnealingLR", dict(T_max=99_991, eta_min=1e-6)),
    ("CosineAnnealingWarmRestarts", dict(T_0=107, eta_min=1e-6)),
]


@pytest.mark.parametrize(("name", "arguments"), MILLION, ids=[f"{n} {a}" for n, a in MILLION])
def test_closed_form_is_right_up_to_a_million(name: str, arguments: dict[str, Any]) -> None:
    counts = np.unique(np.concatenate([np.linspace(0, 10**6, 500).astype(int), np.arange(10**6 - 300, 10**6 + 1)]))
    exact = [float(truth(name, arguments, 0.1, int(e))) for e in counts]
    ours = np.asarray(jax.jit(getattr(lrjax, name)(**arguments).schedule(0.1))(jnp.asarray(counts, jnp.int32)))
    assert ulp32(ours, np.array(exact)).max() <= 1


@pytest.mark.parametrize("period", PERIODS)
def test_a_staircase_never_drops_late(period: int) -> None:
    counts = np.arange(10**6 + 1, dtype=np.int32)
    ours = np.asarray(jax.jit(lrjax.StepLR(period, gamma=0.9999).schedule(1.0))(counts))
    np.testing.assert_array_equal(np.flatnonzero(np.diff(ours)) + 1, counts[period::period])


def test_optax_staircase_drops_late_so_the_test_above_can_fail() -> None:
    import optax

    counts = np.arange(10**4, dtype=np.int32)
    theirs = optax.exponential_decay(1.0, transition_steps=41, decay_rate=0.9999, staircase=True)
    drops = np.flatnonzero(np.diff(np.asarray(jax.jit(theirs)(counts)))) + 1
    assert not np.array_equal(drops, counts[41::41])


EDITED = [
    ("LambdaLR", dict(lr_lambda=lambda e: 0.9**e), 10),
    ("MultiplicativeLR", dict(lr_lambda=lambda e: 0.9), 10),
    ("StepLR", dict(step_size=10, gamma=0.5), 10),
    ("MultiStepLR", dict(milestones=[10, 20], gamma=0.5), 20),
    ("ConstantLR", dict(factor=0.5, total_iters=10), 10),
    ("LinearLR", dict(start_factor=0.5, total_iters=10), 10),
    ("ExponentialLR", dict(gamma=0.9), 10),
    ("PolynomialLR", dict(total_iters=10, power=2.0), 10),
    ("CosineAnnealingLR", dict(T_max=10, eta_min=0.01), 10),
    ("CosineAnnealingLR", dict(T_max=10), 10),
    ("CosineAnnealingWarmRestarts", dict(T_0=10, T_mult=2), 10),
    ("CyclicLR", dict(base_lr=0.1, max_lr=1.0, step_size_up=10), 10),
    ("OneCycleLR", dict(max_lr=1.0, total_steps=31), 30),
    ("ReduceLROnPlateau", dict(patience=3, factor=0.5), 10),
    ("SWALR", dict(swa_lr=0.05, anneal_epochs=10), 10),
    ("SequentialLR", dict(schedulers=[("LinearLR", {}), ("ExponentialLR", dict(gamma=0.9))], milestones=[10]), 10),
    ("ChainedScheduler", dict(schedulers=[("ConstantLR", {}), ("ExponentialLR", dict(gamma=0.9))]), 10),
    ("StepDecay", dict(lr_decay=10), 10),
    ("EpochTable", dict(table=[[10, 1.0], [5, 0.1]], mode="factor"), 10),
    ("TableLR", dict(table=[[10, [1.0, 0.1, 2.0]], [22, [0.1, 0.2, 0.3]]]), 10),
]  # with the step of a boundary: the minimum, the end, a drop
MOMENTS = {"before the first step": 0, "inside a phase": 4, "at a boundary": None, "after it": None, "past the end": 28}


@pytest.mark.parametrize("edit", [0.7, {1: 0.7}], ids=["all groups", "one group"])
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize(("name", "arguments", "boundary"), EDITED, ids=[f"{n}-{b}" for n, _, b in EDITED])
def test_rates_set_by_hand_carry_on(name: str, arguments: Any, boundary: int, moment: str, edit: Any) -> None:
    at = MOMENTS[moment]
    at = boundary + (moment == "after it") if at is None else at
    case = Case("", (name, arguments), exact=False)
    metrics: Any = metrics_of(case, 32)
    edits = {at: edit, 31: 0.1} if at % 2 else {at: edit}
    ours, theirs = (
        p.simulate(make(p, case.spec), BASE_LRS, 32, edits=edits, metrics=metrics) for p in (lrjax, lrtorch)
    )
    np.testing.assert_allclose(ours, theirs, rtol=1e-13, atol=1e-17)


def test_a_late_edit_would_be_seen() -> None:
    right = lrtorch.simulate(lrtorch.StepLR(10, 0.5), BASE_LRS, 32, edits={4: 0.7})
    late = lrjax.simulate(lrjax.StepLR(10, 0.5), BASE_LRS, 32, edits={5: 0.7})
    assert not np.allclose(late, right, rtol=1e-13)


def transformation(scheduler: Any) -> Any:
    groups: Any = [{"params": str(i), "lr": lr} for i, lr in enumerate(BASE_LRS)]
    return lrjax.SGD(groups, momentum=0.9, scheduler=by_hand(scheduler))


def run_by_hand(scheduler: Any, steps: int, metrics: Any) -> np.ndarray:
    """The rates of a real optimizer stepped by ``step_scheduler``, each call a compiled one."""
    tx = transformation(scheduler)
    params = [jnp.ones(2)] * 3
    state, rates = tx.init(params), []
    for t in range(steps):
        rates.append(list(lrjax.get_lr(state).values()))
        state = lrjax.step_scheduler(tx, state, None if metrics is None else metrics[t])
    return np.array(rates)


FIRST_OF_EACH = [next(c for c in CASES if c.spec[0] == name) for name in NAMES]


@pytest.mark.parametrize("case", FIRST_OF_EACH, ids=[case.spec[0] for case in FIRST_OF_EACH])
def test_the_state_of_an_optimizer_steps_as_simulated(case: Case) -> None:
    steps = min(case.steps or 25, 25)
    metrics: Any = metrics_of(case, steps)
    rates = run_by_hand(make(lrjax, case.spec), steps, None if metrics is None else metrics.tolist())
    np.testing.assert_array_equal(rates, lrjax.simulate(make(lrjax, case.spec), BASE_LRS, steps, metrics=metrics))


@pytest.mark.parametrize("case", FIRST_OF_EACH, ids=[case.spec[0] for case in FIRST_OF_EACH])
def test_schedulers_step_under_vmap(case: Case) -> None:
    if case.spec[0] in FROM_METRIC:
        pytest.skip("needs a metric; test_plateau_inside_scan vmaps it")
    tx = transformation(make(lrjax, case.spec))
    states = jax.vmap(tx.init)([jnp.ones((4, 2))] * 3)
    for _ in range(5):
        states = jax.vmap(lambda state: lrjax.step_scheduler(tx, state))(states)
    got = np.array(list(lrjax.get_lr(states).values())).T
    np.testing.assert_array_equal(got, np.tile(lrjax.simulate(make(lrjax, case.spec), BASE_LRS, 6)[-1], (4, 1)))


def test_plateau_inside_scan() -> None:
    scheduler = lrjax.ReduceLROnPlateau(patience=2, factor=0.5)
    tx = lrjax.SGD(lr=0.1, scheduler=by_hand(scheduler))
    metrics = np.array([[1.0, 1.0, 1, 1, 1, 1, 0.5, 1, 1, 1], [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.4, 0.4, 0.4]])

    def run(metric: jax.Array) -> jax.Array:
        def one(state: Any, m: Any) -> Any:
            return lrjax.step_scheduler(tx, state, m), state.hyper["lr"].value[0]

        return jax.lax.scan(one, tx.init({"w": jnp.ones(2)}), metric)[1]

    ours = np.asarray(jax.jit(jax.vmap(run))(jnp.asarray(metrics)))
    for row, metric in zip(ours, metrics.astype(np.float32), strict=True):
        theirs = lrtorch.simulate(lrtorch.ReduceLROnPlateau(patience=2, factor=0.5), 0.1, 10, metrics=metric.tolist())
        np.testing.assert_array_equal(row, theirs[:, 0].astype(np.float32))


def test_hand_worked_plateau() -> None:
    rates = lrjax.simulate(lrjax.ReduceLROnPlateau(patience=2, factor=0.5), 1.0, 7, metrics=[1.0] * 7)
    assert rates.ravel().tolist() == [1, 1, 1, 1, 0.5, 0.5, 0.5]


def test_hand_worked_cosine() -> None:
    rates = lrjax.simulate(lrjax.CosineAnnealingLR(T_max=4, eta_min=0.1), 1.0, 9).ravel()
    half = 0.45 * math.sqrt(0.5)
    np.testing.assert_allclose(rates, [1, 0.55 + half, 0.55, 0.55 - half, 0.1, 0.55 - half, 0.55, 0.55 + half, 1])


def test_functions_are_asked_no_further_than_torch_asks() -> None:
    """A table of as many factors as there are updates is enough, as it is in torch."""
    factors = [1.0, 0.5, 0.25]
    packages: tuple[Any, ...] = (lrjax, lrtorch)
    for package in packages:
        for last_epoch in (-1, 0):
            rates = package.simulate(package.LambdaLR(lambda e: factors[e], last_epoch=last_epoch), 1.0, 2 - last_epoch)
            assert rates.ravel().tolist() == factors[last_epoch + 1 :]
    assert lrjax.LambdaLR(lambda e: factors[e]).schedule(1.0, num_steps=3)(2) == 0.25


def test_a_sweep_over_schedulers_does_not_keep_their_programs() -> None:
    from lrjax.lr_scheduler._chain import _compiled

    for i in range(70):
        lrjax.simulate(lrjax.StepLR(step_size=i + 1), 0.1, 2)
    assert _compiled.cache_info().currsize <= 64
