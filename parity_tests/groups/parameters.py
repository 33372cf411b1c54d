"""Parameters by their paths, in both packages' form."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import torch

import lrtorch
from parity_tests.trees import nested


def named(package: Any, shapes: Mapping[str, tuple[int, ...]]) -> Any:
    """Parameters of those paths, all zero: a tree for lrjax, named parameters for lrtorch."""
    if package is lrtorch:
        return {path: torch.nn.Parameter(torch.zeros(shape)) for path, shape in shapes.items()}
    return nested({path.replace(".", "/"): jnp.zeros(shape) for path, shape in shapes.items()})
