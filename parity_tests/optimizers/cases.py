"""The table of optimizer cases, and the run that each goes through on both sides.

Rows come from torch's own database of optimizer configurations, and from what it leaves out.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import torch

import lrjax
import lrtorch
from lrparity.oracle.states import states_by_name
from lrspec import optimizer_options
from parity_tests.by_hand import by_hand

from .halves import to_numpy, to_torch
from .torch_database import DATABASE

NAMES = ("SGD", "Adam", "AdamW", "NAdam", "RAdam", "Adamax", "Adagrad", "Adadelta", "RMSprop", "Rprop", "ASGD")
# Multiples of 16 and not, one element, short last dimensions, three axes: 10,497 values.
SHAPES = {"a": (96, 96), "b": (17, 33), "c": (5, 5, 3), "d": (7,), "e": (), "f": (500,), "g": (32, 4)}
GROUPS: Any = [{"params": ["a", "d"]}, {"params": ["b", "c"], "lr": 3e-3}, {"params": "**", "lr": 0.0}]
GROUP_TABLES: dict[str, list[dict[str, Any]]] = {
    "rates": GROUPS,
    "two rates": [{"params": "a"}, {"params": "**", "lr": 3e-3}],
    "Adafactor": [
        {"params": "a", "eps": (1e-4, 0.1), "d": 2.0},
        {"params": "**", "eps": (None, 1e-2), "lr": 1e-3, "beta2_decay": -0.5, "weight_decay": 0.0, "maximize": True},
    ],
    "Muon": [
        {"params": "a", "momentum": 0.8, "adjust_lr_fn": "match_rms_adamw", "nesterov": False},
        {
            "params": "**",
            "lr": 0.5,
            "weight_decay": 0.0,
            "ns_coefficients": (2.0, -1.5, 0.5),
            "ns_steps": 3,
            "eps": 1.0,
        },
    ],
}
STEPS = 1000
SEGMENT = 250  # steps of one compiled scan; rates are set by hand between two
NUMBERS = ("step", "mu_product", "eta", "mu")  # what torch keeps as a number per parameter
# Options that choose an implementation and change no number here.
IMPLEMENTATION = {"foreach", "fused", "capturable", "differentiable"}


class Case(NamedTuple):
    """One row: an optimizer and its options."""

    id: str
    name: str
    options: dict[str, Any]
    groups: str = "rates"  # a key of GROUP_TABLES


def from_database(name: str) -> list[Case]:
    """torch's rows for an optimizer."""
    info = next(info for info in DATABASE if info.optim_cls.__name__ == name)
    configurations = [(row.desc, row.kwargs) for row in info.optim_inputs_func(device="cpu")]
    return [
        Case(f"{name} {desc}", name, {k: _number(v) for k, v in kwargs.items() if k not in IMPLEMENTATION})
        for desc, kwargs in configurations
    ]


def _number(value: Any) -> Any:
    """The Python number of a tensor: torch reads tensor hyperparameters as numbers in its single-tensor form."""
    return (
        value.item()
        if isinstance(value, torch.Tensor)
        else tuple(map(_number, value))
        if isinstance(value, tuple)
        else value
    )


CASES = [case for name in NAMES for case in from_database(name)] + [
    Case("SGD everything", "SGD", dict(momentum=0.8, dampening=0.3, weight_decay=0.05, maximize=True)),
    Case("SGD nesterov alone", "SGD", dict(momentum=0.99, nesterov=True)),
    Case("SGD absurd rate", "SGD", dict(lr=1e6, momentum=0.5)),
    Case("RMSprop momentum and centered", "RMSprop", dict(momentum=0.9, centered=True, alpha=0.9)),
    Case("ASGD averaging early", "ASGD", dict(t0=10, lambd=0.01, alpha=0.5)),
    Case("Rprop wide", "Rprop", dict(step_sizes=(1e-8, 1e3), etas=(0.3, 1.7))),
    Case("Adam other betas, decoupled", "Adam", dict(betas=(0.3, 0.6), decoupled_weight_decay=True, weight_decay=0.1)),
    Case("AdamW other betas", "AdamW", dict(betas=(0.3, 0.6), eps=1e-3)),
    Case("AdamW no decay", "AdamW", dict(weight_decay=0.0)),
    Case("AdamW beta zero", "AdamW", dict(betas=(0.0, 0.0))),
]

RATES: dict[str, tuple[Callable[[Any], Any], dict[int, Any]]] = {
    "constant": (lambda package: None, {}),
    "scheduled": (lambda package: package.StepLR(step_size=97, gamma=0.7, every=1), {}),
    "by hand": (lambda package: None, {250: 0.05, 500: {"**": 1e-2}, 750: 1e-5}),
}


class Run(NamedTuple):
    """What a run leaves."""

    params: dict[str, np.ndarray]  # parameter -> array
    slots: dict[str, dict[str, np.ndarray]]  # torch's name of the state -> parameter -> array
    memory: dict[str, np.ndarray]  # torch's name of a number per parameter -> shape=(parameters,)
    rates: dict[str, float]  # group -> the next rate


