"""The rule of one parameter, with its numbers, from its gradients and its updates."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product
from typing import NamedTuple

import numpy as np
from scipy.optimize import least_squares

from ..rule import Rule
from .candidates import FREE, candidates
from .quotients import LIKELY, SURE, error_of, spread

NEARLY = 1e-5  # a rule that is worth a longer search


class Found(NamedTuple):
    """What fits one parameter."""

    rule: Rule | None
    error: float  # the largest relative deviation of the quotient from its mean


def fit(
    machine_words: Iterable[str], hints: Sequence[Rule], grads: np.ndarray, updates: np.ndarray, *, quick: bool = False
) -> Found:
    """The rule of one parameter from its gradients and updates, shape=(updates, elements).

    Args:
        machine_words: the classes of the optimizer's state.
        hints: rules that are likely; the first that fits is taken.
        grads: what was fed.
        updates: what came out.
        quick: try the hints alone.
    """
    flipped = [
        replace(h, rate_inside=not h.rate_inside) for h in hints if h.momentum and not h.dampening and not h.debias
    ]
    for rule in [*hints, *flipped]:
        if rule.family in FREE and (error := error_of(rule, grads, updates)) < SURE:
            return Found(rule, error)
    if quick:
        return Found(None, np.inf)
    tried: list[Found] = []
    for rule in candidates(set(machine_words), hints):
        tried.append(_fitted(rule, hints, grads, updates, thorough=False))
        if SURE <= tried[-1].error < NEARLY:  # perhaps it only stopped early
            tried[-1] = _fitted(rule, hints, grads, updates, thorough=True)
        if tried[-1].error < SURE:
            return _like_hints(tried[-1], hints, grads, updates)
    return _like_hints(_best(tried, hints, grads, updates), hints, grads, updates)


def _simplified(found: Found, grads: np.ndarray, updates: np.ndarray) -> Found:
    """Without what the probe cannot tell from nothing."""
    for name, value in (("rate_inside", False), ("initial", 0.0), ("nesterov", False)):
        if found.rule is not None and getattr(found.rule, name):
            trial = replace(found.rule, **{name: value})
            if (error := error_of(trial, grads, updates)) < max(3 * found.error, SURE):
                found = Found(trial, error)
    return found


def _like_hints(found: Found, hints: Sequence[Rule], grads: np.ndarray, updates: np.ndarray) -> Found:
    """What the probe cannot tell apart from a hint is as in the hint."""
    found = _simplified(found, grads, updates)
    for hint in hints:
        if found.rule is None or found.rule.family != hint.family:
            continue
        for name in (*FREE[hint.family], "eps_place"):
            rule = found.rule
            assert rule is not None
            if getattr(rule, name) == getattr(hint, name) or (name == "initial" and hint.initial == 0):
                continue
            trial = replace(rule, **{name: getattr(hint, name)})
            left = {key: how for key, how in FREE[hint.family].items() if key != name and getattr(trial, key) != 0}
            other = _search(trial, left, grads, updates, 20) if left else Found(trial, error_of(trial, grads, updates))
            if other.rule is not None and other.error < max(3 * found.error, SURE):
                found = _rounded(other.rule, left, grads, updates)
    return found


def _best(tried: list[Found], hints: Sequence[Rule], grads: np.ndarray, updates: np.ndarray) -> Found:
    """The plainest of those that fit best, after a thorough search; a hint is the plainest of all."""
    best = sorted((one for one in tried if one.rule), key=lambda one: one.error)[:6]
    chosen = [one.rule for one in tried if one in best and one.rule is not None]
    thorough = [_fitted(rule, hints, grads, updates, thorough=True) for rule in chosen]
    known = [Found(hint, error_of(hint, grads, updates)) for hint in hints if hint.family in FREE]
    least = min((one.error for one in (*known, *thorough)), default=np.inf)
    plainest = next(
        (one for one in (*known, *thorough) if one.error < (3 if least < 1e-9 else 30) * least + SURE),
        Found(None, least),
    )
    return plainest if plainest.error < LIKELY else Found(None, plainest.error)


def _fitted(rule: Rule, hints: Sequence[Rule], grads: np.ndarray, updates: np.ndarray, *, thorough: bool) -> Found:
    """The best numbers of a rule, rounded where the round ones fit as well."""
    free = dict(FREE[rule.family])
    if rule.family == "rmsprop" and rule.momentum:
        free["momentum"] = "beta"
    if rule.family == "sgd" and rule.dampening:
        free["dampening"] = "beta"
    free = {name: how for name, how in free.items() if getattr(rule, name) != 0}
    if rule.initial == 0:
        free.pop("initial", None)
    elif rule.family == "rmsprop":
        free["initial"] = "size"
    rule = replace(rule, maximize=_ascends(rule, grads, updates))
    if not free:
        return Found(rule, error_of(rule, grads, updates))
    best = Found(rule, np.inf)
    for start in _starts(rule, hints, free, grads, updates) if thorough else _usual(rule, hints, free):
        found = _search(start, free, grads, updates, 60 if thorough else 25, _COARSE)
        if found.error < _WORTH and found.rule is not None:
            found = _search(found.rule, free, grads, updates, 60 if thorough else 25)
        best = min(best, found, key=lambda one: one.error)
        if best.error < SURE:
            break
    assert best.rule is not None
    return _rounded(best.rule, free, grads, updates) if best.error < LIKELY else best


def _ascends(rule: Rule, grads: np.ndarray, updates: np.ndarray) -> bool:
    """Whether the first update that moves goes along its gradients."""
    moving = np.flatnonzero(np.any(updates != 0, axis=1))
    first = moving[0] if len(moving) else 0
    return float(np.mean(np.sign(updates[first]) == np.sign(grads[first]))) > 0.7


def _starts(
    rule: Rule, hints: Sequence[Rule], free: dict[str, str], grads: np.ndarray, updates: np.ndarray
) -> Iterable[Rule]:
    """Where to begin: the hints' numbers, the usual ones, and the best of a grid."""
    yield from _usual(rule, hints, free)
    grid = product(*(_GRID[name] for name in free))
    trials = [replace(rule, **dict(zip(free, values, strict=True))) for values in grid]
    trials.sort(key=lambda one: float(np.sum(np.minimum(np.abs(spread(one, grads, updates)), 3.0))))
    yield from trials[:4]


