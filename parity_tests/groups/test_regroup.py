"""Freezing, thawing, adding a group, stacked layers: torch does the same, in every bit."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import lrjax
import lrtorch
from lrparity.oracle.cpu import CorrectSqrt
from lrparity.runs.bits import differing
from parity_tests.by_hand import by_hand

SHAPES = {"backbone/w": (8, 17), "backbone/b": (17,), "head/w": (17, 3)}
GROUPS: Any = [{"params": "backbone", "lr": 3e-3, "frozen": True}, {"params": "head"}]


def arrays(seed: int, shapes: Any = SHAPES) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


class Pair:
    """The same optimizer in both packages, fed the same gradients."""

    def __init__(self, name: str, groups: Any = GROUPS, scheduler: Any = None, **options: Any) -> None:
        start = arrays(0)
        self.params: Any = jax.tree.map(jnp.asarray, start)
        self.tx = getattr(lrjax, name)(groups, scheduler=by_hand(scheduler and scheduler(lrjax)), **options)
        self.state = self.tx.init(self.params)
        self.model = {n: torch.nn.Parameter(torch.from_numpy(p.copy())) for n, p in start.items()}
        made = getattr(lrtorch, name)
        self.optimizer = made(
            self.model, groups, foreach=False, scheduler=by_hand(scheduler and scheduler(lrtorch)), **options
        )
        self.compiled = jax.jit(lambda g, s, p: lrjax.step(self.tx, g, s, p))

    def step(self, seed: int) -> None:
        """One update of both, compared."""
        shapes = {name: p.shape for name, p in self.params.items()}
        grads = arrays(seed, shapes)
        self.params, self.state = self.compiled(grads, self.state, self.params)
        for name, p in self.model.items():
            p.grad = torch.from_numpy(grads[name]) if p.requires_grad else None
        with CorrectSqrt():
            self.optimizer.step()
        assert differing(jax.tree.map(np.asarray, self.params), self.torch_params()) == {}
        assert lrjax.get_lr(self.state) == lrtorch.get_lr(self.optimizer)

    def torch_params(self) -> dict[str, np.ndarray]:
        """torch's parameters now."""
        return {name: p.detach().numpy().copy() for name, p in self.model.items()}

    def steps(self, *seeds: int) -> None:
        """An update for each seed."""
        for seed in seeds:
            self.step(seed)


@pytest.mark.parametrize("name", ["SGD", "AdamW", "Adagrad", "NAdam"])
def test_frozen_then_thawed_then_frozen_again(name: str) -> None:
    pair = Pair(name, lr=1e-2, **({"momentum": 0.9} if name == "SGD" else {}))
    before = jax.tree.map(np.asarray, pair.params)
    assert not jax.tree.leaves([tree["backbone/w"] for tree in pair.state.slots.values()])
    pair.steps(1, 2)
    assert differing(jax.tree.map(np.asarray, pair.params), before).keys() == {"head/w"}
    others = {slot: np.asarray(tree["head/w"]) for slot, tree in pair.state.slots.items()}
    pair.state = lrjax.thaw(pair.state, pair.params, "backbone", lr=5e-4)
    lrtorch.thaw(pair.optimizer, "backbone", lr=5e-4)
    assert differing({slot: np.asarray(tree["head/w"]) for slot, tree in pair.state.slots.items()}, others) == {}
    pair.steps(3, 4)
    pair.state = lrjax.freeze(pair.state, ["backbone"])
    lrtorch.freeze(pair.optimizer, ["backbone"])
    pair.step(5)
    pair.state, _ = lrjax.thaw(pair.state, pair.params, "backbone"), lrtorch.thaw(pair.optimizer, "backbone")
    pair.step(6)  # with the moments it had
    assert lrjax.describe(pair.state, pair.params)[0]["frozen"] is False


def test_frozen_layers_cost_no_backward_work() -> None:
    params = {"deep": jnp.ones((256, 256)), "head": jnp.ones((256, 2))}
    x = jnp.ones((64, 256))
    frozen = lrjax.SGD([{"params": "deep", "frozen": True}, {"params": "head"}]).init(params)

    def flops(state: Any) -> float:
        def step(params: Any, state: Any) -> Any:
            loss = lambda p: jnp.sum(((x @ p["deep"]) @ p["head"]) ** 2)  # noqa: E731
            grads = jax.grad(lambda p: loss(lrjax.trainable(state, p)))(params)
            return lrjax.step(lrjax.SGD(), grads, state, params)

        cost: Any = jax.jit(step).lower(params, state).compile().cost_analysis()
        return cost["flops"]

    forward_and_head = 2 * 64 * 256 * 256 + 3 * 2 * 64 * 256 * 2
    assert flops(frozen) < 1.1 * forward_and_head
    assert flops(lrjax.thaw(frozen, params, "deep")) > 1.9 * forward_and_head


