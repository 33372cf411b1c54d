"""torchtitan's own scheduler: a list of the fields of its configuration -> for each the rates, [count][group].

Its module is loaded by itself: the packages around it import what a trainer needs.
"""

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

from parity_tests.originals import serve


def answer(request: dict[str, Any]) -> list[list[list[float]]]:
    """Request: ``rows``, and the ``base_lrs`` and ``steps`` of all of them; total_steps is a field of each."""
    sys.modules["tyro"] = MagicMock()
    home = "torchtitan.components.optimizer"
    package, beside = ModuleType(home), ModuleType(f"{home}.optimizer")
    folder = next(iter(importlib.import_module("torchtitan").__path__))
    package.__path__ = [str(Path(folder) / "components" / "optimizer")]
    beside.__dict__["OptimizersContainer"] = object
    sys.modules |= {home: package, beside.__name__: beside}
    container = importlib.import_module(f"{home}.lr_scheduler").LRSchedulersContainer
    return [_rates(container, row, request["base_lrs"], request["steps"]) for row in request["rows"]]


def _rates(container: Any, row: dict[str, Any], base_lrs: list[float], steps: int) -> list[list[float]]:
    import torch

    groups = [{"params": [torch.zeros((), requires_grad=True)], "lr": lr} for lr in base_lrs]
    optimizer = torch.optim.SGD(groups, lr=base_lrs[0])
    schedulers = container.Config(**row).build(optimizers=[optimizer], training_steps=row["total_steps"])
    optimizer.step()
    rates = []
    for _ in range(steps):
        rates.append([float(group["lr"]) for group in optimizer.param_groups])
        schedulers.step()
    return rates


if __name__ == "__main__":
    serve(answer)
