"""How far the two sides are from each other, and from what was found of them."""

from dataclasses import replace

import numpy as np

from .identify.quotients import flat
from .program import Arrays, Program, Simulation
from .rule import Rule
from .sides import JaxRecord, TorchRecord


def simulated(program: Program, torch: TorchRecord, steps: int | None = None) -> list[Arrays]:
    """The program on the gradients of the comparison: parameters after each micro-step."""
    start, grads = torch.fed
    simulation = Simulation(runnable(program), {n: start[n][0] for n in program.names})
    count = len(next(iter(grads.values())))
    out = []
    for t in range(count if steps is None else min(steps, count)):
        simulation.micro_step({n: grads[n][t, 0] for n in program.names})
        out.append(dict(simulation.params))
    return out


def runnable(program: Program) -> Program:
    """Frozen parameters as such that have no rate."""
    rules = [Rule("sgd") if rule.family == "frozen" else rule for rule in program.rules]
    return replace(program, rules=rules)


def explained(ours: Program, torch: TorchRecord, jax: JaxRecord) -> float:
    """How far the JAX program, as it was found, is from what the JAX side did; over the way it went."""
    ran = {name: w[:, 0] for name, w in jax.runs["float64"].items()}
    found = simulated(ours, torch)
    return float(np.max(_away({name: np.stack([one[name] for one in found]) for name in ran}, ran, torch)))


def _away(a: Arrays, b: Arrays, torch: TorchRecord) -> np.ndarray:
    """|a - b| over the way of ``b``, shape=(steps, parameters)."""
    start, _ = torch.fed
    columns = []
    for name, theirs in b.items():
        gap = np.linalg.norm(flat(a[name] - theirs), axis=1)
        way = np.linalg.norm(flat(theirs - start[name]), axis=1)
        with np.errstate(all="ignore"):
            columns.append(np.where(gap == 0, 0.0, gap / way))
    return np.stack(columns, axis=1)


def distance_of(torch: TorchRecord, jax: JaxRecord, dtype: str) -> np.ndarray:
    """By update: how far JAX's parameters are from torch's, over torch's way."""
    ours = jax.runs[dtype]
    theirs = {name: torch.runs[dtype][name][:, 0] for name in ours}
    every = torch.program.accumulation.steps
    return _away({n: w[:, 0] for n, w in ours.items()}, theirs, torch)[every - 1 :: every]


def ulps_of(torch: TorchRecord, jax: JaxRecord) -> tuple[np.ndarray, float]:
    """In the parameters' dtype: the largest distance at each update, and the share of equal bits after the last.

    The distance is in units of the last place of the tensor's largest value.
    """
    if torch.dtype not in ("float32", "float64"):
        return np.zeros(0), 0.0
    kind = np.dtype(torch.dtype)
    ours, theirs = jax.runs[torch.dtype], torch.runs[torch.dtype]
    every = torch.program.accumulation.steps
    apart, equal, count = [], 0, 0
    for name, w in ours.items():
        a, b = w[every - 1 :: every].astype(kind), theirs[name][every - 1 :: every].astype(kind)
        gap = flat(np.abs(a.astype(np.float64) - b.astype(np.float64))).max(axis=1, initial=0.0)
        apart.append(gap / np.spacing(flat(np.abs(b)).max(axis=1, initial=kind.type(1e-30))))
        if len(a):
            equal, count = equal + int(np.sum(a[-1] == b[-1])), count + a[-1].size
    return np.max(apart, axis=0), equal / max(1, count)
