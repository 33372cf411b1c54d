"""The first quantity that differs while everything it is made from agrees."""

import numpy as np

from .distances import distance_of, runnable
from .program import Program, Simulation
from .result import QUANTITIES, First
from .sides import JaxRecord, TorchRecord


def first_of(
    theirs: Program, ours: Program, torch: TorchRecord, jax: JaxRecord, readable: bool, limit: float, within: float
) -> First | None:
    """The first quantity that differs while everything it is made from agrees."""
    if readable:
        found = _first_simulated(theirs, ours, torch, within)
        if found is not None:
            return found
    for what, key in (("first moment", "first moment"), ("second moment", "second moment")):
        pairs = [
            (n, torch.moments[key][n], jax.moments[key][n])
            for n in jax.moments.get(key, {})
            if n in torch.moments.get(key, {})
        ]
        for name, a, b in pairs:
            n = min(len(a), len(b))
            apart = np.abs(a[:n] - b[:n]).reshape(n, -1).max(axis=1, initial=0.0) > 1e-9 * np.abs(a[:n]).max(
                initial=1e-300
            )
            if apart.any():
                t = int(np.argmax(apart))
                return First(
                    t // torch.program.accumulation.steps, group_of(theirs, name), what, _number(a[t]), _number(b[t])
                )
    distance = distance_of(torch, jax, "float64")
    over = np.argwhere(~(distance <= limit))
    if len(over):
        t, column = over[0]
        name = list(jax.runs["float64"])[column]
        k = torch.program.accumulation.steps
        at = (t + 1) * k - 1
        values = [_number(side.runs["float64"][name][at]) for side in (torch, jax)]
        return First(int(t), group_of(theirs, name), "parameter", *values)
    return None


def group_of(program: Program, name: str) -> str:
    """The group of a parameter."""
    return program.groups[program.names.index(name)]


def _number(array: np.ndarray) -> str:
    return f"{np.ravel(array)[0]:.9g}"


def _first_simulated(theirs: Program, ours: Program, torch: TorchRecord, within: float) -> First | None:
    start, grads = torch.start_and_grads()
    at = {n: start[n][0] for n in theirs.names}
    sides = [Simulation(runnable(theirs), at), Simulation(runnable(ours), at)]
    for t in range(len(next(iter(grads.values())))):
        fed = {n: grads[n][t, 0] for n in theirs.names}
        moved = [side.micro_step(fed) for side in sides]
        if moved[0] != moved[1]:
            texts = ["an update" if one else "none yet" for one in moved]
            return First(t, "all", "accumulated gradient", *texts)
        if not moved[0]:
            continue
        for quantity in QUANTITIES:
            for name in theirs.names:
                a, b = (np.atleast_1d(side.seen[quantity][name]) for side in sides)
                apart = np.abs(a - b) > within * (np.abs(a) + np.abs(b))
                if apart.any():
                    i = np.unravel_index(int(np.argmax(np.abs(a - b))), a.shape)
                    return First(sides[0].done - 1, group_of(theirs, name), quantity, f"{a[i]:.9g}", f"{b[i]:.9g}")
    return None