def test_a_checkpoint_from_before_the_thaw() -> None:
    pair = Pair("AdamW", lr=1e-2)
    pair.steps(1, 2)
    saved, params = lrjax.state_dict(pair.state), pair.params
    thawed = lrjax.thaw(pair.state, params, "backbone")
    with pytest.raises(ValueError, match="'frozen' of group 'backbone' must be False"):
        lrjax.load_state_dict(thawed, saved)
    again = lrjax.load_state_dict(pair.tx.init(params), saved)
    again = lrjax.thaw(again, params, "backbone")
    for a, b in zip(jax.tree.leaves(again), jax.tree.leaves(thawed), strict=True):
        np.testing.assert_array_equal(a, b)


WORKING: dict[str, Any] = {
    "no scheduler": None,
    "StepLR": lambda package: package.StepLR(2, every=1),
    "MultiStepLR": lambda package: package.MultiStepLR([3, 5], every=1),
    "ConstantLR": lambda package: package.ConstantLR(0.5, 4, every=1),
    "LinearLR": lambda package: package.LinearLR(0.5, 1.0, 6, every=1),
    "ExponentialLR": lambda package: package.ExponentialLR(0.9, every=1),
    "PolynomialLR": lambda package: package.PolynomialLR(20, 2.0, every=1),
    "ChainedScheduler": lambda package: package.ChainedScheduler(
        [package.StepLR(2), package.ExponentialLR(0.9)], every=1
    ),
}


@pytest.mark.parametrize("name", WORKING)
def test_a_group_added_to_a_running_optimizer(name: str) -> None:
    pair = Pair("AdamW", [{"params": "**"}], scheduler=WORKING[name], lr=1e-2, weight_decay=0.1)
    pair.steps(1, 2)
    adapter = np.full((3, 5), 0.5, np.float32)
    pair.params = {**pair.params, "adapter": jnp.asarray(adapter)}
    pair.model["adapter"] = torch.nn.Parameter(torch.from_numpy(adapter.copy()))
    group: Any = {"params": "adapter", "lr": 3e-2, "betas": (0.8, 0.9)}
    pair.state = lrjax.add_param_group(pair.state, pair.params, group)
    lrtorch.add_param_group(pair.optimizer, pair.model, group)
    pair.steps(3, 4, 5, 6)
    ours, theirs = lrjax.describe(pair.state, pair.params), lrtorch.describe(pair.optimizer)
    assert ours[0] == theirs[0]
    ours[1].pop("initial_lr", None)  # a vector over the groups here; torch's schedulers leave a later group without
    assert ours[1] == theirs[1]


REFUSING: list[Any] = [
    lambda package: package.CosineAnnealingLR(10),
    lambda package: package.LambdaLR(lambda e: 0.9**e),
    lambda package: package.OneCycleLR(0.1, 10),
    lambda package: package.SequentialLR([package.StepLR(2), package.ExponentialLR(0.9)], [3]),
]
BAD_GROUPS: list[tuple[Any, str]] = [
    ({"params": "nose"}, "add_param_group: pattern of group 'nose' matches none of adapter"),
    ({"params": "adapter", "name": "**"}, "add_param_group: group['name'] must differ from the names there are"),
    ({"params": "adapter", "lr": -1}, "add_param_group: group 'adapter': lr must be a finite number"),
]


def refusal(package: Any, scheduler: Any, group: Any) -> str:
    pair = Pair("AdamW", [{"params": "**"}], scheduler=scheduler)
    params = {**pair.params, "adapter": jnp.ones(3)}
    model = {**pair.model, "adapter": torch.nn.Parameter(torch.ones(3))}
    with pytest.raises(ValueError, match=r"must|matches") as caught:
        if package is lrjax:
            lrjax.add_param_group(pair.state, params, group)
        else:
            lrtorch.add_param_group(pair.optimizer, model, group)
    return str(caught.value)


@pytest.mark.parametrize("scheduler", REFUSING)
def test_schedulers_that_know_only_the_old_groups(scheduler: Any) -> None:
    for package in (lrjax, lrtorch):
        text = refusal(package, scheduler, {"params": "adapter"})
        assert text.startswith("add_param_group: scheduler must work from the groups' rates alone")


