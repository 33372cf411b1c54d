"""A running average of a model's parameters: ``torch.optim.swa_utils.AveragedModel`` as pure functions.

torch's object holds a copy of the model and changes it; here a state is given and a new one comes back, so that an
average can be compiled, scanned, mapped over runs and donated as any other state.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lrspec import check
from lrspec.averages import Average, check_integers, read_functions
from lrspec.brief import listed

from .._tree_paths import check_arrays, paths
from ..arithmetic.exact import runtime_zero, zero_from
from ..arithmetic.float64 import Float64
from .functions import AveragingFunction, averaged_leaves, split

_FLOATS = ("float16", "bfloat16", "float32", "float64")


class AveragedState(NamedTuple):
    """What an ``AveragedModel`` keeps: a tree of arrays, to be saved, donated or mapped over as any other."""

    n_averaged: Any  # shape=(), dtype=int32: updates taken
    params: Any  # the average: a tree like the parameters, of their dtypes
    buffers: Any = None  # a tree like the buffers: the latest, or their average with use_buffers


@dataclass(frozen=True)
class AveragedModel:
    """A running average of a model's parameters: ``torch.optim.swa_utils.AveragedModel`` as pure functions.

    ``update`` copies the parameters the first time; then, with a the average and n how many it is of::

        a = a + (p - a) / (n + 1)           without a function: SWA, as torch computes it on the platform
        a = avg_fn(a, p, n)                 for each parameter
        [a, ...] = multi_avg_fn([a, ...], [p, ...], n)    for all parameters of a dtype together

    Floats of 16, 32 and 64 bits have torch's bits. Integers are averaged in float32 and cut toward zero, as torch
    does; bools are true where the average is not zero. An average has the dtype of what it is an average of.

    Args:
        avg_fn: ``get_swa_avg_fn()``, ``get_ema_avg_fn(0.999)``, or a function of yours of two arrays and n, which is
            traced; the compiler rounds a function of yours.
        multi_avg_fn: ``get_swa_multi_avg_fn()``, ``get_ema_multi_avg_fn(0.999)``, or a function of yours of two lists
            and n. It returns the new list, where torch's changes the first.
        use_buffers: average the buffers (batch statistics), too, instead of keeping the latest.

    Raises:
        ValueError: both functions.
        TypeError: what is no function, or one in the other's place; use_buffers is no bool.

    >>> import lrjax
    >>> averaged = AveragedModel(multi_avg_fn=lrjax.get_ema_multi_avg_fn(decay=0.5))
    >>> state = averaged.init({"w": jnp.ones(2)})
    >>> for value in (4.0, 8.0, 0.0):
    ...     state = averaged.update(state, {"w": jnp.full(2, value)})
    >>> int(state.n_averaged), averaged.params(state)["w"].tolist()
    (3, [3.0, 3.0])
    """

    avg_fn: Callable[..., Any] | None = None
    multi_avg_fn: Callable[..., Any] | None = None
    use_buffers: bool = False

    def __post_init__(self) -> None:
        read_functions("AveragedModel", self.avg_fn, self.multi_avg_fn, self.use_buffers)

    def init(self, params: Any, buffers: Any = None) -> AveragedState:
        """A state that has averaged nothing, with copies of ``params`` and ``buffers``, as torch's constructor.

        Args:
            params: a tree of arrays.
            buffers: what torch calls buffers, such as flax's ``batch_stats``: another tree, or None.

        Raises:
            ValueError: no array in params.
            TypeError: what is no array, or of a dtype that torch cannot average.
        """
        where = "AveragedModel.init"
        if not jax.tree.leaves(params):
            check.fail(where, "params", "must have at least one array", params)
        for argument, tree in (("params", params), ("buffers", buffers)):
            check_arrays(where, argument, tree)
            if argument == "params" or self.use_buffers:
                _check_dtypes(where, argument, tree, self._function)
        copy = partial(jax.tree.map, lambda x: jnp.array(x, jnp.result_type(x), copy=True))
        with np.errstate(over="ignore"):  # a number of Python beyond float32 is infinite
            return AveragedState(runtime_zero(), copy(params), copy(buffers))

    def update(self, state: AveragedState, params: Any, buffers: Any = None) -> AveragedState:
        """torch's ``update_parameters``: the state with one more model in the average.

        Args:
            state: what ``init`` or ``update`` gave; it may be donated.
            params: the parameters now, a tree like that of ``init``.
            buffers: the buffers now, where ``init`` was given some.

        Returns:
            The new state; nothing in it shares memory with ``params`` or ``buffers``.

        Raises:
            TypeError: a state that is none.
            ValueError: trees of other paths, shapes or dtypes, or the state of several runs outside ``jax.vmap``.
        """
        where = "AveragedModel.update"
        check_state(where, state)
        _check_like(where, "params", state.params, params)
        _check_like(where, "buffers", state.buffers, buffers)
        fn, decay = split(self._function)
        return _updated(fn, self.use_buffers, decay, zero_from(state.n_averaged), state, params, buffers)

    def params(self, state: AveragedState) -> Any:
        """The averaged parameters, a tree like the parameters: what to evaluate, and to save as the model.

        They are arrays of the state: copy them before the state is donated.

        Raises:
            TypeError: a state that is none.
        """
        check_state("AveragedModel.params", state)
        return state.params

    @property
    def _function(self) -> Any:
        """The function, or torch's own choice."""
        chosen = self.multi_avg_fn if self.avg_fn is None else self.avg_fn
        if chosen is None:
            return AveragingFunction("swa", multi=None)
        return chosen if isinstance(chosen, Average) or self.avg_fn is None else _Each(chosen)


