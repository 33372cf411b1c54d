"""What ``lrparity.compare`` refuses, each in one line."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch
from torch.optim.lr_scheduler import StepLR

import lrparity

from .calls import GOOD, adamw, compare
from .pair import Net


def given(**options: Any) -> Any:
    """A comparison with the model for names."""
    return lambda net: compare(adamw(net), names=net, **options)


def chained(tx: Any) -> Any:
    return lambda net: compare(adamw(net), tx, names=net)


def branching(count: Any) -> Any:
    """A schedule that compiled code cannot follow."""
    return 0.1 if count < 5 else 0.01


def filled(value: float) -> Any:
    return lambda net: compare(
        adamw(net), names=net, grads=[{n: np.full(p.shape, value) for n, p in net.named_parameters()}]
    )


def misshapen(net: Net) -> Any:
    return compare(adamw(net), names=net, grads=[{n: np.ones(2) for n, _ in net.named_parameters()}])


def of_another(net: Net) -> Any:
    return compare(adamw(net), schedulers=StepLR(adamw(net), 3), names=net)


REFUSED: list[tuple[str, Any, str]] = [
    ("LBFGS", lambda net: compare(torch.optim.LBFGS(net.parameters()), names=net), "must step without a closure"),
    ("a chain that needs the loss", chained(optax.polyak_sgd()), "gradients, state and parameters alone"),
    ("a plateau in optax", chained(optax.chain(GOOD, optax.contrib.reduce_on_plateau())), "got one that says"),
    ("no names", lambda net: compare(adamw(net)), "names must be given"),
    ("another model", lambda net: compare(adamw(net), names=Net()), "must be the model whose parameters"),
    (
        "a schedule that branches on values",
        chained(optax.sgd(branching)),
        "must work in compiled",
    ),
    ("no parameter in common", given(tree={"x": jnp.ones(3)}), "names must match one to one"),
    ("a module for an optimizer", lambda net: compare(net, names=net), "must be a torch.optim.Optimizer"),
    ("a constructor for a transformation", chained(optax.adamw), "must have init and update"),
    ("no transformation", lambda net: lrparity.compare(adamw(net)), "tx must be given"),
    ("no steps", given(steps=0), "steps must be an integer, at least 1"),
    ("a scheduler of another optimizer", of_another, "must belong to the optimizer"),
    ("a number for a scheduler", given(schedulers=3), "must be live schedulers"),
    ("gradients that lack one", given(grads=[{"a": 1.0}]), "must have the gradient of every parameter"),
    ("gradients of another shape", misshapen, "must have the shape"),
    ("NaN at once", filled(np.nan), "must be finite"),
    ("two clippings", given(clip_grad_norm=1.0, clip_grad_value=1.0), "must not be given together"),
    ("a word for a sum", given(accumulate=2, accumulate_by="total"), "must be 'mean' or 'sum'"),
    ("half a micro-step", given(accumulate=1.5), "accumulate must be an integer"),
    ("a file that is not there", lambda net: compare("/nowhere.npz"), "must be a file that lrparity.record wrote"),
]


@pytest.mark.parametrize(("call", "says"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_misuse_is_one_line(call: Any, says: str) -> None:
    with pytest.raises((ValueError, TypeError)) as refused:
        call(Net())
    assert says in str(refused.value) and "\n" not in str(refused.value)
