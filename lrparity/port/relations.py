"""Simple relations between two sequences of rates: another base rate, a shift, another unit."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from .describe import describe

SAME = 1e-9  # of the largest rate: the same schedule, in float64


SAME32 = 2e-6  # the same schedule, one side computing in float32


class Change(NamedTuple):
    """One thing that must change in JAX's schedule."""

    convention: str
    torch: str
    jax: str
    sentence: str
    mend: str


def differ(torch: np.ndarray, jax: np.ndarray, within: float = SAME) -> np.ndarray:
    """Where two sequences differ, shape=(T,), bool; NaN differs from everything but NaN."""
    scale = max(float(np.nanmax(np.abs(torch), initial=0.0)), 1e-300)
    both_unknown = np.isnan(torch) & np.isnan(jax)
    with np.errstate(invalid="ignore"):
        return ~(np.abs(torch - jax) <= within * scale) & ~both_unknown


def factor(expected: np.ndarray, seen: np.ndarray, within: float = SAME) -> float | None:
    """The number by which one sequence is the other, if there is one."""
    at = int(np.argmax(np.abs(expected)))
    if expected[at] == 0 or seen[at] == 0:
        return None
    found = float(seen[at] / expected[at])
    return found if not differ(expected * found, seen, within).any() else None


def rate_change(torch: np.ndarray, jax: np.ndarray) -> Change:
    """Another base rate."""
    a, b = float(torch[np.argmax(np.abs(torch))]), float(jax[np.argmax(np.abs(torch))])
    sentence = f"JAX's rates are {b / a:.6g} times torch's at every step: another base rate."
    return Change("lr", f"{a:.6g}", f"{b:.6g}", sentence, f"learning_rate * {a / b:.8g}")


Relation = Iterable[tuple[np.ndarray, np.ndarray, list[Change]]]


def unchanged(torch: np.ndarray, jax: np.ndarray) -> Relation:
    """The sequences as they are."""
    yield torch, jax, []


def shifted(torch: np.ndarray, jax: np.ndarray) -> Relation:
    """One sequence early or late by one update or two."""
    if np.ptp(torch) == 0:
        return
    for shift in (1, -1, 2, -2):
        n = abs(shift)
        early = shift > 0
        expected, seen = (torch[n:], jax[:-n]) if early else (torch[:-n], jax[n:])
        if np.ptp(expected) == 0:
            continue
        word = "early" if early else "late"
        many = "one update" if n == 1 else f"{n} updates"
        sentence = f"JAX's schedule is {many} {word}: its rate at count t is torch's at t {'+' if early else '-'} {n}."
        sign = "-" if early else "+"
        mend = f"learning_rate=lambda count: schedule(jnp.maximum(count {sign} {n}, 0))"
        yield (
            expected,
            seen,
            [Change("rate_shift", "at count t", f"at count t {'+' if early else '-'} {n}", sentence, mend)],
        )


def units(torch: np.ndarray, jax: np.ndarray, sizes: Iterable[int], micro: int) -> Relation:
    """One sequence counted in other units than the other, so many updates each: micro-steps, epochs, updates."""
    t = np.arange(len(torch))
    curves = describe(torch), describe(jax)  # a staircase beside its smooth curve is another shape, not another unit
    stairs = any(curve is not None and curve.shape == "steps" for curve in curves)
    for k in sizes:
        if k < 2:
            continue
        what = f"micro-steps ({k} an update)" if k == micro else f"units of {k} updates"
        fast = f"schedule runs {k} times as fast as"
        every = f"steps every {k} updates"
        few, held, last = len(torch[::k]), t // k * k, slice(k - 1, None, k)
        later = f"lambda count: schedule(count * {k} + {k - 1})"
        quick = f"JAX's {fast} torch's: it counts {what}."
        slow = f"torch's {fast} JAX's: it counts {what}."
        once = f"JAX's schedule is stepped once every {k} updates, torch's at every update."
        epochs = f"torch's schedule is stepped once every {k} updates (an epoch), JAX's at every update."
        counts, runs = "counts updates", f"runs {k} times as fast"
        update = "steps at every update"
        held_too: list[tuple[np.ndarray, np.ndarray, tuple[str, str], str, str]] = [
            (torch[held], jax, (update, every), once, "schedule"),
            (jax[held], torch, (every, update), epochs, f"lambda count: schedule(count // {k} * {k})"),
        ]
        for expected, seen, values, text, mend in (
            (torch[::k], jax[:few], (counts, runs), quick, f"lambda count: schedule(count / {k})"),
            (torch[last], jax[: len(torch[last])], (counts, runs), quick, f"lambda count: schedule(count // {k})"),
            (torch[:few], jax[::k], (runs, counts), slow, f"lambda count: schedule(count * {k})"),
            (torch[: len(jax[last])], jax[last], (runs, counts), slow, later),
            (torch[t // k], jax, (update, every), once, "schedule"),
            (jax[t // k], torch, (every, update), epochs, f"lambda count: schedule(count // {k})"),
            *held_too[: 0 if stairs else 2],
        ):
            if not (np.ptp(expected) and np.ptp(seen)) or _far(expected[: 3 * k : k][:4], seen[: 3 * k : k][:4]):
                continue
            share = factor(expected, seen, SAME32)
            if share is None:
                continue
            whole = len(seen) == len(torch)
            if whole or (
                _stretched(jax, torch * share, k) if values[0] == counts else _stretched(torch * share, jax, k)
            ):
                yield expected, seen, [Change("schedule_unit", *values, text, f"learning_rate={mend}")]


def _stretched(quicker: np.ndarray, slower: np.ndarray, k: int) -> bool:
    """Whether one sequence is another at a ``k``-th of its pace.

    A rate at every ``k``-th count says nothing of those between: they must lie between the neighbours, too.
    """
    at = np.arange(len(slower)) // k
    longer = np.concatenate([[2 * quicker[0] - quicker[1]], quicker])
    near = longer[np.clip(at[:, None] + np.arange(4), 0, len(quicker))]
    low, high = near.min(axis=1), near.max(axis=1)
    room = 0.25 * (high - low) + SAME32 * float(np.max(np.abs(quicker)))
    return bool(np.all((slower >= low - room) & (slower <= high + room)))


def _far(a: np.ndarray, b: np.ndarray) -> bool:
    """A first look, which spares the rest: no common factor in the first few rates."""
    if len(a) != len(b) or not np.any(a) or not np.any(b):
        return False
    return factor(a, b, SAME32) is None
