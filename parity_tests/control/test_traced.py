"""Numbers that are traced, or 0-d arrays: each run is, bit for bit, what it is with a Python number."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch

import lrjax
import lrtorch
from parity_tests.by_hand import by_hand

from .runs import GROUPS, one, parameters, same

RATES = np.array([0.5, 0.1, 0.3], np.float32)
PARAMS = parameters(())
# By name: the optimizer of a rate, traced or not.
MAKERS: dict[str, Callable[[Any], Any]] = {
    "SGD": lambda lr: lrjax.SGD(lr=lr, momentum=0.9, nesterov=True),
    "groups": lambda lr: lrjax.AdamW([{"params": "a", "lr": lr}, {"params": "**"}], weight_decay=0.1),
    "all groups": lambda lr: lrjax.AdamW(GROUPS, lr=lr, scheduler=lrjax.StepLR(2, every=1)),
    "warm-up": lambda lr: lrjax.Adam(lr=lr, scheduler=lrjax.LinearLR(0.25, total_iters=3, every=1)),
    "one cycle": lambda lr: lrjax.AdamW(lr=lr, scheduler=lrjax.OneCycleLR(0.5, total_steps=9, every=1)),
    "betas": lambda lr: lrjax.AdamW(betas=(lr, 0.99), scheduler=lrjax.StepLR(2, every=1)),
    "etas": lambda lr: lrjax.Rprop(lr=0.1, etas=(lr, 1.2)),
    "momentum": lambda lr: lrjax.SGD(lr=0.1, momentum=lr, nesterov=True),
    "RMSprop's momentum": lambda lr: lrjax.RMSprop(momentum=lr, weight_decay=lr / 4),
    "eps": lambda lr: lrjax.Adafactor(lr=lr, eps=(None, lr / 8)),
    "accumulator": lambda lr: lrjax.Adagrad(initial_accumulator_value=lr),
    "stacked": lambda lr: lrjax.AdamW([{"params": "b", "stacked": 3, "lr": [lr, 0.1, lr / 2]}, {"params": "**"}]),
}


def _adamw(**options: Any) -> Any:
    return lrjax.AdamW(**options)


def _trained(make: Callable[[Any], Any], lr: Any, steps: int = 4) -> Any:
    """Parameters, and rates as the state has them, without what it remembers of arrays."""
    tx = make(lr)

    def step(carry: Any, _: Any) -> Any:
        return lrjax.step(tx, carry[0], carry[1], carry[0]), None

    params, state = jax.lax.scan(step, (PARAMS, tx.init(PARAMS)), length=steps)[0]
    return params, state.hyper, state.slots


@pytest.mark.parametrize("case", MAKERS)
def test_a_sweep_makes_its_optimizer_inside(case: str) -> None:
    make = MAKERS[case]
    swept = jax.jit(jax.vmap(lambda lr: _trained(make, lr)))(RATES)
    for i in (0, 2):
        same(one(swept, (i,)), jax.jit(lambda: _trained(make, float(RATES[i])))())  # noqa: B023


def test_in_jit_grid_and_eager_vmap() -> None:
    make = MAKERS["all groups"]
    alone = jax.jit(lambda: _trained(make, float(RATES[1])))()
    same(jax.jit(lambda lr: _trained(make, lr))(RATES[1]), alone)
    same(one(jax.vmap(lambda lr: _trained(make, lr))(RATES), (1,)), alone)
    decays = np.array([0.0, 0.25], np.float32)
    of_both = lambda lr, wd: _trained(lambda _: lrjax.SGD(lr=lr, weight_decay=wd), 0)  # noqa: E731
    grid = jax.jit(jax.vmap(jax.vmap(of_both, (None, 0)), (0, None)))(RATES, decays)
    for i, j in ((0, 0), (1, 1), (2, 0)):
        same(one(grid, (i, j)), jax.jit(lambda: of_both(float(RATES[i]), float(decays[j])))())  # noqa: B023


def test_a_rate_by_hand_and_schedulers_are_kept() -> None:
    """The optimizer is made of a rate, and what happens to the rate afterwards stays."""

    def run(lr: Any) -> Any:
        tx = lrjax.SGD(lr=lr, scheduler=by_hand(lrjax.StepLR(1)))
        state = lrjax.step_scheduler(tx, tx.init(PARAMS))
        state = lrjax.scale_lr(state, 0.5)
        _, state = lrjax.step(tx, PARAMS, state, PARAMS)
        return lrjax.get_lr(state)["**"]

    expected = (RATES.astype(float) * 0.1 * 0.5).astype(np.float32)
    np.testing.assert_array_equal(jax.jit(jax.vmap(run))(RATES), expected)


def test_scale_lr_multiplies_in_float64() -> None:
    state = lrjax.SGD(lr=0.1).init(PARAMS)
    rng = np.random.default_rng(0)
    for factor in rng.uniform(0.1, 10, 20).astype(np.float32):
        compiled = jax.jit(lrjax.scale_lr)(lrjax.set_lr(state, 1 / 3), factor)
        assert lrjax.get_lr(compiled) == {"**": 1 / 3 * float(factor)}
        traced = jax.vmap(lambda x: lrjax.scale_lr(lrjax.set_lr(state, 0.7), x))(factor[None])
        assert lrjax.get_lr(traced)["**"].tolist() == [0.7 * float(factor)]


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16", "int32", "uint8"])
def test_traced_numbers_of_every_type(dtype: str) -> None:
    value, state = jnp.asarray(3, dtype), lrjax.SGD(lr=0.1).init(PARAMS)
    assert lrjax.get_lr(jax.jit(lrjax.set_lr)(state, value)) == {"**": 3.0}
    assert float(jax.jit(lambda x: lrjax.get_lr(lrjax.SGD(lr=x).init(PARAMS))["**"])(value)) == 3.0
    with jax.enable_x64(True):
        third = jax.jit(lrjax.set_lr)(state, jnp.float64(1 / 3))
    assert lrjax.get_lr(third) == {"**": 1 / 3}


def test_derivatives_by_rates() -> None:
    """Of one step of SGD with gradients of ones: each parameter moves by minus the rate."""
    ones = jax.tree.map(jnp.ones_like, PARAMS)

    def loss(lr: Any, made: Callable[[Any], Any]) -> Any:
        tx = lrjax.SGD(lr=lr) if made is _kept else lrjax.SGD(lr=0.5)
        new, _ = lrjax.step(tx, ones, made(tx.init(PARAMS)), PARAMS)
        return new["a"].sum()

    count = PARAMS["a"].size
    assert float(jax.grad(loss)(0.25, _kept)) == -count
    assert float(jax.grad(lambda lr: loss(0, lambda state: lrjax.set_lr(state, {"**": lr})))(0.25)) == -count
    assert float(jax.grad(lambda by: loss(0, lambda state: lrjax.scale_lr(state, by)))(3.0)) == -0.5 * count
    rates = lambda lr: lrjax.simulate(lrjax.StepLR(1, 0.5), lr, 3).sum()  # noqa: E731
    assert float(jax.grad(rates)(0.25)) == 1.75


def _kept(state: Any) -> Any:
    return state


def test_no_tracer_stays_in_a_layout() -> None:
    with jax.checking_leaks():
        state = jax.jit(lambda lr: lrjax.AdamW([{"params": "**", "eps": lr}], lr=lr, betas=(lr, 0.9)).init(PARAMS))(0.5)
    again = jax.jit(lambda lr: lrjax.AdamW([{"params": "**", "eps": lr}], lr=lr, betas=(lr, 0.9)).init(PARAMS))(0.25)
    assert state.layout == again.layout and hash(state.layout) == hash(again.layout)
    assert lrjax.get_hyper(again, "betas") == {"**": (0.25, pytest.approx(0.9))}
    assert lrjax.get_lr(lrjax.set_hyper(again, "weight_decay", 0.5)) == {"**": 0.25}
    with pytest.raises(ValueError, match=r"group\['lr'\] must be set, for the optimizer's own is an array, got 'none'"):
        lrjax.add_param_group(again, {**PARAMS, "d": jnp.ones(2)}, {"params": "d"})
    options: Any = {"params": "d", "lr": 0.1, "betas": (0.5, 0.5)}
    more = lrjax.add_param_group(again, {**PARAMS, "d": jnp.ones(2)}, options)
    assert lrjax.get_lr(more) == {"**": 0.25, "d": 0.1}


def _injected(**options: Any) -> Any:
    return optax.inject_hyperparams(lrjax.AdamW)(**options)


def test_inject_hyperparams_follows_what_it_holds() -> None:
    """A schedule of optax's, and a number that is changed by hand, as with optax's own optimizers."""
    schedule: Any = optax.linear_schedule(0.5, 0.1, 4)
    rates, tx = [], _injected(lr=schedule, weight_decay=0.1)
    params, state = PARAMS, tx.init(PARAMS)
    by_hand_params, by_hand = PARAMS, _adamw(weight_decay=np.float32(0.1), eps=np.float32(1e-8)).init(PARAMS)
    plain = _adamw(weight_decay=np.float32(0.1), eps=np.float32(1e-8))
    update = jax.jit(tx.update)
    for i in range(6):
        updates, state = update(params, state, params)
        rates.append(lrjax.get_lr(state)["**"])
        params = optax.apply_updates(params, updates)
        by_hand = lrjax.set_lr(by_hand, schedule(i))
        updates, by_hand = jax.jit(plain.update)(by_hand_params, by_hand, by_hand_params)
        by_hand_params = optax.apply_updates(by_hand_params, updates)
    assert rates == [float(schedule(i)) for i in range(6)]
    same(params, by_hand_params)

    tx = _injected(lr=0.5)
    state = tx.init(PARAMS)
    for value in (0.25, jnp.float32(0.125), 1):
        state.hyperparams["lr"] = value
        _, state = tx.update(PARAMS, state, PARAMS)
        assert lrjax.get_lr(state) == {"**": float(value)}
    _, state = tx.update(
        PARAMS, lrjax.set_lr(state, 0.75), PARAMS
    )  # what is set in the state holds, until that changes
    assert lrjax.get_lr(state) == {"**": 0.75}


def test_inject_hyperparams_swept_and_with_other_optimizers() -> None:
    tx = _injected(lr=0.5)
    state = tx.init(PARAMS)
    state = state._replace(hyperparams={**state.hyperparams, "lr": jnp.asarray(RATES)})
    axes: Any = type(state)(None, {**dict.fromkeys(state.hyperparams), "lr": 0}, None, None)
    _, states = jax.vmap(tx.update, (None, axes, None))(PARAMS, state, PARAMS)
    np.testing.assert_array_equal(lrjax.get_lr(states)["**"], RATES)
    for name in ("SGD", "RMSprop", "Adagrad", "Adafactor", "Muon"):
        static = ("ns_steps",) if name == "Muon" else ()
        params = {"a": PARAMS["a"]}
        tx = optax.inject_hyperparams(getattr(lrjax, name), static_args=static)(lr=0.5)
        ours = jax.jit(tx.update)(params, tx.init(params), params)[0]
        plain = getattr(lrjax, name)(lr=0.5)
        theirs = jax.jit(plain.update)(params, plain.init(params), params)[0]
        np.testing.assert_allclose(ours["a"], theirs["a"], rtol=1e-5)  # optax rounds the other options to float32


def test_an_array_that_the_state_does_not_know() -> None:
    state = lrjax.SGD(lr=0.1).init(PARAMS)
    with pytest.raises(ValueError, match=r"SGD.update: lr must be an array when init is called, too \(or be set in"):
        jax.jit(lambda lr: lrjax.SGD(lr=lr).update(PARAMS, state, PARAMS))(0.5)


def test_state_dicts_remember_arrays() -> None:
    tx = lrjax.SGD(lr=jnp.float32(0.5))
    state = lrjax.set_lr(tx.init(PARAMS), 0.25)
    loaded = lrjax.load_state_dict(tx.init(PARAMS), lrjax.state_dict(state))
    same(loaded, state)
    assert lrjax.get_lr(tx.update(PARAMS, loaded, PARAMS)[1]) == {"**": 0.25}


KINDS: list[Any] = [np.float32, np.float64, np.asarray, jnp.float32, jnp.asarray, torch.tensor]


@pytest.mark.parametrize("kind", KINDS)
def test_0d_arrays_are_numbers_in_both_packages(kind: Any) -> None:
    half, quarter, two = kind(0.5), kind(0.25), np.asarray(2) if kind is not jnp.float32 else jnp.int32(2)
    ours = half, quarter  # a tensor is no number in a constructor, an array of JAX none in torch's
    if kind is torch.tensor:
        ours = 0.5, 0.25
        for package, holder in ((lrjax, ()), (lrtorch, (torch.nn.Linear(2, 2),))):
            with pytest.raises(ValueError, match=r"SGD: lr must be a finite number, at least 0\.0, got tensor"):
                package.SGD(*holder, lr=half)
    theirs = (0.5, 0.25) if isinstance(half, jax.Array) else ours
    state = _adamw(groups=[{"params": "a", "eps": ours[0]}, {"params": "**"}], lr=ours[0], betas=ours).init(PARAMS)
    groups = [{"params": "weight", "eps": theirs[0]}, {"params": "**"}]
    optimizer: Any = lrtorch.AdamW(torch.nn.Linear(2, 2), groups, lr=theirs[0], betas=theirs)
    for package, holder in ((lrjax, state), (lrtorch, optimizer)):
        scheduler = package.SequentialLR([package.StepLR(two, half), package.ExponentialLR(quarter)], [two])
        assert repr(scheduler) == (
            "SequentialLR(schedulers=(StepLR(step_size=2, gamma=0.5), ExponentialLR(gamma=0.25)), milestones=(2,))"
        )
        hash(scheduler)
        assert package.StepLR(two, half, every=two) == package.StepLR(2, 0.5, every=2)
        rates = package.simulate(scheduler, half, two, edits={1: quarter})
        assert rates.tolist() == [[0.5], [0.25]]
        assert package.simulate(package.ReduceLROnPlateau(min_lr=[quarter]), [half], 2, metrics=[half, half]).shape == (
            2,
            1,
        )
        assert list(package.get_hyper(holder, "betas").values()) == [(0.5, 0.25)] * 2
        assert list(package.get_hyper(holder, "eps").values()) == [0.5, 1e-8]
        holder = package.scale_lr(package.set_lr(holder, quarter), half)
        assert set(package.get_lr(holder).values()) == {0.125}
        holder = package.set_hyper(holder, "betas", (quarter, half))
        assert list(package.get_hyper(holder, "betas").values()) == [(0.25, 0.5)] * 2


def test_simulate_and_schedule_of_traced_rates() -> None:
    for scheduler in (lrjax.StepLR(2), lrjax.CosineAnnealingLR(5), lrjax.LinearLR(total_iters=3)):
        alone = np.stack([lrjax.simulate(scheduler, [rate, 0.1], 4) for rate in RATES.tolist()])
        swept = jax.jit(jax.vmap(lambda lr, s=scheduler: lrjax.simulate(s, [lr, 0.1], 4)))(RATES)
        np.testing.assert_array_equal(swept, alone.astype(np.float32))
        for steps in (None, 4):
            curve = jax.vmap(lambda lr, s=scheduler, n=steps: s.schedule(lr, n)(jnp.arange(4)))(RATES)
            for i, rate in enumerate(RATES.tolist()):
                np.testing.assert_array_equal(curve[i], scheduler.schedule(rate, steps)(jnp.arange(4)))
    plateau = lrjax.ReduceLROnPlateau(patience=0)
    by_metric = lambda m, lr: lrjax.simulate(plateau, 0.1, 3, edits={1: {0: lr}}, metrics=m)  # noqa: E731
    metrics = jnp.asarray([1.0, 1.0, 2.0])
    np.testing.assert_array_equal(jax.jit(by_metric)(metrics, RATES[0]), np.array([[0.1], [0.5], [0.05]], np.float32))
    assert isinstance(jax.jit(lambda x: x * lrjax.simulate(lrjax.StepLR(2), 0.1, 3)[2, 0])(1.0), jax.Array)
