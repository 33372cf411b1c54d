"""The learning rate range test: a loop, after which model, optimizer and random states are as before."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from itertools import islice
from typing import Any

import torch
from torch.utils import _pytree as pytree

from lrspec import check
from lrspec.documentation import documented
from lrspec.lr_finder.arguments import ARGUMENTS, RAISES, RETURNS
from lrspec.lr_finder.batches import check_first_axis, is_stacked, kept_random_states, taken
from lrspec.lr_finder.methods import WHERE, Plan, Settings, read_plan, read_settings
from lrspec.lr_finder.result import Curve, RangeTest, Recorder, recorded, result
from lrspec.types import Number

from .control import get_lr
from .optim._groups import check_optimizer, groups_by_name
from .optim._schedulers import held

_ARGUMENTS = ARGUMENTS | {
    "model": "the module; with ``runs`` a list of them.",
    "optimizer": "any optimizer of torch over its parameters; with ``runs`` a list of them.",
    "loss": "``loss(model, batch)``, a tensor with one number; or a pair of it and of anything else, which is not "
    "used.",
    "runs": "so many runs, for a band: ``model`` and ``optimizer`` are then lists of that length.",
}
_DESCRIPTION = """The model is in training mode meanwhile. Afterwards, also where something raises, all is as it was:
parameters, buffers, gradients, modes, the optimizer's state and rates, the random states of Python, NumPy, torch and
the loader. No scheduler steps. Every group's rate is scaled, so that their ratios stay."""


@documented(_ARGUMENTS, description=_DESCRIPTION, returns=RETURNS, raises=RAISES)
def lr_find(
    model: Any,
    optimizer: Any,
    loss: Callable[..., Any],
    batches: Any,
    *,
    method: str = "fastai",
    start_lr: Number | None = None,
    end_lr: Number | None = None,
    num_iter: int = 100,
    grid: str | None = None,
    mode: str = "exponential",
    smooth: str | None = None,
    stop: str | None = None,
    threshold: Number | None = None,
    suggest: str | None = None,
    group: str | None = None,
    parallel: int | None = None,
    runs: int | None = None,
) -> RangeTest:
    """The learning rate range test: train through growing rates, and suggest one from the losses."""
    options = (method, start_lr, end_lr, num_iter, grid, mode, smooth, stop, threshold, suggest, group, parallel, runs)
    settings = read_settings(*options)
    pairs = list(zip(_each("model", model, settings), _each("optimizer", optimizer, settings), strict=True))
    for one, its in pairs:
        _check_pair(one, its)
    if not callable(loss) or isinstance(loss, type | torch.nn.Module):
        check.fail(WHERE, "loss", "must be a function", loss, TypeError)
    plan = _plan(settings, pairs[0][1])
    batches = _Batches(batches, settings)
    route = _growing if settings.parallel is None else _each_alone
    return result(plan, [route(plan, one, its, loss, batches) for one, its in pairs])


def _each(argument: str, given: Any, settings: Settings) -> Sequence[Any]:
    if settings.runs is None:
        return [given]
    if not isinstance(given, list | tuple) or len(given) != settings.runs:
        check.fail(WHERE, argument, f"must be a list of {settings.runs} (runs={settings.runs})", given)
    return given


def _check_pair(model: Any, optimizer: Any) -> None:
    if not isinstance(model, torch.nn.Module):
        check.fail(WHERE, "model", "must be a torch.nn.Module", model, TypeError)
    check_optimizer(WHERE, optimizer)


def _plan(settings: Settings, optimizer: torch.optim.Optimizer) -> Plan:
    groups = groups_by_name(WHERE, optimizer)
    return read_plan(settings, get_lr(optimizer), {name: bool(g.get("frozen")) for name, g in groups.items()})


class _Batches:
    """The batches from their beginning, as often as they are asked for."""

    def __init__(self, batches: Any, settings: Settings) -> None:
        self.given, self.stacked = batches, is_stacked(batches)
        self.count = settings.num_iter if settings.parallel is None else settings.parallel + 1
        if self.stacked:
            shapes = (tuple(getattr(x, "shape", ())) for x in pytree.tree_leaves(batches))
            length = check_first_axis("batches", shapes, "the batches")
            self.given = [pytree.tree_map(lambda x, i=i: x[i], batches) for i in range(min(length, self.count))]
        taken(self.given, self.count)

    def __iter__(self) -> Iterator[Any]:
        return iter(taken(self.given, self.count))


