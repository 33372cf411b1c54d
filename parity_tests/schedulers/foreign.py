"""Schedulers of other libraries: one row each."""

import importlib
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import torch

from parity_tests.foreign_timm import import_timm

STEPS = 997
METRICS = [math.exp(-t / 300) + 0.1 * math.sin(t) for t in range(STEPS)]
Step = Callable[[Any, int], Any]


class Foreign(NamedTuple):
    """A scheduler of another library."""

    id: str
    make: Callable[[torch.optim.Optimizer], Any]
    step: Step | None = None


def transformers(name: str, step: Step | None = None, **specific: Any) -> Foreign:
    """What its ``get_scheduler`` gives for the name."""

    def make(optimizer: torch.optim.Optimizer) -> Any:
        get_scheduler = pytest.importorskip("transformers.optimization").get_scheduler
        needs = {} if name in ("greedy", "reduce_lr_on_plateau") else dict(num_training_steps=900, num_warmup_steps=41)
        return get_scheduler(name, optimizer, **needs, scheduler_specific_kwargs=specific)

    return Foreign(f"transformers {name}", make, step)


def _timm(name: str, step: Step, label: str = "", **arguments: Any) -> Foreign:
    def make(optimizer: torch.optim.Optimizer) -> Any:
        import_timm()
        return getattr(importlib.import_module("timm.scheduler"), name)(optimizer, **arguments)

    return Foreign(f"timm {name} {label}".strip(), make, step)


def _by_metric(scheduler: Any, t: int) -> None:
    scheduler.step(METRICS[t - 1])


def _by_epoch(scheduler: Any, t: int) -> None:
    scheduler.step(t)


def _by_update(scheduler: Any, t: int) -> None:
    scheduler.step_update(t)


WARM: dict[str, Any] = dict(warmup_t=41, warmup_lr_init=1e-5)
FOREIGN = [
    *map(transformers, ("linear", "cosine", "polynomial", "constant", "constant_with_warmup", "inverse_sqrt")),
    transformers("cosine_with_restarts", num_cycles=3),
    transformers("cosine_with_min_lr", min_lr_rate=0.1),
    transformers("cosine_warmup_with_min_lr", min_lr_rate=0.1, warmup_lr_rate=0.01),
    transformers("warmup_stable_decay", num_decay_steps=300, min_lr_ratio=0.05),
    transformers("greedy", _by_metric, patience=3),
    transformers("reduce_lr_on_plateau", _by_metric, patience=5),
    _timm("CosineLRScheduler", _by_epoch, t_initial=300, lr_min=1e-6, cycle_limit=3, cycle_decay=0.5, **WARM),
    _timm("CosineLRScheduler", _by_update, "by update", t_initial=900, t_in_epochs=False, **WARM),
    _timm("CosineLRScheduler", _by_epoch, "with noise", t_initial=900, noise_range_t=(100, 300), **WARM),
    _timm("TanhLRScheduler", _by_epoch, t_initial=900, lr_min=1e-6, **WARM),
    _timm("PolyLRScheduler", _by_epoch, t_initial=900, lr_min=1e-6, **WARM),
    _timm("StepLRScheduler", _by_epoch, decay_t=97, decay_rate=0.7, **WARM),
    _timm("MultiStepLRScheduler", _by_update, decay_t=[97, 500], decay_rate=0.1, t_in_epochs=False, **WARM),
    _timm("WSDLRScheduler", _by_epoch, t_initial=900, decay_t=300, **WARM),
]
