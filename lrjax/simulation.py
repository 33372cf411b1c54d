"""The rates a scheduler would set, without training."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from lrspec import check
from lrspec.documentation import documented
from lrspec.simulation import ARGUMENTS, RAISES, RETURNS, read_simulation
from lrspec.types import Number

from .arithmetic.float64 import Float64, from_host, is_traced, packed, vector
from .lr_scheduler._base import LRScheduler
from .lr_scheduler._chain import run_chain, trace_chain

_RETURNS = f"{RETURNS} Where a rate or a metric is traced (jit, vmap), traced float32; what is traced is not checked."


@documented(ARGUMENTS, returns=_RETURNS, raises=RAISES)
def simulate(
    scheduler: LRScheduler,
    base_lrs: Number | Sequence[Number],
    num_steps: int,
    edits: Mapping[int, Number | Mapping[int, Number]] | None = None,
    metrics: Sequence[Number] | None = None,
    *,
    momentum: bool = False,
) -> Any:
    """The rate of each update, computed with the chain form in one compiled scan.

    >>> from lrjax import StepLR
    >>> simulate(StepLR(step_size=1, gamma=0.5), [1.0, 4.0], 3).tolist()
    [[1.0, 4.0], [0.5, 2.0], [0.25, 1.0]]
    >>> simulate(StepLR(step_size=1, gamma=0.5), 1.0, 3, edits={1: 8.0}).tolist()
    [[1.0], [8.0], [4.0]]
    """
    check.flag("simulate", "momentum", momentum)
    if is_traced([base_lrs, metrics, [lr for *_, lr in _each(edits)]]):
        rates, momenta = _traced(scheduler, base_lrs, num_steps, edits, metrics)
    else:
        read = read_simulation(LRScheduler, scheduler, base_lrs, num_steps, edits, metrics)
        rates, momenta = run_chain(scheduler, *read)
    return (rates, momenta) if momentum else rates


def _each(edits: Mapping[int, Any] | None) -> Iterator[tuple[int, Any, Any]]:
    """Step, group (or all of them) and rate of each edit."""
    for t, edit in edits.items() if isinstance(edits, Mapping) else ():
        for group, lr in edit.items() if isinstance(edit, Mapping) else [(slice(None), edit)]:
            yield t, group, lr


def _traced(scheduler: Any, base_lrs: Any, num_steps: int, edits: Any, metrics: Any) -> Any:
    """The checks see a number in place of what is traced; the program sees that."""
    seen = jax.tree.map(lambda x: np.full(x.shape, 0.5) if isinstance(x, Tracer) else x, (base_lrs, edits, metrics))
    read = read_simulation(LRScheduler, scheduler, seen[0], num_steps, seen[1], seen[2])
    value, rest = map(jnp.asarray, from_host(read[2]))
    for t, group, lr in _each(edits):
        value, rest = value.at[t, group].set(packed(lr).value), rest.at[t, group].set(packed(lr).rest)
    metric = from_host(read[3]) if metrics is None else _packed(metrics)
    return trace_chain(scheduler, _packed(base_lrs), read[1], Float64(value, rest), metric)


def _packed(numbers: Any) -> Float64:
    if isinstance(numbers, list | tuple) or np.ndim(numbers) == 0:
        return vector(numbers if isinstance(numbers, list | tuple) else [numbers])
    return packed(numbers)
