"""ExponentialLR: the same factor every epoch."""

from dataclasses import dataclass
from typing import Any

from .. import _check as check
from ..kernels import Kernels
from ._base import LRScheduler
from .step import power


@dataclass(frozen=True, repr=False)
class ExponentialLR(LRScheduler):
    """Multiply the rate by ``gamma`` every epoch.

    rate(e) = base_lr * gamma ** e. Equal to ``torch.optim.lr_scheduler.ExponentialLR``; a rate set by
    hand is kept and decays from there.

    Args:
        gamma: the factor.
        every: updates per scheduler step, see ``LRScheduler``.

    Raises:
        ValueError: an argument out of its range.

    >>> schedule = ExponentialLR(gamma=0.5).schedule(1.0)
    >>> [float(schedule(count)) for count in range(4)]
    [1.0, 0.5, 0.25, 0.125]
    """

    gamma: float

    def __post_init__(self) -> None:
        """Check the arguments."""
        super().__post_init__()
        check.number("ExponentialLR", "gamma", self.gamma)

    def get_lr(self, k: Kernels, e: Any, lr: Any, memory: dict[str, Any], *, initial: bool) -> Any:
        """lr * gamma, but lr in the constructor's step."""
        return lr if initial else k.mul(lr, self.gamma)

    def closed_form(self, k: Kernels, base_lr: Any, e: Any) -> Any:
        """base_lr * gamma ** e."""
        return k.mul(base_lr, power(self.gamma, e))
