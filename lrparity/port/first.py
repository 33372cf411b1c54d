"""The first quantity that differs while everything it is made from agrees."""

import numpy as np

from .distances import distance_of, runnable
from .identify.quotients import flat
from .program import Program, Simulation
from .result import QUANTITIES, First
from .sides import JaxRecord, TorchRecord


def first_of(
    theirs: Program, ours: Program, torch: TorchRecord, jax: JaxRecord, readable: bool, limit: float, within: float
) -> First | None:
    """The first quantity that differs while everything it is made from agrees."""
    if readable:
        return _first_simulated(theirs, ours, torch, within) or _first_rate(theirs, ours, within)
    return _first_moment(theirs, torch, jax) or _first_parameter(theirs, torch, jax, limit)


def _first_moment(theirs: Program, torch: TorchRecord, jax: JaxRecord) -> First | None:
    """The first moment, or second, that both sides show and that differs."""
    for what in ("first moment", "second moment"):
        ours = jax.moments.get(what, {})
        for name, a in torch.moments.get(what, {}).items():
            if name not in ours:
                continue
            n = min(len(a), len(ours[name]))
            gap = flat(np.abs(a[:n] - ours[name][:n])).max(axis=1, initial=0.0)
            apart = gap > 1e-9 * np.abs(a[:n]).max(initial=1e-300)
            if apart.any():
                t = int(np.argmax(apart))
                values = _number(a[t]), _number(ours[name][t])
                return First(t // torch.program.accumulation.steps, group_of(theirs, name), what, *values)
    return None


def _first_parameter(theirs: Program, torch: TorchRecord, jax: JaxRecord, limit: float) -> First | None:
    """The first update after which a parameter differs."""
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


def parted_at(distance: np.ndarray, limit: float) -> int | None:
    """The first update after which a parameter is farther away than ``limit``; None: there is none."""
    apart = ~(distance <= limit)
    return int(np.argmax(apart.any(axis=1))) if apart.any() else None


NARROW = 1.5e-7  # of the largest rate: what a schedule in float32 may be off


def _first_rate(theirs: Program, ours: Program, within: float) -> First | None:
    """The first rate that differs, beyond the updates that were run."""
    n = min(len(theirs.rates), len(ours.rates))
    a, b = theirs.rates[:n], ours.rates[:n]
    apart = np.argwhere(np.abs(a - b) > min(within, NARROW) * np.max(np.abs(a), axis=0))
    if not len(apart):
        return None
    t, column = apart[0]
    return First(int(t), theirs.groups[column], "rate", f"{a[t, column]:.9g}", f"{b[t, column]:.9g}")


def group_of(program: Program, name: str) -> str:
    """The group of a parameter."""
    return program.groups[program.names.index(name)]


def _number(array: np.ndarray) -> str:
    return f"{np.ravel(array)[0]:.9g}"


_SUMS = ("first moment", "direction", "update", "parameter")  # they cross zero; their rounding is that of larger ones


def _first_simulated(theirs: Program, ours: Program, torch: TorchRecord, within: float) -> First | None:
    start, grads = torch.fed
    at = {n: start[n][0] for n in theirs.names}
    sides = [Simulation(runnable(theirs), at), Simulation(runnable(ours), at)]
    largest: dict[tuple[str, str], np.ndarray] = {}
    peaks = dict(zip(theirs.names, np.max(np.abs(theirs.rates), axis=0), strict=True))
    for t in range(len(next(iter(grads.values())))):
        fed = {n: grads[n][t, 0] for n in theirs.names}
        moved = [side.micro_step(fed) for side in sides]
        if moved[0] != moved[1]:
            texts = ["an update" if one else "none yet" for one in moved]
            return First(t // theirs.accumulation.steps, "all", "accumulated gradient", *texts)
        if not moved[0]:
            continue
        for quantity in QUANTITIES:
            for name in theirs.names:
                a, b = (np.atleast_1d(side.seen[quantity][name]) for side in sides)
                scale = peaks[name] if quantity == "rate" else np.abs(a) + np.abs(b)
                if quantity in _SUMS:
                    scale = largest[quantity, name] = np.maximum(scale, largest.get((quantity, name), 0.0))
                apart = np.abs(a - b) > (min(within, NARROW) if quantity == "rate" else within) * scale
                if apart.any():
                    i = np.unravel_index(int(np.argmax(np.abs(a - b))), a.shape)
                    return First(sides[0].done - 1, group_of(theirs, name), quantity, f"{a[i]:.9g}", f"{b[i]:.9g}")
    return None
