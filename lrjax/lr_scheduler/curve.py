"""CurveLR: any curve as a scheduler."""

from functools import reduce

import jax
import jax.numpy as jnp

from lrspec import scheduler_arguments as arguments

from ..arithmetic.kernels import Kernels
from ._base import Hyper, LRScheduler, SchedulerState, Stepped
from ._numbers import JaxNumbers
from .cycles import _set_momentum


class CurveLR(arguments.CurveLR, LRScheduler):
    """A curve of ``lrjax.curves`` as a scheduler of the rate, or of another number of the groups.

    rate(e) = curve(e * units_per_step / steps_per_unit), where a level of the curve that is a plain number multiplies
    the group's own rate. The same numbers as ``lrtorch.CurveLR``, whose formula is computed in Python: in every bit
    where the platform's cosine and power are the C library's. A rate set by hand lasts until the next scheduler step,
    unless a segment begins there that starts from ``CURRENT``: that one goes on from it.

    >>> from lrjax import curves
    >>> wsd = curves.sequence(curves.linear(2, 0.0, 1.0), curves.const(1.0, 2), curves.linear(2, 1.0, 0.5))
    >>> schedule = CurveLR(wsd).schedule(8.0)
    >>> [float(schedule(count)) for count in range(8)]
    [0.0, 4.0, 8.0, 8.0, 8.0, 6.0, 4.0, 4.0]
    """

    closed = True

    def own_state(self, hyper: Hyper) -> SchedulerState:
        """The target's own values, where it is not the rate, and where it was when a segment took over from it."""
        own = {} if self.target == "lr" else {"base_values": self._read(hyper)}
        return own | ({"current": self._read(hyper)} if self.curve.follows else {})

    def update_lr(
        self, ops: Kernels, hyper: Hyper, state: SchedulerState, *, initial: bool = False, restart: bool = False
    ) -> Stepped:
        """The curve's value at this step, written into the groups."""
        e = jnp.zeros((), jnp.int32) if restart else state["last_epoch"] + 1
        if self.curve.follows:
            m = JaxNumbers(ops)
            begins = [jnp.asarray(b) for b in self.begins(m, m.number(e))]
            state = {**state, "current": jnp.where(reduce(jnp.logical_or, begins), self._read(hyper), state["current"])}
        base = state["base_lrs" if self.target == "lr" else "base_values"]
        hyper = self._write(hyper, self._value(ops, e, base, state.get("current", base)))
        return hyper, {**state, "last_epoch": e, "_last_lr": hyper["lr"]}

    def closed_form(self, ops: Kernels, base_lr: jax.Array, e: jax.Array) -> jax.Array:
        """The curve's value after e steps."""
        return self._value(ops, e, base_lr, base_lr)

    @property
    def has_schedule(self) -> bool:
        """Whether the rate follows from the count: not where it is another number, or goes on from where it was."""
        return self.target == "lr" and not self.curve.follows

    def _value(self, ops: Kernels, e: jax.Array, base: jax.Array, current: jax.Array) -> jax.Array:
        m = JaxNumbers(ops)
        value = m.number(self.curve.rate(m, self.count(m, m.number(e)), m.number(base), m.number(current)))
        return jnp.broadcast_to(_plus_zero(value.x.astype(jnp.float64)), jnp.broadcast_shapes(base.shape, e.shape))

    def _read(self, hyper: Hyper) -> jax.Array:
        return hyper["betas"][:, 0] if self._is_beta(hyper) else hyper[self.target]

    def _write(self, hyper: Hyper, value: jax.Array) -> Hyper:
        return _set_momentum(hyper, value) if self.target == "momentum" else {**hyper, self.target: value}

    def _is_beta(self, hyper: Hyper) -> bool:
        return self.target == "momentum" and "betas" in hyper


def _plus_zero(x: jax.Array) -> jax.Array:
    """x, with 0 for the -0 that XLA makes of a fenced 0 which it knows: it takes 0 + z for z, and the fence is a -0."""
    return x + jax.lax.stop_gradient(jnp.where(x == 0, 0.0, -0.0))
