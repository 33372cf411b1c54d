"""When a range test is over, all is as before: also when something raised in the middle of it."""

import copy
import random
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import lrjax
import lrtorch

X = torch.from_numpy(np.random.default_rng(0).standard_normal((64, 4)).astype(np.float32))
DATA = torch.utils.data.TensorDataset(X, X.sum(1, keepdim=True))


class Network(torch.nn.Module):
    """With statistics, random masks, a buffer that is replaced in each pass and one that state_dict leaves out."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.norm, self.drop = torch.nn.Linear(4, 8), torch.nn.BatchNorm1d(8), torch.nn.Dropout(0.2)
        self.head = torch.nn.Linear(8, 1)
        self.register_buffer("passes", torch.zeros(()))
        self.register_buffer("hidden_passes", torch.zeros(()), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """One number for each row."""
        self.passes = self.passes + 1
        self.hidden_passes += 1
        return self.head(self.drop(torch.relu(self.norm(self.hidden(x)))))


class Run:
    """A training in the middle of it: state, momentum, a scheduler that steps by itself, a loader that shuffles."""

    def __init__(self, optimizer: str = "AdamW", generator: torch.Generator | None = None, **options: Any) -> None:
        torch.manual_seed(0)
        self.model = Network()
        momentum = optimizer in ("SGD", "AdamW")
        cycle = lrtorch.OneCycleLR(max_lr=[0.01, 0.1], total_steps=12, every=1, cycle_momentum=momentum)
        groups: Any = [{"params": "hidden/**"}, {"params": "**"}]
        self.optimizer = getattr(lrtorch, optimizer)(self.model, groups, lr=0.1, scheduler=cycle, **options)
        self.loader = torch.utils.data.DataLoader(DATA, batch_size=16, shuffle=True, generator=generator)
        self.train(1)
        self.model.norm.eval()

    def loss(self, model: Any, batch: Any) -> torch.Tensor:
        """The mean square."""
        return ((model(batch[0]) - batch[1]) ** 2).mean()

    def train(self, epochs: int) -> None:
        """Go on for some epochs."""
        for _ in range(epochs):
            for batch in self.loader:
                self.optimizer.zero_grad()
                self.loss(self.model, batch).backward()
                self.optimizer.step()

    def everything(self) -> dict[str, Any]:
        """All that a range test might change, copied."""
        found = dict(
            buffers=dict(self.model.named_buffers()),
            parameters=dict(self.model.named_parameters()),
            grads={name: p.grad for name, p in self.model.named_parameters()},
            modes={name: module.training for name, module in self.model.named_modules()},
            optimizer=self.optimizer.state_dict(),
            scheduler=lrtorch.scheduler_state_dict(self.optimizer),
            attributes=sorted(vars(self.optimizer)),
            random=(torch.get_rng_state(), random.getstate(), np.random.get_state()),
            generator=None if self.loader.generator is None else self.loader.generator.get_state(),
        )
        return copy.deepcopy(found)

    def identities(self) -> list[int]:
        """The objects that others may hold."""
        state = self.optimizer.state
        held = [*self.model.parameters(), *self.model.buffers(), *(p.grad for p in self.model.parameters())]
        held += [state, self.optimizer.param_groups, *self.optimizer.param_groups]
        return list(map(id, [*held, *state.values(), *(x for one in state.values() for x in one.values())]))


def same(a: Any, b: Any) -> bool:
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list | tuple):
        return isinstance(b, list | tuple) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, torch.Tensor | np.ndarray):
        return type(a) is type(b) and a.dtype == b.dtype and bool((a == b).all())
    return a == b


def at(count: int, raised: BaseException) -> Callable[..., Any]:
    """A loss that raises at its ``count``-th call."""
    calls = 0

    def loss(run: Run, model: Any, batch: Any) -> Any:
        nonlocal calls
        calls += 1
        random.random()
        np.random.random()
        if calls == count:
            raise raised
        return run.loss(model, batch)

    return loss


OPTIONS: dict[str, dict[str, Any]] = {"growing": dict(num_iter=30), "each by itself": dict(parallel=2, num_iter=10)}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("raised", [None, KeyboardInterrupt(), RuntimeError("out of memory")], ids=repr)
@pytest.mark.parametrize("own_generator", [False, True], ids=["torch's generator", "the loader's"])
def test_all_of_torch_is_as_before(options: dict[str, Any], raised: Any, own_generator: bool) -> None:
    run = Run(generator=torch.Generator().manual_seed(3) if own_generator else None)
    before, objects, loss = run.everything(), run.identities(), at(7 if raised else -1, raised)

    def find() -> Any:
        return lrtorch.lr_find(run.model, run.optimizer, lambda *given: loss(run, *given), run.loader, **options)

    if raised is None:
        assert find().losses.shape[0] > 5
    else:
        with pytest.raises(type(raised)):
            find()
    after = run.everything()
    assert [name for name in before if not same(before[name], after[name])] == []
    assert run.identities() == objects


@pytest.mark.parametrize("optimizer", ["SGD", "AdamW", "Adafactor", "Rprop"])
def test_the_training_goes_on_as_without_it(optimizer: str) -> None:
    options: dict[str, Any] = {"momentum": 0.9} if optimizer == "SGD" else {}
    with_it, without = Run(optimizer, **options), None
    lrtorch.lr_find(with_it.model, with_it.optimizer, with_it.loss, with_it.loader, num_iter=20)
    with_it.train(2)
    without = Run(optimizer, **options)
    without.train(2)
    assert same(with_it.everything(), without.everything())


def test_a_model_that_has_not_begun() -> None:
    model = torch.nn.Linear(4, 1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=torch.tensor(0.1))
    (group,) = optimizer.param_groups
    test = lrtorch.lr_find(model, optimizer, lambda m, b: ((m(b[0]) - b[1]) ** 2).mean(), [DATA[:8]])
    assert len(optimizer.state) == 0
    assert all(p.grad is None for p in model.parameters())
    assert isinstance(group["lr"], torch.Tensor)
    assert float(group["lr"]) == np.float32(0.1)
    assert test.plan.group == "0"


def test_no_grad_around_it() -> None:
    model = torch.nn.Linear(4, 1)
    with torch.no_grad():
        test = lrtorch.lr_find(model, lrtorch.SGD(model), lambda m, b: (m(b[0]) ** 2).mean(), [DATA[:8]])
        assert not torch.is_grad_enabled()
    assert test.losses[-1] != test.losses[0]


@pytest.mark.parametrize("own_generator", [False, True], ids=["torch's generator", "the loader's"])
def test_a_loader_of_torch_in_jax_is_where_it_was(own_generator: bool) -> None:
    generator = torch.Generator().manual_seed(3) if own_generator else None
    loader = torch.utils.data.DataLoader(DATA, batch_size=16, shuffle=True, generator=generator)
    params, tx = {"w": jnp.ones((4, 1))}, lrjax.SGD(lr=0.1)
    state = tx.init(params)
    before = jax.tree.map(np.array, (params, state))
    orders = []
    for find in (False, True):
        torch.manual_seed(0)
        if generator is not None:
            generator.manual_seed(3)
        if find:
            lrjax.lr_find(tx, params, lambda p, b: ((b[0] @ p["w"] - b[1]) ** 2).mean(), loader, opt_state=state)
        orders.append([batch[0] for batch in loader])
    assert same(*orders)
    jax.tree.map(np.testing.assert_array_equal, before, (params, state))


def test_random_states_of_python_and_numpy_in_jax() -> None:
    class Shuffled:
        def __iter__(self) -> Any:
            random.random()
            yield from np.random.standard_normal((5, 3))

    before = random.getstate(), np.random.get_state()
    start = lrjax.SGD(), {"w": jnp.ones(3)}, lambda p, b: ((p["w"] - b) ** 2).sum(), Shuffled()
    test = lrjax.lr_find(*start, stop="none")
    assert same(before, (random.getstate(), np.random.get_state()))
    assert len(set(test.losses[:10])) == 10  # gone through again, in another order
