"""Which torch parameter is which JAX parameter, where some have no partner."""

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from lrjax._tree_paths import paths
from lrjax.transfer.layouts import permuted
from lrjax.transfer.names import NameMap, match_names

from .machine import flat_names


def match(shapes: Mapping[str, Any], params: Any, mapping: Any) -> tuple[NameMap, tuple[list[str], list[str]]]:
    """``match_names``; what has no partner is left out and listed.

    Returns:
        The map, and the names of torch's and of JAX's parameters without a partner.

    Raises:
        ValueError: no two parameters match.
    """
    if isinstance(mapping, NameMap):
        return mapping, ([], [])
    try:
        return match_names(dict(shapes), params, mapping), ([], [])
    except ValueError as error:
        whole = error
    leaves = dict(zip(paths(params), jax.tree.leaves(params), strict=True))
    links, alone = [], []
    left = dict(leaves)
    for name, shape in shapes.items():
        for path, leaf in left.items():
            try:
                found = match_names({name: shape}, {path: leaf}, None)
            except ValueError:
                continue
            links += list(found.links)
            del left[path]
            break
        else:
            alone.append(name)
    if not links:
        raise whole
    return NameMap(tuple(links)), (alone, list(left))


def torch_shapes(names: Any, params: Any) -> dict[str, tuple[int, ...]]:
    """The shapes that torch's parameters of these names have, as far as JAX's partners tell."""
    leaves = dict(zip(paths(params), jax.tree.leaves(params), strict=True))
    try:
        links = match_names(flat_names(names), params).links
    except (ValueError, TypeError):
        return {}
    out = {}
    for link in links:
        shape = tuple(leaves[link.path].shape)
        out[link.name] = shape if link.axes is None else permuted(shape, tuple(np.argsort(link.axes).tolist()))
    return out
