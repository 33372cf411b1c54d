"""What parameters are called: the path of each leaf of a tree."""

from typing import Any

import jax
from jax.tree_util import GetAttrKey, keystr


def paths(params: Any) -> list[str]:
    """The path of each array leaf of ``params``, such as ``backbone/linear/kernel``, in leaf order.

    ``nnx.State`` ends its paths in ``/value`` in some calls and not in others: the ending is dropped. An array that is
    no tree, as ``optax.flatten`` makes one, is called ``params``.
    """
    return [_path(keys) for keys, _ in jax.tree_util.tree_flatten_with_path(params)[0]]


def _path(keys: tuple[Any, ...]) -> str:
    if len(keys) > 1 and keys[-1] == GetAttrKey("value"):
        keys = keys[:-1]
    return keystr(keys, simple=True, separator="/") if keys else "params"
