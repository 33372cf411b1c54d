"""Every shape, in every way a user compiles a step: nothing may depend on either.

    python -m parity_tests.optimizers.shape_cases [WAY ...]

compares all elementwise optimizers with torch and prints where bits differ. The suite runs it under compiler flags
that stand for older processors, and on several devices; those are settings of a whole process.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch

import lrjax
from lrparity.oracle.cpu import CorrectSqrt
from lrparity.oracle.states import states_by_name

# Where compilers were seen to contract some multiply-adds and not others: short rows, and what is left of a vector.
AWKWARD: list[tuple[int, ...]] = [
    *[(n,) for n in (16, 17, 18, 19, 20, 27, 32)],
    *[(1, 32), (4, 16), (8, 16), (8, 17), (8, 18), (1, 1, 32), (33, 7), (64,)],
]
ALL: list[tuple[int, ...]] = [
    (),
    *[(n,) for n in range(1, 131)],
    *[(n, m) for n in range(1, 34) for m in range(1, 41)],
    *[(5, 5, 3), (2, 3, 17), (1, 1, 32), (300, 200), (1, 70_000), (70_000, 1), (41, 47, 97)],
]
OPTIONS: dict[str, dict[str, Any]] = {
    "SGD": dict(momentum=0.9, dampening=0.1, weight_decay=0.1),
    "Adam": dict(weight_decay=0.1, amsgrad=True),
    "AdamW": {},
    "NAdam": dict(weight_decay=0.1),
    "RAdam": dict(weight_decay=0.1),
    "Adamax": dict(weight_decay=0.1),
    "Adagrad": dict(lr_decay=0.1, weight_decay=0.1),
    "Adadelta": dict(weight_decay=0.1),
    "RMSprop": dict(momentum=0.9, centered=True, weight_decay=0.1),
    "Rprop": {},
    "ASGD": dict(t0=3, lambd=0.01, weight_decay=0.1),
}
LR = 0.01
SCALE = np.float32(1 / 3)
STEPS = 12

Arrays = Mapping[str, np.ndarray]


def some(seed: int, awkward: int, others: int) -> list[tuple[int, ...]]:
    """So many of the awkward shapes, and so many of all."""
    rng = np.random.default_rng(seed)
    return [each[i] for each, n in ((AWKWARD, awkward), (ALL, others)) for i in rng.permutation(len(each))[:n]]


def problem(shapes: Sequence[tuple[int, ...]], seed: int, steps: int = STEPS) -> tuple[Arrays, Arrays]:
    """Parameters and the gradients of all steps, one tensor a shape."""
    rng = np.random.default_rng(seed)
    params = {f"p{i:04d}": np.asarray(rng.normal(size=shape), np.float32) for i, shape in enumerate(shapes)}
    draw = lambda size: rng.normal(size=size) * 10.0 ** rng.uniform(-4, 1, size)  # noqa: E731
    return params, {name: np.asarray(draw((steps, *p.shape)), np.float32) for name, p in params.items()}


def in_torch(name: str, params: Arrays, grads: Arrays, mask: np.float32 | None = None) -> tuple[Arrays, Any]:
    """torch's single-tensor form: parameters, and its states by name; ``mask`` scales the parameters before a step."""
    model = {n: torch.nn.Parameter(torch.from_numpy(p.copy())) for n, p in params.items()}
    optimizer = getattr(torch.optim, name)(model.values(), lr=LR, foreach=False, **OPTIONS[name])
    for t in range(len(next(iter(grads.values())))):
        for n, p in model.items():
            if mask is not None:
                p.data.mul_(float(mask))
            p.grad = torch.from_numpy(np.asarray(grads[n][t]))
        with CorrectSqrt():
            optimizer.step()
    slots = {s: {n: x.numpy() for n, x in each.items()} for s, each in states_by_name(optimizer, model).items()}
    return {n: p.detach().numpy() for n, p in model.items()}, slots


def _plain(
    tx: Any, params: Any, grads: Any, *, donate: tuple[int, ...] = (), mask: Any = None, scale: Any = None
) -> Any:
    def step(params: Any, state: Any, grads: Any) -> Any:
        params = params if mask is None else jax.tree.map(lambda p: p * mask, params)
        grads = grads if scale is None else jax.tree.map(lambda g: g * scale, grads)
        return lrjax.step(tx, grads, state, params)

    compiled, state = jax.jit(step, donate_argnums=donate), tx.init(params)
    for t in range(len(next(iter(grads.values())))):
        params, state = compiled(params, state, {n: g[t] for n, g in grads.items()})
    return params, state.slots


def _scan(tx: Any, params: Any, grads: Any) -> Any:
    def run(params: Any, grads: Any) -> Any:
        return jax.lax.scan(lambda c, g: (lrjax.step(tx, g, c[1], c[0]), None), (params, tx.init(params)), grads)[0]

    params, state = jax.jit(run)(params, grads)
    return params, state.slots


def _unrolled(tx: Any, params: Any, grads: Any, *, constant: bool = False) -> Any:
    def run(params: Any, grads: Any) -> Any:
        state = tx.init(params)
        for t in range(len(next(iter(grads.values())))):
            params, state = lrjax.step(tx, {n: g[t] for n, g in grads.items()}, state, params)
        return params, state.slots

    return jax.jit(lambda grads: run(params, grads))(grads) if constant else jax.jit(run)(params, grads)


