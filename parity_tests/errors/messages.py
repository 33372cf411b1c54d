"""How the tests of mistakes build an optimizer, and read the message of an error."""

from typing import Any

import jax.numpy as jnp
import pytest
import torch

import lrjax
import lrtorch

PATHS = ["backbone.a.weight", "backbone.a.bias", "head.weight"]


def build(package: Any, groups: Any = None, name: str = "SGD", **options: Any) -> Any:
    """An optimizer of ``package`` over the same three parameters."""
    if package is lrtorch:
        model = [(path, torch.nn.Parameter(torch.ones(2))) for path in PATHS]
        return getattr(lrtorch, name)(model, groups, **options)
    tx = getattr(lrjax, name)(groups, **options)
    return tx, tx.init(
        {"backbone": {"a": {"bias": jnp.ones(2), "weight": jnp.ones(2)}}, "head": {"weight": jnp.ones(2)}}
    )


def message(action: Any) -> tuple[type[BaseException], str]:
    """The error's type and its text, which is one line that says what it got."""
    with pytest.raises((ValueError, TypeError)) as caught:
        action()
    text = str(caught.value)
    assert "\n" not in text
    assert "got " in text
    return caught.type, text