def _usual(rule: Rule, hints: Sequence[Rule], free: dict[str, str]) -> Iterable[Rule]:
    """The rule with the hints' numbers, which a program has more often than others, and with its own."""
    own = [hint for hint in hints if hint.family == rule.family]
    changed = [{name: getattr(hint, name) or getattr(rule, name) for name in free} for hint in own]
    return dict.fromkeys([*(replace(rule, **numbers) for numbers in changed), rule])


_BETAS = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 0.9999)


_GRID: dict[str, tuple[float, ...]] = {
    **dict.fromkeys(("momentum", "dampening"), (0.3, 0.5, 0.8, 0.9, 0.95, 0.99)),
    **dict.fromkeys(("b2", "alpha", "rho"), _BETAS),
    "b1": (0.3, 0.5, 0.8, 0.9, 0.95, 0.99),
    "eps": tuple(10.0**-k for k in range(3, 13)),
    "initial": (1.0, 0.1, 1e-2, 1e-4, 1e-6),
}


_FINE, _COARSE = 1e-15, 1e-4  # the least progress of a step that is worth another
_WORTH = 0.3  # what a coarse search must come to for a fine one


def _search(
    start: Rule, free: dict[str, str], grads: np.ndarray, updates: np.ndarray, trials: int, within: float = _FINE
) -> Found:
    names = list(free)
    betas = np.array([how == "beta" for how in free.values()])

    def rule_at(x: np.ndarray) -> Rule:
        values = 10.0 ** np.where(betas, np.clip(x, -7, 0), np.clip(x, -25, 3))
        return replace(
            start,
            **{n: float(1 - v) if free[n] == "beta" else float(v) for n, v in zip(names, values, strict=True)},
        )

    def residual(x: np.ndarray) -> np.ndarray:
        out = spread(rule_at(x), grads, updates)
        return np.append(out, np.zeros(max(0, len(names) - len(out))))

    x0 = [np.log10(1 - getattr(start, n) if free[n] == "beta" else getattr(start, n)) for n in names]
    with np.errstate(all="ignore"):
        solution = least_squares(
            residual, x0, method="lm", xtol=min(within, 1e-6), ftol=within, gtol=1e-15, max_nfev=trials * len(names)
        )
    rule = rule_at(solution.x)
    return Found(rule, error_of(rule, grads, updates))


def _rounded(rule: Rule, free: dict[str, str], grads: np.ndarray, updates: np.ndarray) -> Found:
    """The numbers with as few digits as fit: people type 0.9, not 0.9000000001."""
    error, left = error_of(rule, grads, updates), dict(free)
    for name in free:
        left.pop(name)
        for value in rounder(getattr(rule, name)):
            trial = replace(rule, **{name: value})
            now = error_of(trial, grads, updates)
            if now > max(3 * error, SURE / 10) and left and now < LIKELY:  # the others may make up for it
                trial, now = _search(trial, left, grads, updates, 20)
            if trial is not None and now <= max(3 * error, SURE / 10):
                rule, error = trial, max(min(now, error), 1e-15)
                break
    return Found(rule, error_of(rule, grads, updates))


def rounder(value: float) -> Iterable[float]:
    """The number with ever more digits, itself and its distance from 1."""
    for digits in range(1, 7):
        rounded = float(f"{value:.{digits - 1}e}")
        if value >= 1 or rounded < 1:
            yield rounded
        if 0 < value < 1:
            yield float(f"{1 - float(f'{1 - value:.{digits - 1}e}'):.12g}")


def near(value: float, within: float) -> float:
    """The number with as few digits as are the same within a share."""
    return next((r for r in rounder(value) if abs(r - value) <= within * abs(value)), value)
