"""A short training run as a function of all that it reads, in both frameworks.

The gradient of a parameter p is ``slope * p + shift``: so derivatives flow through the parameters as well as through
the state. A run returns one number, a fixed weighted sum of the last parameters and of the tensors in the state.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import torch

import lrjax
from lrjax.arithmetic.float64 import Float64

SHAPES = {"a": (4, 3), "b": (7,)}
MATRICES = {"a": (4, 3), "b": (2, 5)}
NUMBERS = ("params", "slope", "shift")  # the inputs beside hyperparameters

Tree = dict[str, Any]


class Case(NamedTuple):
    """One row: an optimizer, and options large enough for each to matter."""

    name: str
    options: dict[str, Any]
    extra: str = ""
    steps: int = 4

    @property
    def id(self) -> str:
        """For pytest."""
        return f"{self.name} {self.extra}".strip()


_ADAM = {"lr": 0.05, "betas": (0.8, 0.9), "eps": 0.1, "weight_decay": 0.1}
CASES = [
    Case("SGD", {"lr": 0.1, "momentum": 0.8, "dampening": 0.1, "weight_decay": 0.1}),
    Case("SGD", {"lr": 0.1, "momentum": 0.8, "weight_decay": 0.1, "nesterov": True}, "nesterov"),
    Case("SGD", {"lr": 0.1}, "plain"),
    Case("Adam", _ADAM),
    Case("Adam", {**_ADAM, "amsgrad": True, "maximize": True}, "amsgrad"),
    Case("AdamW", _ADAM),
    Case("NAdam", {**_ADAM, "momentum_decay": 0.3}),
    Case("RAdam", {**_ADAM, "betas": (0.8, 0.99)}, steps=8),
    Case("RAdam", {**_ADAM, "lr": 0.01, "betas": (0.8, 0.9999)}, "beta2 near 1", steps=8),
    Case("Adamax", _ADAM),
    Case("Adagrad", {"lr": 0.1, "lr_decay": 0.2, "weight_decay": 0.1, "eps": 0.1}),
    Case("Adadelta", {"lr": 0.5, "rho": 0.8, "eps": 0.1, "weight_decay": 0.1}),
    Case("RMSprop", {"lr": 0.05, "alpha": 0.9, "eps": 0.1, "weight_decay": 0.1, "momentum": 0.5}),
    Case("RMSprop", {"lr": 0.05, "alpha": 0.9, "eps": 0.1, "centered": True}, "centered"),
    Case("Rprop", {"lr": 0.05, "etas": (0.4, 1.3), "step_sizes": (0.0204, 0.07)}),
    Case("ASGD", {"lr": 0.1, "lambd": 0.1, "alpha": 0.6, "t0": 1.5, "weight_decay": 0.1}),
    Case("Adafactor", {"lr": 0.05, "beta2_decay": -0.7, "eps": (0.02, 0.3), "d": 1.05, "weight_decay": 0.1}),
    Case("Adafactor", {"lr": 0.9, "eps": (None, 0.3)}, "eps of the type"),
    Case("Muon", {"lr": 0.1, "weight_decay": 0.1, "momentum": 0.8, "eps": 1e-7}),
]


def inputs(case: Case) -> Tree:
    """What a run reads: hyperparameters by name, and the other numbers, as float64 arrays."""
    rng = np.random.default_rng(1)
    shapes = MATRICES if case.name == "Muon" else SHAPES
    numbers = {name: {leaf: rng.normal(size=shape) for leaf, shape in shapes.items()} for name in NUMBERS}
    hyper = {
        name: np.array(value, np.float64)
        for name, value in case.options.items()
        if not isinstance(value, bool | str) and None not in np.ravel(np.array(value, object)).tolist()
    }
    return {**numbers, "hyper": hyper}


def weights(shapes: Mapping[str, Any]) -> Tree:
    """Those of the last parameters in a run's result."""
    rng = np.random.default_rng(2)
    return {leaf: rng.normal(size=np.shape(value)) for leaf, value in shapes.items()}


