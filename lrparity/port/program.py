"""A whole training program in terms of rules: what each parameter's update is made of, step by step."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .rule import Rule, State, begin, step

Arrays = dict[str, np.ndarray]  # torch's name of the parameter -> array


@dataclass(frozen=True)
class Clip:
    """How gradients are clipped before the optimizer sees them."""

    kind: str = "none"  # "none", "norm" (of all together), "group" (of each group), "tensor", "value", "rms"
    limit: float = 0.0
    eps: float = 0.0  # norm, group, tensor: limit / (norm + eps)
    every_micro_step: bool = False  # each gradient of an accumulation is clipped, not their mean or sum
    with_decay: bool = False  # the gradient is clipped together with its L2 decay

    def __str__(self) -> str:
        if self.kind == "none":
            return "none"
        what = {
            "norm": "global norm at most",
            "group": "norm of each group at most",
            "tensor": "norm of each tensor at most",
            "value": "each value at most",
            "rms": "root mean square of each tensor at most",
        }[self.kind]
        eps = f", eps {self.eps:g}" if self.kind in ("norm", "group", "tensor") else ""
        where = ", of each micro-step" if self.every_micro_step else ""
        return f"{what} {self.limit:g}{eps}{where}{', weight decay included' if self.with_decay else ''}"


@dataclass(frozen=True)
class Accumulation:
    """Gradients of so many micro-steps make one update."""

    steps: int = 1
    mean: bool = True  # the mean of the gradients; otherwise their sum

    def __str__(self) -> str:
        return "none" if self.steps == 1 else f"{self.steps} micro-steps, {'mean' if self.mean else 'sum'}"


@dataclass
class Program:
    """One side. L parameters, T updates; ``rules``, ``groups`` and columns of ``rates`` by parameter."""

    names: list[str]  # torch's names
    groups: list[str]  # the group of each parameter
    rules: list[Any]  # the rule of each; None where nothing is known of it
    rates: np.ndarray  # shape=(T, L), float64; NaN where it could not be found
    clip: Clip = field(default_factory=Clip)
    accumulation: Accumulation = field(default_factory=Accumulation)
    schedules: dict[str, np.ndarray] = field(default_factory=dict)  # other fields of the rules that a scheduler
    # changes, each shape=(T, L): "momentum", "b1", "weight_decay"


def clipped(clip: Clip, grads: Mapping[str, np.ndarray], groups: Mapping[str, str]) -> Arrays:
    """The gradients after clipping."""
    if clip.kind == "none":
        return dict(grads)
    if clip.kind == "value":
        return {name: np.clip(g, -clip.limit, clip.limit) for name, g in grads.items()}
    if clip.kind == "rms":
        return {
            name: g / max(1.0, float(np.sqrt(np.mean(g * g))) / clip.limit) if g.size else g
            for name, g in grads.items()
        }
    scope = {name: {"norm": "", "group": groups[name], "tensor": name}[clip.kind] for name in grads}
    squares: dict[str, float] = {}
    for name, g in grads.items():
        squares[scope[name]] = squares.get(scope[name], 0.0) + float(np.sum(g * g))
    factors = {}
    for key, square in squares.items():
        norm = np.sqrt(square) + clip.eps
        factors[key] = min(1.0, clip.limit / norm) if norm else 1.0
    return {name: g * factors[scope[name]] for name, g in grads.items()}


class Simulation:
    """A program that runs; ``seen`` holds the quantities of the last update."""

    def __init__(self, program: Program, params: Mapping[str, np.ndarray]) -> None:
        self.program = program
        self.params = {name: np.array(params[name], np.float64) for name in program.names}
        self.states: dict[str, State] = {
            name: begin(rule, self.params[name])
            for name, rule in zip(program.names, program.rules, strict=True)
            if rule is not None
        }
        self.groups = dict(zip(program.names, program.groups, strict=True))
        self.done = 0  # updates
        self.waiting: list[Arrays] = []
        self.seen: dict[str, Arrays] = {}

    def micro_step(self, grads: Mapping[str, np.ndarray]) -> bool:
        """One gradient; whether it made an update."""
        how, clip = self.program.accumulation, self.program.clip
        one = {name: np.asarray(g, np.float64) for name, g in grads.items()}
        if clip.every_micro_step:
            whole = self._with_decay(one, self._rules_now(), signed=False) if clip.with_decay else one
            one = clipped(clip, whole, self.groups)
        self.waiting.append(one)
        if len(self.waiting) < how.steps:
            return False
        share = how.steps if how.mean else 1
        total = {name: np.sum([g[name] for g in self.waiting], axis=0) / share for name in self.waiting[0]}
        self.waiting = []
        self._update(total)
        return True

    def _update(self, grads: Arrays) -> None:
        program, rules = self.program, self._rules_now()
        signed = {n: -grads[n] if rule.maximize else grads[n] for n, rule in zip(program.names, rules, strict=True)}
        after_clip, decayed = self._clipped(signed, rules)
        seen: dict[str, Arrays] = {key: {} for key in ("first moment", "second moment", "denominator", "direction")}
        seen |= {"accumulated gradient": grads, "clipped gradient": after_clip, "gradient with decay": decayed}
        seen |= {key: {} for key in ("rate", "decay term", "update", "parameter")}
        row = program.rates[min(self.done, len(program.rates) - 1)]
        for name, rule, rate in zip(program.names, rules, row, strict=True):
            state, w = self.states[name], self.params[name]
            factor = {"decoupled": rate, "fixed": 1.0}.get(rule.decay_form, 0.0)
            decay = factor * rule.weight_decay * w
            update = step(rule, state, decayed[name], rate) + decay
            self.params[name] = w - update
            inside = rate if rule.rate_inside and rate else 1.0
            seen["first moment"][name], seen["second moment"][name] = state["m"] / inside, state["v"]
            seen["denominator"][name] = state.get("denominator", np.ones_like(w))
            seen["direction"][name] = state["direction"] / inside
            seen["rate"][name], seen["decay term"][name] = np.asarray(rate), decay
            seen["update"][name], seen["parameter"][name] = -update, self.params[name]
        self.seen = seen
        self.done += 1

    def _clipped(self, grads: Arrays, rules: list[Rule]) -> tuple[Arrays, Arrays]:
        """The gradients after clipping, and with L2 decay, which is clipped too where the program does it."""
        clip = self.program.clip
        if clip.with_decay:
            whole = grads if clip.every_micro_step else clipped(clip, self._with_decay(grads, rules), self.groups)
            return grads, whole
        after = grads if clip.every_micro_step else clipped(clip, grads, self.groups)
        return after, self._with_decay(after, rules)

    def _rules_now(self) -> list[Rule]:
        """The rules, with what schedulers have made of their numbers by now."""
        rules, schedules = self.program.rules, self.program.schedules
        if not schedules:
            return rules
        rows = {key: values[min(self.done, len(values) - 1)] for key, values in schedules.items()}
        return [replace(rule, **{key: float(row[i]) for key, row in rows.items()}) for i, rule in enumerate(rules)]

    def _with_decay(self, grads: Arrays, rules: list[Rule], *, signed: bool = True) -> Arrays:
        """With L2 decay; ``signed``: the gradients of what is maximized already have the other sign."""
        out = {}
        for name, rule in zip(self.program.names, rules, strict=True):
            sign = -1 if rule.maximize and not signed else 1
            decay = sign * rule.weight_decay * self.params[name]
            out[name] = grads[name] + decay if rule.decay_form == "l2" else grads[name]
        return out
