"""The rules of ``lrjax.manual``, which says what they mean, as schedulers of torch's kind."""

from collections.abc import Sequence

import torch

from lrspec import scheduler_arguments as arguments

from .lr_scheduler._base import LRScheduler


class StepDecay(arguments.StepDecay, LRScheduler):
    """Step decay by formula: ``lr0 * gamma ** (epoch // lr_decay)``.

    >>> from lrtorch import simulate
    >>> simulate(StepDecay(lr_decay=2, gamma=0.5), 1.0, 5).ravel().tolist()
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    def build(self, optimizer: torch.optim.Optimizer) -> torch.optim.lr_scheduler.LRScheduler:
        """A scheduler that writes the formula into every group."""
        return _StepDecay(optimizer, self.lr_decay, self.gamma, self.lr0)


class EpochTable(arguments.EpochTable, LRScheduler):
    """A table ``[[epochs, rate], ...]``, the last rate held.

    >>> from lrtorch import simulate
    >>> simulate(EpochTable([[1, 2.0], [2, 1.0], [1, 0.5]]), 0.1, 6).ravel().tolist()
    [2.0, 1.0, 1.0, 0.5, 0.5, 0.5]
    """

    def build(self, optimizer: torch.optim.Optimizer) -> torch.optim.lr_scheduler.LRScheduler:
        """A scheduler that writes the table's row into every group."""
        return _EpochTable(optimizer, self.table, self.mode or "rate")


class _StepDecay(torch.optim.lr_scheduler.LRScheduler):
    def __init__(self, optimizer: torch.optim.Optimizer, lr_decay: int, gamma: float, lr0: float | None) -> None:
        self.lr_decay, self.gamma, self.lr0 = lr_decay, gamma, lr0
        super().__init__(optimizer)

    def get_lr(self) -> list[float | torch.Tensor]:
        bases = self.base_lrs if self.lr0 is None else [self.lr0] * len(self.base_lrs)
        return [lr0 * self.gamma ** (self.last_epoch // self.lr_decay) for lr0 in bases]

    _get_closed_form_lr = get_lr


class _EpochTable(torch.optim.lr_scheduler.LRScheduler):
    def __init__(self, optimizer: torch.optim.Optimizer, table: Sequence[Sequence[float]], mode: str) -> None:
        self.rates = [rate for epochs, rate in table for _ in range(int(epochs))]
        self.mode = mode
        super().__init__(optimizer)

    def get_lr(self) -> list[float | torch.Tensor]:
        rate = self.rates[min(self.last_epoch, len(self.rates) - 1)]
        return [base * rate if self.mode == "factor" else rate for base in self.base_lrs]

    _get_closed_form_lr = get_lr


arguments.explained(StepDecay, EpochTable)