def _growing(plan: Plan, model: Any, optimizer: Any, loss: Any, batches: _Batches) -> Curve:
    """One run: the rate of each update is the next one."""
    recorder = Recorder(plan)
    with kept_random_states(batches.given), _kept(model, optimizer):
        for lr, batch in zip(plan.lrs, batches, strict=True):
            if recorder.add(_update(plan, lr, model, optimizer, loss, batch)):
                break
    return recorder.curve()


def _each_alone(plan: Plan, model: Any, optimizer: Any, loss: Any, batches: _Batches) -> Curve:
    """For every rate: some updates at that rate from the start, then the loss of the next batch."""
    with kept_random_states(batches.given):
        rows = list(batches)

    def at(lr: float) -> float:
        with kept_random_states(None), _kept(model, optimizer):
            for batch in islice(rows, len(rows) - 1):
                _update(plan, lr, model, optimizer, loss, batch)
            with torch.no_grad():
                return _number(loss(model, rows[-1])).item()

    return recorded(plan, map(at, plan.lrs))


def _update(plan: Plan, lr: float, model: Any, optimizer: Any, loss: Any, batch: Any) -> float:
    """An update of every group at its rate; the loss before it."""
    for group, rate in zip(optimizer.param_groups, plan.rates(lr).values(), strict=True):
        if isinstance(group["lr"], torch.Tensor):
            group["lr"].fill_(rate)
        else:
            group["lr"] = rate
    optimizer.zero_grad()
    value = _number(loss(model, batch))
    value.backward()
    optimizer.step()
    return value.item()


def _number(found: Any) -> torch.Tensor:
    value = found[0] if isinstance(found, tuple | list) and len(found) == 2 else found
    if not isinstance(value, torch.Tensor) or value.ndim or not value.is_floating_point():
        check.fail(WHERE, "loss", "must give one number, or a pair that begins with one", value, TypeError)
    return value


@contextmanager
def _kept(model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> Iterator[None]:
    """A model in training mode and an optimizer, to be used; afterwards both are as they were."""
    modes = {module: module.training for module in model.modules()}
    with _kept_tensors(model, optimizer), _copied_state(optimizer), held(optimizer), torch.enable_grad():
        try:
            model.train()
            yield
        finally:
            for module, training in modes.items():
                module.training = training


@contextmanager
def _kept_tensors(model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> Iterator[None]:
    """Parameters, buffers and gradients: the same tensors with the same numbers."""
    parameters = [*model.parameters(), *(p for group in optimizer.param_groups for p in group["params"])]
    parameters = list(dict.fromkeys(parameters))
    buffers = [(m, dict(m._buffers)) for m in model.modules()]  # also those that state_dict leaves out
    tensors = [*parameters, *(x for _, of_module in buffers for x in of_module.values() if x is not None)]
    numbers = [x.detach().clone() for x in tensors]
    grads = [p.grad for p in parameters]
    try:
        for p in parameters:
            p.grad = None
        yield
    finally:
        for module, of_module in buffers:
            module._buffers.update(of_module)
        with torch.no_grad():
            for x, before in zip(tensors, numbers, strict=True):
                x.copy_(before)
        for p, grad in zip(parameters, grads, strict=True):
            p.grad = grad


@contextmanager
def _copied_state(optimizer: torch.optim.Optimizer) -> Iterator[None]:
    """The optimizer works on copies of its state and its groups, which are then thrown away."""
    state, groups, others = optimizer.state, optimizer.param_groups, dict(vars(optimizer))
    try:
        optimizer.state = defaultdict(dict, {p: deepcopy(one) for p, one in state.items()})
        copied = [{**deepcopy({k: v for k, v in group.items() if k != "params"})} for group in groups]
        optimizer.param_groups = [{**group, **own} for group, own in zip(groups, copied, strict=True)]
        yield
    finally:
        optimizer.state, optimizer.param_groups = state, groups
        if "_opt_called" not in others:  # by which torch knows that a scheduler is stepped too early
            vars(optimizer).pop("_opt_called", None)