def run_jax(case: Case, given: Tree) -> jax.Array:
    """The run in one scan."""
    tx = getattr(lrjax, case.name)(**case.options)
    slope, shift, params = given["slope"], given["shift"], given["params"]
    state = with_hyper(tx.init(jax.tree.map(jax.lax.stop_gradient, params)), given["hyper"])

    def one(carry: Any, _: Any) -> Any:
        params, state = carry
        grads = jax.tree.map(lambda a, p, b: a * p + b, slope, params, shift)
        return lrjax.step(tx, grads, state, params), None

    (params, state), _ = jax.lax.scan(one, (params, state), None, length=case.steps)
    held = {leaf: {name: slot[leaf] for name, slot in state.slots.items()} for leaf in params}
    return result(params, held)


def result(params: Tree, held: Tree) -> Any:
    """A weighted sum of the parameters, and of what an optimizer holds for each, but for tensors of one element."""
    total = 0.0
    for leaf, weight in weights(params).items():
        total = total + (params[leaf] * weight).sum()
        for name in sorted(held[leaf]):
            if held[leaf][name].size > 1:
                total = total + 0.1 * (1.0 + held[leaf][name].sum()) ** 2
    return total


def with_hyper(state: Any, values: Tree) -> Any:
    """The state with these hyperparameters for all groups, traced or not."""
    hyper = dict(state.hyper)
    for name, value in values.items():
        old = hyper[name]
        hyper[name] = Float64(jnp.broadcast_to(jnp.asarray(value, jnp.float32), old.value.shape), old.rest)
    return replace(state, hyper=hyper)


def run_torch(case: Case, given: Tree) -> float:
    """The run in torch, all of it in float64."""
    with in_float64():
        params = {leaf: torch.tensor(value, requires_grad=True) for leaf, value in given["params"].items()}
        options = {**case.options, **{name: _python(value) for name, value in given["hyper"].items()}}
        optimizer = getattr(torch.optim, case.name)(params.values(), **options)
        for _ in range(case.steps):
            for leaf, param in params.items():
                param.grad = torch.tensor(given["slope"][leaf]) * param.detach() + torch.tensor(given["shift"][leaf])
            optimizer.step()
        held = {
            leaf: {name: x.numpy() for name, x in optimizer.state[p].items() if isinstance(x, torch.Tensor) and x.ndim}
            for leaf, p in params.items()
        }
        return result({leaf: param.detach().numpy() for leaf, param in params.items()}, held)


def _python(value: np.ndarray) -> Any:
    return tuple(value.tolist()) if value.ndim else value.item()


@contextmanager
def in_float64() -> Iterator[None]:
    """torch's own numbers (ASGD's eta) in float64, and Muon's matrices, or nothing small could be seen."""
    bfloat16 = torch.Tensor.bfloat16
    torch.set_default_dtype(torch.float64)
    torch.Tensor.bfloat16 = torch.Tensor.double  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)
        torch.Tensor.bfloat16 = bfloat16  # type: ignore[method-assign]


def differences(case: Case, given: Tree, size: float = 1e-5, only: str | None = None) -> Tree:
    """Central differences of the run in torch by each single number, or by the hyperparameter named alone."""

    def by(leaf: np.ndarray) -> np.ndarray:
        """``leaf`` is part of ``given``: it is changed, and changed back."""
        slopes, flat = np.zeros(leaf.size), leaf.reshape(-1)
        for i, value in enumerate(flat.tolist()):
            h = size * max(abs(value), 1e-3)
            flat[i] = value + h
            above = run_torch(case, given)
            flat[i] = value - h
            slopes[i] = (above - run_torch(case, given)) / (2 * h)
            flat[i] = value
        return slopes.reshape(leaf.shape)

    return {"hyper": {only: by(given["hyper"][only])}} if only else jax.tree.map(by, given)
