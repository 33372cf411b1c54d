"""A program in torch: its own classes, through lrtorch."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import numpy as np
import torch

import lrtorch
from lrparity.oracle.cpu import CorrectSqrt
from lrspec.optimizer_options import BY_NAME
from parity_tests.by_hand import by_hand
from parity_tests.optimizers.halves import to_numpy, to_torch

from . import arrays, options, schedulers
from .in_jax import as_tuples


class InTorch:
    """torch's optimizer of a program, and its parameters; ``do`` takes one event."""

    def __init__(self, program: Mapping[str, Any]) -> None:
        self.program, self.leaves = program, dict(program["leaves"])
        self.changes: list[Mapping[str, Any]] = []
        self.model = self._parameters(program["leaves"])
        self.optimizer = self._optimizer()

    def _parameters(self, leaves: Mapping[str, Any]) -> dict[str, torch.nn.Parameter]:
        made = arrays.parameters(self.program["start"], leaves)
        return {name: torch.nn.Parameter(to_torch(x)) for name, x in made.items()}

    def _optimizer(self) -> Any:
        made = [schedulers.make(lrtorch, spec) for spec in self.program["schedulers"]]
        groups = [options.readable(group) for group in self.program["groups"]]
        model = {name: self.model[name] for name in self.program["leaves"]}
        make = getattr(lrtorch, self.program["optimizer"])
        with self._arithmetic():
            return make(model, groups, scheduler=by_hand(made) or None, **options.readable(self.program["options"]))

    @contextmanager
    def _arithmetic(self) -> Iterator[None]:
        """Subnormal numbers are zero, as in XLA on a CPU; Rprop keeps the sign of a subnormal product."""
        torch.set_flush_denormal(self.program["optimizer"] != "Rprop")
        try:
            with CorrectSqrt():
                yield
        finally:
            torch.set_flush_denormal(False)

    def do(self, event: Mapping[str, Any]) -> None:
        """One event."""
        getattr(self, "_" + event["do"])(event)

    def _step(self, event: Mapping[str, Any]) -> None:
        grads = arrays.gradients(event["grad"], self.leaves, event["none"])
        for name, p in self.model.items():
            p.grad = None if grads[name] is None else to_torch(grads[name])
        if event["clip"] is not None:
            how, *numbers = event["clip"]
            clip = lrtorch.clip_grad_value_ if how == "value" else lrtorch.clip_grad_norm_
            clip([self.model[name] for name in sorted(self.model)], *numbers)  # JAX's order: it decides the sum
        for p in self.model.values():
            p.grad = p.grad if p.requires_grad else None
        with self._arithmetic():
            self.optimizer.step()

    def _scheduler(self, event: Mapping[str, Any]) -> None:
        with self._arithmetic():
            lrtorch.step_scheduler(self.optimizer, event["metric"], event["index"])

    def _set_lr(self, event: Mapping[str, Any]) -> None:
        lrtorch.set_lr(self.optimizer, event["value"])

    def _scale_lr(self, event: Mapping[str, Any]) -> None:
        lrtorch.scale_lr(self.optimizer, event["value"])

    def _set_hyper(self, event: Mapping[str, Any]) -> None:
        lrtorch.set_hyper(self.optimizer, event["name"], as_tuples(event["name"], event["value"]))

    def _freeze(self, event: Mapping[str, Any]) -> None:
        lrtorch.freeze(self.optimizer, event["groups"])
        self.changes.append(event)

    def _thaw(self, event: Mapping[str, Any]) -> None:
        lrtorch.thaw(self.optimizer, event["groups"], event["lr"])
        self.changes.append({**event, "lr": None})

    def _add(self, event: Mapping[str, Any]) -> None:
        model = {**self._parameters(event["leaves"]), **self.model}  # they are there already after a save
        lrtorch.add_param_group(self.optimizer, model, options.readable(event["group"]))
        self.model, self.leaves = model, {**self.leaves, **event["leaves"]}
        self.changes.append(event)

    def _save(self, event: Mapping[str, Any]) -> None:
        del event
        saved, changes = deepcopy(self.states()), self.changes
        self._renew(saved, changes)

    def _renew(self, saved: tuple[Any, list[Any]], changes: list[Mapping[str, Any]]) -> None:
        """A new optimizer of the same parameters, in which the groups change as they did, takes what was saved."""
        self.changes = []
        for p in self.model.values():
            p.requires_grad_(True)
        self.optimizer = self._optimizer()
        for change in changes:
            self.do(change)
        self.optimizer.load_state_dict(saved[0])
        for i, state in enumerate(saved[1]):
            lrtorch.load_scheduler_state_dict(self.optimizer, state, i)

    def states(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The state dicts of the optimizer and of its schedulers."""
        its = range(len(self.program["schedulers"]))
        return self.optimizer.state_dict(), [lrtorch.scheduler_state_dict(self.optimizer, i) for i in its]

    def take(self, states: tuple[Any, Any], file: io.BytesIO | None) -> None:
        """Go on from state dicts in torch's form."""
        optimizer_state, its = states if file is None else torch.load(file, weights_only=True)
        several = its if isinstance(its, list) else [] if its is None else [its]
        self._renew((optimizer_state, several), self.changes)

    def rates(self) -> dict[str, Any]:
        """Every hyperparameter of every group."""
        return {name: lrtorch.get_hyper(self.optimizer, name) for name in BY_NAME[self.program["optimizer"]].hyper}

    def weights(self) -> dict[str, np.ndarray]:
        """The parameters."""
        return {name: to_numpy(p).copy() for name, p in self.model.items()}
