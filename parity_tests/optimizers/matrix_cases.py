"""The cases of Adafactor and Muon, and how far torch is from itself on them.

Sums are held to torch's own spread: torch's foreach form, and torch on the same tensors with their rows and columns
shuffled, which is the same algorithm with its sums in another order. Ours are one more order.
"""

import os
from typing import Any

import numpy as np

from lrparity.runs.bits import differing

from .cases import Case, Run, from_database, gradients, run_torch, start

SLOW = bool(os.environ.get("LRJAX_SLOW"))
ROWS = [
    *from_database("Adafactor"),
    Case("Adafactor options per group", "Adafactor", dict(weight_decay=0.1), "Adafactor"),
    *from_database("Muon"),
    Case("Muon no nesterov", "Muon", dict(nesterov=False)),
    Case("Muon options per group", "Muon", {}, "Muon"),
]
CASES = [case._replace(groups="two rates") if case.groups == "rates" else case for case in ROWS]
TENSORS = {"Adafactor": "abcdefg", "Muon": "abg"} if SLOW else {"Adafactor": "ac", "Muon": "ag"}
LONG = {"Adafactor options per group"}  # 1,000 steps in the quick run, too; Muon's products are slow in torch
QUICK_STEPS = {"Adafactor": 500, "Muon": 50}  # past the first rate set by hand; 750 products of each matrix


def tensors(name: str, seed: int, steps: int, dtype: Any = np.float32) -> tuple[Any, Any]:
    """Parameters and gradients for an optimizer."""
    params, grads = start(seed, dtype), gradients(seed, steps, dtype)
    if not SLOW:  # a smaller, wide matrix
        params, grads = {**params, "a": params["a"][:40, :48]}, {**grads, "a": grads["a"][:, :40, :48]}
    return {n: np.asarray(params[n] / 1e3, dtype) for n in TENSORS[name]}, {n: grads[n] for n in TENSORS[name]}


def shuffle(x: np.ndarray, order: list[np.ndarray]) -> np.ndarray:
    """The last axes of ``x`` in another order; axes of length 1, and those before, stay."""
    lead = x.ndim - len(order)
    own = [o if len(o) == n else np.arange(n) for o, n in zip(order, x.shape[lead:], strict=True)]
    return x[np.ix_(*map(np.arange, x.shape[:lead]), *own)].copy() if x.ndim else x


def shuffled(case: Case, rates: str, params: Any, grads: Any, seed: int) -> Run:
    """torch's run with the axes of all tensors shuffled, put back in order."""
    rng = np.random.default_rng(seed)
    orders = {n: [rng.permutation(size) for size in p.shape] for n, p in params.items()}
    run = run_torch(case, rates, *({n: shuffle(x, orders[n]) for n, x in t.items()} for t in (params, grads)))
    back = {n: [np.argsort(o) for o in order] for n, order in orders.items()}
    slots = {slot: {n: shuffle(x, back[n]) for n, x in each.items()} for slot, each in run.slots.items()}
    return run._replace(params={n: shuffle(x, back[n]) for n, x in run.params.items()}, slots=slots)


def distance(a: Run, b: Run, params: Any) -> dict[str, float]:
    """How far two runs are apart: of the parameters' displacement, and of each state (b's may be fewer)."""
    far = {"params": [_apart(a.params[n], b.params[n], b.params[n] - p) for n, p in params.items()]}
    for slot, each in b.slots.items():
        far[slot] = [_apart(a.slots[slot][n], x, x) for n, x in each.items()]
    return {what: float(np.mean(values)) for what, values in far.items()}


def _apart(a: np.ndarray, b: np.ndarray, scale: np.ndarray) -> float:
    """The mean difference as a part of the mean scale."""
    return np.sum(np.abs(a.astype(np.float64) - b)) / np.sum(np.abs(scale), dtype=np.float64)


def spread(case: Case, rates: str, params: Any, grads: Any, torch_run: Run) -> dict[str, float]:
    """The largest distance of torch from itself."""
    others = [shuffled(case, rates, params, grads, seed) for seed in range(3)]
    if case.name == "Adafactor":
        others.append(run_torch(case, rates, params, grads, foreach=True))
    far = [distance(other, torch_run, params) for other in others]
    return {what: max(each[what] for each in far) for what in far[0]}


# Options under which no sum decides anything, so every bit must be torch's. Adafactor: a fixed scale, no clipping, and
# matrices of one column and one or two equal rows; Muon: a norm below eps, and no products.
EXACT = [
    Case("Adafactor", "Adafactor", dict(eps=(None, 1e3), d=1e9, weight_decay=0.1), "two rates"),
    Case("Adafactor maximize", "Adafactor", dict(eps=(1e-3, 1e3), d=1e9, maximize=True), "two rates"),
    Case("Muon", "Muon", dict(lr=1e3, eps=1e6, ns_steps=0), "two rates"),
    Case("Muon others", "Muon", dict(eps=1e6, ns_steps=0, nesterov=False, adjust_lr_fn="match_rms_adamw"), "two rates"),
]
EXACT_SHAPES = {
    "Adafactor": {"a": (500, 1, 1), "b": (503,), "c": (2, 1)},
    "Muon": {"a": (40, 48), "b": (33, 7)},
}


def exact_tensors(name: str, steps: int, seed: int = 0) -> tuple[Any, Any]:
    """Parameters and gradients of mixed magnitude, some zero."""
    rng = np.random.default_rng(seed)
    draw = lambda size: (rng.normal(size=size) * 10.0 ** rng.uniform(-6, 2, size)).astype(np.float32)  # noqa: E731
    shapes = EXACT_SHAPES[name]
    grads = {n: np.where(rng.random((steps, *s)) < 0.02, np.float32(0), draw((steps, *s))) for n, s in shapes.items()}
    if name == "Adafactor":
        signs = rng.choice([-1, 1], (steps, 1, 1))  # else c grows beyond the fixed scale
        grads["c"][:] = signs * 2.0 ** rng.integers(-3, 3, (steps, 1, 1))  # the sum of two equal squares is exact
    return {n: draw(s) for n, s in shapes.items()}, grads


def assert_same_bits(ours: Run, theirs: Run) -> None:
    """Parameters, states and counts."""
    assert differing(ours.params, theirs.params) == {}
    for slot, expected in theirs.slots.items():
        assert differing(expected, ours.slots[slot]) == {}  # a slot that torch has not is a single zero
    for name, expected in theirs.memory.items():
        np.testing.assert_array_equal(ours.memory[name], expected)
