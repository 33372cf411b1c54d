"""What users see: the text of states and optimizers, the rates ahead, and what a logger gets."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch
from flax import nnx

import lrjax
import lrtorch
from parity_tests.by_hand import by_hand

GROUPS: Any = [{"params": "body", "lr": 1e-5}, {"params": "head"}]
PARAMS = {"body": {f"layer{i}": jnp.ones((3, 4)) for i in range(5)}, "head": jnp.ones(4)}


def warmup(package: Any, every: int | None = 1) -> Any:
    phases = [package.LinearLR(0.1, total_iters=10), package.CosineAnnealingLR(90)]
    return package.SequentialLR(phases, milestones=[10], every=every)


def state_of(steps: int = 3, **options: Any) -> Any:
    tx = lrjax.AdamW(GROUPS, lr=1e-3, **{"scheduler": lrjax.StepLR(30, every=2), **options})
    state = tx.init(PARAMS)
    for _ in range(steps):
        _, state = tx.update(PARAMS, state, PARAMS)
    return state


def test_a_state_prints_as_a_table() -> None:
    lines = repr(state_of()).splitlines()
    assert lines[0] == "AdamW state after 3 updates; StepLR(step_size=30, every=2) at step 1"
    assert lines[1].split() == ["group", "tensors", "frozen", "lr", "betas", "eps", "weight_decay"]
    assert lines[2].split() == ["body", "5", "no", "1e-05", "0.9,", "0.999", "1e-08", "0.01"]
    assert lines[3].split()[:4] == ["head", "1", "no", "0.001"]


def test_a_state_prints_wherever_it_is() -> None:
    """In compiled code, donated, vmapped, as shapes, as shardings, inside nnx and optax: never an error."""
    state, seen = state_of(), []
    jax.jit(lambda state: seen.append(repr(state)))(state)
    assert seen == ["AdamW state in compiled code; groups ['body', 'head']"]
    assert "layer0" in repr(jax.tree.map(lambda x: x.shape, state))
    assert repr(jax.eval_shape(lambda: state)).startswith("OptState(count=ShapeDtypeStruct")
    runs = jax.vmap(lambda lr: lrjax.SGD(lr=lr).init(PARAMS))(jnp.array([0.1, 0.2]))
    assert "0.1 to 0.2" in repr(runs) and repr(runs).endswith("a batch of 2 runs")
    assert "AdamW state after 3 updates" in repr((optax.EmptyState(), state))
    model = nnx.Linear(2, 2, rngs=nnx.Rngs(0))
    inside = nnx.Optimizer(model, lrjax.SGD(), wrt=nnx.Param)
    assert "SGD state after 0 updates" in repr(inside.opt_state)
    jax.jit(lambda state: state, donate_argnums=0)(state)
    assert repr(state) == "AdamW state whose arrays were donated or deleted; groups ['body', 'head']"


def test_an_error_shows_a_state_in_one_line() -> None:
    tx: Any = lrjax.SGD()
    with pytest.raises(TypeError) as caught:
        tx.init({"w": state_of()})
    assert "\n" not in str(caught.value)


def test_optimizers_print_as_one_types_them() -> None:
    scheduler = lrjax.StepLR(30, every=2)
    tx = lrjax.AdamW(GROUPS, lr=1e-3, weight_decay=0.05, scheduler=scheduler)
    assert repr(tx) == (
        "AdamW([{'params': 'body', 'lr': 1e-05}, {'params': 'head'}], lr=0.001, weight_decay=0.05, "
        "scheduler=StepLR(step_size=30, every=2))"
    )
    assert repr(eval(repr(tx), vars(lrjax) | {"AdamW": lrjax.AdamW, "StepLR": lrjax.StepLR})) == repr(tx)
    assert repr(lrjax.SGD()) == "SGD(lr=0.001)"
    assert repr(lrjax.SGD("head", lr=jnp.float32(0.5))) == "SGD('head', lr=Array(0.5, dtype=float32))"


@pytest.mark.parametrize("steps", [0, 7])
def test_the_rates_ahead_are_those_that_come(steps: int) -> None:
    """In both packages the same numbers; printed as a curve."""
    state = state_of(steps, scheduler=warmup(lrjax))
    model = {name: torch.nn.Parameter(torch.ones(2)) for name in ("body", "head")}
    optimizer = lrtorch.AdamW(model, GROUPS, lr=1e-3, scheduler=warmup(lrtorch))
    for _ in range(steps):
        optimizer.step()
    ours, theirs = lrjax.describe(state, PARAMS, num_steps=40), lrtorch.describe(optimizer, num_steps=40)
    whole = lrjax.simulate(warmup(lrjax), [1e-5, 1e-3], 100)
    for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        np.testing.assert_allclose(a["ahead"], whole[steps : steps + 40, i], rtol=1e-14)
        np.testing.assert_allclose(b["ahead"], a["ahead"], rtol=1e-14)
        assert a["ahead"].dtype == np.float64
    assert lrjax.get_lr(state) == {"body": whole[steps, 0], "head": whole[steps, 1]}, "describe changes nothing"
    assert "█" in str(ours) and str(ours).splitlines()[2].split()[:2] == ["head", "1"]


def test_the_rates_ahead_of_what_ends_and_of_what_needs_a_metric() -> None:
    def cycle(package: Any, *model: Any) -> Any:
        return package.SGD(*model, momentum=0.9, scheduler=package.OneCycleLR(0.1, total_steps=20, every=1))

    w = {"w": torch.nn.Parameter(torch.ones(2))}
    ours = lrjax.describe(cycle(lrjax).init({"w": jnp.ones(2)}), {"w": jnp.ones(2)}, 30)[0]["ahead"]
    theirs = lrtorch.describe(cycle(lrtorch, w), 30)[0]["ahead"]
    np.testing.assert_allclose(ours, theirs, rtol=1e-13)
    assert len(ours) == 21, "torch's last step is one past its last update"
    plateau = lrjax.SGD(scheduler=lrjax.ReduceLROnPlateau()).init({"w": jnp.ones(2)})
    assert "ahead" not in lrjax.describe(plateau, {"w": jnp.ones(2)}, 30)[0]
    with pytest.raises(ValueError, match="describe: num_steps must be an integer, at least 1, got 0"):
        lrjax.describe(plateau, {"w": jnp.ones(2)}, 0)


def test_a_logger_gets_a_flat_dict_in_any_code() -> None:
    state = state_of(scheduler=by_hand(lrjax.StepLR(1)))
    plain = {"lr/body": 1e-5, "lr/head": 1e-3}
    assert lrjax.monitor_lr(state) == plain
    every: Any = partial(lrjax.monitor_lr, log_momentum=True, log_weight_decay=True)
    assert every(state) == plain | {f"momentum/{g}": 0.9 for g in ("body", "head")} | {
        f"weight_decay/{g}": 0.01 for g in ("body", "head")
    }
    compiled = jax.jit(every)(state)
    assert {name: x.shape for name, x in compiled.items()} == dict.fromkeys(every(state), ())

    def step(state: Any, _: Any) -> Any:
        return lrjax.step_scheduler(None, state), lrjax.monitor_lr(state)

    _, curves = jax.lax.scan(step, state, length=4)
    np.testing.assert_allclose(curves["lr/head"], 1e-3 * 0.1 ** np.arange(4), rtol=1e-6)
    runs = jax.vmap(lambda lr: lrjax.AdamW(lr=lr).init(PARAMS))(jnp.array([0.5, 0.25]))
    assert every(runs)["lr/**"].tolist() == [0.5, 0.25] and every(runs)["momentum/**"].shape == (2,)


def test_a_logger_of_torch_gets_the_same() -> None:
    model = {name: torch.nn.Parameter(torch.ones(2)) for name in ("body", "head")}
    optimizer = lrtorch.AdamW(model, GROUPS, lr=1e-3)
    options = {"log_momentum": True, "log_weight_decay": True}
    assert lrtorch.monitor_lr(optimizer, **options) == lrjax.monitor_lr(state_of(), **options)
    assert lrtorch.monitor_lr(torch.optim.Rprop(model.values()), **options) == {"lr/0": 0.01}
    wrong: Any = "yes"
    for call in (lambda: lrjax.monitor_lr(state_of(), log_momentum=wrong), lambda: lrtorch.monitor_lr(wrong)):
        with pytest.raises(TypeError, match=r"^monitor_lr: "):
            call()


def test_timms_lr_scale_multiplies_the_rate() -> None:
    groups: Any = [{"params": "a", "lr_scale": 0.25}, {"params": "b", "lr": 1.0, "lr_scale": 0.5}, {"params": "c"}]
    expected = {"a": 0.125, "b": 0.5, "c": 0.5}
    model = {name: torch.nn.Parameter(torch.ones(2)) for name in "abc"}
    assert lrjax.get_lr(lrjax.SGD(groups, lr=0.5).init({name: jnp.ones(2) for name in "abc"})) == expected
    assert lrtorch.get_lr(lrtorch.SGD(model, groups, lr=0.5)) == expected
    with pytest.raises(ValueError, match=r"lr_scale of group 'a' must be a finite number, at least 0.0, got -1"):
        lrjax.SGD([{"params": "a", "lr_scale": -1}])
