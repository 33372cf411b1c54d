"""Which torch parameter is which JAX parameter, where some have no partner."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import jax
import numpy as np

from lrjax._tree_paths import paths
from lrjax.transfer.layouts import Link, permuted
from lrjax.transfer.names import NameMap, match_names

from .machine import flat_names


class Matched(NamedTuple):
    """Which parameter is which."""

    links: NameMap  # of what torch trains
    still: dict[str, str]  # what torch never moves: JAX's path -> torch's name
    torch: list[str]  # what torch trains and JAX has not
    jax: list[str]  # JAX's paths that torch has not


def match(
    shapes: Mapping[str, Any], params: Any, mapping: Any, still: Mapping[str, Any] = MappingProxyType({})
) -> Matched:
    """``match_names``; what has no partner is left out and listed.

    Args:
        shapes: of the parameters that torch trains, by name.
        params: JAX's tree.
        mapping: what the names do not say, or a ``NameMap``.
        still: shapes of the parameters that torch has and never moves.

    Raises:
        ValueError: no two parameters match.
    """
    links = mapping.links if isinstance(mapping, NameMap) else _links(shapes, params, mapping, still)
    taken = {link.path for link in links}
    found = {link.path: link.name for link in links if link.name in still}
    trained = tuple(link for link in links if link.name not in still)
    names = {link.name for link in trained}
    alone = [name for name in shapes if name not in names]
    return Matched(NameMap(trained), found, alone, [path for path in paths(params) if path not in taken])


def _links(shapes: Mapping[str, Any], params: Any, mapping: Any, still: Mapping[str, Any]) -> tuple[Link, ...]:
    """The links of all, or of what torch trains alone, or of those that find a partner one by one."""
    whole: ValueError | None = None
    for names in [{**shapes, **still}, dict(shapes)][: 2 if still else 1]:
        try:
            return match_names(names, params, mapping).links
        except ValueError as error:
            whole = error
    links: list[Link] = []
    left = dict(zip(paths(params), jax.tree.leaves(params), strict=True))
    for name, shape in {**shapes, **still}.items():
        for path, leaf in left.items():
            try:
                found = match_names({name: shape}, {path: leaf}, None)
            except ValueError:
                continue
            links += list(found.links)
            del left[path]
            break
    if whole is not None and not any(link.name in shapes for link in links):
        raise whole
    return tuple(links)


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
