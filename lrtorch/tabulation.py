"""Any scheduler as a table."""

import copy
import inspect
import warnings
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import torch

from lrspec import check
from lrspec.scheduler_arguments import Table


def tabulate(
    scheduler: Any,
    num_steps: int,
    step: Callable[[Any, int], Any] | None = None,
    optimizer: torch.optim.Optimizer | None = None,
) -> dict[str, Any]:
    """Run a copy of a live scheduler and write down what it does: ``TableLR`` plays it, here and in lrjax.

    The scheduler may be anybody's: a subclass, a LambdaLR of any library, timm's, one in the middle of a run. It is
    copied with the groups of its optimizer (without parameters and moments), so that neither is touched. What a copy
    cannot hold is the memory of a plain function (a closure over a list, a global): such a function is called itself.

    Args:
        scheduler: torch's, or another that writes rates into an optimizer's groups.
        num_steps: how many scheduler steps to take, at least 1. The table has one rate more, the first being that of
            the next update, so that a loop which steps the scheduler after its last update stays inside.
        step: ``(scheduler, t) -> None`` takes the t-th step, t from 1, where ``scheduler.step()`` will not do: timm's
            ``lambda s, t: s.step_update(t)``; with metrics ``lambda s, t: s.step(losses[t - 1])``.
        optimizer: where the rates are; None: ``scheduler.optimizer``. With it, ``scheduler`` may be any object that
            ``step`` knows how to step, such as a list of schedulers.

    Returns:
        Option -> [[steps, [value per group]], ...], run-length coded, the values with all their 64 bits: "lr", and
        any other number of the groups that changed; the first of ``betas`` is "momentum". Plain dicts, lists and
        numbers, for JSON and ``torch.save`` alike.

    Raises:
        TypeError: a scheduler without an optimizer.
        ValueError: a step() that needs arguments and no ``step``; a rate that is not finite; an option that is no
            number and changes.

    >>> optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    >>> tabulate(torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5), 3)
    {'lr': [[2, [1.0]], [2, [0.5]]]}
    """
    num_steps = check.integer("tabulate", "num_steps", num_steps, 1)
    optimizer = getattr(scheduler, "optimizer", None) if optimizer is None else optimizer
    if not isinstance(optimizer, torch.optim.Optimizer):
        check.fail("tabulate", "scheduler", "must be a live one, with its optimizer", scheduler, TypeError)
    if not (step is None or callable(step)):
        check.fail("tabulate", "step", "must be a function of the scheduler and t", step, TypeError)
    if step is None and not _steps_alone(scheduler):
        rule = "must be given, as 'lambda scheduler, t: ...' (the scheduler's own step() needs arguments)"
        check.fail("tabulate", "step", rule, None)
    with warnings.catch_warnings():
        # torch warns of a scheduler that steps before its optimizer: the copy of the optimizer never steps
        warnings.filterwarnings("ignore", message="Detected call of `lr_scheduler.step|Seems like `optimizer.step")
        runs = _run(*_copied(scheduler, optimizer), num_steps, step)
    changed = {name: rows for name, rows in runs.items() if name == "lr" or len(rows) > 1}
    for name, rows in changed.items():
        for _, values in rows:
            if not all(isinstance(value, float) for value in values):
                check.fail("tabulate", "scheduler", f"must not change {name!r}, which is no number", values)
    return Table("tabulate", changed).plain()


def _steps_alone(scheduler: Any) -> bool:
    try:
        inspect.signature(scheduler.step).bind()
    except (TypeError, AttributeError):
        return False
    return True


def _copied(scheduler: Any, optimizer: torch.optim.Optimizer) -> tuple[Any, torch.optim.Optimizer]:
    """Deep copies of both that belong together; the optimizer's without data."""
    memo: dict[int, Any] = {id(optimizer.state): defaultdict(dict)}
    for group in optimizer.param_groups:
        memo |= {id(p): torch.empty(p.shape, dtype=p.dtype, device="meta") for p in group["params"]}
    return copy.deepcopy((scheduler, optimizer), memo)


def _run(scheduler: Any, optimizer: torch.optim.Optimizer, num_steps: int, step: Any) -> dict[str, list[Any]]:
    """Every option over the steps, in runs."""
    runs: dict[str, list[Any]] = {}
    for t in range(num_steps + 1):
        if t > 0:
            scheduler.step() if step is None else step(scheduler, t)
        for name, values in _options(optimizer).items():
            rows = runs.setdefault(name, [])
            if rows and rows[-1][1] == values:
                rows[-1][0] += 1
            else:
                rows.append([1, values])
    return runs


def _options(optimizer: torch.optim.Optimizer) -> dict[str, list[Any]]:
    """What the optimizer reads from its groups: option -> its value in each, numbers as floats."""
    names = dict.fromkeys(("lr", *optimizer.defaults))
    options = {name: [_plain(group[name]) for group in optimizer.param_groups] for name in names}
    if "betas" in options and "momentum" not in options:
        betas = options.pop("betas")
        options |= {"momentum": [_plain(beta[0]) for beta in betas], "the rest of betas": [beta[1:] for beta in betas]}
    return options


def _plain(value: Any) -> Any:
    if type(value) is float:  # asked for every option of every group at every step
        return value
    if isinstance(value, torch.Tensor) and value.numel() == 1:
        value = value.item()
    return float(value) if check.is_number(value) else value
