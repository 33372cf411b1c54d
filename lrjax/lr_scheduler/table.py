"""TableLR: rates from a table."""

from typing import Any

import jax
import jax.numpy as jnp

from lrspec import scheduler_arguments as arguments

from ..arithmetic.kernels import Kernels
from ._base import Hyper, LRScheduler, SchedulerState
from .cycles import _set_momentum


class TableLR(arguments.TableLR, LRScheduler):
    """Rates from a table, run-length coded: ``[[steps, rate], ...]``.

    It plays any scheduler that ``lrtorch.tabulate`` (or ``lrjax.tabulate``, for an optax schedule) has run.
    The rates are absolute: the groups' own rates are not used, and a rate set by hand lasts until the next
    scheduler step, whether the table changes there or not (as with LambdaLR). torch has no such class.

    A step past the table's end is a ValueError, in ``step_scheduler`` and ``simulate``, for the scheduler that was
    tabulated may have gone on in any way; give the last row more steps to hold its rate. Compiled code, which cannot
    raise, holds the last row's.

    >>> schedule = TableLR([[2, 1.0], [1, 0.5], [2, 0.25]]).schedule(1.0)
    >>> [float(schedule(count)) for count in range(6)]
    [1.0, 1.0, 0.5, 0.25, 0.25, 0.25]
    """

    closed = True

    def get_lr(self, ops: Kernels, e: jax.Array, hyper: Hyper, state: SchedulerState, *, initial: bool) -> jax.Array:
        """The closed form: the rule is absolute."""
        return self._at("lr", e, hyper["lr"])

    def closed_form(self, ops: Kernels, base_lr: jax.Array, e: jax.Array) -> jax.Array:
        """The row that e lies in."""
        return self._at("lr", e, base_lr)

    def update_hyper(self, ops: Kernels, e: jax.Array, hyper: Hyper) -> Hyper:
        """The table's other columns."""
        for name in self._table.columns:
            if name == "momentum":
                hyper = _set_momentum(hyper, self._at(name, e, hyper["lr"]))
            elif name != "lr":
                hyper = {**hyper, name: self._at(name, e, hyper["lr"])}
        return hyper

    def _at(self, name: str, e: jax.Array, template: Any) -> jax.Array:
        """The column's value at step e, past its end the last: float64, the shape of ``template``."""
        ends, values = self._table.columns[name]
        # A table that changes at every step needs no search: a million counts at once are then read in a few ms.
        row = e if ends[-1] == len(ends) else jnp.searchsorted(jnp.asarray(ends, jnp.int32), e, side="right")
        if values.shape[1:] == (1,):
            values = values[:, 0]
        return jnp.broadcast_to(jnp.asarray(values)[jnp.minimum(row, len(ends) - 1)], template.shape)

    @property
    def has_schedule(self) -> bool:
        """The rate follows from the count; lists belong to groups, which a schedule has not."""
        return self._table.columns["lr"].values.shape[1:] in ((), (1,))
