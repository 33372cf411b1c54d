"""timm's own schedulers: a list of their arguments -> for each the rates, [count][group].

A row is the arguments of ``create_scheduler_v2``, or with "class" those of a class; "in_updates": True steps it by
updates. Count 0 has the rates that the constructor leaves.
"""

import logging
from typing import Any

from parity_tests.originals import serve


def answer(request: dict[str, Any]) -> list[list[list[float]]]:
    """Request: ``rows``, and the ``base_lrs`` and ``steps`` of all of them, perhaps ``metrics``."""
    metrics = request.get("metrics", [None] * request["steps"])
    return [_rates(row, request["base_lrs"], metrics) for row in request["rows"]]


def _rates(row: dict[str, Any], base_lrs: list[float], metrics: list[float | None]) -> list[list[float]]:
    import timm.scheduler
    import torch

    schedulers: Any = timm.scheduler
    logging.getLogger("timm").setLevel(logging.ERROR)
    groups = [{"params": [torch.zeros((), requires_grad=True)], "lr": lr} for lr in base_lrs]
    optimizer = torch.optim.SGD(groups, lr=base_lrs[0])
    if "class" in row:
        arguments = {name: value for name, value in row.items() if name != "class"}
        made = getattr(schedulers, row["class"])(optimizer, **arguments)
    else:
        made, _ = schedulers.create_scheduler_v2(optimizer, **row)
    step = made.step if made.t_in_epochs else made.step_update
    rates = []
    for count, metric in enumerate(metrics, 1):
        rates.append([float(group["lr"]) for group in optimizer.param_groups])
        step(count, metric)
    return rates


if __name__ == "__main__":
    serve(answer)