def start(seed: int, dtype: Any = np.float32) -> dict[str, np.ndarray]:
    """Parameters from 1e-6 to 1e3, and zeros."""
    rng = np.random.default_rng(seed)
    params = {n: rng.normal(size=s) * 10.0 ** rng.uniform(-6, 3, size=s) for n, s in SHAPES.items()}
    params["a"][0, :9] = 0.0
    return {name: np.asarray(p, dtype) for name, p in params.items()}


@cache
def gradients(seed: int, steps: int, dtype: Any = np.float32) -> dict[str, np.ndarray]:
    """Gradients of mixed magnitude, some zero: name -> shape=(steps, ...)."""
    rng = np.random.default_rng(seed + 1)
    grads = {}
    for name, shape in SHAPES.items():
        size = (steps, *shape)
        g = rng.standard_normal(size, np.float32) * 10.0 ** rng.uniform(-6, 2, size).astype(np.float32)
        grads[name] = np.where(rng.random(size) < 0.02, 0, g).astype(dtype)
    return grads


def run_jax(case: Case, rates: str, params: Any, grads: Any, *, route: str = "step") -> Run:
    """A compiled step in a plain loop, as a user writes it.

    Args:
        case: the optimizer and its options.
        rates: a key of ``RATES``.
        params: name -> array.
        grads: name -> shape=(steps, ...).
        route: "step", or "update" with apply_updates; "scan": steps compiled together, between rates set by hand.
    """
    scheduler, edits = RATES[rates]
    params = jax.tree.map(jnp.asarray, params)
    tx = getattr(lrjax, case.name)(GROUP_TABLES[case.groups], scheduler=by_hand(scheduler(lrjax)), **case.options)
    fixed = tuple((n, v) for n, v in case.options.items() if n in getattr(optimizer_options, case.name.upper()).flags)
    first, one = _PROGRAMS.setdefault((case.name, case.groups, fixed, rates == "scheduled", route), _program(tx, route))
    state = replace(tx.init(params), layout=first.init(params).layout)
    steps = _steps(grads)
    together = SEGMENT if route == "scan" else 1
    for begin in range(0, steps, together):
        if begin in edits:
            state = lrjax.set_lr(state, edits[begin])
        these = slice(begin, begin + together) if route == "scan" else begin
        params, state = one(params, state, {n: g[these] for n, g in grads.items()})
    memory = {name: np.asarray(value) for name, value in state.memory.items()}
    return Run(jax.tree.map(np.asarray, params), jax.tree.map(np.asarray, state.slots), memory, lrjax.get_lr(state))


def _steps(grads: Any) -> int:
    return len(next(iter(grads.values())))


# What cases share that differ in numbers only: these are in the state. The first one's optimizer, its compiled step.
_PROGRAMS: dict[Any, tuple[Any, Any]] = {}


def _program(tx: Any, route: str) -> tuple[Any, Any]:
    if route == "scan":
        return tx, jax.jit(lambda p, s, g: jax.lax.scan(lambda c, g: (advance(tx, c, g, "step"), None), (p, s), g)[0])
    return tx, jax.jit(lambda p, s, g: advance(tx, (p, s), g, route))


def advance(tx: Any, carry: Any, grads: Any, route: str) -> Any:
    """One update by either route."""
    import optax

    params, state = carry
    if route == "step":
        return lrjax.step(tx, grads, state, params)
    updates, state = tx.update(grads, state, params)
    return optax.apply_updates(params, updates), state


def run_torch(case: Case, rates: str, params: Any, grads: Any, **form: Any) -> Run:
    """torch's own optimizer in a loop, in any type; ``form``: foreach, fused."""
    scheduler, edits = RATES[rates]
    model = {name: torch.nn.Parameter(to_torch(p.copy())) for name, p in params.items()}
    make = getattr(lrtorch, case.name)
    optimizer = make(model, GROUP_TABLES[case.groups], scheduler=by_hand(scheduler(lrtorch)), **case.options, **form)
    tensors = {name: to_torch(g) for name, g in grads.items()}
    for t in range(_steps(grads)):
        if t in edits:
            lrtorch.set_lr(optimizer, edits[t])
        for name, p in model.items():
            p.grad = tensors[name][t]
        optimizer.step()
    slots = {s: {n: to_numpy(x) for n, x in each.items()} for s, each in states_by_name(optimizer, model).items()}
    memory = {slot: np.array(list(slots.pop(slot).values())) for slot in NUMBERS if slot in slots}
    return Run({n: to_numpy(p) for n, p in model.items()}, slots, memory, lrtorch.get_lr(optimizer))


def first_step(how: str, tx: Any, params: Any, grads: Any) -> Any:
    """The first step, compiled in ways that could make the fence's zero a constant."""
    state = tx.init(params)
    if how == "init inside":
        return jax.jit(lambda p, g: lrjax.step(tx, g, tx.init(p), p)[0])(params, grads)
    if how == "state captured":
        return jax.jit(lambda p, g: lrjax.step(tx, g, state, p)[0])(params, grads)
    if how == "donated":
        step = jax.jit(lambda p, s, g: lrjax.step(tx, g, s, p), donate_argnums=(0, 1))
        return step(jax.tree.map(jnp.copy, params), state, grads)[0]
    return jax.jit(lambda p, s, g: jax.lax.scan(lambda c, _: (lrjax.step(tx, g, c[1], c[0]), None), (p, s), None, 1))(
        params, state, grads
    )[0][0]
