"""Making and calling torch's optimizers, as a user would: fixed gradients, ``step()`` in place."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

import lrtorch

from .measurement import Run
from .parameter_trees import arrays, sample

STEPS = 3  # before the answer is read
# Where tensors are made. Not torch's default device: that slows every call from Python down, and it would put the step
# counts of the optimizers on the GPU, where a user's are not and reading one waits for the device.
DEVICE = torch.device("cpu")
FORMS: dict[str, dict[str, bool]] = {
    "single": {"foreach": False},
    "foreach": {"foreach": True},
    "fused": {"fused": True},
    "default": {},
}


def wait() -> None:
    """Until the device has done everything asked of it."""
    if DEVICE.type == "cuda":
        torch.cuda.synchronize()


def parameters(layout: str, size: int) -> dict[str, torch.nn.Parameter]:
    """``parameter_trees.arrays`` on the device, gradients in place."""
    made = {
        path: torch.nn.Parameter(torch.tensor(value, device=DEVICE)) for path, value in arrays(layout, size, 0).items()
    }
    for path, value in arrays(layout, size, 1).items():
        made[path].grad = torch.tensor(value, device=DEVICE)
    return made


def optimizer_run(name: str, form: str, groups: Any, options: Mapping[str, Any], settings: Mapping[str, Any]) -> Run:
    """``torch.optim.<name>`` over the parameters that ``settings`` ask for.

    Args:
        name: torch's class.
        form: one of ``FORMS``, or "compiled".
        groups: see ``lrtorch.param_groups``.
        options: the optimizer's arguments.
        settings: "layout" and "size", see ``parameter_trees.shapes``.
    """
    named = parameters(settings["layout"], settings["size"])
    wait()
    begin = time.perf_counter()
    forms = FORMS["default" if form == "compiled" else form]
    optimizer = getattr(lrtorch, name)(named.items(), groups, **options, **forms)
    step = compiled(optimizer.step) if form == "compiled" else optimizer.step

    def call() -> None:
        step()
        wait()

    call()
    first_call = time.perf_counter() - begin
    for _ in range(STEPS - 1):
        call()
    tensors = sum(isinstance(v, torch.Tensor) for state in optimizer.state.values() for v in state.values())
    return Run(call, answer(named), first_call=first_call, facts={"leaves": tensors})


def compiled(step: Callable[[], Any]) -> Callable[[], Any]:
    """An optimizer's step through ``torch.compile``."""

    def run() -> None:
        step()

    return torch.compile(run)


def answer(named: Mapping[str, torch.Tensor]) -> np.ndarray:
    """What is compared with the other contenders."""
    return sample({path: p.numpy(force=True) for path, p in named.items()})
