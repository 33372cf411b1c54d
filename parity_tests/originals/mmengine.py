"""MMEngine's own schedulers: a list of names and arguments -> for each the rates, [count][group]."""

from importlib import import_module
from typing import Any

from parity_tests.originals import serve


def answer(request: dict[str, Any]) -> list[list[list[float]]]:
    """Request: ``rows`` of (name, arguments), and the ``base_lrs`` and ``steps`` of all of them."""
    return [_rates(name, given, request["base_lrs"], request["steps"]) for name, given in request["rows"]]


def _rates(name: str, arguments: dict[str, Any], base_lrs: list[float], steps: int) -> list[list[float]]:
    import torch

    mmengine = import_module("mmengine.optim.scheduler")
    groups = [{"params": [torch.zeros((), requires_grad=True)], "lr": lr} for lr in base_lrs]
    optimizer = torch.optim.SGD(groups, lr=base_lrs[0])
    scheduler, rates = getattr(mmengine, name)(optimizer, **arguments), []
    for _ in range(steps):
        rates.append([float(group["lr"]) for group in optimizer.param_groups])
        optimizer.step()
        scheduler.step()
    return rates


if __name__ == "__main__":
    serve(answer)
