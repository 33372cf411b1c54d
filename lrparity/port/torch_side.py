"""A PyTorch optimizer with its schedulers as a program and as a machine; the user's objects stay as they are."""

import copy
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from lrspec import check

from .machine import Arrays, Ran, flat_names
from .program import Program
from .rule import Rule, of_torch
from .torch_loop import Loop, TorchLoop

WHERE = "compare"
_KNOWN = ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam")
_MOMENTS = {
    "first moment": ("exp_avg", "momentum_buffer"),
    "second moment": ("exp_avg_sq", "square_avg", "sum", "exp_inf"),
}


class TorchSide:
    """The user's optimizer and schedulers."""

    def __init__(self, optimizer: Any, schedulers: Any, loop: Loop, names: Any = None) -> None:
        if not isinstance(optimizer, torch.optim.Optimizer):
            rule = "must be a torch.optim.Optimizer or what optimizer.state_dict() gave"
            check.fail(WHERE, "optimizer", rule, type(optimizer).__name__, TypeError)
        if isinstance(optimizer, torch.optim.LBFGS):
            check.fail(WHERE, "optimizer", "must step without a closure, which LBFGS needs", "LBFGS")
        self.optimizer = optimizer
        self.loop = loop
        self.notes: list[str] = []
        given = list(schedulers) if isinstance(schedulers, list | tuple) else [schedulers]
        stepped = [(one, loop.every) for one in given if one is not None]
        # Those that lrtorch attached: each described, with how often it steps, and torch's.
        attached = [(its, one.every) for one, its in vars(optimizer).get("lr_schedulers", []) if one.every is not None]
        self.periods = [every for _, every in stepped or attached]
        self.schedulers = [one for one, _ in stepped or attached]
        self._check_schedulers()
        named = dict(zip(_names(optimizer, names), _params(optimizer), strict=True))
        frozen = {name: p for name, p in named.items() if not p.requires_grad}
        frozen = {} if len(frozen) == len(named) else frozen  # tensors that were never to be trained tell nothing
        left_out = _left_out(optimizer, names)
        self.still = {name: tuple(p.shape) for name, p in (frozen | left_out).items()}  # what this side never moves
        self.heard = [name for name, p in left_out.items() if p.requires_grad]  # of these, what has gradients
        self.values = {name: p for name, p in named.items() if name not in frozen}
        self.names = list(self.values)
        self.shapes = {name: tuple(p.shape) for name, p in self.values.items()}
        self.dtype = str(next(iter(self.values.values())).dtype).removeprefix("torch.")

    def _check_schedulers(self) -> None:
        plateau = [s for s in self.schedulers if _follows_a_metric(s)]
        if plateau:
            kept = [(s, every) for s, every in zip(self.schedulers, self.periods, strict=True) if s not in plateau]
            self.schedulers, self.periods = [s for s, _ in kept], [every for _, every in kept]
            self.notes.append(
                f"{' and '.join(map(_kind, plateau))} needs a metric, which this comparison has not: the rates are "
                "compared as if the metric improved at every step."
            )
        if any(float(state.get("step", 1)) > 0 for state in self.optimizer.state.values()):
            self.notes.append("The torch optimizer has already stepped: both sides are compared from fresh moments.")
        for scheduler in self.schedulers:
            if (taken := getattr(scheduler, "last_epoch", 0)) > 0:
                what = f"The {type(scheduler).__name__} has already taken {taken} steps"
                self.notes.append(f"{what}: the comparison begins there, and JAX's schedule at count 0.")
            if not callable(getattr(scheduler, "step", None)):
                check.fail(WHERE, "schedulers", "must be live schedulers with a step()", scheduler, TypeError)
            owner = getattr(scheduler, "optimizer", self.optimizer)
            if owner is not self.optimizer:
                rule = "must belong to the optimizer that is compared"
                check.fail(WHERE, "schedulers", rule, f"a {type(scheduler).__name__} of another")

    def group_names(self) -> list[str]:
        """The name of each group: its own, or its number."""
        return [str(group.get("name", i)) for i, group in enumerate(self.optimizer.param_groups)]

    def group_of(self) -> list[int]:
        """The index of the group of each parameter."""
        trained = {id(p) for p in self.values.values()}
        groups = enumerate(self.optimizer.param_groups)
        return [i for i, group in groups for p in group["params"] if id(p) in trained]

    def fresh(self, values: Mapping[str, torch.Tensor]) -> tuple[torch.optim.Optimizer, list[Any], list[Any]]:
        """Copies of the optimizer, without state, over other values of the parameters, and of the schedulers."""
        params = [torch.nn.Parameter(values[name]) for name in self.names]
        memo: dict[int, Any] = {id(self.optimizer.state): defaultdict(dict)}
        memo |= {id(p): torch.nn.Parameter(torch.zeros(()), False) for p in _params(self.optimizer)}
        memo |= {id(old): new for old, new in zip(self.values.values(), params, strict=True)}
        optimizer, schedulers = copy.deepcopy((self.optimizer, self.schedulers), memo)
        for key, value in self.optimizer.__dict__.items():
            if key not in optimizer.__dict__ and key != "step" and not key.startswith("_"):
                setattr(optimizer, key, copy.deepcopy(value, memo))
        optimizer.__dict__.pop("step", None)  # a scheduler's wrapper, which would step the original
        optimizer.__dict__["_opt_called"] = True  # torch's warning about the order of calls would be about this copy
        if isinstance(
            optimizer, torch.optim.Adagrad
        ):  # its constructor makes the state, and torch 2.11's step does not
            for p in params:
                total = torch.full_like(p, optimizer.defaults["initial_accumulator_value"], requires_grad=False)
                optimizer.state[p] = {"step": torch.tensor(0.0), "sum": total}
        return optimizer, schedulers, params

    def read(self, updates: int, micro_steps: int) -> None:
        """See ``Machine``: the comparison reads this side by ``program``."""

    def run(self, start: Arrays, grads: Arrays, dtype: str, *, hold: bool) -> Ran:
        """See ``Machine``."""
        runs = len(next(iter(start.values())))
        ran = [
            self._run_one(
                {name: w[s] for name, w in start.items()}, {n: g[:, s] for n, g in grads.items()}, dtype, hold
            )
            for s in range(runs)
        ]
        moments = {
            key: {name: np.stack([one.moments[key][name] for one in ran], 1) for name in ran[0].moments[key]}
            for key in ran[0].moments
        }
        joined = [{n: np.stack([one[i][n] for one in ran], 1) for n in self.names} for i in (0, 1)]  # type: ignore[literal-required]
        return Ran(joined[0], joined[1], moments)

    def _run_one(self, start: Arrays, grads: Arrays, dtype: str, hold: bool) -> Ran:
        kind = getattr(torch, dtype)
        first = {name: torch.as_tensor(w).to(kind) for name, w in start.items()}
        optimizer, schedulers, params = self.fresh({name: w.clone() for name, w in first.items()})
        loop, groups = TorchLoop(optimizer, self._due(schedulers), params, self.loop), self.names
        after: dict[str, list[Any]] = {name: [] for name in groups}
        moved: dict[str, list[Any]] = {name: [] for name in groups}
        moments: dict[str, dict[str, list[Any]]] = {}
        for t in range(len(next(iter(grads.values())))):
            old = [p.detach().clone() for p in params]
            loop.micro_step([torch.tensor(grads[name][t], dtype=kind) for name in groups])
            for name, p, before in zip(groups, params, old, strict=True):
                after[name].append(p.detach().double().numpy().copy())
                moved[name].append((p.detach() - before).double().numpy())
                if hold:
                    p.data.copy_(first[name])
            _read_moments(optimizer, groups, params, moments)
        arrays = {key: stack_all(by_name) for key, by_name in moments.items()}
        return Ran(stack_all(after), stack_all(moved), arrays)

    def program(self, updates: int) -> Program:
        """The rules of the groups, and the rates of so many updates."""
        options = self.options_over(updates)
        per_group = self.group_of()
        names = self.group_names()
        rates = np.array([[group["lr"] for group in row] for row in options], np.float64)
        rules: list[Rule] = [of_torch(self.class_name(), options[0][g]) for g in range(len(names))]
        for g, rule in enumerate(rules):
            if rule.lr_decay:  # Adagrad's own schedule: part of the rates, for no one can tell them apart
                rates[:, g] /= 1 + np.arange(updates) * rule.lr_decay
                rules[g] = replace(rule, lr_decay=0.0)
        schedules = scheduled_fields(self.class_name(), options)
        return Program(
            names=self.names,
            groups=[names[g] for g in per_group],
            rules=[rules[g] for g in per_group],
            rates=rates[:, per_group],
            clip=self.loop.clip,
            accumulation=self.loop.accumulation,
            schedules={key: value[:, per_group] for key, value in schedules.items()},
        )

    def class_name(self) -> str:
        """The name of torch's class, or of the user's own with its module."""
        kind = type(self.optimizer)
        base = next((one for one in kind.__mro__ if one.__module__.startswith("torch.optim")), None)
        own_step = base is None or kind.step is not base.step
        return f"{kind.__module__}.{kind.__qualname__}" if own_step or base is None else base.__name__

    def _due(self, schedulers: list[Any]) -> list[tuple[Any, int]]:
        """Schedulers with the number of updates between their steps."""
        return list(zip(schedulers, self.periods, strict=True))

    def options_over(self, updates: int) -> list[list[dict[str, Any]]]:
        """The options of each group at each of so many updates: as its last micro-step finds them."""
        values = {name: torch.zeros(()) for name in self.names}
        optimizer, schedulers, params = self.fresh(values)
        loop = TorchLoop(optimizer, self._due(schedulers), params, self.loop)
        out = []
        for _ in range(updates):
            for _ in range(self.loop.accumulation.steps - 1):
                loop.pretend()
            out.append([{k: plain(v) for k, v in group.items() if k != "params"} for group in optimizer.param_groups])
            loop.pretend()
        return out