def _one_number(tx: Any, params: Any, grads: Any) -> Any:
    """Each tensor is one number, which the program repeats: a compiler computes with such in ways of its own."""
    shapes = {n: p.shape for n, p in params.items()}

    def run(params: Any, grads: Any) -> Any:
        spread = lambda x, n: jnp.broadcast_to(x, shapes[n])  # noqa: E731
        params, state = {n: spread(p, n) for n, p in params.items()}, None
        for t in range(len(next(iter(grads.values())))):
            state = tx.init(params) if state is None else state
            params, state = lrjax.step(tx, {n: spread(g[t], n) for n, g in grads.items()}, state, params)
        assert state is not None
        return params, state.slots

    one = {n: p[(0,) * p.ndim] for n, p in params.items()}
    return jax.jit(run)(one, {n: g[(slice(None), *(0,) * params[n].ndim)] for n, g in grads.items()})


def _vmap(tx: Any, params: Any, grads: Any) -> Any:
    """Beside a copy with other numbers."""
    both = lambda x: jnp.stack([x, x * 0.7])  # noqa: E731
    step = jax.jit(jax.vmap(lambda p, s, g: lrjax.step(tx, g, s, p)))
    params, grads = jax.tree.map(both, params), jax.tree.map(both, grads)
    state = jax.vmap(tx.init)(params)
    for t in range(next(iter(grads.values())).shape[1]):
        params, state = step(params, state, {n: g[:, t] for n, g in grads.items()})
    return jax.tree.map(lambda x: x[0], (params, state.slots))


def _four_devices(tx: Any, params: Any, grads: Any) -> Any:
    """Each tensor cut along its first axis that can be cut in four."""
    mesh = jax.sharding.Mesh(np.array(jax.devices()[:4]), ("four",))

    def place(x: Any, lead: int) -> Any:
        cut = next((i for i in range(lead, x.ndim) if x.shape[i] % 4 == 0), None)
        spec = jax.sharding.PartitionSpec(*["four" if i == cut else None for i in range(x.ndim)])
        return jax.device_put(x, jax.sharding.NamedSharding(mesh, spec))

    return _plain(tx, {n: place(p, 0) for n, p in params.items()}, {n: place(g, 1) for n, g in grads.items()})


WAYS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "plain": _plain,
    "donated": lambda tx, params, grads: _plain(tx, jax.tree.map(jnp.copy, params), grads, donate=(0, 1)),
    "scan": _scan,
    "vmap": _vmap,
    "unrolled with init inside": _unrolled,
    "parameters are constants": lambda tx, params, grads: _unrolled(tx, params, grads, constant=True),
    "tensors of one number": _one_number,
    "loss scale inside": lambda tx, params, grads: _plain(tx, params, grads, scale=SCALE),
    "parameters scaled inside": lambda tx, params, grads: _plain(tx, params, grads, mask=SCALE),
}
UNROLLED = (
    WAYS["unrolled with init inside"],
    WAYS["parameters are constants"],
    _one_number,
)  # a program grows with its steps
IN_A_PROCESS_OF_ITS_OWN: dict[str, Callable[[Any, Any, Any], Any]] = {"four devices": _four_devices}


def differing(name: str, way: str, shapes: Sequence[tuple[int, ...]], seed: int = 0) -> dict[str, int]:
    """How many values differ in any bit, by what they are and their shape."""
    params, grads = problem(shapes, seed, 3 if WAYS.get(way) in UNROLLED else STEPS)
    if way == "tensors of one number":
        params, grads = problem([shape for shape in shapes if 0 not in shape], seed, 3)
        for n, p in params.items():
            p[...] = p[(0,) * p.ndim]
            grads[n][...] = grads[n].reshape(3, -1)[:, 0].reshape(3, *(1,) * p.ndim)
    seen = {n: g * SCALE for n, g in grads.items()} if way == "loss scale inside" else grads
    expected = in_torch(name, params, seen, SCALE if way == "parameters scaled inside" else None)
    tx = getattr(lrjax, name)(lr=LR, **OPTIONS[name])
    run = {**WAYS, **IN_A_PROCESS_OF_ITS_OWN}[way]
    ours, slots = run(tx, jax.tree.map(jnp.asarray, params), jax.tree.map(jnp.asarray, grads))
    counts = {}
    for what, mine, theirs in [("parameter", ours, expected[0]), *((s, slots[s], expected[1][s]) for s in slots)]:
        for n, value in theirs.items():
            count = int(np.sum(np.asarray(mine[n]).view(np.int32) != value.view(np.int32)))
            counts |= {f"{what} {value.shape}": count} if count else {}
    return counts


def main(ways: Sequence[str]) -> int:
    """All optimizers in these ways; 1 where a bit differs."""
    torch.set_num_threads(1)
    failed = 0
    for way in ways or WAYS:
        for i, name in enumerate(OPTIONS):
            counts = differing(name, way, some(i, 6, 2), seed=i)
            failed |= bool(counts)
            print(f"{name}, {way}: {counts or 'equal'}", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
