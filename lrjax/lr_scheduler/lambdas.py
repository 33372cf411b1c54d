"""LambdaLR and MultiplicativeLR: the user's own Python functions."""

from collections.abc import Callable, Sequence
from typing import Any, cast

from ..arithmetic.kernels import Kernels
from . import _arguments
from ._base import Hyper, LRScheduler, Memory, call


def _factors(lr_lambda: Any, e: Any, groups: int) -> Any:
    """The functions' values at e: one per group."""
    functions = lr_lambda if isinstance(lr_lambda, tuple) else (lr_lambda,) * groups
    return call(cast(Sequence[Callable[[int], float]], functions), e)


class LambdaLR(_arguments.LambdaLR, LRScheduler):
    """Each group's base rate times a function of the epoch.

    rate(e) = base_lr * lr_lambda(e). Equal to ``torch.optim.lr_scheduler.LambdaLR``; a rate set by hand
    lasts until the next scheduler step. The function is any Python function of an int: compiled code
    calls it on the host, so its value is Python's own, at the cost of a call per scheduler step.
    ``Tabulated(f, num_steps)`` makes it a table instead, and so does ``schedule(base_lr, num_steps)``.

    Args:
        lr_lambda: a function ``epoch (int) -> factor``, or a list with one for each group.
        every: updates per scheduler step, see ``LRScheduler``.
        last_epoch: resume after this epoch, see ``LRScheduler``.

    Raises:
        TypeError: a function that is not callable.
        ValueError: a list whose length is not the number of groups.

    >>> schedule = LambdaLR(lambda e: 0.5**e).schedule(1.0, num_steps=4)
    >>> [float(schedule(count)) for count in range(4)]
    [1.0, 0.5, 0.25, 0.125]
    """

    def get_lr(self, k: Kernels, e: Any, hyper: Hyper, memory: Memory, *, initial: bool) -> Any:
        """base_lr * lr_lambda(e)."""
        base_lrs = memory["base_lrs"]
        return k.mul(base_lrs, _factors(self.lr_lambda, e, base_lrs.size))


class MultiplicativeLR(_arguments.MultiplicativeLR, LRScheduler):
    """Multiply the rate by a function of the epoch at every step.

    rate(e) = rate(e - 1) * lr_lambda(e), rate(0) = base_lr. Equal to
    ``torch.optim.lr_scheduler.MultiplicativeLR``; a rate set by hand is kept. There is no closed form:
    ``schedule`` makes a table of ``num_steps`` rates.

    Args:
        lr_lambda: a function ``epoch (int) -> factor``, or a list with one for each group.
        every: updates per scheduler step, see ``LRScheduler``.
        last_epoch: resume after this epoch, see ``LRScheduler``.

    Raises:
        TypeError: a function that is not callable.
        ValueError: a list whose length is not the number of groups.

    >>> schedule = MultiplicativeLR(lambda e: 0.5).schedule(1.0, num_steps=4)
    >>> [float(schedule(count)) for count in range(4)]
    [1.0, 0.5, 0.25, 0.125]
    """

    def get_lr(self, k: Kernels, e: Any, hyper: Hyper, memory: Memory, *, initial: bool) -> Any:
        """lr * lr_lambda(e), but lr in the constructor's step."""
        lr = hyper["lr"]
        return lr if initial else k.mul(lr, _factors(self.lr_lambda, e, lr.size))
