"""ignite's own schedulers: a list of names and arguments -> for each the rates, [count][group]."""

from importlib import import_module
from typing import Any

from parity_tests.originals import serve


def answer(request: dict[str, Any]) -> list[list[list[float]]]:
    """Request: ``rows`` of (name, arguments), and the ``base_lrs`` and ``steps`` of all of them."""
    return [_rates(name, given, request["base_lrs"], request["steps"]) for name, given in request["rows"]]


def _rates(name: str, arguments: dict[str, Any], base_lrs: list[float], steps: int) -> list[list[float]]:
    import torch

    groups = [{"params": [torch.zeros((), requires_grad=True)], "lr": lr} for lr in base_lrs]
    optimizer = torch.optim.SGD(groups, lr=base_lrs[0])
    scheduler, rates = _scheduler(name, arguments, optimizer), []
    for _ in range(steps):
        scheduler(None)
        rates.append([float(group["lr"]) for group in optimizer.param_groups])
    return rates


def _scheduler(name: str, arguments: dict[str, Any], optimizer: Any) -> Any:
    import torch

    ignite = import_module("ignite.handlers.param_scheduler")
    if name == "LambdaLR":
        return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: arguments["gamma"] ** t)
    if name == "ConcatScheduler":
        schedulers = [_scheduler(*one, optimizer=optimizer) for one in arguments["schedulers"]]
        schedulers = [one if hasattr(one, "get_param") else ignite.LRScheduler(one) for one in schedulers]
        return ignite.ConcatScheduler(schedulers, arguments["durations"])
    if name == "create_lr_scheduler_with_warmup":
        inner = _scheduler(*arguments["lr_scheduler"], optimizer=optimizer)
        return ignite.create_lr_scheduler_with_warmup(**{**arguments, "lr_scheduler": inner})
    if name == "PiecewiseLinear":
        arguments = {"milestones_values": [tuple(pair) for pair in arguments["milestones_values"]]}
    return getattr(ignite, name)(optimizer, "lr", **arguments)


if __name__ == "__main__":
    serve(answer)
