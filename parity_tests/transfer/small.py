"""A small run, for states at every stage: three parameters in two groups, in torch and in flax's layout."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch

import lrjax
from lrparity.oracle.cpu import CorrectSqrt

SHAPES = {"a.weight": (3, 2), "a.bias": (3,), "b.weight": (2, 3)}
NAMES = [["a.weight", "a.bias"], ["b.weight"]]
GROUPS: Any = [{"params": "a/**", "lr": 0.1}, {"params": "b/**", "lr": 0.01}]


def tree(arrays: dict[str, Any]) -> Any:
    """torch's arrays in flax's names and layout."""
    swap = lambda x: jnp.asarray(np.asarray(x).T)  # noqa: E731
    a = {"kernel": swap(arrays["a.weight"]), "bias": jnp.asarray(np.asarray(arrays["a.bias"]))}
    return {"a": a, "b": {"kernel": swap(arrays["b.weight"])}}


PARAMS = tree({name: np.ones(shape, np.float32) for name, shape in SHAPES.items()})


class Run:
    """A torch run of three small parameters in two groups; groups of parameters, or of (name, parameter) pairs."""

    def __init__(self, name: str, *, named: bool = True, scheduler: Any = None, **options: Any) -> None:
        self.params = {n: torch.nn.Parameter(torch.ones(s)) for n, s in SHAPES.items()}
        pairs = [[(n, self.params[n]) if named else self.params[n] for n in names] for names in NAMES]
        groups = [{"params": each, "lr": lr} for each, lr in zip(pairs, (0.1, 0.01), strict=True)]
        self.optimizer = getattr(torch.optim, name)(groups, **options)
        self.scheduler = None if scheduler is None else scheduler(self.optimizer)

    def step(self, t: int, only: str = "") -> "Run":
        """An update with gradients of t for the parameters whose name begins with ``only``."""
        for name, p in self.params.items():
            p.grad = torch.from_numpy(gradient(name, t)) if name.startswith(only) else None
        with CorrectSqrt():
            self.optimizer.step()
        if self.scheduler is not None:
            self.scheduler.step()
        return self

    def tree(self) -> Any:
        """The parameters in flax's layout."""
        return tree({name: p.detach().numpy().copy() for name, p in self.params.items()})


def gradient(name: str, t: int) -> np.ndarray:
    """The gradient of step t, in torch's layout."""
    rng = np.random.default_rng([t, *name.encode()])
    return rng.normal(size=SHAPES[name]).astype(np.float32)


def go_on(run: Run, tx: Any, state: Any, steps: range, only: str = "") -> tuple[Any, Any]:
    """The same updates on both sides; the parameters must agree to the bit."""
    params = run.tree()
    for t in steps:
        grads = {name: gradient(name, t) if name.startswith(only) else None for name in SHAPES}
        have = tree({name: np.zeros(SHAPES[name]) if g is None else g for name, g in grads.items()})
        have["b"] = {"kernel": None} if grads["b.weight"] is None else have["b"]
        params, state = lrjax.step(tx, have, state, params)
        run.step(t, only)
        for ours, theirs in zip(jax.tree.leaves(params), jax.tree.leaves(run.tree()), strict=True):
            assert np.asarray(ours).tobytes() == np.asarray(theirs).tobytes()
    return params, state
