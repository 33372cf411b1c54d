"""What every scheduler shares: the arguments, and how they become torch's own scheduler."""

from dataclasses import fields
from typing import Any

import torch

from ._arguments import Arguments

Built = torch.optim.lr_scheduler.LRScheduler


class LRScheduler(Arguments):
    """The base of the schedulers: a description that ``build`` turns into torch's scheduler."""

    def build(self, optimizer: torch.optim.Optimizer) -> Built:
        """torch's own scheduler of this name, attached to ``optimizer``; ``every`` is not torch's and stays out."""
        self.check_groups([{**optimizer.defaults, **group} for group in optimizer.param_groups])
        return self._torch_class()(optimizer, **self._arguments())

    def _torch_class(self) -> Any:
        return getattr(torch.optim.lr_scheduler, self._name)

    def _arguments(self) -> dict[str, Any]:
        return {f.name: _listed(getattr(self, f.name)) for f in fields(self) if f.name != "every"}


def _listed(value: Any) -> Any:
    """Lists where torch wants lists (its state_dicts show them)."""
    return list(value) if isinstance(value, tuple) else value
