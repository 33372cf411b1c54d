"""The schedulers: each makes torch's own of the same name.

Arguments, what they mean, defaults and checks are in ``lrspec/scheduler_arguments``.
"""

import warnings
from typing import Any

import torch

from lrspec import scheduler_arguments as arguments

from ._base import Built, LRScheduler


class LambdaLR(arguments.LambdaLR, LRScheduler):
    """``torch.optim.lr_scheduler.LambdaLR``."""


class MultiplicativeLR(arguments.MultiplicativeLR, LRScheduler):
    """``torch.optim.lr_scheduler.MultiplicativeLR``."""


class StepLR(arguments.StepLR, LRScheduler):
    """``torch.optim.lr_scheduler.StepLR``."""


class MultiStepLR(arguments.MultiStepLR, LRScheduler):
    """``torch.optim.lr_scheduler.MultiStepLR``."""


class ConstantLR(arguments.ConstantLR, LRScheduler):
    """``torch.optim.lr_scheduler.ConstantLR``."""


class LinearLR(arguments.LinearLR, LRScheduler):
    """``torch.optim.lr_scheduler.LinearLR``."""


class ExponentialLR(arguments.ExponentialLR, LRScheduler):
    """``torch.optim.lr_scheduler.ExponentialLR``."""


class PolynomialLR(arguments.PolynomialLR, LRScheduler):
    """``torch.optim.lr_scheduler.PolynomialLR``."""


class CosineAnnealingLR(arguments.CosineAnnealingLR, LRScheduler):
    """``torch.optim.lr_scheduler.CosineAnnealingLR``."""


class CosineAnnealingWarmRestarts(arguments.CosineAnnealingWarmRestarts, LRScheduler):
    """``torch.optim.lr_scheduler.CosineAnnealingWarmRestarts``."""


class CyclicLR(arguments.CyclicLR, LRScheduler):
    """``torch.optim.lr_scheduler.CyclicLR``."""


class OneCycleLR(arguments.OneCycleLR, LRScheduler):
    """``torch.optim.lr_scheduler.OneCycleLR``."""


class ReduceLROnPlateau(arguments.ReduceLROnPlateau, LRScheduler):
    """``torch.optim.lr_scheduler.ReduceLROnPlateau``."""


class SWALR(arguments.SWALR, LRScheduler):
    """``torch.optim.swa_utils.SWALR``."""

    def _torch_class(self) -> Any:
        return torch.optim.swa_utils.SWALR


class SequentialLR(arguments.SequentialLR, LRScheduler):
    """``torch.optim.lr_scheduler.SequentialLR``; its schedulers are made in order."""

    def build(self, optimizer: torch.optim.Optimizer) -> Built:
        """torch's own, over torch's own schedulers."""
        schedulers = [scheduler.build(optimizer) for scheduler in self.schedulers]
        with warnings.catch_warnings():
            # torch warns while it makes its own first step when a ChainedScheduler comes first: nobody stepped wrongly
            warnings.filterwarnings("ignore", message="Detected call of `lr_scheduler.step")
            return torch.optim.lr_scheduler.SequentialLR(optimizer, schedulers, list(self.milestones))


class ChainedScheduler(arguments.ChainedScheduler, LRScheduler):
    """``torch.optim.lr_scheduler.ChainedScheduler``; its schedulers are made in order."""

    def build(self, optimizer: torch.optim.Optimizer) -> Built:
        """torch's own, over torch's own schedulers."""
        schedulers = [scheduler.build(optimizer) for scheduler in self.schedulers]
        return torch.optim.lr_scheduler.ChainedScheduler(schedulers, optimizer)
