"""What is an error among traced numbers and arrays: what is known of them is checked, in compiled code, too."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import lrjax
import lrtorch

from .runs import GROUPS, parameters

PARAMS = parameters(())


def test_an_array_is_no_rate_of_one_run() -> None:
    optimizer = lrtorch.AdamW(torch.nn.Linear(2, 2))
    for value in (np.array([0.1, 0.2]), [0.1, 0.2]):
        texts = []
        for package, holder in ((lrjax, lrjax.AdamW().init(PARAMS)), (lrtorch, optimizer)):
            with pytest.raises(ValueError, match=r"set_lr: lr of group '\*\*' must be a finite number") as caught:
                package.set_lr(holder, value)
            texts.append(str(caught.value))
        assert texts[0] == texts[1]


# By the message: what stays an error, in compiled code, too.
MISTAKES: dict[str, Callable[[Any], Any]] = {
    "StepLR: gamma must be a finite number, at least 0.0, got": lambda x: lrjax.StepLR(3, x),
    "SGD: lr must be a finite number, at least 0.0, got": lambda x: lrjax.SGD(lr=jnp.stack([x, x])),  # type: ignore[arg-type]
    "SGD: momentum must be a finite number, at least 0.0, got": lambda x: lrjax.SGD(lr=x, momentum=-1),
    "Adam: betas[1] must be in [0.0, 1.0), got 1.0": lambda x: lrjax.Adam(betas=(x, 1.0)),
    "Rprop: etas must be two numbers, got": lambda x: lrjax.Rprop(etas=(x,)),  # type: ignore[arg-type]
    "SGD: nesterov must be True or False, got": lambda x: lrjax.SGD(lr=x, nesterov=x > 0, momentum=0.5),
    "SGD: lr must be a finite number, at least 0.0, got ": lambda x: lrjax.SGD(lr=x > 0),
    "Muon: ns_steps must be an integer, at least 0, got": lambda x: lrjax.Muon(ns_steps=x.astype(int)),
    "simulate: base_lrs[1] must be a finite number, at least 0.0, got -1": (
        lambda x: lrjax.simulate(lrjax.StepLR(2), [x, -1], 3)
    ),
    "set_lr: lr of group 'a' must be one number, got (2,)": lambda x: lrjax.set_lr(STATE(), jnp.stack([x, x])),
    "set_lr: lr of group 'a' must be real numbers, got 'bool'": lambda x: lrjax.set_lr(STATE(), x > 0),
    "set_hyper: group 'a': betas[1] must be in [0.0, 1.0), got 1.5": (
        lambda x: lrjax.set_hyper(STATE(), "betas", (x, 1.5))
    ),
    "set_hyper: group '**': momentum must stay 0: the state was made without momentum": (
        lambda x: lrjax.set_hyper(lrjax.SGD().init(PARAMS), "momentum", x)
    ),
}
STATE = lambda: lrjax.AdamW(GROUPS).init(PARAMS)  # noqa: E731


@pytest.mark.parametrize("message", MISTAKES)
def test_mistakes(message: str) -> None:
    def call(x: Any) -> Any:
        MISTAKES[message](x)
        return x

    with pytest.raises((ValueError, TypeError)) as caught:
        jax.jit(call)(0.5)
    assert str(caught.value).startswith(message)
