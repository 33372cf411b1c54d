"""What parameters are called: the path of each leaf of a tree."""

from typing import Any

import jax
import jax.numpy
from jax.tree_util import GetAttrKey, keystr

from lrspec import check


def paths(params: Any) -> list[str]:
    """The path of each array leaf of ``params``, such as ``backbone/linear/kernel``, in leaf order.

    ``nnx.State`` ends its paths in ``/value`` in some calls and not in others: the ending is dropped. An array that is
    no tree, as ``optax.flatten`` makes one, is called ``params``.
    """
    return [_path(keys) for keys, _ in jax.tree_util.tree_flatten_with_path(params)[0]]


def check_arrays(where: str, argument: str, tree: Any) -> None:
    """Raise where a leaf is no array and no number, by path."""
    for path, leaf in zip(paths(tree), jax.tree.leaves(tree), strict=True):
        try:
            jax.numpy.result_type(leaf)
            sound = not isinstance(leaf, str | type) and not (type(leaf) is int and leaf.bit_length() > 31)
        except (TypeError, ValueError, OverflowError):
            sound = False
        if not sound:
            of_torch = type(leaf).__module__.startswith("torch")
            hint = "; torch's become JAX's by lrjax.params_from_torch(state_dict, params)" if of_torch else ""
            rule = f"must hold arrays only ({path or 'it'} is not one)"
            check.fail(where, argument, rule, leaf, TypeError, hint=hint)


def _path(keys: tuple[Any, ...]) -> str:
    if len(keys) > 1 and keys[-1] == GetAttrKey("value"):
        keys = keys[:-1]
    return keystr(keys, simple=True, separator="/") if keys else "params"
