"""The parameters themselves, from torch and to torch."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lrspec import check
from lrspec.brief import listed

from .._tree_paths import check_arrays, paths
from ._arrays import to_numpy
from .layouts import Link, axes_of, inverse
from .names import NameMap, match_names


def params_from_torch(
    weights: Mapping[str, Any], params: Any, mapping: Any = None, *, ignore: Sequence[str] = ()
) -> Any:
    """torch's weights as JAX parameters.

    Args:
        weights: torch's ``model.state_dict()``, live or loaded; tensors or NumPy.
        params: a tree of the structure, shapes and dtypes to fill; arrays or ``jax.ShapeDtypeStruct``.
        mapping: a ``NameMap``, or the ``mapping`` of ``match_names``.
        ignore: patterns of torch names to leave out.

    Returns:
        A tree like ``params`` with torch's values in JAX's layout.

    Raises:
        ValueError: as ``match_names``, or a dtype that differs.
    """
    where = "params_from_torch"
    if not isinstance(weights, Mapping):
        check.fail(where, "weights", "must be a state dict", weights, TypeError)
    check_arrays(where, "params", params)
    links = (
        mapping if isinstance(mapping, NameMap) else match_names(weights, params, mapping, ignore=ignore)
    ).by_path()
    leaves, treedef = jax.tree.flatten(params)
    new = []
    for path, leaf in zip(paths(params), leaves, strict=True):
        link = links.get(path)
        if link is None or link.name not in weights:
            check.fail(where, "weights", f"must have the parameter of {path}", sorted(weights))
        array = to_numpy(where, link.name, weights[link.name])
        array = np.array(np.transpose(array, axes_of(where, link)), order="C")
        require_like(where, link.name, array, leaf)
        new.append(jnp.asarray(array))
    return jax.tree.unflatten(treedef, new)


def require_like(where: str, name: str, array: np.ndarray, leaf: Any) -> None:
    """The shape and dtype of ``leaf``, in JAX's layout."""
    if array.shape != leaf.shape:
        check.fail(where, name, f"must have shape {leaf.shape} in JAX's layout", array.shape)
    if array.dtype != leaf.dtype:
        rule = f"must have the dtype of the JAX parameter, {leaf.dtype} (convert one of them)"
        check.fail(where, name, rule, str(array.dtype))


def params_to_torch(
    params: Any, mapping: NameMap, *, tensor: Callable[[np.ndarray], Any] | None = None
) -> dict[str, Any]:
    """JAX parameters as torch's weights, for ``model.load_state_dict``.

    Args:
        params: the JAX parameters.
        mapping: what ``match_names`` gave for them.
        tensor: what makes a tensor of an array, such as ``torch.from_numpy``; None leaves NumPy arrays.

    Returns:
        torch's name -> array in torch's layout, in the order of ``mapping``.

    Raises:
        TypeError: a mapping that ``match_names`` did not make.
        ValueError: parameters that the mapping does not name.
    """
    where = "params_to_torch"
    if not isinstance(mapping, NameMap):
        check.fail(where, "mapping", "must be what match_names gave", type(mapping).__name__, TypeError)
    leaves = dict(zip(paths(params), jax.tree.leaves(params), strict=True))
    if set(leaves) != set(mapping.by_path()):
        check.fail(
            where, "mapping", f"must name exactly the parameters {listed(sorted(leaves))}", sorted(mapping.by_path())
        )
    make = maker(where, tensor)
    return {link.name: make(laid_out(where, leaves[link.path], link)) for link in mapping.links}


def maker(where: str, tensor: Any) -> Callable[[np.ndarray], Any]:
    """What makes a tensor of an array; None leaves arrays."""
    if not (tensor is None or callable(tensor)):
        check.fail(where, "tensor", "must be a function of an array, such as torch.from_numpy", tensor, TypeError)
    return (lambda array: array) if tensor is None else tensor


def laid_out(where: str, leaf: Any, link: Link) -> np.ndarray:
    """A copy of a JAX array in torch's layout."""
    return np.array(np.transpose(np.asarray(leaf), inverse(axes_of(where, link))), order="C")
