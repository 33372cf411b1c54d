"""The rules and rates of all parameters of a machine, and after how many micro-steps it updates."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from math import gcd

import numpy as np

from .. import machine as made
from ..machine import RUNS, Machine
from ..program import Accumulation, Arrays
from ..rule import Rule
from .fit import Found, fit
from .quotients import SURE, error_of, flat, quotients, taken, windows

UPDATES = 10  # of the probe for directions


def accumulation(machine: Machine, shapes: dict[str, tuple[int, ...]]) -> Accumulation:
    """After how many micro-steps the machine updates."""
    for micro_steps in (40, 400):
        ran = machine.run(made.zeros(shapes, 1), made.constant(shapes, micro_steps, 1), "float64", hold=True)
        moves = np.any([np.abs(u).reshape(micro_steps, -1).max(axis=1) > 0 for u in ran.updates.values() if u.size], 0)
        at = np.flatnonzero(moves)
        if len(at) > 1:
            return Accumulation(gcd(*np.diff(at).tolist()))
    return Accumulation(1)


def rules_of(
    machine: Machine,
    shapes: dict[str, tuple[int, ...]],
    words: Iterable[str],
    hints: Callable[[str], Sequence[Rule]],
    how: Accumulation,
    loudest: float = 1e-3,
) -> dict[str, Found]:
    """The rule of each parameter, without weight decay; the largest gradients fed are ``loudest``."""
    made_ones = made.quiet(shapes, UPDATES, RUNS, loudest)
    grads = {name: np.repeat(g, how.steps, axis=0) for name, g in made_ones.items()}  # the same within an update
    ran = machine.run(made.zeros(shapes, RUNS), grads, "float64", hold=True)
    found: dict[str, Found] = {}
    known: list[Rule] = []
    seen: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    failures = 0
    for name in machine.names:
        g = flat(windows(grads[name], how))
        u = flat(taken(ran.updates[name], how))
        if not g.size:
            found[name] = Found(None, np.inf)
            continue
        if not u.any():
            found[name] = Found(Rule("frozen"), 0.0)
            continue
        found[name] = _split_initial(fit(words, [*hints(name), *known], g, u, quick=failures >= 2), hints(name))
        rule = found[name].rule
        failures = failures + 1 if rule is None else 0  # where two are strangers, the rest will be
        if rule is not None and rule not in known:
            known.append(rule)
        seen[name] = (g, u)
    for name, (g, u) in seen.items():  # once more, with what was found elsewhere
        if found[name].error > SURE:
            again = [Found(rule, error_of(rule, g, u)) for rule in known]
            found[name] = min([found[name], *again], key=lambda one: one.error)
    return found


def _split_initial(found: Found, hints: Sequence[Rule]) -> Found:
    """Adagrad's epsilon inside the root and its initial value are one number, read in the fewest digits and changes."""
    rule = found.rule
    nothing = 1e-6 * np.sqrt(rule.initial) if rule is not None else 0.0
    if rule is None or rule.family != "adagrad" or (rule.eps_place != "inside" and rule.eps > nothing):
        return found
    total = rule.initial + (rule.eps if rule.eps_place == "inside" else 0.0)
    hint = next((one for one in hints if one.family == "adagrad"), rule)
    large = float(f"{total:.0e}")
    splits = [(hint.initial, total - hint.initial), (total - hint.eps, hint.eps), (large, total - large)]
    within = total * max(1e-9, found.error)
    readings = [
        replace(rule, initial=_short(initial, within), eps=_short(eps, within), eps_place="inside")
        for initial, eps in splits
        if initial >= 0 and eps > 0
    ]
    unseen = hint.eps if rule.eps_place == "outside" and hint.eps <= nothing else 0.0
    outside = replace(rule, initial=total, eps=unseen, eps_place="outside")
    return Found(min([*readings, outside], key=lambda one: _oddity(one, hint)), found.error)


def _short(value: float, within: float) -> float:
    """A number in as few digits as are the same to ``within``."""
    for digits in range(8):
        if abs(float(f"{value:.{digits}e}") - value) <= within:
            return float(f"{value:.{digits}e}")
    return value


def _digits(value: float) -> int:
    return len(f"{value:.9e}".split("e")[0].replace(".", "").rstrip("0")) if value else 0


def _oddity(rule: Rule, hint: Rule) -> int:
    """How far a reading is from what is likely: a point for each field that is another, and for each digit of it."""
    odd = 2 * (0 < rule.initial < 1e-4) + 2 * (rule.eps > 1e-2) + (rule.eps_place != hint.eps_place)
    numbers = [(rule.initial, hint.initial), (rule.eps, hint.eps)]
    return odd + sum(1 + _digits(one) for one, other in numbers if one != other)


def rates_of(
    machine: Machine,
    shapes: dict[str, tuple[int, ...]],
    rules: dict[str, Found],
    how: Accumulation,
    updates: int,
) -> Arrays:
    """The rate of each parameter at each update, shape=(updates,), NaN where the rule is unknown."""
    grads = made.constant(shapes, updates * how.steps, 2)
    ran = machine.run(made.zeros(shapes, 2), grads, "float64", hold=True)
    out = {}
    for name in machine.names:
        rule = rules[name].rule
        if rule is None:
            out[name] = np.full(updates, np.nan)
            continue
        if rule.family == "frozen":
            out[name] = np.zeros(updates)
            continue
        u = flat(taken(ran.updates[name], how))
        g = flat(windows(grads[name], how))
        out[name] = np.median(quotients(rule, g, u), axis=1)
        if rule.momentum and not rule.dampening:  # while the rate is constant, inside and outside are the same
            other = replace(rule, rate_inside=not rule.rate_inside)
            rates = np.median(quotients(other, g, u), axis=1)
            if _plainer(rates, out[name]):
                out[name], rules[name] = rates, rules[name]._replace(rule=other)
    return out


def _plainer(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether a sequence bends at fewer counts than another, or at as many and much less; rounding is no bend."""
    bends = [np.abs(np.diff(r, 2)) / max(float(np.max(np.abs(r), initial=0.0)), 1e-300) for r in (one, other)]
    counts = [int(np.sum(b > 1e-6)) for b in bends]
    sums = [float(np.sum(b[b > 1e-6])) for b in bends]
    return counts[0] < 0.7 * counts[1] or (counts[0] <= counts[1] and sums[0] < 0.5 * sums[1])
