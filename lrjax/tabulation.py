"""Any optax schedule as a table."""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

import jax
import jax.numpy as jnp

from lrspec import check
from lrspec.scheduler_arguments import Arguments, Table


def tabulate(scheduler: Any, num_steps: int) -> dict[str, Any]:
    """Write down the rates of an optax schedule: ``TableLR`` plays them, here and in lrtorch.

    Args:
        scheduler: ``count -> rate``, or a list with one for each group; compiled, so written for JAX.
        num_steps: how many scheduler steps to take, at least 1. The table has one rate more, the first being that of
            count 0, so that a loop which steps the scheduler after its last update stays inside.

    Returns:
        {"lr": [[steps, rate or list of rates], ...]}, run-length coded; the rates are float32, as optax has them.
        Plain dicts, lists and numbers, for JSON and ``torch.save`` alike.

    Raises:
        TypeError: something that is no function.
        ValueError: a rate that is not finite.

    >>> import optax
    >>> tabulate(optax.piecewise_constant_schedule(1.0, {2: 0.5}), 3)
    {'lr': [[2, 1.0], [2, 0.5]]}
    """
    num_steps = check.integer("tabulate", "num_steps", num_steps, 1)
    schedules: Sequence[Callable[[Any], Any]] = scheduler if isinstance(scheduler, list | tuple) else [scheduler]
    if not schedules:
        check.fail("tabulate", "scheduler", "must be one schedule at least", scheduler)
    for one in schedules:
        if not callable(one) or isinstance(one, Arguments):
            rule = "must be an optax schedule (count -> rate), or a list of them"
            check.fail("tabulate", "scheduler", rule, one, TypeError)
    rates = _rates(tuple(schedules), jnp.arange(num_steps + 1, dtype=jnp.int32)).tolist()
    if schedules is not scheduler:
        rates = [rate for (rate,) in rates]
    return Table("tabulate", [[len(list(run)), value] for value, run in groupby(rates)]).plain()


def _rates(schedules: tuple[Callable[[Any], Any], ...], counts: jax.Array) -> jax.Array:
    """One count at a time, as an optimizer asks: a vectorised cosine may differ in the last bit. shape=(T, G)."""
    one = lambda count: jnp.stack([jnp.asarray(schedule(count), jnp.float32) for schedule in schedules])  # noqa: E731
    return jax.jit(lambda counts: jax.lax.map(one, counts))(counts)
