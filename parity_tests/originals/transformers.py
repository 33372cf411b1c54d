"""transformers' own schedulers: a list of arguments of ``get_scheduler`` -> for each the rates, [count][group]."""

import warnings
from typing import Any

from parity_tests.originals import serve


def answer(request: dict[str, Any]) -> list[list[list[float]]]:
    """Request: ``rows``, and the ``base_lrs`` and ``steps`` of all of them."""
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


if __name__ == "__main__":
    serve(answer)
