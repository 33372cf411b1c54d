"""ConstantLR, LinearLR, ExponentialLR and PolynomialLR: a factor that changes with the epoch."""

import jax
import jax.numpy as jnp

from lrspec import scheduler_arguments as arguments

from ..arithmetic.kernels import Kernels
from ._base import Hyper, LRScheduler, SchedulerState
from ._functions import power


class ConstantLR(arguments.ConstantLR, LRScheduler):
    """Multiply the rate by ``factor`` until epoch ``total_iters``, then undo it.

    rate(e) = base_lr * factor for e < total_iters, else base_lr. Equal to
    ``torch.optim.lr_scheduler.ConstantLR``; a rate set by hand is kept, and divided by the factor at
    total_iters all the same. With total_iters=0 torch never undoes the factor, and so it is here.

    >>> schedule = ConstantLR(factor=0.5, total_iters=2).schedule(1.0)
    >>> [float(schedule(count)) for count in range(4)]
    [0.5, 0.5, 1.0, 1.0]
    """

    closed = True

    def get_lr(self, ops: Kernels, e: jax.Array, hyper: Hyper, state: SchedulerState, *, initial: bool) -> jax.Array:
        """lr * factor at epoch 0, lr * (1 / factor) at total_iters, else lr."""
        lr = hyper["lr"]
        undone = jnp.where(e == self.total_iters, ops.mul(lr, 1.0 / self.factor), lr)
        return jnp.where(e == 0, ops.mul(lr, self.factor), undone)

    def closed_form(self, ops: Kernels, base_lr: jax.Array, e: jax.Array) -> jax.Array:
        """base_lr * (factor + (e >= total_iters) * (1 - factor))."""
        return ops.mul(base_lr, jnp.where(e >= self.total_iters, self.factor + (1 - self.factor), self.factor))

    @property
    def has_schedule(self) -> bool:
        """torch's closed form forgets what its chain form does with total_iters=0."""
        return self.total_iters > 0


class LinearLR(arguments.LinearLR, LRScheduler):
    """Change the rate linearly from ``start_factor`` to ``end_factor`` over ``total_iters`` epochs.

    rate(e) = base_lr * (start_factor + (end_factor - start_factor) * min(e, total_iters) / total_iters).
    Equal to ``torch.optim.lr_scheduler.LinearLR``; a rate set by hand is kept.

    >>> schedule = LinearLR(start_factor=0.5, total_iters=4).schedule(1.0)
    >>> [float(schedule(count)) for count in range(6)]
    [0.5, 0.625, 0.75, 0.875, 1.0, 1.0]
    """

    closed = True

    def get_lr(self, ops: Kernels, e: jax.Array, hyper: Hyper, state: SchedulerState, *, initial: bool) -> jax.Array:
        """lr * (1 + (end - start) / (total * start + (e - 1) * (end - start))) up to total_iters, then lr."""
        lr, rise = hyper["lr"], self.end_factor - self.start_factor
        before = self.total_iters * self.start_factor + ops.mul((e - 1).astype(jnp.float64), rise)
        later = lr if initial else jnp.where(e > self.total_iters, lr, ops.mul(lr, 1.0 + rise / before))
        return jnp.where(e == 0, ops.mul(lr, self.start_factor), later)

    def closed_form(self, ops: Kernels, base_lr: jax.Array, e: jax.Array) -> jax.Array:
        """base_lr * (start + (end - start) * min(total, e) / total)."""
        e = jnp.minimum(self.total_iters, e).astype(jnp.float64)
        risen = ops.div(ops.mul(e, self.end_factor - self.start_factor), self.total_iters)
        return ops.mul(base_lr, self.start_factor + risen)


class ExponentialLR(arguments.ExponentialLR, LRScheduler):
    """Multiply the rate by ``gamma`` every epoch.

    rate(e) = base_lr * gamma ** e. Equal to ``torch.optim.lr_scheduler.ExponentialLR``; a rate set by
    hand is kept and decays from there.

    >>> schedule = ExponentialLR(gamma=0.5).schedule(1.0)
    >>> [float(schedule(count)) for count in range(4)]
    [1.0, 0.5, 0.25, 0.125]
    """

    closed = True

    def get_lr(self, ops: Kernels, e: jax.Array, hyper: Hyper, state: SchedulerState, *, initial: bool) -> jax.Array:
        """lr * gamma, but lr in the constructor's step."""
        return hyper["lr"] if initial else ops.mul(hyper["lr"], self.gamma)

    def closed_form(self, ops: Kernels, base_lr: jax.Array, e: jax.Array) -> jax.Array:
        """base_lr * gamma ** e."""
        return ops.mul(base_lr, power(self.gamma, e))


class PolynomialLR(arguments.PolynomialLR, LRScheduler):
    """Decay to zero over ``total_iters`` epochs along a polynomial.

    rate(e) = base_lr * (1 - min(e, total_iters) / total_iters) ** power. Equal to
    ``torch.optim.lr_scheduler.PolynomialLR``; a rate set by hand is kept, but at zero nothing revives it.

    >>> schedule = PolynomialLR(total_iters=4, power=2.0).schedule(1.0)
    >>> [float(schedule(count)) for count in range(6)]
    [1.0, 0.5625, 0.25, 0.0625, 0.0, 0.0]
    """

    closed = True

    def get_lr(self, ops: Kernels, e: jax.Array, hyper: Hyper, state: SchedulerState, *, initial: bool) -> jax.Array:
        """lr * ((1 - e / total) / (1 - (e - 1) / total)) ** power up to total_iters, then lr."""
        lr, total = hyper["lr"], self.total_iters
        if initial:
            return lr
        now, before = e.astype(jnp.float64), (e - 1).astype(jnp.float64)
        factor = ((1.0 - ops.div(now, total)) / (1.0 - ops.div(before, total))) ** self.power
        return jnp.where(e > total, lr, ops.mul(lr, factor))

    def closed_form(self, ops: Kernels, base_lr: jax.Array, e: jax.Array) -> jax.Array:
        """base_lr * (1 - min(total, e) / total) ** power."""
        e = jnp.minimum(self.total_iters, e).astype(jnp.float64)
        return ops.mul(base_lr, (1.0 - ops.div(e, self.total_iters)) ** self.power)
