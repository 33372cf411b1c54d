"""ildoonet's GradualWarmupScheduler itself: a list of its arguments -> for each the rates, [count][group].

``after`` is None, or the factor of an exponential LambdaLR, or the length of a linear one.
"""

import warnings
from importlib import import_module
from typing import Any

from parity_tests.originals import serve


def answer(request: dict[str, Any]) -> list[list[list[float]]]:
    """Request: ``rows``, and the ``base_lrs`` and ``steps`` of all of them."""
    return [_rates(row, request["base_lrs"], request["steps"]) for row in request["rows"]]


def _rates(row: dict[str, Any], base_lrs: list[float], steps: int) -> list[list[float]]:
    import torch

    package: Any = import_module("warmup_scheduler")

    groups = [{"params": [torch.zeros((), requires_grad=True)], "lr": lr} for lr in base_lrs]
    optimizer = torch.optim.SGD(groups, lr=base_lrs[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        after, x = None, row["after"]
        if x is not None:
            shape = (lambda e: 1 - e / x) if x > 1 else (lambda e: x**e)
            after = torch.optim.lr_scheduler.LambdaLR(optimizer, shape)
        scheduler = package.GradualWarmupScheduler(optimizer, row["multiplier"], row["total_epoch"], after)
        optimizer.step()
        rates = []
        for _ in range(steps):
            rates.append([float(group["lr"]) for group in optimizer.param_groups])
            scheduler.step()
    return rates


if __name__ == "__main__":
    serve(answer)
