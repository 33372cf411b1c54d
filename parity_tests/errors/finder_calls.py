"""Valid calls of the range test, for ``calls``."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch

import lrjax
import lrtorch

_OPTIONS: dict[str, Any] = dict(
    **dict(method="fastai", start_lr=0.1, end_lr=0.2, num_iter=3, grid="fastai", mode="linear", smooth="none"),
    **dict(stop="none", threshold=4.0, suggest="steep", group="**", parallel=1, runs=None),
)


def calls(package: Any) -> dict[str, Any]:
    """Name -> the function and its arguments, those of one package."""
    given = {**(_of_torch() if package is lrtorch else _of_jax()), "batches": np.ones((3, 2)), **_OPTIONS}
    test = package.lr_find(**given)
    return {
        "lr_find": (package.lr_find, given),
        "suggestion": (test.suggestion, dict(name="minimum", skip_begin=0, skip_end=0)),
        "plot of a range test": (test.plot, dict(suggest="minimum")),
    }


def _of_jax() -> dict[str, Any]:
    params = {"w": jnp.ones(2)}
    tx = lrjax.SGD(lr=0.1)

    def loss(params: Any, *rest: Any) -> Any:
        return sum(jnp.sum(x * x) for x in jax.tree.leaves(params)), rest[0]

    return dict(tx=tx, params=params, loss=loss, opt_state=tx.init(params), buffers=None)


def _of_torch() -> dict[str, Any]:
    model = torch.nn.Linear(1, 1)
    loss = lambda model, batch: (model.weight**2).sum()  # noqa: E731
    return dict(model=model, optimizer=lrtorch.SGD(model, lr=0.1), loss=loss)
