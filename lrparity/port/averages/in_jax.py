"""What an average of the JAX side makes of the probe."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lrspec import check

from .probe import probe

WHERE = "compare"


def measured(average: Any, updates: int) -> np.ndarray:
    """The average after each update, shape=(updates + 1, NUMBERS).

    Args:
        average: an ``lrjax.AveragedModel``, an ``optax.GradientTransformation`` that is given the parameters as
            updates (``optax.ema``), or a function ``(average, params, count)`` that gives the next average: trees of
            arrays, and the number of the optimizer's update, int32, from 1. It begins with the parameters at the start.
        updates: of the optimizer.

    Raises:
        TypeError: none of these.
        ValueError: a function that raises, gives another tree or shape, or no finite numbers.
    """
    seen = probe(updates)
    with jax.enable_x64(True):
        start, step = _parts(average, {"w": jnp.asarray(seen[0])})

        def one(state: Any, given: Any) -> Any:
            state, now = step(state, {"w": given[0]}, given[1])
            return state, now["w"]

        given = jnp.asarray(seen[1:]), jnp.arange(1, updates + 1, dtype=jnp.int32)
        try:
            later = np.asarray(_scanned(one, start, given), np.float64)
        except Exception as error:  # whatever the user's function raises
            what = f"{type(error).__name__}: {str(error).splitlines()[0][:100]}" if str(error) else type(error).__name__
            rule = f"must average the parameters ({what})"
            raise ValueError(check.message(WHERE, "average", rule, type(average).__name__)) from error
    if later.shape != seen[1:].shape or not np.isfinite(later).all():
        check.fail(WHERE, "average", "must give finite numbers of the parameters' shapes", later.shape)
    return np.concatenate([seen[:1], later])


def _scanned(one: Callable[..., Any], start: Any, given: Any) -> Any:
    """In one program; step by step where the function wants numbers that it can look at."""
    try:
        return jax.lax.scan(one, start, given)[1]
    except (jax.errors.ConcretizationTypeError, jax.errors.TracerArrayConversionError, TypeError):
        state, out = start, []
        for t in range(len(given[1])):
            state, now = one(state, (given[0][t], given[1][t]))
            out.append(now)
        return jnp.stack(out)


def _parts(average: Any, params: Any) -> tuple[Any, Callable[[Any, Any, Any], tuple[Any, Any]]]:
    """The state at the start, and a step from state, parameters and count to state and average."""
    import lrjax

    if isinstance(average, lrjax.AveragedModel):

        def averaged(state: Any, params: Any, count: Any) -> Any:
            state = average.update(state, params)
            return state, average.params(state)

        return average.init(params), averaged
    if hasattr(average, "init") and hasattr(average, "update"):

        def transformed(state: Any, params: Any, count: Any) -> Any:
            out, state = average.update(params, state, params)
            return state, out

        return average.init(params), transformed
    if callable(average) and not isinstance(average, type):

        def mixed(state: Any, params: Any, count: Any) -> Any:
            new = average(state, params, count)
            return new, new

        return params, mixed
    rule = "must be an lrjax.AveragedModel, optax.ema(...) or a function (average, params, count)"
    check.fail(WHERE, "average", rule, type(average).__name__, TypeError)
