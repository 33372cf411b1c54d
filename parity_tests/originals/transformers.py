"""transformers' own schedulers: a list of arguments of ``get_scheduler`` -> for each the rates, [count][group]."""

import warnings
from typing import Any

from parity_tests.originals import serve


def answer(request: dict[str, Any]) -> Any:
    """Request: ``rows``, and the ``base_lrs`` and ``steps`` of all of them; or ``greedy``, see ``_greedy``."""
    if "greedy" in request:
        return [_greedy(row, request) for row in request["greedy"]]
    return [_rates(row, request["base_lrs"], request["steps"]) for row in request["rows"]]


def _rates(row: dict[str, Any], base_lrs: list[float], steps: int) -> list[list[float]]:
    import torch
    from transformers.optimization import get_scheduler

    groups = [{"params": [torch.zeros((), requires_grad=True)], "lr": lr} for lr in base_lrs]
    optimizer = torch.optim.SGD(groups, lr=base_lrs[0])
    arguments = {name: row[name] for name in ("num_warmup_steps", "num_training_steps") if name in row}
    specific = {name: value for name, value in row.items() if name not in ("name", *arguments)}
    scheduler = get_scheduler(row["name"], optimizer, **arguments, scheduler_specific_kwargs=specific or None)
    optimizer.step()
    rates = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(steps):
            rates.append([float(group["lr"]) for group in optimizer.param_groups])
            scheduler.step()
    return rates


def _greedy(arguments: dict[str, Any], request: dict[str, Any]) -> list[dict[str, Any]]:
    """For each of ``metrics``, a list of lists: the rates before each step, and the state after the last."""
    import torch
    from transformers.optimization import get_scheduler

    found = []
    for metrics in request["metrics"]:
        groups = [{"params": [torch.zeros((), requires_grad=True)], "lr": lr} for lr in request["base_lrs"]]
        optimizer = torch.optim.SGD(groups, lr=1.0)
        scheduler: Any = get_scheduler("greedy", optimizer, scheduler_specific_kwargs=arguments)
        rates = []
        for metric in metrics:
            rates.append([float(group["lr"]) for group in optimizer.param_groups])
            scheduler.step(metric)
        found.append({"rates": rates, "state": scheduler.state_dict()})
    return found


if __name__ == "__main__":
    serve(answer)