def scheduled_fields(kind: str, options: list[list[dict[str, Any]]]) -> dict[str, np.ndarray]:
    """Fields of the rule that schedulers change: field -> shape=(updates, groups)."""
    if kind not in _KNOWN or not options:
        return {}
    fields = {"momentum": "momentum", "weight_decay": "weight_decay"}
    out = {}
    for option, name_there in fields.items():
        if option in options[0][0]:
            out[name_there] = np.array([[group[option] for group in row] for row in options], np.float64)
    if "betas" in options[0][0]:
        out["b1"] = np.array([[group["betas"][0] for group in row] for row in options], np.float64)
    return {key: values for key, values in out.items() if (values != values[:1]).any()}


def plain(value: Any) -> Any:
    """A Python value of an option."""
    if isinstance(value, torch.Tensor):
        return value.item() if value.numel() == 1 else value
    return tuple(plain(v) for v in value) if isinstance(value, tuple | list) else value


def stack_all(lists: Mapping[str, Sequence[Any]]) -> Arrays:
    """A dict of lists as a dict of arrays."""
    return {name: np.stack(values) for name, values in lists.items()}


def _read_moments(optimizer: Any, names: list[str], params: list[Any], out: dict[str, dict[str, list[Any]]]) -> None:
    """What the optimizer keeps per parameter, where it has a name that is known."""
    for what, keys in _MOMENTS.items():
        for name, p in zip(names, params, strict=True):
            state = optimizer.state.get(p, {})
            found = next((state[key] for key in keys if isinstance(state.get(key), torch.Tensor)), None)
            if found is not None and found.shape == p.shape:
                out.setdefault(what, {}).setdefault(name, []).append(found.detach().double().numpy().copy())


