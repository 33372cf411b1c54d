"""Parameter groups by path pattern: which parameter takes which rate.

The pattern language is in ``_patterns.py``. The first group that matches takes the parameter; every
parameter must be in a group, and every pattern must match something.
"""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from jax.tree_util import GetAttrKey, keystr

from ._float64 import on_host
from ._patterns import assign, label_groups


def paths(params: Any) -> list[str]:
    """The path of each array leaf of ``params``, such as ``backbone/linear/kernel``, in leaf order.

    ``nnx.State`` ends its paths in ``/value`` in some calls and not in others: the ending is dropped.
    """
    return [_path(keys) for keys, _ in jax.tree_util.tree_flatten_with_path(params)[0]]


def _path(keys: tuple[Any, ...]) -> str:
    if len(keys) > 1 and keys[-1] == GetAttrKey("value"):
        keys = keys[:-1]
    return keystr(keys, simple=True, separator="/")


def labels(groups: Any) -> Callable[[Any], Any]:
    """The group name of each leaf: the ``param_labels`` argument of ``optax.multi_transform``.

    Args:
        groups: what ``lrjax.SGD`` takes; only "params" and "name" are read.

    Returns:
        A function from a parameter tree to a tree of the same structure with a str at each leaf.

    Raises:
        ValueError: as ``lrjax.SGD`` does, when the groups do not fit the parameters.
    """

    def label(params: Any) -> Any:
        read = label_groups(groups)
        index = assign("labels", read, paths(params))
        return jax.tree.unflatten(jax.tree.structure(params), [read[i]["name"] for i in index])

    return label


def describe(opt_state: Any, params: Any) -> str:
    """A table of the groups: name, tensors, parameters, rate.

    Args:
        opt_state: a state of an lrjax optimizer (nested in optax or not).
        params: the parameters it was made for.

    Returns:
        Text with one line per group and a heading.
    """
    from .control import states_of

    rows = [("group", "tensors", "parameters", "lr")]
    leaves = dict(zip(paths(params), jax.tree.leaves(params), strict=True))
    for state in states_of(opt_state, "describe"):
        rates = on_host(state.hyper["lr"])
        for i, name in enumerate(state.layout.names):
            mine = [leaves[p] for p, g in zip(state.layout.paths, state.layout.group_of, strict=True) if g == i]
            size = sum(int(np.prod(leaf.shape)) for leaf in mine)
            rows.append((name, str(len(mine)), f"{size:,}", f"{rates[..., i].item():.4g}"))
    widths = [max(len(row[c]) for row in rows) for c in range(4)]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows)
