"""Trees of parameters, and the paths of their leaves."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import lrjax


def nested(leaves: Mapping[str, Any]) -> dict[str, Any]:
    """A tree of dicts from paths such as "backbone/dense1/kernel"."""
    tree: dict[str, Any] = {}
    for path, leaf in leaves.items():
        *parents, name = path.split("/")
        node = tree
        for parent in parents:
            node = node.setdefault(parent, {})
        node[name] = jnp.asarray(leaf)
    return tree


def flat(tree: Any) -> dict[str, np.ndarray]:
    """The leaves of a tree by their paths, in NumPy."""
    return dict(zip(lrjax.param_groups.paths(tree), map(np.asarray, jax.tree.leaves(tree)), strict=True))
