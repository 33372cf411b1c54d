"""ConstantLR: a constant factor for the first epochs."""

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp

from .. import _check as check
from ..kernels import Kernels
from ._base import LRScheduler


@dataclass(frozen=True, repr=False)
class ConstantLR(LRScheduler):
    """Multiply the rate by ``factor`` until epoch ``total_iters``, then undo it.

    rate(e) = base_lr * factor for e < total_iters, else base_lr. Equal to
    ``torch.optim.lr_scheduler.ConstantLR``; a rate set by hand is kept, and divided by the factor at
    total_iters all the same.

    Args:
        factor: in (0, 1]. torch takes 0 too, and then fails at ``total_iters`` by dividing by it.
        total_iters: epochs with the factor, an integer, at least 0. With 0 torch never undoes it.
        every: updates per scheduler step, see ``LRScheduler``.

    Raises:
        ValueError: an argument out of its range.

    >>> schedule = ConstantLR(factor=0.5, total_iters=2).schedule(1.0)
    >>> [float(schedule(count)) for count in range(4)]
    [0.5, 0.5, 1.0, 1.0]
    """

    factor: float = 1.0 / 3
    total_iters: int = 5

    def __post_init__(self) -> None:
        """Check the arguments."""
        super().__post_init__()
        check.between("ConstantLR", "factor", self.factor, 0, 1, ends="(]")
        check.integer("ConstantLR", "total_iters", self.total_iters, 0)

    def get_lr(self, k: Kernels, e: Any, lr: Any, memory: dict[str, Any], *, initial: bool) -> Any:
        """lr * factor at epoch 0, lr * (1 / factor) at total_iters, else lr."""
        undone = jnp.where(e == self.total_iters, k.mul(lr, 1.0 / self.factor), lr)
        return jnp.where(e == 0, k.mul(lr, self.factor), undone)

    def closed_form(self, k: Kernels, base_lr: Any, e: Any) -> Any:
        """base_lr * (factor + (e >= total_iters) * (1 - factor))."""
        return k.mul(base_lr, jnp.where(e >= self.total_iters, self.factor + (1 - self.factor), self.factor))
