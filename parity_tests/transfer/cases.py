"""Runs that change over from PyTorch to JAX or back at half time: one row for each optimizer and each scheduler."""

from collections.abc import Mapping
from copy import deepcopy
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import torch

import lrjax
import lrtorch
from lrjax.arithmetic.float64 import unpack
from lrparity.oracle.cpu import CorrectSqrt
from parity_tests.schedulers.cases import Spec, make

HALF, SEGMENT = 200, 100  # steps on each side; steps of one compiled scan, rates are set by hand between two
EDITS = {100: {1: 0.017}, 300: {0: 0.0021}}  # step -> group -> the rate set before it
SHAPES: dict[str, tuple[int, ...]] = {
    "embed.weight": (6, 3),
    "body.linear1.weight": (5, 3),
    "body.linear1.bias": (5,),
    "norm.weight": (5,),
    "head.weight": (17, 5),
}
MATRICES = ("embed.weight", "body.linear1.weight", "head.weight")
GROUPS = (("body.linear1.weight", "body.linear1.bias"), ("norm.weight",), ("head.weight",))
MATRIX_GROUPS = tuple((name,) for name in MATRICES)  # Muon takes nothing else


class Case(NamedTuple):
    """One row: an optimizer with its options, a scheduler, and whether every bit must agree (or relative 1e-x)."""

    name: str
    options: dict[str, Any]
    scheduler: Spec
    within: float = 0.0  # relative to the largest change of a tensor; 0: every bit