def _follows_a_metric(scheduler: Any) -> bool:
    """Whether it is ReduceLROnPlateau, or a GreedyLR, lrtorch's or transformers'."""
    return isinstance(scheduler, torch.optim.lr_scheduler.ReduceLROnPlateau) or _kind(scheduler) == "GreedyLR"


def _kind(scheduler: Any) -> str:
    return type(scheduler).__name__.removeprefix("_")


def _params(optimizer: Any) -> list[Any]:
    """All parameters, in the order of the groups."""
    return [p for group in optimizer.param_groups for p in group["params"]]


def _left_out(optimizer: Any, names: Any) -> dict[str, Any]:
    """The model's parameters that the optimizer has not, where the model is given."""
    if not isinstance(names, torch.nn.Module):
        return {}
    known = {id(p) for p in _params(optimizer)}
    return {name: p for name, p in names.named_parameters() if id(p) not in known}


def _names(optimizer: Any, names: Any) -> list[str]:
    """torch's name of each parameter, in the order of the groups."""
    groups = optimizer.param_groups
    count = sum(len(group["params"]) for group in groups)
    if names is None:
        if all("param_names" in group for group in groups):
            return [name for group in groups for name in group["param_names"]]
        if count == 1:
            return ["param"]
        rule = "must be given where the optimizer has no names: the model, or its names in the optimizer's order"
        check.fail(WHERE, "names", rule, None)
    if isinstance(names, torch.nn.Module):
        by_id = {id(p): name for name, p in names.named_parameters()}
        found = [by_id.get(id(p)) for group in groups for p in group["params"]]
        if None in found:
            rule = "must be the model whose parameters the optimizer has"
            check.fail(WHERE, "names", rule, f"{found.count(None)} parameters that are not the model's")
        return [name for name in found if name is not None]
    given = flat_names(names)
    if len(given) != count or len(set(given)) != count:
        check.fail(WHERE, "names", f"must name each of the optimizer's {count} parameters once", given)
    return given
