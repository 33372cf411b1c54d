"""A program in lrjax."""

import io
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import lrjax
from lrspec.optimizer_options import BY_NAME
from parity_tests.by_hand import by_hand

from . import arrays, options, schedulers


class InJax:
    """The optimizer of a program, its state and its parameters; ``do`` takes one event."""

    def __init__(self, program: Mapping[str, Any]) -> None:
        self.program, self.leaves = program, dict(program["leaves"])
        self.changes: list[Mapping[str, Any]] = []
        self.steps = 0
        self.params: Any = jax.tree.map(jnp.asarray, arrays.parameters(program["start"], program["leaves"]))
        self.tx = self._transformation()
        self.state = self.tx.init(self.params)

    def _transformation(self) -> Any:
        made = [schedulers.make(lrjax, spec) for spec in self.program["schedulers"]]
        groups = [options.readable(group) for group in self.program["groups"]]
        make = getattr(lrjax, self.program["optimizer"])
        return make(groups, scheduler=by_hand(made) or None, **options.readable(self.program["options"]))

    def do(self, event: Mapping[str, Any]) -> None:
        """One event; it changes nothing where it raises."""
        getattr(self, "_" + event["do"])(event)

    def _step(self, event: Mapping[str, Any]) -> None:
        grads = jax.tree.map(jnp.asarray, arrays.gradients(event["grad"], self.leaves, event["none"]))
        if event["clip"] is not None:
            how, *numbers = event["clip"]
            grads = _clipped(how, grads, *numbers)
        compiled = self.program["compiled"]
        run = compiled_step(self.tx) if compiled else partial(lrjax.step, self.tx)
        self.params, self.state = run(grads, self.state, self.params)
        self.steps += 1

    def _scheduler(self, event: Mapping[str, Any]) -> None:
        self.state = lrjax.step_scheduler(self.tx, self.state, event["metric"], event["index"])

    def _set_lr(self, event: Mapping[str, Any]) -> None:
        self.state = lrjax.set_lr(self.state, event["value"])

    def _scale_lr(self, event: Mapping[str, Any]) -> None:
        self.state = lrjax.scale_lr(self.state, event["value"])

    def _set_hyper(self, event: Mapping[str, Any]) -> None:
        value = as_tuples(event["name"], event["value"])
        self.state = lrjax.set_hyper(self.state, event["name"], value)

    def _freeze(self, event: Mapping[str, Any]) -> None:
        self.state = lrjax.freeze(self.state, event["groups"])
        self.changes.append(event)

    def _thaw(self, event: Mapping[str, Any]) -> None:
        self.state = lrjax.thaw(self.state, self.params, event["groups"], event["lr"])
        self.changes.append({**event, "lr": None})

    def _add(self, event: Mapping[str, Any]) -> None:
        new = jax.tree.map(jnp.asarray, arrays.parameters(self.program["start"], event["leaves"]))
        params = {**self.params, **new}
        self.state = lrjax.add_param_group(self.state, params, options.readable(event["group"]))
        self.params, self.leaves = params, {**self.leaves, **event["leaves"]}
        self.changes.append(event)

    def _save(self, event: Mapping[str, Any]) -> None:
        """A new optimizer and state, in which the groups change as they did, take what was saved."""
        del event
        saved, params, changes = lrjax.state_dict(self.state), self.params, self.changes
        fresh = InJax(self.program)
        for change in changes:
            fresh.do(change)
        self.tx, self.state = fresh.tx, lrjax.load_state_dict(fresh.state, saved)
        self.params = params

    def torch_states(self, like: Any, tensor: Callable[[np.ndarray], Any]) -> tuple[Any, Any]:
        """The state dicts of torch's optimizer and scheduler."""
        names = [sorted(group["params"]) for group in groups_of(self.program)]
        return lrjax.to_torch(self.state, names=names, like=like, mapping=self._mapping(), tensor=tensor)

    def take(self, states: tuple[Any, Any], file: io.BytesIO | None) -> None:
        """Go on from torch's state dicts."""
        optimizer_state, scheduler_state = states if file is None else lrjax.load_checkpoint(file)
        names = [sorted(group["params"]) for group in groups_of(self.program)]
        self.tx, self.state = lrjax.from_torch(
            optimizer_state,
            scheduler_state,
            self.params,
            tx=self._transformation(),
            names=names,
            mapping=self._mapping(),
            count=self.steps,
        )

    def _mapping(self) -> dict[str, Any]:
        return {name: (name, tuple(range(len(leaf["shape"])))) for name, leaf in self.leaves.items()}

    def rates(self) -> dict[str, Any]:
        """Every hyperparameter of every group."""
        return {name: lrjax.get_hyper(self.state, name) for name in BY_NAME[self.program["optimizer"]].hyper}

    def weights(self) -> dict[str, np.ndarray]:
        """The parameters."""
        return jax.tree.map(np.asarray, self.params)


def groups_of(program: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The groups, with the names of their parameters instead of a pattern for all that are left."""
    named = [name for group in program["groups"] if group["params"] != "**" for name in group["params"]]
    rest = [name for name in program["leaves"] if name not in named]
    return [{**group, "params": rest if group["params"] == "**" else group["params"]} for group in program["groups"]]


def as_tuples(name: str, value: Any) -> Any:
    """The value of an option as the packages take it, by group or for all."""
    if isinstance(value, dict):
        return {group: as_tuples(name, one) for group, one in value.items()}
    return options.readable({name: value})[name]


def _clipped(how: str, grads: Any, *numbers: Any) -> Any:
    if how == "value":
        return lrjax.clip_grad_value_(grads, *numbers)
    return lrjax.clip_grad_norm_(grads, *numbers)[0]


def compiled_step(tx: Any) -> Any:
    """The README's loop: a step inside ``jit``. Optimizers that differ in numbers and groups share it."""
    rule, _, defaults, scheduler = tx.made_by
    return _compiled_step(_Alike(tx, (rule, *(defaults[name] for name in rule.options.flags), *(scheduler or ()))))


class _Alike:
    """A transformation, equal to those in which the same is compiled in."""

    def __init__(self, tx: Any, key: tuple[Any, ...]) -> None:
        self.tx, self.key = tx, key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Alike) and other.key == self.key

    def __hash__(self) -> int:
        return hash(self.key)


@lru_cache(64)
def _compiled_step(alike: _Alike) -> Any:
    return jax.jit(lambda grads, state, params: lrjax.step(alike.tx, grads, state, params))
