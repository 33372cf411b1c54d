"""How a state and an optimizer print: as a short table, and as one would type it."""

import inspect
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

import jax
import numpy as np
from jax.core import Tracer

from lrspec.brief import brief
from lrspec.description import Description

from ._nested_states import plain_state
from ._schedulers import steps_taken
from ._state import OptState, options_of

INSTEAD = {  # torch's words for an optimizer -> lrjax's
    "step": "use lrjax.step(tx, grads, opt_state, params)",
    "zero_grad": "there is nothing to zero, for jax.grad makes new gradients at each call",
    "param_groups": "use lrjax.get_lr(opt_state), lrjax.set_lr(opt_state, lr), lrjax.describe(opt_state, params)",
    "state": "it is what tx.init(params) returned",
    "state_dict": "use lrjax.state_dict(opt_state)",
    "load_state_dict": "use lrjax.load_state_dict(opt_state, state_dict)",
    "add_param_group": "use lrjax.add_param_group(opt_state, params, group)",
    "defaults": "use lrjax.get_hyper(opt_state, name)",
    "lr": "use lrjax.get_lr(opt_state)",
}
LONGEST = 2000  # characters of an optimizer's groups


def state_text(state: OptState) -> str:
    """Optimizer, updates taken, place of each scheduler; a line for each group.

    In compiled code the numbers are not known and are left out. A state that holds something else than arrays (shapes,
    shardings) prints whole.
    """
    state, leaves = plain_state(state), jax.tree.leaves(state)
    if any(isinstance(leaf, Tracer) for leaf in leaves):
        return f"{_head(state)} in compiled code; groups {list(state.layout.names)}"
    if not all(isinstance(leaf, jax.Array | np.ndarray | np.generic) for leaf in leaves):
        return f"OptState({', '.join(f'{f.name}={getattr(state, f.name)!r}' for f in fields(state))})"
    numbers = [state.count, *jax.tree.leaves(state.hyper)]
    if any(isinstance(leaf, jax.Array) and leaf.is_deleted() for leaf in numbers):
        return f"{_head(state)} whose arrays were donated or deleted; groups {list(state.layout.names)}"
    if not all(getattr(leaf, "is_fully_addressable", True) for leaf in numbers):
        return f"{_head(state)} on several hosts; groups {list(state.layout.names)}"
    count, placed = _whole(state.count), [_place(state, i) for i in range(len(state.layout.schedulers))]
    head = "; ".join([f"{_head(state)} after {count} update{'s' * (count != '1')}", *placed])
    return f"{head}\n{Description(_rows(state))}"


def _head(state: OptState) -> str:
    return f"{state.layout.optimizer} state"


def _whole(value: Any) -> str:
    low, high = int(np.min(value)), int(np.max(value))
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _place(state: OptState, i: int) -> str:
    return f"{brief(state.layout.schedulers[i])} at step {_whole(steps_taken(state.scheduler[i]))}"


def _rows(state: OptState) -> list[dict[str, Any]]:
    """What ``describe`` says, as far as the state alone knows it."""
    layout, tensors = state.layout, Counter(state.layout.group_of_row.tolist())
    names = ["lr", *sorted(set(state.hyper) - {"lr", "initial_lr"})]
    return [
        {
            "group": name,
            "tensors": tensors[i],
            "frozen": layout.frozen[i],
            **{key: options[key] for key in names},
        }
        for i, (name, options) in enumerate(zip(layout.names, options_of(state), strict=True))
    ]


def optimizer_text(name: str, make: Callable[..., Any], groups: Any, options: Mapping[str, Any], scheduler: Any) -> str:
    """``AdamW([{...}, ...], lr=0.001, scheduler=StepLR(...))``: what differs from the defaults of ``make``, and lr."""
    known = inspect.signature(make).parameters
    given = {key: value for key, value in options.items() if key == "lr" or _differs(value, known[key].default)}
    shown = [] if groups is None else [brief(groups, LONGEST)]
    shown += [f"{key}={brief(value)}" for key, value in given.items()]
    shown += [] if scheduler is None else [f"scheduler={brief(scheduler, LONGEST)}"]
    return f"{name}({', '.join(shown)})"


def _differs(value: Any, default: Any) -> bool:
    try:
        return bool(value != default)
    except Exception:  # an array, or traced
        return True
