"""TableLR: rates from a table."""

from typing import Any

import numpy as np
import torch

from lrspec import check
from lrspec import scheduler_arguments as arguments
from lrspec.scheduler_arguments import Table

from ._base import LRScheduler, set_number


class TableLR(arguments.TableLR, LRScheduler):
    """Rates from a table ``[[steps, rate], ...]``.

    What it builds is a scheduler of torch's kind. Its ``state_dict`` holds the table as plain numbers.

    >>> from lrtorch import simulate
    >>> simulate(TableLR([[2, 1.0], [1, 0.5], [2, 0.25]]), 1.0, 5).ravel().tolist()
    [1.0, 1.0, 0.5, 0.25, 0.25]
    """

    def _torch_class(self) -> Any:
        return _TableLR


class _TableLR(torch.optim.lr_scheduler.LRScheduler):
    def __init__(self, optimizer: torch.optim.Optimizer, table: Table) -> None:
        self.table = table
        super().__init__(optimizer)

    def get_lr(self) -> list[float | torch.Tensor]:
        if self.last_epoch >= self.table.steps:
            rule = f"must have more than {self.last_epoch} steps to be stepped so often"
            check.fail("TableLR", "table", rule, self.table.steps)
        for name in self.table.columns:
            for group, value in zip(self.optimizer.param_groups, self._at(name), strict=True):
                if name != "lr":
                    set_number(group, name, value)
        return self._at("lr")

    _get_closed_form_lr = get_lr

    def _at(self, name: str) -> list[Any]:
        """The column's value at this step for each group."""
        ends, values = self.table.columns[name]
        value = values[np.searchsorted(ends, self.last_epoch, side="right")].tolist()
        return value if isinstance(value, list) else [value] * len(self.optimizer.param_groups)

    def state_dict(self) -> dict[str, Any]:
        return {**super().state_dict(), "table": self.table.plain()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        super().load_state_dict({**state_dict, "table": Table("TableLR", state_dict["table"])})
