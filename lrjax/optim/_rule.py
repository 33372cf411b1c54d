"""What an optimizer is made of: its options, and its arithmetic in four functions."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import jax

from lrspec.optimizer_options import Options

from ..arithmetic.kernels import Kernels

Flags = Mapping[str, Any]  # the options that are fixed when the optimizer is made: bool, int, str or None
Hyper = dict[str, jax.Array]  # hyperparameter -> float64, shape=(R,), or (R, 2) for betas
Numbers = dict[str, jax.Array]  # torch's name -> shape=(R,): what torch keeps per parameter beside tensors
Scalars = dict[str, jax.Array]  # name -> what ``update`` needs: float64 or bool, shape=(R,) or (R, n)
Slots = dict[str, jax.Array]  # torch's name -> a tensor that torch keeps for the parameter


class Rule(NamedTuple):
    """One optimizer. R rows, each what torch would call a parameter.

    Attributes:
        options: the names of its options and their checks.
        init: ``(params, options of each, whether a scheduler changes the momentum) -> slots``: torch's name -> list
            with one array per parameter.
        numbers: ``R -> numbers``, before the first update.
        scalars: ``(ops, hyper, numbers) -> (scalars, numbers)``: what torch computes in Python floats, for all
            rows at once.
        update: ``(ops, param, grad, slots, scalars, flags) -> (param, slots)``: what torch computes in tensors,
            for one parameter with its row of the scalars; ``ops`` are torch's kernels of the platform.
        elementwise: whether each value of a parameter is updated by itself.
        complete: ``(state, leaves) -> state``, for a fresh state: what depends on the parameters' dtypes or shapes.
    """

    options: Options
    init: Callable[[Sequence[jax.Array], Sequence[Mapping[str, Any]], bool], dict[str, list[jax.Array]]]
    numbers: Callable[[int], Numbers]
    scalars: Callable[[Kernels, Hyper, Numbers], tuple[Scalars, Numbers]]
    update: Callable[[Kernels, jax.Array, jax.Array, Slots, Scalars, Flags], tuple[jax.Array, Slots]]
    elementwise: bool = True
    complete: Callable[[Any, Sequence[jax.Array]], Any] | None = None
