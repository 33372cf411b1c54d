"""One program on both sides, event by event, and where they differ."""

import io
import math
import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

import lrjax
from lrparity.runs.bits import unequal
from parity_tests.optimizers.halves import to_torch

from . import schedulers
from .in_jax import InJax
from .in_torch import InTorch

# Rates with cos or pow: each side rounds these otherwise, and a chain of 18 steps carries it on.
ROUNDING = 1e-12
# Parameters that sums decide, as a part of the way (see docs/parity.md).
# Muon's orthogonal matrix is bfloat16: one that rounds the other way is 2 ** -7 of an element, two at most here.
OF_SUMS = {"Adafactor": 1e-5, "Muon": 2.0**-6}
TINY = 2e-37  # lrjax keeps no rates below float32's least number: see docs/parity.md
# torch's own words, and lrtorch's
_ERRORS = (ValueError, TypeError, RuntimeError, ArithmeticError, LookupError, AttributeError, AssertionError)


def difference(program: Mapping[str, Any]) -> str:
    """Where the two sides differ, in one line; empty where they do not."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's, of schedulers that step first
        return _Pair(program).run()


class _Pair:
    """Both sides of a program."""

    def __init__(self, program: Mapping[str, Any]) -> None:
        self.program = program
        self.within = 0.0 if all(map(schedulers.exact, program["schedulers"])) else ROUNDING
        self.far = OF_SUMS[program["optimizer"]] if program["sums"] else 0.0
        self.start: dict[str, np.ndarray] = {}
        self.below_zero = False  # whether a rate, or ASGD's lambd, has been

    def run(self) -> str:
        sides, refused = _both(lambda side: side(self.program), InJax, InTorch)
        if refused is not None:
            return refused and f"made: {refused}"
        self.ours, self.theirs = sides
        self.start = self.ours.weights()
        found = self._differ()
        if found:
            return f"at the start: {found}"
        for i, event in enumerate(self.program["events"]):
            _, refused = _both(lambda side, event=event: self._do(side, event), self.ours, self.theirs)
            if refused is not None:
                return refused and f"event {i}, {event['do']}: {refused}"
            if event["do"] == "handover":
                self._exchange(event)
            self.start = {**self.ours.weights(), **self.start}
            found = self._differ()
            if found:
                return f"after event {i}, {event['do']}: {found}"
        return self._differ_at_the_end()

    def _do(self, side: Any, event: Mapping[str, Any]) -> None:
        if event["do"] != "handover":
            side.do(event)

    def _exchange(self, event: Mapping[str, Any]) -> None:
        """Each side goes on from what the other would save."""
        like = self.theirs.optimizer.state_dict()
        ours, theirs = self.ours.torch_states(like, to_torch), self.theirs.states()
        files = (io.BytesIO(), io.BytesIO()) if event["file"] else (None, None)
        if files[0] is not None and files[1] is not None:
            lrjax.save_checkpoint(files[0], self.ours.torch_states(like, None))
            torch.save(theirs, files[1])
            _ = [file.seek(0) for file in files if file is not None]
        self.ours.take((theirs[0], theirs[1] or None), files[1])
        self.theirs.take(ours, files[0])

    def _differ(self) -> str:
        """The groups' numbers, and the parameters."""
        ours, theirs = self.ours.rates(), self.theirs.rates()
        for name in ours:
            scale = _largest(theirs[name])
            self.below_zero |= name in ("lr", "lambd") and any(value < 0 for value in theirs[name].values())
            if found := _unlike(ours[name], theirs[name], self.within, scale):
                return f"{name}{found}"
        ours, theirs = self.ours.weights(), self.theirs.weights()
        for name, expected in theirs.items():
            if not self._same(ours[name], expected, self.start[name]):
                return f"parameter {name}: {_shown(ours[name], expected)}"
        return ""

    def _same(self, ours: np.ndarray, theirs: np.ndarray, start: np.ndarray) -> bool:
        if self.below_zero and self.program["optimizer"] == "ASGD" and np.isnan(ours).any():
            return True  # its power of a negative number: see docs/parity.md
        if not self.far:
            if self.program["optimizer"] in _FIRST_MOMENT:  # a moment of -0 shows where a step ends at zero
                ours, theirs = ours + 0, theirs + 0
            return unequal(ours, theirs) == 0
        same = (ours == theirs) | ~(np.isfinite(ours) | np.isfinite(theirs))  # how it overflows is the sums' affair
        known = np.isfinite(theirs)
        way = np.abs(theirs - start, where=known, out=np.zeros_like(start)).max(initial=0.0)
        least = np.spacing(np.abs(theirs, where=known, out=np.zeros_like(start)).max(initial=0.0))
        return bool(np.all(same | (np.abs(ours - theirs) <= self.far * way + least)))

    def _differ_at_the_end(self) -> str:
        """All that torch keeps, through ``to_torch``; which takes no frozen groups."""
        if (
            self.far
            or (self.below_zero and self.program["optimizer"] == "ASGD")
            or any(self.ours.state.layout.frozen)
            or len(self.theirs.optimizer.param_groups) != len(self.program["groups"])
        ):
            return ""
        states, its = self.theirs.states()
        ours, mine = self.ours.torch_states(states, to_torch)
        mine = mine if isinstance(mine, list) else [] if mine is None else [mine]
        states = {**states, "state": _kept(self.program["optimizer"], states["state"])}
        ours = {**ours, "state": _kept(self.program["optimizer"], ours["state"])}
        found = _unlike(ours, states, self.within, 0.0) or _unlike(mine, its, self.within, 0.0)
        return f"state dicts at the end: {found}" if found else ""