def _halving(e: int) -> float:
    return 0.5 ** (e // 70)


def _inverse(e: int) -> float:
    return 1 / (1 + e / 50)


def _shrinking(e: int) -> float:
    return 0.99 if e % 3 else 0.98


_CYCLE = dict(base_lr=[1e-3, 2e-3, 5e-4], max_lr=[1e-2, 2e-2, 1e-2], step_size_up=30, step_size_down=50)
_ONE = dict(max_lr=[1e-2, 3e-2, 2e-2], total_steps=450, pct_start=0.37, three_phase=True)
_LINEAR, _COSINE = ("LinearLR", dict(start_factor=0.1, total_iters=90)), ("CosineAnnealingLR", dict(T_max=300))
_STEP, _DECAY = ("StepLR", dict(step_size=37, gamma=0.8)), ("ExponentialLR", dict(gamma=0.997))
# Adafactor and Muon add up in another order than torch does (see their modules), whatever the handover.
CASES = [
    Case("SGD", dict(momentum=0.9, nesterov=True), ("LambdaLR", dict(lr_lambda=[_halving, _inverse, _halving]))),
    Case("Adam", dict(amsgrad=True, weight_decay=0.01), ("MultiplicativeLR", dict(lr_lambda=_shrinking))),
    Case("AdamW", dict(), _STEP),
    Case("NAdam", dict(weight_decay=0.01), ("MultiStepLR", dict(milestones=[41, 150, 150, 320], gamma=0.5))),
    Case("RAdam", dict(), ("ConstantLR", dict(factor=0.3, total_iters=250))),
    Case("Adamax", dict(), ("LinearLR", dict(start_factor=0.1, total_iters=300))),
    Case("Adagrad", dict(lr_decay=0.01, initial_accumulator_value=0.1), _DECAY),
    Case("Adadelta", dict(), ("PolynomialLR", dict(total_iters=350, power=1.5))),
    Case("RMSprop", dict(momentum=0.5, centered=True), _COSINE),
    Case("Rprop", dict(), ("CosineAnnealingWarmRestarts", dict(T_0=30, T_mult=2, eta_min=1e-4))),
    Case("ASGD", dict(t0=150, lambd=0.01), ("ReduceLROnPlateau", dict(patience=9, min_lr=[1e-4, 0.0, 1e-3]))),
    Case("Adafactor", dict(), ("SequentialLR", dict(schedulers=[_LINEAR, _COSINE], milestones=[90])), within=1e-5),
    Case("Muon", dict(adjust_lr_fn="match_rms_adamw"), ("ChainedScheduler", dict(schedulers=[_LINEAR, _DECAY])), 0.01),
    Case("Adam", dict(decoupled_weight_decay=True), ("CyclicLR", {**_CYCLE, "mode": "exp_range", "gamma": 0.995})),
    Case("SGD", dict(momentum=0.8, weight_decay=0.01), ("OneCycleLR", _ONE)),
    Case("AdamW", dict(weight_decay=0.1), ("SWALR", dict(swa_lr=[1e-3, 2e-3, 3e-3], anneal_epochs=300))),
]
PLATEAU = "ReduceLROnPlateau"


def shapes_of(case: Case) -> dict[str, tuple[int, ...]]:
    """The parameters of a case: torch's name -> shape."""
    names = MATRICES if case.name == "Muon" else [name for group in GROUPS for name in group]
    return {name: SHAPES[name] for name in names}


def start(case: Case) -> dict[str, np.ndarray]:
    """First weights, in torch's layout."""
    rng = np.random.default_rng(7)
    return {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes_of(case).items()}


def gradients(case: Case) -> dict[str, np.ndarray]:
    """The gradients of both halves: name -> shape=(2 * HALF, ...)."""
    rng = np.random.default_rng(8)
    return {n: rng.normal(size=(2 * HALF, *s)).astype(np.float32) for n, s in shapes_of(case).items()}


METRICS = np.abs(np.sin(np.arange(2 * HALF) / 9)).astype(np.float32)  # what ReduceLROnPlateau watches


class Torch:
    """A PyTorch run: torch's own optimizer and scheduler over the gradients."""

    def __init__(self, case: Case, weights: Mapping[str, np.ndarray]) -> None:
        self.case, self.rates = case, []
        self.params = {name: torch.nn.Parameter(torch.from_numpy(w.copy())) for name, w in weights.items()}
        grouped = MATRIX_GROUPS if case.name == "Muon" else GROUPS
        groups = [
            {"params": [(name, self.params[name]) for name in names], "lr": 0.01 * (i + 1)}
            for i, names in enumerate(grouped)
        ]
        self.optimizer = getattr(torch.optim, case.name)(groups, **case.options)
        self.scheduler = make(lrtorch, case.scheduler).build_and_resume(self.optimizer)

    def run(self, grads: Mapping[str, np.ndarray], begin: int, end: int) -> None:
        """Steps ``begin`` to ``end``, with the correctly rounded square root."""
        tensors = {name: torch.from_numpy(g) for name, g in grads.items()}
        with CorrectSqrt():
            for t in range(begin, end):
                for i, lr in EDITS.get(t, {}).items():
                    self.optimizer.param_groups[i]["lr"] = lr
                self.rates.append([group["lr"] for group in self.optimizer.param_groups])
                for name, p in self.params.items():
                    p.grad = tensors[name][t]
                self.optimizer.step()
                self.scheduler.step(*([float(METRICS[t])] if self.case.scheduler[0] == PLATEAU else []))

    def state_dicts(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Copies of the optimizer's and the scheduler's."""
        return deepcopy((self.optimizer.state_dict(), self.scheduler.state_dict()))

    def weights(self) -> dict[str, np.ndarray]:
        """A copy of the parameters."""
        return {name: p.detach().numpy().copy() for name, p in self.params.items()}


def empty_tree(case: Case) -> Any:
    """The JAX parameters of the same network, in flax's layout, all zero."""
    return jax.tree.map(jnp.zeros_like, to_tree(case, start(case)))


def run_jax(
    tx: Any, params: Any, state: Any, grads: Any, begin: int, end: int, *, plateau: bool
) -> tuple[Any, Any, np.ndarray]:
    """Steps ``begin`` to ``end``: parameters, state and the rates, float32, shape=(steps, groups)."""
    rates = []
    names = list(lrjax.get_lr(state))
    for t in range(begin, end, SEGMENT):
        if t in EDITS:
            state = lrjax.set_lr(state, {names[i]: lr for i, lr in EDITS[t].items()})
        now = jax.tree.map(lambda g, t=t: g[t : t + SEGMENT], grads)
        (params, state), lr = _segment(tx, params, state, now, METRICS[t : t + SEGMENT], plateau)
        rates.append(np.asarray(lr))
    return params, state, np.concatenate(rates)


@partial(jax.jit, static_argnums=(0, 5))
def _segment(tx: Any, params: Any, state: Any, grads: Any, metrics: Any, plateau: bool) -> Any:
    def one(carry: Any, xs: Any) -> Any:
        params, state = carry
        g, metric = xs
        with jax.enable_x64(True):
            lr = unpack(state.hyper["lr"]).astype(jnp.float32)
        params, state = lrjax.step(tx, g, state, params)
        return (params, lrjax.step_scheduler(tx, state, metric) if plateau else state), lr

    return jax.lax.scan(one, (params, state), (grads, metrics))


def to_tree(case: Case, arrays: Mapping[str, np.ndarray]) -> Any:
    """torch's arrays, with leading axes or not, in flax's names and layout; written by hand, beside ``match_names``."""
    swap = lambda x: np.ascontiguousarray(np.swapaxes(x, -1, -2))  # noqa: E731
    body = {"linear1": {"kernel": swap(arrays["body.linear1.weight"])}}
    tree = {"body": body, "head": {"kernel": swap(arrays["head.weight"])}}
    if case.name == "Muon":
        return {**tree, "embed": {"embedding": arrays["embed.weight"]}}
    body["linear1"]["bias"] = arrays["body.linear1.bias"]
    return {**tree, "norm": {"scale": arrays["norm.weight"]}}
