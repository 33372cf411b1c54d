"""An average of weights, from torch's ``AveragedModel`` and to it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from lrspec import check

from ..averages.model import AveragedState, check_state
from .names import NameMap
from .weights import maker, params_from_torch, params_to_torch

_PREFIX = "module."  # of torch's names within an AveragedModel


def average_from_torch(
    state_dict: Mapping[str, Any], params: Any, mapping: Any = None, *, buffers: Any = None, ignore: Sequence[str] = ()
) -> AveragedState:
    """The state of ``lrjax.AveragedModel`` that goes on where torch's ``AveragedModel`` stands.

    Args:
        state_dict: torch's ``averaged_model.state_dict()``, live or loaded: ``n_averaged``, and ``module.*``.
        params: a tree of the structure, shapes and dtypes to fill; arrays or ``jax.ShapeDtypeStruct``.
        mapping: as in ``params_from_torch``, by torch's names without ``module.``; with buffers for the tree
            ``{"params": params, "batch_stats": buffers}``, as linen's variables are.
        buffers: the batch statistics to fill, another tree like that; None where there are none.
        ignore: patterns of torch names to leave out, without ``module.``; ``num_batches_tracked`` always is.

    Returns:
        n_averaged, params and buffers.

    Raises:
        TypeError: no state dict.
        ValueError: one without ``n_averaged``; otherwise as ``params_from_torch``.
    """
    where = "average_from_torch"
    if not isinstance(state_dict, Mapping):
        check.fail(where, "state_dict", "must be a state dict", state_dict, TypeError)
    if "n_averaged" not in state_dict:
        check.fail(where, "state_dict", "must have n_averaged, as torch's AveragedModel has", sorted(state_dict))
    count = check.integer(where, "n_averaged", check.plain(state_dict["n_averaged"]), 0)
    weights = {name.removeprefix(_PREFIX): x for name, x in state_dict.items() if name.startswith(_PREFIX)}
    tree = params_from_torch(weights, _joined(params, buffers), mapping, ignore=ignore)
    params, buffers = (tree, None) if buffers is None else (tree["params"], tree["batch_stats"])
    return AveragedState(jnp.asarray(count, jnp.int32), params, buffers)


def average_to_torch(
    state: AveragedState, mapping: NameMap, *, tensor: Callable[[np.ndarray], Any] | None = None
) -> dict[str, Any]:
    """What torch's ``AveragedModel`` loads, to go on where ``state`` stands.

    Args:
        state: the state of ``lrjax.AveragedModel``.
        mapping: what ``match_names`` gave for its parameters; with buffers for ``{"params": state.params,
            "batch_stats": state.buffers}``.
        tensor: what makes a tensor of an array, such as ``torch.from_numpy``; None leaves NumPy arrays.

    Returns:
        ``n_averaged`` and torch's names with ``module.`` before them. ``num_batches_tracked``, which JAX has not, is
        not among them: ``averaged_model.load_state_dict({**averaged_model.state_dict(), **this})`` keeps torch's.

    Raises:
        TypeError: a state or a mapping that is none.
        ValueError: parameters that the mapping does not name.
    """
    check_state("average_to_torch", state)
    make = maker("average_to_torch", tensor)
    weights = params_to_torch(_joined(state.params, state.buffers), mapping, tensor=tensor)
    count = make(np.array(state.n_averaged, np.int64))
    return {"n_averaged": count, **{f"{_PREFIX}{name}": x for name, x in weights.items()}}


def _joined(params: Any, buffers: Any) -> Any:
    return params if buffers is None else {"params": params, "batch_stats": buffers}
