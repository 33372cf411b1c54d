"""The body of a PyTorch training loop: accumulate, clip, step, step the schedulers."""

import warnings
from dataclasses import dataclass, field
from typing import Any

import torch

from .program import Accumulation, Clip


@dataclass(frozen=True)
class Loop:
    """What a PyTorch training loop does around ``optimizer.step()``."""

    clip: Clip = field(default_factory=Clip)
    accumulation: Accumulation = field(default_factory=Accumulation)
    every: int = 1  # the schedulers step after so many updates
    every_micro_step: bool = False  # the schedulers step after each micro-step instead


class TorchLoop:
    """A training loop's body: accumulate, clip, step, step the schedulers."""

    def __init__(
        self, optimizer: Any, schedulers: list[tuple[Any, int]], params: list[torch.Tensor], loop: Loop
    ) -> None:
        self.optimizer, self.schedulers, self.params, self.loop = optimizer, schedulers, params, loop
        self.waiting: list[list[torch.Tensor]] = []
        self.micro_steps = self.updates = 0

    def micro_step(self, grads: list[torch.Tensor]) -> None:
        """One gradient of each parameter."""
        self.waiting.append(grads)
        how = self.loop.accumulation
        if len(self.waiting) == how.steps:
            for i, p in enumerate(self.params):
                total = self.waiting[0][i] / how.steps if how.mean and how.steps > 1 else self.waiting[0][i]
                for other in self.waiting[1:]:
                    total = total + (other[i] / how.steps if how.mean else other[i])
                p.grad = total
            self.waiting = []
            self._clip()
            self.optimizer.step()
        self.pretend()

    def pretend(self) -> None:
        """Count a micro-step, and step the schedulers where it is time."""
        self.micro_steps += 1
        updated = self.micro_steps % self.loop.accumulation.steps == 0
        self.updates += updated
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for scheduler, every in self.schedulers:
                if self.loop.every_micro_step:
                    _step_scheduler(scheduler, self.micro_steps)
                elif updated and self.updates % every == 0:
                    _step_scheduler(scheduler, self.updates // every)

    def _clip(self) -> None:
        clip = self.loop.clip
        if clip.kind == "norm":
            torch.nn.utils.clip_grad_norm_(self.params, clip.limit)
        elif clip.kind == "value":
            torch.nn.utils.clip_grad_value_(self.params, clip.limit)
        elif clip.kind == "group":
            for group in self.optimizer.param_groups:
                torch.nn.utils.clip_grad_norm_(group["params"], clip.limit)
        elif clip.kind == "tensor":
            for p in self.params:
                torch.nn.utils.clip_grad_norm_([p], clip.limit)


def _step_scheduler(scheduler: Any, count: int) -> None:
    """torch's ``step()``, or timm's ``step_update(num_updates)``."""
    try:
        if hasattr(scheduler, "step_update") and not isinstance(scheduler, torch.optim.lr_scheduler.LRScheduler):
            (scheduler.step_update if not getattr(scheduler, "t_in_epochs", False) else scheduler.step)(count)
        else:
            scheduler.step()
    except ValueError as error:
        if "Tried to step" not in str(error):  # past OneCycleLR's end the last rate stays
            raise
