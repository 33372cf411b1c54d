"""What every scheduler shares: the arguments, and how they become torch's own scheduler."""

import warnings
from dataclasses import fields
from typing import Any

import torch

from lrspec.scheduler_arguments import Arguments

Built = torch.optim.lr_scheduler.LRScheduler


class LRScheduler(Arguments):
    """The base of the schedulers: a description that ``build`` turns into torch's scheduler.

    Args:
        every: step the scheduler after this many optimizer updates: 1 for each of them, the number of batches per epoch
            to step it once an epoch; None: the rate stays as it is until you call ``step_scheduler``. An optimizer
            wants one of them; by itself (``schedule``, ``simulate``, ``plot``) a scheduler counts its own steps.
        last_epoch: resume after this epoch.
    """

    @classmethod
    def family(cls) -> type[Arguments]:
        """The schedulers of this package."""
        return LRScheduler

    def build_and_resume(self, optimizer: torch.optim.Optimizer) -> Built:
        """``build``, then the steps that ``last_epoch`` says have been taken."""
        built: Any = self.build(optimizer)
        with warnings.catch_warnings():
            # torch warns of a scheduler that steps before its optimizer: here the steps were taken in an earlier run
            warnings.filterwarnings("ignore", message="Detected call of `lr_scheduler.step")
            for _ in range(self.last_epoch + 1):
                built.step()
        return built

    def build(self, optimizer: torch.optim.Optimizer) -> Built:
        """torch's own scheduler of this name, attached to ``optimizer``; ``every`` is not torch's and stays out."""
        self.check_groups([{**optimizer.defaults, **group} for group in optimizer.param_groups])
        return self._torch_class()(optimizer, **self._arguments())

    def _torch_class(self) -> Any:
        return getattr(torch.optim.lr_scheduler, self._name)

    def _arguments(self) -> dict[str, Any]:
        return {f.name: _listed(getattr(self, f.name)) for f in fields(self) if f.name not in ("every", "last_epoch")}


def set_number(group: dict[str, Any], name: str, value: float) -> None:
    """Write a number into a group; the momentum is the first of betas where the optimizer has those."""
    if name == "momentum" and "betas" in group:
        group["betas"] = (value, *group["betas"][1:])
    else:
        group[name] = value


def _listed(value: Any) -> Any:
    """Lists where torch wants lists (its state_dicts show them)."""
    return list(value) if isinstance(value, tuple) else value
