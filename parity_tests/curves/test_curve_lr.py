"""CurveLR as a scheduler as every other: in optimizers, by hand, saved and loaded, of other numbers than the rate."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import lrjax
import lrtorch
from lrspec import curves as c

WSD = c.sequence(c.linear(5, 0.0, 1.0), c.const(1.0, 5), c.cosine(10, 1.0, c.absolute(0.01)))
FOLLOWS = c.sequence(c.const(1.0, 6), c.linear(8, c.CURRENT, 0.0))
GROUPS = ("a", "b")


def in_jax(tx: Any, steps: int, edits: dict[int, dict[str, float]] | None = None) -> tuple[Any, list[dict[str, Any]]]:
    params = {"a": jnp.linspace(-1, 1, 7), "b": jnp.linspace(0.5, 2, 5)}
    state, seen = tx.init(params), []
    step = jax.jit(lambda g, s, p: lrjax.step(tx, g, s, p))
    for t in range(steps):
        state = lrjax.set_lr(state, edits[t]) if edits and t in edits else state
        seen.append({name: lrjax.get_hyper(state, name) for name in ("lr", "weight_decay")})
        params, state = step(jax.tree.map(lambda p: jnp.sin(3 * p), params), state, params)
    return (params, state), seen


def in_torch(make: Any, steps: int, edits: dict[int, dict[str, float]] | None = None) -> tuple[Any, list[Any]]:
    params = {"a": torch.linspace(-1, 1, 7), "b": torch.linspace(0.5, 2, 5)}
    params = {name: torch.nn.Parameter(torch.tensor(np.asarray(value))) for name, value in params.items()}
    optimizer, seen = make(params), []
    for t in range(steps):
        if edits and t in edits:
            lrtorch.set_lr(optimizer, edits[t])
        seen.append({name: lrtorch.get_hyper(optimizer, name) for name in ("lr", "weight_decay")})
        for p in params.values():
            p.grad = torch.sin(3 * p.detach())
        optimizer.step()
    return (params, optimizer), seen


def options(package: Any, scheduler: Any) -> dict[str, Any]:
    del package
    return {"lr": 0.1, "weight_decay": 0.02, "scheduler": scheduler}


SCHEDULERS = {
    "every update": lambda p: p.CurveLR(WSD, every=1),
    "every third": lambda p: p.CurveLR(WSD, every=3),
    "samples": lambda p: p.CurveLR(WSD, units_per_step=0.5, every=1),
    "epochs, at every update": lambda p: p.CurveLR(WSD, steps_per_unit=2, every=1),
    "growing batches": lambda p: p.CurveLR(WSD, units_per_step=[[4, 0.5], [2, 1], [1, 1.5]], every=1),
    "from where the rate is": lambda p: p.CurveLR(FOLLOWS, every=1),
    "resumed": lambda p: p.CurveLR(WSD, every=1, last_epoch=6),
    "rate and weight decay": lambda p: [
        p.CurveLR(WSD, every=1),
        p.CurveLR(c.cosine(20), target="weight_decay", every=1),
    ],
    "momentum": lambda p: p.CurveLR(c.linear(12, 0.9, 1.0), target="momentum", every=1),
    "an absolute momentum": lambda p: p.CurveLR(
        c.linear(9, c.absolute(0.8), c.absolute(0.95)), target="momentum", every=1
    ),
    "eps": lambda p: p.CurveLR(c.linear(9, 1.0, 100.0), target="eps", every=1),
    "in a sequence": lambda p: p.SequentialLR([p.CurveLR(WSD), p.CurveLR(c.cosine(9))], [7], every=1),
    "chained": lambda p: p.ChainedScheduler([p.CurveLR(WSD), p.StepLR(4, 0.5)], every=1),
}


@pytest.mark.parametrize("name", SCHEDULERS)
def test_a_run_is_the_same_in_both(name: str) -> None:
    edits = {8: {"a": 0.04}}
    groups = [{"params": "a", "lr": 0.03}, {"params": "b"}]
    tx = lrjax.AdamW(groups, **options(lrjax, SCHEDULERS[name](lrjax)))
    make = lambda params: lrtorch.AdamW(  # noqa: E731
        params, groups, foreach=False, **options(lrtorch, SCHEDULERS[name](lrtorch))
    )
    (_, state), ours = in_jax(tx, 22, edits)
    (_, optimizer), theirs = in_torch(make, 22, edits)
    assert ours == theirs
    assert len({str(one) for one in ours}) > 4 or "momentum" in name or name == "eps"
    betas = lrjax.get_hyper(state, "betas"), lrtorch.get_hyper(optimizer, "betas")
    assert list(betas[0].values()) == list(betas[1].values())
    if not isinstance(SCHEDULERS[name](lrjax), list):
        saved = lrjax.scheduler_state_dict(state), lrtorch.scheduler_state_dict(optimizer)
        assert saved[0] == saved[1]


@pytest.mark.parametrize("name", [name for name in SCHEDULERS if name not in ("rate and weight decay",)])
def test_a_state_goes_on_where_it_was_saved(name: str) -> None:
    groups: list[lrjax.ParamGroup] = [{"params": "a", "lr": 0.03}, {"params": "b"}]
    tx = lrjax.AdamW(groups, **options(lrjax, SCHEDULERS[name](lrjax)))
    (params, state), _ = in_jax(tx, 9)
    loaded = lrjax.load_state_dict(tx.init(params), lrjax.state_dict(state))
    for a, b in zip(jax.tree.leaves(state), jax.tree.leaves(loaded), strict=True):
        np.testing.assert_array_equal(a, b)
    make = lambda params: lrtorch.AdamW(params, groups, **options(lrtorch, SCHEDULERS[name](lrtorch)))  # noqa: E731
    (_, optimizer), _ = in_torch(make, 9)
    fresh, _ = in_torch(make, 0)
    fresh[1].load_state_dict(optimizer.state_dict())
    lrtorch.load_scheduler_state_dict(fresh[1], lrtorch.scheduler_state_dict(optimizer))
    assert lrtorch.scheduler_state_dict(fresh[1]) == lrtorch.scheduler_state_dict(optimizer)
    assert lrtorch.get_lr(fresh[1]) == lrtorch.get_lr(optimizer)


def test_a_state_of_another_curve_is_refused() -> None:
    params = {"a": jnp.ones(2)}
    one, other = (lrjax.SGD(lr=0.1, scheduler=lrjax.CurveLR(c.cosine(n), every=1)) for n in (10, 20))
    rule = r"state_dict\['curve'\] must be 'cosine\(20, start=1.0, end=0.0\)', as the CurveLR says, got 'cosine\(10, "
    with pytest.raises(ValueError, match=rule):
        lrjax.load_scheduler_state_dict(other.init(params), lrjax.scheduler_state_dict(one.init(params)))
    w = torch.nn.Parameter(torch.ones(2))
    a, b = (lrtorch.SGD({"a": w}, lr=0.1, scheduler=lrtorch.CurveLR(c.cosine(n), every=1)) for n in (10, 20))
    with pytest.raises(ValueError, match=rule):
        lrtorch.load_scheduler_state_dict(b, lrtorch.scheduler_state_dict(a))


def test_a_torch_run_goes_on_in_jax() -> None:
    groups = [{"params": "a", "lr": 0.03}, {"params": "b"}]
    make = lambda params: lrtorch.AdamW(params, groups, **options(lrtorch, lrtorch.CurveLR(WSD, every=1)))  # noqa: E731
    (params, optimizer), _ = in_torch(make, 9)
    ours = {name: jnp.asarray(p.detach().numpy()) for name, p in params.items()}
    state, saved = lrtorch.scheduler_state_dict(optimizer), optimizer.state_dict()
    more: Any = {"optimizer": "AdamW", "names": list(params)}
    _, opt_state = lrjax.from_torch(saved, state, ours, scheduler=lrjax.CurveLR(WSD, every=1), **more)
    assert list(lrjax.get_lr(opt_state).values()) == list(lrtorch.get_lr(optimizer).values())
    with pytest.raises(
        ValueError, match=r"scheduler must be given \(a state holds the curve as text\): CurveLR\(curve\)"
    ):
        lrjax.from_torch(saved, state, ours, every=1, **more)


def test_numbers_of_a_curve_may_be_traced() -> None:
    """A sweep over the floor and the length of the warm-up, in one program."""

    def rates(floor: Any, warm_up: Any) -> Any:
        curve = c.sequence(c.linear(warm_up, 0.0, 1.0), c.cosine(50, 1.0, floor))
        return lrjax.CurveLR(curve).schedule(0.1)(jnp.arange(80))

    floors, warm_ups = jnp.array([0.0, 0.1, 0.5]), jnp.array([5, 10, 20])
    swept = jax.jit(jax.vmap(rates))(floors, warm_ups)
    for i in range(3):
        curve = c.sequence(c.linear(int(warm_ups[i]), 0.0, 1.0), c.cosine(50, 1.0, float(floors[i])))
        alone = np.array([curve(t, 0.1) for t in range(80)], np.float32)
        assert np.abs(np.asarray(swept[i]).view(np.int32) - alone.view(np.int32)).max() <= 1
    slope = jax.grad(lambda floor: rates(floor, 10).sum())(0.1)
    assert slope == pytest.approx(float(rates(0.11, 10).sum() - rates(0.09, 10).sum()) / 0.02, rel=1e-3)


def test_a_schedule_for_optax() -> None:
    schedule = lrjax.CurveLR(WSD).schedule(0.1)
    np.testing.assert_array_equal(
        jax.jit(jax.vmap(schedule))(jnp.arange(25)), np.array([WSD(t, 0.1) for t in range(25)], np.float32)
    )
    with pytest.raises(ValueError, match=r"CurveLR.schedule: num_steps must be given \(there is no closed form"):
        lrjax.CurveLR(FOLLOWS).schedule(0.1)
    table = lrjax.CurveLR(FOLLOWS).schedule(0.1, num_steps=20)
    np.testing.assert_array_equal(
        [table(t) for t in range(20)], lrjax.simulate(lrjax.CurveLR(FOLLOWS), 0.1, 20)[:, 0].astype(np.float32)
    )