def _kept(optimizer: str, state: Mapping[Any, Any]) -> dict[Any, Any]:
    """What a state holds: a buffer of zeros may be none; see docs/parity.md for it and for the zeros' sign."""
    held = {
        i: {name: x + 0.0 if name in _SIGNLESS else x for name, x in own.items() if not _unbegun(optimizer, name, x)}
        for i, own in state.items()
    }
    return {i: own for i, own in held.items() if optimizer != "Muon" or own["momentum_buffer"].any()}


_FIRST_MOMENT = ("Adam", "AdamW", "NAdam", "RAdam", "Adamax")
_SIGNLESS = ("exp_avg", "step_size", "grad_avg", "eta")  # whose zeros have another sign here: see docs/parity.md


def _unbegun(optimizer: str, name: str, value: Any) -> bool:
    return optimizer == "RMSprop" and name == "momentum_buffer" and not value.any()


def _both(call: Callable[[Any], Any], *sides: Any) -> tuple[list[Any], str | None]:
    """The call on both sides. Then None where neither refused, else "" where both refused alike, or who did not."""
    results, errors = [], []
    for side in sides:
        try:
            results.append(call(side))
            errors.append("")
        except _ERRORS as error:
            errors.append(f"{type(error).__name__}: {error}".replace(": opt_state must", ": optimizer must"))
    if errors == ["", ""]:
        return results, None
    if errors[0] == errors[1] or errors == _CYCLED_FROM_NONE or (not errors[0] and _OVERFLOW.match(errors[1])):
        return [], ""
    return [], f"lrjax {errors[0] or 'did it'} | torch {errors[1] or 'did it'}"


# torch's RMSprop of momentum 0 that a scheduler raises: see docs/parity.md.
_CYCLED_FROM_NONE = ["", "KeyError: 'momentum_buffer'"]
# A factor of torch's step that its dtype cannot hold: see docs/parity.md.
_OVERFLOW = re.compile(r"RuntimeError: value cannot be converted to type \S+ without overflow$")


def _largest(values: Mapping[str, Any]) -> float:
    flat = [x for value in values.values() for x in (value if isinstance(value, tuple) else [value]) if x is not None]
    return max((abs(x) for x in flat if math.isfinite(x)), default=0.0)


def _unlike(ours: Any, theirs: Any, within: float, scale: float) -> str:
    """Where two nests of numbers differ: the path and both values; empty where they do not."""
    if isinstance(theirs, Mapping):
        if set(ours) != set(theirs):
            return f": keys {sorted(map(str, set(ours) ^ set(theirs)))}"
        pairs = [(f"[{key!r}]", ours[key], theirs[key]) for key in theirs]
    elif isinstance(theirs, list | tuple):
        if not isinstance(ours, list | tuple) or len(ours) != len(theirs):
            return f": {ours!r} instead of {theirs!r}"
        pairs = [(f"[{i}]", a, b) for i, (a, b) in enumerate(zip(ours, theirs, strict=True))]
    elif isinstance(theirs, torch.Tensor):
        same = isinstance(ours, torch.Tensor) and ours.dtype == theirs.dtype and _bits(ours, theirs) == 0
        return "" if same else f": {ours!r} instead of {theirs!r}"
    else:
        return "" if _equal(ours, theirs, within, scale) else f": {ours!r} instead of {theirs!r}"
    return next((f"{key}{found}" for key, a, b in pairs if (found := _unlike(a, b, within, scale))), "")


def _bits(ours: torch.Tensor, theirs: torch.Tensor) -> int:
    return unequal(ours.detach().float().numpy(), theirs.detach().float().numpy())


def _equal(ours: Any, theirs: Any, within: float, scale: float) -> bool:
    if isinstance(theirs, float) and isinstance(ours, float):
        if abs(ours) < TINY and abs(theirs) < TINY:
            return True
        close = within and math.isclose(ours, theirs, rel_tol=within, abs_tol=within * scale * 1e-3)
        return ours == theirs or bool(close) or (math.isnan(ours) and math.isnan(theirs))
    return ours is theirs or ours == theirs


def _shown(ours: np.ndarray, theirs: np.ndarray) -> str:
    if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
        return f"{ours.dtype}{ours.shape} instead of {theirs.dtype}{theirs.shape}"
    where = int(np.argmax(~((ours == theirs) | (np.isnan(ours) & np.isnan(theirs))).ravel()))
    a, b = ours.ravel()[where], theirs.ravel()[where]
    return f"element {where} is {float(a)!r} instead of {float(b)!r}"
