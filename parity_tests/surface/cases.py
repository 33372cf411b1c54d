"""The schedulers and the optimizers of the snapshot: a few of each class, and one small run of each optimizer."""

from functools import cache
from typing import Any, NamedTuple

import jax
import numpy as np
import torch

import lrjax
import lrtorch
from parity_tests.by_hand import by_hand

from . import borrowed


class Scheduler(NamedTuple):
    """A scheduler of the snapshot.

    Attributes:
        spec: what to make.
        exact: whether the chain is of + - * / alone, which round alike everywhere; powers and cosines do not.
        exact_closed: whether the closed form is.
    """

    spec: borrowed.Spec
    exact: bool = True
    exact_closed: bool = True


def inverse(n: int) -> float:
    """1, 1/2, 1/3, ..."""
    return 1 / (n + 1)


def halving(n: int) -> float:
    """1/2 every seventh time, else 1."""
    return 0.5 if n % 7 == 0 else 1.0


def by_thirds(n: int) -> float:
    """1, 0.999, 0.998 and again."""
    return 1 - (n % 3) / 1000


_WARM_UP: borrowed.Spec = ("LinearLR", dict(start_factor=0.1, total_iters=20))
_DECAY: borrowed.Spec = ("ExponentialLR", dict(gamma=0.97))
_COSINE: borrowed.Spec = ("CosineAnnealingLR", dict(T_max=50, eta_min=1e-3))
_CYCLE: dict[str, Any] = dict(max_lr=0.3, total_steps=200, base_momentum=0.8)
_TABLE = {"lr": [[9, [0.1, 0.2]], [191, [0.3, 0.1]]], "momentum": [[50, 0.9], [150, 0.8]]}
SCHEDULERS: dict[str, Scheduler] = {
    "LambdaLR": Scheduler(("LambdaLR", dict(lr_lambda=inverse))),
    "MultiplicativeLR": Scheduler(("MultiplicativeLR", dict(lr_lambda=[halving, by_thirds]))),
    "StepLR": Scheduler(("StepLR", dict(step_size=7, gamma=0.9)), exact_closed=False),
    "MultiStepLR": Scheduler(("MultiStepLR", dict(milestones=[3, 6, 6, 50], gamma=0.3)), exact_closed=False),
    "ConstantLR": Scheduler(("ConstantLR", dict(total_iters=10))),
    "LinearLR": Scheduler(("LinearLR", dict(total_iters=97))),
    "ExponentialLR": Scheduler(_DECAY, exact_closed=False),
    "PolynomialLR": Scheduler(("PolynomialLR", dict(total_iters=97))),
    "PolynomialLR, square": Scheduler(("PolynomialLR", dict(total_iters=300, power=2.0)), False, False),
    "CosineAnnealingLR": Scheduler(_COSINE, False, False),
    "CosineAnnealingWarmRestarts": Scheduler(
        ("CosineAnnealingWarmRestarts", dict(T_0=10, T_mult=2, eta_min=1e-4)), False, False
    ),
    "CyclicLR": Scheduler(("CyclicLR", dict(base_lr=0.01, max_lr=[0.3, 0.1], step_size_up=41, step_size_down=17))),
    "CyclicLR, exp_range": Scheduler(
        ("CyclicLR", dict(base_lr=0.01, max_lr=0.3, step_size_up=20, mode="exp_range", gamma=0.99)), False, False
    ),
    "OneCycleLR": Scheduler(("OneCycleLR", _CYCLE), False, False),
    "OneCycleLR, linear": Scheduler(("OneCycleLR", dict(**_CYCLE, anneal_strategy="linear", three_phase=True))),
    "ReduceLROnPlateau": Scheduler(("ReduceLROnPlateau", dict(patience=3, factor=0.7, cooldown=2, min_lr=1e-3))),
    "GreedyLR": Scheduler(
        ("GreedyLR", dict(patience=1, factor=0.7, warmup=1, smooth=True, window_size=3, min_lr=0.01))
    ),
    "SWALR": Scheduler(("SWALR", dict(swa_lr=0.05, anneal_epochs=30)), False, False),
    "SWALR, linear": Scheduler(("SWALR", dict(swa_lr=[0.05, 0.01], anneal_strategy="linear"))),
    "SequentialLR": Scheduler(("SequentialLR", dict(schedulers=[_WARM_UP, _DECAY], milestones=[20]))),
    "SequentialLR, cosine": Scheduler(
        ("SequentialLR", dict(schedulers=[_WARM_UP, _COSINE], milestones=[3])), False, False
    ),
    "ChainedScheduler": Scheduler(("ChainedScheduler", dict(schedulers=[_WARM_UP, _DECAY]))),
    "StepDecay": Scheduler(("StepDecay", dict(lr_decay=30, gamma=0.7)), False, False),
    "EpochTable": Scheduler(("EpochTable", dict(table=[[3, 0.5], [40, 0.3], [1, 0.01]], mode="factor"))),
    "EpochTable, rates": Scheduler(("EpochTable", dict(table=[[3, 0.5], [40, 0.3]], mode="rate"))),
    "TableLR": Scheduler(("TableLR", dict(table=_TABLE))),
}
BASE_LRS = [0.1, 3e-3]
METRICS = [1.0, *(1 / (1 + t // 5 + t % 3) for t in range(199))]

# Optimizer -> the options of all groups, of the first group, and of the second.
OPTIMIZERS: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "SGD": (dict(lr=0.1, momentum=0.9), dict(nesterov=True), dict(dampening=0.1, weight_decay=0.01, maximize=True)),
    "Adam": (dict(lr=0.01), dict(amsgrad=True), dict(weight_decay=0.1, decoupled_weight_decay=True, maximize=True)),
    "AdamW": (dict(lr=0.01), dict(weight_decay=0.1), dict(amsgrad=True, betas=(0.8, 0.95), eps=1e-3)),
    "NAdam": (dict(lr=0.01), dict(weight_decay=0.1), dict(momentum_decay=0.01, decoupled_weight_decay=True)),
    "RAdam": (dict(lr=0.01), dict(weight_decay=0.1), dict(betas=(0.8, 0.9), decoupled_weight_decay=True)),
    "Adamax": (dict(lr=0.01), dict(weight_decay=0.1), dict(betas=(0.8, 0.95), maximize=True)),
    "Adagrad": (dict(lr=0.1, initial_accumulator_value=0.1), dict(weight_decay=0.1), dict(lr_decay=0.01, eps=1e-3)),
    "Adadelta": (dict(lr=1.0), dict(weight_decay=0.1), dict(rho=0.8, eps=1e-3, maximize=True)),
    "RMSprop": (dict(lr=0.01, momentum=0.9), dict(centered=True), dict(weight_decay=0.1, alpha=0.9, maximize=True)),
    "Rprop": (dict(lr=0.01), dict(etas=(0.4, 1.3)), dict(step_sizes=(1e-4, 0.1), maximize=True)),
    "ASGD": (dict(lr=0.01), dict(t0=5.0, lambd=0.01), dict(alpha=0.5, weight_decay=0.1)),
    "Adafactor": (dict(lr=0.01), dict(weight_decay=0.1), dict(d=2.0, beta2_decay=-0.5, eps=(1e-4, 1e-2))),
    "Muon": (dict(lr=0.01), dict(momentum=0.8), dict(nesterov=False, ns_steps=3, adjust_lr_fn="match_rms_adamw")),
}
INEXACT = ("Adafactor", "Muon")  # their sums run in an order that is the processor's
SHAPES = {"body.s": (), "body.w": (5, 3), "head.w": (2, 3, 3)}
MATRICES = {"body.w": (5, 3), "head.w": (3, 4)}
STEPS = 20
EARLY = 3  # updates before the state dict


def groups_of(name: str) -> list[dict[str, Any]]:
    """The two groups of an optimizer."""
    _, first, second = OPTIMIZERS[name]
    return [{"params": "body/**", **first}, {"params": "head/**", "lr": 3e-3, **second}]


def numbers(seed: int, shape: tuple[int, ...]) -> Any:
    """float32 numbers of mixed magnitude, by the one generator that NumPy promises never to change."""
    draw = np.random.RandomState(seed)
    mantissa = np.asarray(draw.randint(-(2**15), 2**15, shape), np.float32) / np.float32(2**13)
    return np.asarray(mantissa * np.exp2(np.asarray(draw.randint(-6, 2, shape), np.float32)), np.float32)


def arrays(name: str, t: int) -> dict[str, Any]:
    """The gradients of update t of an optimizer by torch's names; the parameters themselves for t = 0."""
    shapes = MATRICES if name == "Muon" else SHAPES
    return {path: numbers(1000 * t + i, shape) for i, (path, shape) in enumerate(shapes.items())}


def tree(flat: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By torch's names -> as a JAX tree."""
    nested: dict[str, dict[str, Any]] = {}
    for path, array in flat.items():
        module, _, leaf = path.partition(".")
        nested.setdefault(module, {})[leaf] = array
    return nested


def names_of(name: str) -> list[list[str]]:
    """torch's names of the parameters of an optimizer, group by group."""
    return [[path for path in arrays(name, 0) if path.startswith(group)] for group in ("body", "head")]


def mapping_of(name: str) -> dict[str, Any]:
    """torch's name -> path, and axes that are not transposed."""
    return {path: (path.replace(".", "/"), tuple(range(x.ndim))) for path, x in arrays(name, 0).items()}


def make_jax(name: str) -> tuple[Any, Any, Any]:
    """lrjax's optimizer with a scheduler, the parameters and the fresh state."""
    scheduler = lrjax.StepLR(step_size=4, gamma=0.5, every=1)
    tx = getattr(lrjax, name)(groups_of(name), scheduler=by_hand(scheduler), **OPTIMIZERS[name][0])
    params = tree(arrays(name, 0))
    return tx, params, tx.init(params)


class Run(NamedTuple):
    """What a run leaves."""

    params: Any
    early: Any  # the state after EARLY updates
    state: Any


@cache
def run_jax(name: str) -> Run:
    """The run of an optimizer of lrjax, compiled by the step."""
    tx, params, state = make_jax(name)
    step = jax.jit(lambda p, s, g: lrjax.step(tx, g, s, p))
    early = state
    for t in range(1, STEPS + 1):
        params, state = step(params, state, tree(arrays(name, t)))
        early = state if t == EARLY else early
    return Run(params, early, state)


def make_torch(name: str, scheduler: Any = None) -> tuple[Any, dict[str, Any]]:
    """lrtorch's optimizer over the same groups, and the parameters by name."""
    model = {path: torch.nn.Parameter(torch.from_numpy(x.copy())) for path, x in arrays(name, 0).items()}
    scheduler = lrtorch.StepLR(step_size=4, gamma=0.5, every=1) if scheduler is None else scheduler
    return getattr(lrtorch, name)(model, groups_of(name), scheduler=by_hand(scheduler), **OPTIMIZERS[name][0]), model


@cache
def run_torch(name: str, steps: int = EARLY) -> tuple[Any, dict[str, Any]]:
    """The same run in lrtorch."""
    optimizer, model = make_torch(name)
    for t in range(1, steps + 1):
        for path, g in arrays(name, t).items():
            model[path].grad = torch.from_numpy(g)
        optimizer.step()
    return optimizer, model
