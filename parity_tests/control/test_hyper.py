"""Every hyperparameter by group and by hand: torch's bits, no compilation, clear refusals."""

from collections.abc import Callable
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
from parity_tests.optimizers.cases import SHAPES, gradients, start

# Two groups that differ in everything, and what is set by hand on the way: name -> value or group -> value.
OTHER: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "SGD": (
        dict(lr=0.01, momentum=0.5, dampening=0.2, weight_decay=0.1),
        dict(momentum={"first": 0.7, "rest": 0.0}, dampening=0.1, weight_decay=0.02),
    ),
    "Adam": (
        dict(lr=0.01, betas=(0.5, 0.8), eps=1e-4, weight_decay=0.1),
        dict(betas={"first": (0.6, 0.7)}, eps=1e-3, weight_decay=0.2),
    ),
    "AdamW": (
        dict(lr=0.01, betas=(0.5, 0.8), eps=1e-4, weight_decay=0.0),
        dict(betas=(0.6, 0.7), eps={"rest": 1e-3}, weight_decay={"first": 0.2}),
    ),
    "NAdam": (
        dict(lr=0.01, betas=(0.5, 0.8), eps=1e-4, weight_decay=0.1, momentum_decay=0.01),
        dict(betas={"first": (0.6, 0.7)}, momentum_decay=0.02),
    ),
    "RAdam": (dict(lr=0.01, betas=(0.5, 0.8), eps=1e-4, weight_decay=0.1), dict(betas={"first": (0.6, 0.99)})),
    "Adamax": (dict(lr=0.01, betas=(0.5, 0.8), eps=1e-4, weight_decay=0.1), dict(betas={"first": (0.6, 0.99)})),
    "Adagrad": (
        dict(lr=0.02, lr_decay=0.1, weight_decay=0.1, eps=1e-4),
        dict(lr_decay={"first": 0.3}, eps=1e-5),
    ),
    "Adadelta": (dict(lr=0.5, rho=0.5, eps=1e-4, weight_decay=0.1), dict(rho={"first": 0.3}, eps=1e-5)),
    "RMSprop": (
        dict(lr=0.02, alpha=0.5, eps=1e-4, weight_decay=0.1, momentum=0.9),
        dict(alpha={"first": 0.3}, momentum={"first": 0.5}),
    ),
    "Rprop": (dict(lr=0.02, etas=(0.3, 1.5), step_sizes=(1e-5, 2)), dict(etas=(0.4, 1.3), step_sizes=(1e-4, 1))),
    "ASGD": (
        dict(lr=0.02, lambd=0.1, alpha=0.5, t0=3, weight_decay=0.1),
        dict(lambd={"first": 0.01}, alpha=0.6, t0=5, weight_decay=0.0),
    ),
}
STEPS = 60


@pytest.mark.parametrize("name", OTHER)
def test_groups_with_everything_different_and_set_by_hand(name: str) -> None:
    options, edits = OTHER[name]
    groups: Any = [{"params": ["a", "d", "e"], "name": "first", **options}, {"params": "**", "name": "rest"}]
    params, grads = start(7), gradients(7, STEPS)
    tx = getattr(lrjax, name)(groups)
    model = {n: torch.nn.Parameter(torch.from_numpy(p.copy())) for n, p in params.items()}
    optimizer = getattr(lrtorch, name)(model, groups, foreach=False)
    ours, state = jax.tree.map(jnp.asarray, params), tx.init(params)
    run: Any = jax.jit(lambda p, s, g: jax.lax.scan(lambda c, g: (lrjax.step(tx, g, c[1], c[0]), None), (p, s), g)[0])
    for begin in range(0, STEPS, 20):
        if begin == 20:
            for option, value in edits.items():
                state = lrjax.set_hyper(state, option, value)
                lrtorch.set_hyper(optimizer, option, value)
        if begin == 40:
            state, _ = lrjax.scale_lr(state, {"rest": 0.3}), lrtorch.scale_lr(optimizer, {"rest": 0.3})
        ours, state = run(ours, state, {n: g[begin : begin + 20] for n, g in grads.items()})
        with CorrectSqrt():
            for t in range(begin, begin + 20):
                for n, p in model.items():
                    p.grad = torch.from_numpy(np.asarray(grads[n][t]))
                optimizer.step()
    assert differing(jax.tree.map(np.asarray, ours), {n: p.detach().numpy() for n, p in model.items()}) == {}
    assert run._cache_size() == 1
    for option in ("lr", *edits):
        assert lrjax.get_hyper(state, option) == lrtorch.get_hyper(optimizer, option)


MISTAKES: list[tuple[str, Callable[[Any, Any], Any], str]] = [
    ("unknown name", lambda p, s: p.set_hyper(s, "betaz", 1), "set_hyper: name must be one of 'betas', 'eps', 'lr'"),
    ("name to read", lambda p, s: p.get_hyper(s, "momentum"), "get_hyper: name must be one of 'betas', 'eps', 'lr'"),
    ("group", lambda p, s: p.set_hyper(s, "eps", {"x": 1}), "set_hyper: group must be one of 'a', '**', got 'x'"),
    ("one beta", lambda p, s: p.set_hyper(s, "betas", 0.9), "set_hyper: group 'a': betas must be two numbers"),
    ("beta of 1", lambda p, s: p.set_hyper(s, "betas", (0.9, 1.0)), "set_hyper: group 'a': betas[1] must be in [0.0"),
    ("decay", lambda p, s: p.set_hyper(s, "weight_decay", -1), "set_hyper: group 'a': weight_decay must be a finite"),
    ("text", lambda p, s: p.set_hyper(s, "eps", "1"), "set_hyper: group 'a': eps must be a finite number"),
    ("NaN", lambda p, s: p.set_hyper(s, "lr", float("nan")), "set_hyper: lr of group 'a' must be a finite number"),
    ("factor", lambda p, s: p.scale_lr(s, -1), "scale_lr: factor of group 'a' must be a finite number"),
    ("scaled group", lambda p, s: p.scale_lr(s, {"x": 1}), "scale_lr: group must be one of 'a', '**', got 'x'"),
]


@pytest.mark.parametrize(("call", "expected"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_mistakes(call: Callable[[Any, Any], Any], expected: str) -> None:
    groups: Any = [{"params": "a"}, {"params": "**"}]
    model = {n: torch.nn.Parameter(torch.ones(2)) for n in SHAPES}
    sides = [
        (lrjax, lrjax.AdamW(groups).init({n: jnp.ones(2) for n in SHAPES})),
        (lrtorch, lrtorch.AdamW(model, groups)),
    ]
    texts = []
    for package, target in sides:
        with pytest.raises(ValueError, match="must") as caught:
            call(package, target)
        texts.append(str(caught.value))
    assert texts[0] == texts[1]
    assert texts[0].startswith(expected)


def test_momentum_needs_a_buffer() -> None:
    state = lrjax.SGD().init({"w": jnp.ones(2)})
    with pytest.raises(ValueError, match="momentum must stay 0: the state was made without momentum"):
        lrjax.set_hyper(state, "momentum", 0.9)
    assert lrjax.get_hyper(lrjax.set_hyper(state, "momentum", 0), "momentum") == {"**": 0.0}