@pytest.mark.parametrize(("group", "expected"), BAD_GROUPS)
def test_bad_groups_to_add(group: Any, expected: str) -> None:
    ours, theirs = refusal(lrjax, None, group), refusal(lrtorch, None, group)
    assert ours == theirs
    assert ours.startswith(expected)


@pytest.mark.parametrize("name", ["AdamW", "SGD", "RMSprop", "Adafactor"])
def test_stacked_layers_take_a_rate_each(name: str) -> None:
    """One leaf of four layers, against torch's four parameters in four groups."""
    rates, decay = [1e-3, 2e-3, 3e-3, 4e-3], [0.0, 0.1, 0.2, 0.3]
    start, grads = arrays(0, {"w": (4, 9, 17)}), [arrays(seed, {"w": (4, 9, 17)})["w"] for seed in range(1, 6)]
    group: dict[str, Any] = {"params": "blocks", "stacked": 4, "lr": rates, "weight_decay": decay}
    tx = getattr(lrjax, name)([group])
    params = {"blocks": jnp.asarray(start["w"])}
    state = tx.init(params)
    step = jax.jit(lambda g, s, p: lrjax.step(tx, g, s, p))
    layers = {f"blocks[{i}]": torch.nn.Parameter(torch.from_numpy(start["w"][i].copy())) for i in range(4)}
    groups = [{"params": [p], "lr": rates[i], "weight_decay": decay[i]} for i, p in enumerate(layers.values())]
    optimizer = getattr(torch.optim, name)(groups, foreach=False)
    for t, g in enumerate(grads):
        if t == 3:
            state = lrjax.set_lr(state, {"blocks[2]": 0.05})
            optimizer.param_groups[2]["lr"] = 0.05
        params, state = step({"blocks": g}, state, params)
        for i, p in enumerate(layers.values()):
            p.grad = torch.from_numpy(g[i].copy())
        with CorrectSqrt():
            optimizer.step()
    expected = np.stack([p.detach().numpy() for p in layers.values()])
    if name == "Adafactor":  # its means over a layer are sums in another order
        np.testing.assert_allclose(params["blocks"], expected, rtol=0, atol=4 * np.spacing(np.abs(expected).max()))
    else:
        assert differing({"w": np.asarray(params["blocks"])}, {"w": expected}) == {}
    assert lrjax.get_lr(state) == dict(zip(layers, [1e-3, 2e-3, 0.05, 4e-3], strict=True))
    assert [row["parameters"] for row in lrjax.describe(state, params)] == [9 * 17] * 4


STACKED_MISTAKES: list[tuple[Any, type[Exception], str]] = [
    ({"stacked": 3}, ValueError, "SGD: group 'blocks': stacked must be the first dimension of each of its parameters"),
    ({"stacked": 0}, ValueError, "SGD: groups[0]['stacked'] must be an integer, at least 1, got 0"),
    ({"stacked": 4, "lr": [1, 2]}, ValueError, "SGD: group 'blocks': lr must be one value, or one for each of the 4"),
    ({"stacked": 4, "lr": [1, 2, 3, -4]}, ValueError, "SGD: group 'blocks[3]': lr must be a finite number, at least"),
    ({"frozen": 1}, TypeError, "SGD: groups[0]['frozen'] must be True or False, got 1"),
]


@pytest.mark.parametrize(("options", "error", "expected"), STACKED_MISTAKES)
def test_bad_stacks(options: Any, error: type[Exception], expected: str) -> None:
    groups: Any = [{"params": "blocks", **options}]
    with pytest.raises(error) as caught:
        lrjax.SGD(groups).init({"blocks": jnp.ones((4, 3))})
    assert str(caught.value).startswith(expected)


def test_torch_has_no_stacked_layers() -> None:
    with pytest.raises(ValueError, match="which torch has not: write a group for each layer, got 4"):
        lrtorch.SGD({"blocks": torch.nn.Parameter(torch.ones(4, 3))}, [{"params": "blocks", "stacked": 4}])


def test_unknown_groups() -> None:
    pair = Pair("SGD")
    for call in (
        lambda: lrjax.thaw(pair.state, pair.params, "nose"),
        lambda: lrtorch.thaw(pair.optimizer, "nose"),
        lambda: lrjax.freeze(pair.state, "nose"),
        lambda: lrtorch.freeze(pair.optimizer, "nose"),
    ):
        with pytest.raises(ValueError, match="group must be one of 'backbone', 'head', got 'nose'"):
            call()