@dataclass(frozen=True)
class _Each:
    """A user's function of one parameter, as one of lists."""

    avg_fn: Callable[..., Any]

    def __call__(self, averaged: list[Any], current: list[Any], n: Any) -> list[Any]:
        return [self.avg_fn(a, p, n) for a, p in zip(averaged, current, strict=True)]


@partial(jax.jit, static_argnums=(0, 1), inline=True)
def _updated(
    fn: Any, use_buffers: bool, decay: Float64 | None, zero: jax.Array, state: AveragedState, params: Any, buffers: Any
) -> AveragedState:
    """The state after one more model."""
    n, old, now = state.n_averaged, [state.params], [params]
    if use_buffers:
        old, now = [state.params, state.buffers], [params, buffers]
    averaged, treedef = jax.tree.flatten(old)
    current = jax.tree.leaves(now)
    new = averaged_leaves(fn, decay, zero, averaged, current, n)
    params, *kept = treedef.unflatten([jnp.where(n == 0, p, a) for a, p in zip(new, current, strict=True)])
    return AveragedState(n + 1, params, kept[0] if use_buffers else buffers)


def check_state(where: str, state: Any) -> None:
    """Raise where it is not the state of one run."""
    if not isinstance(state, AveragedState):
        check.fail(where, "state", "must be what AveragedModel.init gave", type(state).__name__, TypeError)
    if runs := jnp.shape(state.n_averaged):
        check.fail(where, "state", "must be the state of one run: call it under jax.vmap", f"{runs} of them")


def _check_dtypes(where: str, argument: str, tree: Any, fn: Any) -> None:
    dtypes = {path: str(jnp.result_type(leaf)) for path, leaf in zip(paths(tree), jax.tree.leaves(tree), strict=True)}
    for path, dtype in dtypes.items():
        if not (dtype in _FLOATS or dtype == "bool" or dtype.lstrip("u") in ("int8", "int16", "int32", "int64")):
            rule = f"must be floats of 16, 32 or 64 bits, integers or bools ({path} is not)"
            check.fail(where, argument, rule, f"an array of {dtype}", TypeError)
    check_integers(where, argument, fn, dtypes)


def _check_like(where: str, argument: str, wanted: Any, given: Any) -> None:
    """Raise where the trees do not have the same paths, shapes and dtypes."""
    check_arrays(where, argument, given)
    ours, theirs = paths(wanted), paths(given)
    if ours != theirs:
        missing, extra = (listed(p for p in a if p not in b) or "none" for a, b in ((ours, theirs), (theirs, ours)))
        rule = f"must have the structure of the average (missing: {missing}; beside it: {extra})"
        check.fail(where, argument, rule, given)
    for path, *leaves in zip(ours, jax.tree.leaves(wanted), jax.tree.leaves(given), strict=True):
        expected, found = (f"{jnp.result_type(leaf)} of shape {jnp.shape(leaf)}" for leaf in leaves)
        if expected != found:
            check.fail(where, argument, f"must be like the average ({path}: {expected})", found)
