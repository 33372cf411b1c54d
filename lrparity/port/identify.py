"""The conventions of a machine, found by feeding it gradients.

Everything rests on one fact: an update is a rate times a direction, and the rate is the same for all elements of a
parameter. For the right rule the quotient of the update and the rule's direction is therefore the same number for
every element at each step, whatever the schedule; in float64 it is so to fourteen digits, and for no other rule.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import product
from math import gcd
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import least_squares

from . import machine as made
from .machine import Arrays, Machine
from .program import Accumulation, Clip
from .rule import Rule, begin, step

RUNS, UPDATES = 12, 10  # of the probe for directions
SURE, LIKELY = 3e-11, 1e-4  # a rule fits; it fits as well as float32 inside the machine allows

# The class of an optax state -> the families that keep one; None: no family known here.
_FAMILIES: dict[str, tuple[str, ...]] = {
    "ScaleByAdamState": ("adam", "adamax", "radam", "nadam"),
    "ScaleByAmsgradState": ("adam",),
    **dict.fromkeys(("ScaleByRmsState", "ScaleByRmsWithCountState"), ("rmsprop",)),
    **dict.fromkeys(("ScaleByRStdDevState", "ScaleByRStdDevWithCountState"), ("rmsprop",)),
    "ScaleByRssState": ("adagrad",),
    "ScaleByAdaDeltaState": ("adadelta",),
    "ScaleByLionState": ("lion",),
    "OptState": ("adam", "sgd", "rmsprop", "adagrad", "adadelta", "adamax", "nadam", "radam"),
}
# Classes that say nothing of the rule.
NEUTRAL = {
    *("EmptyState", "MaskedState", "MaskedNode", "PartitionState", "ScaleByScheduleState", "ScaleState", "TraceState"),
    *("EmaState", "MultiStepsState", "InjectStatefulHyperparamsState", "InjectHyperparamsState", "ClipState"),
    *("ApplyIfFiniteState", "WeightDecaySchedule", "ZeroNansState", "WrappedScheduleState", "SnapshotState"),
}


class Found(NamedTuple):
    """What fits one parameter."""

    rule: Rule | None
    error: float  # the largest relative deviation of the quotient from its mean


def accumulation(machine: Machine, shapes: dict[str, tuple[int, ...]]) -> Accumulation:
    """After how many micro-steps the machine updates."""
    for micro_steps in (40, 400):
        ran = machine.run(made.zeros(shapes, 1), made.constant(shapes, micro_steps, 1), "float64", hold=True)
        moves = np.any([np.abs(u).reshape(micro_steps, -1).max(axis=1) > 0 for u in ran.updates.values() if u.size], 0)
        at = np.flatnonzero(moves)
        if len(at) > 1:
            return Accumulation(gcd(*np.diff(at).tolist()))
    return Accumulation(1)


def directions(rule: Rule, grads: np.ndarray) -> np.ndarray:
    """The update of rate 1 of each step, shape=(steps, elements); the rate inside the buffer being left out."""
    state, out = begin(rule, grads[0]), []
    for g in grads:
        out.append(step(rule, state, -g if rule.maximize else g, 1.0))
    return np.array(out)


def quotients(rule: Rule, grads: np.ndarray, updates: np.ndarray) -> np.ndarray:
    """Update over direction, shape=(steps, elements): of the right rule, the rate in each column."""
    with np.errstate(all="ignore"):
        if rule.rate_inside and rule.momentum:
            inner = replace(rule, momentum=0.0, rate_inside=False, nesterov=False)
            return _entering(rule, -updates) / directions(inner, grads)
        return -updates / directions(rule, grads)


def _entering(rule: Rule, taken: np.ndarray) -> np.ndarray:
    """What entered the momentum buffer at each step, where the buffer's sum is what was taken."""
    out, buffer = [], np.zeros_like(taken[0])
    for u in taken:
        entering = (
            (u - rule.momentum**2 * buffer) / (1 + rule.momentum) if rule.nesterov else u - rule.momentum * buffer
        )
        buffer = rule.momentum * buffer + entering
        out.append(entering)
    return np.array(out)


def spread(rule: Rule, grads: np.ndarray, updates: np.ndarray) -> np.ndarray:
    """How far the quotients are from the same number at each step: log, shape=(moving steps * elements,)."""
    moving = np.any(updates != 0, axis=1)
    ratio = quotients(rule, grads, updates)[moving]
    if not len(ratio):
        return np.zeros(1)
    with np.errstate(all="ignore"):
        logs = np.log(ratio)
    finite = np.isfinite(logs)
    count = np.maximum(finite.sum(axis=1, keepdims=True), 1)
    center = np.sum(np.where(finite, logs, 0.0), axis=1, keepdims=True) / count
    return np.where(finite, np.clip(logs - center, -_WORST, _WORST), _WORST).ravel()


_WORST = 30.0  # where there is no logarithm: another sign, or no finite quotient


def error_of(rule: Rule, grads: np.ndarray, updates: np.ndarray) -> float:
    """The largest deviation."""
    return float(np.max(np.abs(spread(rule, grads, updates))))


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
        if rule.family in _FREE and (error := error_of(rule, grads, updates)) < SURE:
            return Found(rule, error)
    if quick:
        return Found(None, np.inf)
    tried: list[Found] = []
    for rule in _candidates(set(machine_words), hints):
        tried.append(_fitted(rule, hints, grads, updates, thorough=False))
        if tried[-1].error < SURE:
            return _like_hints(tried[-1], hints, grads, updates)
    return _like_hints(_best(tried, hints, grads, updates), hints, grads, updates)


def _like_hints(found: Found, hints: Sequence[Rule], grads: np.ndarray, updates: np.ndarray) -> Found:
    """What the probe cannot tell apart from a hint is as in the hint."""
    for hint in hints:
        if found.rule is None or found.rule.family != hint.family:
            continue
        for name in (*_FREE[hint.family], "eps_place"):
            rule = found.rule
            if getattr(rule, name) == getattr(hint, name) or (name == "initial" and hint.initial == 0):
                continue
            trial = replace(rule, **{name: getattr(hint, name)})
            left = {key: how for key, how in _FREE[hint.family].items() if key != name and getattr(trial, key) != 0}
            other = _search(trial, left, grads, updates, 20) if left else Found(trial, error_of(trial, grads, updates))
            if other.rule is not None and other.error < max(3 * found.error, SURE):
                found = _rounded(other.rule, left, grads, updates)
    return found


def _best(tried: list[Found], hints: Sequence[Rule], grads: np.ndarray, updates: np.ndarray) -> Found:
    """The plainest of those that fit best, after a thorough search."""
    tried.sort(key=lambda one: one.error)  # stable: of equals the plainest
    tried = [_fitted(one.rule, hints, grads, updates, thorough=True) for one in tried[:6] if one.rule] or tried
    best = min(tried, key=lambda one: one.error)
    plainest = next(one for one in tried if one.error < 3 * best.error + SURE)
    return plainest if plainest.error < LIKELY else Found(None, plainest.error)


# What is free in each family: field -> how it is searched ("beta": 1 - b on a log scale, "size": log scale).
_FREE: dict[str, dict[str, str]] = {
    "sgd": {"momentum": "beta"},
    "adam": {"b1": "beta", "b2": "beta", "eps": "size"},
    "rmsprop": {"alpha": "beta", "eps": "size"},
    "adagrad": {"eps": "size", "initial": "size"},
    "adadelta": {"rho": "beta", "eps": "size"},
    "adamax": {"b1": "beta", "b2": "beta", "eps": "size"},
    "nadam": {"b1": "beta", "b2": "beta", "eps": "size"},
    "radam": {"b1": "beta", "b2": "beta", "eps": "size"},
    "lion": {"b1": "beta", "b2": "beta"},
}


def _candidates(words: set[str], hints: Sequence[Rule]) -> Iterable[Rule]:
    """Rules to try, the plainest first; numbers that are fitted are at usual values."""
    known = [family for word in sorted(words) for family in _FAMILIES.get(word, ())]
    strangers = words - set(_FAMILIES) - NEUTRAL
    families = list(dict.fromkeys([*known, *(() if known else ("sgd",))]))
    if strangers or not words:
        families = list(dict.fromkeys([*families, *(hint.family for hint in hints), *_FREE]))
    momentum = bool(words & {"TraceState", "EmaState"}) or not words or "OptState" in words or bool(strangers)
    for family in families:
        yield from _variants(family, words, momentum)


def _variants(family: str, words: set[str], momentum: bool) -> Iterable[Rule]:
    """One family's conventions, those with the fewest oddities first."""
    places = ("outside", "inside", "uncorrected")
    match family:
        case "sgd":
            yield Rule("sgd")
            if momentum:
                yield Rule("sgd", momentum=0.9)
                yield Rule("sgd", momentum=0.9, nesterov=True)
                yield Rule("sgd", momentum=0.9, rate_inside=True)
                yield Rule("sgd", momentum=0.9, nesterov=True, rate_inside=True)
                yield Rule("sgd", momentum=0.9, dampening=0.5)
        case "adam":
            maxima = ("corrected", "uncorrected") if "ScaleByAmsgradState" in words else ("",)
            maxima = ("", "uncorrected", "corrected") if not words or "OptState" in words else maxima
            for maximum, place, bias, nesterov in product(maxima, places, (True, False), (False, True)):
                if bias or place != "uncorrected":
                    yield Rule(
                        "adam", b1=0.9, b2=0.999, eps=1e-8, eps_place=place, amsgrad=maximum, bias1=bias, bias2=bias,
                        nesterov=nesterov,
                    )  # fmt: skip
        case "rmsprop":
            centered = bool(words & {"ScaleByRStdDevState", "ScaleByRStdDevWithCountState"})
            rule = Rule("rmsprop", alpha=0.99, eps=1e-8, centered=centered, bias2=False)
            momenta: tuple[dict[str, Any], ...] = ({},)
            if momentum:
                momenta = (
                    {}, {"momentum": 0.9}, {"momentum": 0.9, "rate_inside": True},
                    {"momentum": 0.9, "nesterov": True}, {"momentum": 0.9, "nesterov": True, "rate_inside": True},
                )  # fmt: skip
            for initial, options, place, bias in product((0.0, 1.0), momenta, places[:2], (False, True)):
                yield replace(rule, initial=initial, eps_place=place, bias2=bias, **options)
            if not words or "OptState" in words:
                for options, place in product(momenta, places[:2]):
                    yield replace(rule, centered=True, eps_place=place, **options)
        case "adagrad":
            for place in places[:2]:
                yield Rule("adagrad", eps=1e-10, eps_place=place)
                yield Rule("adagrad", eps=1e-10, eps_place=place, initial=0.1)
        case "adadelta":
            yield Rule("adadelta", rho=0.9, eps=1e-6)
        case "adamax" | "nadam":
            decay = 0.004 if family == "nadam" else 0.0
            yield Rule(family, b1=0.9, b2=0.999, eps=1e-8, momentum_decay=decay)
        case "radam":
            for place in places:
                yield Rule("radam", b1=0.9, b2=0.999, eps=1e-8, eps_place=place)
        case "lion":
            yield Rule("lion", b1=0.9, b2=0.99)


def _fitted(rule: Rule, hints: Sequence[Rule], grads: np.ndarray, updates: np.ndarray, *, thorough: bool) -> Found:
    """The best numbers of a rule, rounded where the round ones fit as well."""
    free = dict(_FREE[rule.family])
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
    for start in _starts(rule, hints, free, grads, updates) if thorough else [rule]:
        found = _search(start, free, grads, updates, 60 if thorough else 25)
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
    for hint in hints:
        if hint.family == rule.family:
            yield replace(rule, **{name: getattr(hint, name) or getattr(rule, name) for name in free})
    yield rule
    grid = product(*(_GRID[name] for name in free))
    trials = [replace(rule, **dict(zip(free, values, strict=True))) for values in grid]
    trials.sort(key=lambda one: float(np.sum(np.minimum(np.abs(spread(one, grads, updates)), 3.0))))
    yield from trials[:4]


_BETAS = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 0.9999)
_GRID: dict[str, tuple[float, ...]] = {
    **dict.fromkeys(("momentum", "dampening"), (0.3, 0.5, 0.8, 0.9, 0.95, 0.99)),
    **dict.fromkeys(("b2", "alpha", "rho"), _BETAS),
    "b1": (0.3, 0.5, 0.8, 0.9, 0.95, 0.99),
    "eps": tuple(10.0**-k for k in range(3, 13)),
    "initial": (1.0, 0.1, 1e-2, 1e-4, 1e-6),
}


def _search(start: Rule, free: dict[str, str], grads: np.ndarray, updates: np.ndarray, trials: int) -> Found:
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
            residual, x0, method="lm", xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=trials * len(names)
        )
    rule = rule_at(solution.x)
    return Found(rule, error_of(rule, grads, updates))


def _rounded(rule: Rule, free: dict[str, str], grads: np.ndarray, updates: np.ndarray) -> Found:
    """The numbers with as few digits as fit: people type 0.9, not 0.9000000001."""
    error, left = error_of(rule, grads, updates), dict(free)
    for name in free:
        left.pop(name)
        for value in _rounder(getattr(rule, name)):
            trial = replace(rule, **{name: value})
            now = error_of(trial, grads, updates)
            if now > max(3 * error, SURE / 10) and left and now < LIKELY:  # the others may make up for it
                trial, now = _search(trial, left, grads, updates, 20)
            if trial is not None and now <= max(3 * error, SURE / 10):
                rule, error = trial, max(min(now, error), 1e-15)
                break
    return Found(rule, error_of(rule, grads, updates))


def _rounder(value: float) -> Iterable[float]:
    for digits in range(1, 7):
        rounded = float(f"{value:.{digits - 1}e}")
        if value >= 1 or rounded < 1:
            yield rounded
        if 0 < value < 1:
            yield float(f"{1 - float(f'{1 - value:.{digits - 1}e}'):.12g}")


def windows(grads: np.ndarray, how: Accumulation) -> np.ndarray:
    """The gradients that updates see: micro-steps, shape=(M, ...), to updates, shape=(M // k, ...)."""
    k = how.steps
    cut = grads[: len(grads) // k * k].reshape(-1, k, *grads.shape[1:])
    return cut.mean(axis=1) if how.mean else cut.sum(axis=1)


def flat(array: np.ndarray) -> np.ndarray:
    """One row a step."""
    return array.reshape(len(array), -1)


def rules_of(
    machine: Machine,
    shapes: dict[str, tuple[int, ...]],
    words: Iterable[str],
    hints: Callable[[str], Sequence[Rule]],
    how: Accumulation,
    loudest: float = 1e-3,
) -> dict[str, Found]:
    """The rule of each parameter, without weight decay; the largest gradients fed are ``loudest``."""
    # Constant within an accumulation, and of float32: optax.MultiSteps sums in float32, which is exact then.
    grads = {
        name: np.repeat(g.astype(np.float32).astype(np.float64), how.steps, axis=0)
        for name, g in made.quiet(shapes, UPDATES, RUNS, loudest).items()
    }
    ran = machine.run(made.zeros(shapes, RUNS), grads, "float64", hold=True)
    found: dict[str, Found] = {}
    known: list[Rule] = []
    seen: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    failures = 0
    for name in machine.names:
        g = flat(windows(grads[name], how))
        u = flat(ran.updates[name][how.steps - 1 :: how.steps])
        if not g.size:
            found[name] = Found(None, np.inf)
            continue
        if not u.any():
            found[name] = Found(Rule("frozen"), 0.0)
            continue
        found[name] = _split_initial(fit(words, [*hints(name), *known], g, u, quick=failures >= 2))
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


def _split_initial(found: Found) -> Found:
    """Adagrad's epsilon inside the root and its initial value are one number: a round one and a small rest."""
    rule = found.rule
    if rule is None or rule.family != "adagrad" or rule.eps_place != "inside":
        return found
    total = rule.initial + rule.eps
    initial = float(f"{total:.0e}")
    rest = total - initial
    if total < 1e-6 or not 0 < rest < 1e-3 * total:
        return found
    return Found(replace(rule, initial=initial, eps=float(f"{rest:.2g}")), found.error)


def rates_of(
    machine: Machine,
    shapes: dict[str, tuple[int, ...]],
    rules: dict[str, Found],
    how: Accumulation,
    updates: int,
    dtype: str = "float64",
) -> Arrays:
    """The rate of each parameter at each update, shape=(updates,), NaN where the rule is unknown."""
    grads = made.constant(shapes, updates * how.steps, 2)
    ran = machine.run(made.zeros(shapes, 2), grads, dtype, hold=True)
    out = {}
    for name in machine.names:
        rule = rules[name].rule
        if rule is None:
            out[name] = np.full(updates, np.nan)
            continue
        if rule.family == "frozen":
            out[name] = np.zeros(updates)
            continue
        u = flat(ran.updates[name][how.steps - 1 :: how.steps])
        out[name] = np.median(quotients(rule, flat(windows(grads[name], how)), u), axis=1)
    return out


class Decay(NamedTuple):
    """A parameter's weight decay."""

    form: str  # of ``Rule.decay_form``, or "unknown"
    value: float


def decays_of(
    machine: Machine,
    shapes: dict[str, tuple[int, ...]],
    rules: dict[str, Found],
    rates: Arrays,
    hints: Callable[[str], Sequence[Rule]],
    how: Accumulation,
) -> dict[str, Decay]:
    """The decay of each parameter: what moves it where gradients are zero."""
    first = max((int(np.argmax(r > 0)) for r in rates.values() if np.any(r > 0)), default=0)
    updates = min(first + 5, max(1, min(len(r) for r in rates.values())))
    start = made.weights(shapes, 2, 1e-3)
    nothing = {name: np.zeros((updates * how.steps, 2, *shape)) for name, shape in shapes.items()}
    ran = machine.run(start, nothing, "float64", hold=True)
    out: dict[str, Decay] = {}
    coupled = []
    for name in machine.names:
        rule, w = rules[name].rule, start[name].reshape(1, -1)
        u = flat(ran.updates[name][how.steps - 1 :: how.steps])
        if rule is None or not w.size:
            out[name] = Decay("unknown" if u.any() else "none", 0.0)
        elif not u.any():
            out[name] = Decay("none", 0.0)
        else:
            out[name] = _decoupled(rule, -u / w, rates[name][:updates])
            coupled += [name] if out[name].form == "unknown" else []
    return {**out, **_coupled(machine, shapes, rules, hints, how, coupled)}


def _decoupled(rule: Rule, shrink: np.ndarray, rates: np.ndarray) -> Decay:
    """The decay that shrinks a parameter by the same share at every element, shape=(updates, elements)."""
    share, rate = np.median(shrink, axis=1), np.asarray(rates)
    if np.max(np.abs(shrink - share[:, None])) > 1e-9 * np.max(np.abs(share)):
        return Decay("unknown", 0.0)
    moving = rate != 0
    if not moving.any():
        return Decay("fixed", _round(float(np.median(share))))
    over = share[moving] / rate[moving]
    if np.ptp(over) < 1e-7 * abs(over[0]) and not np.any(share[~moving]):
        return Decay("l2" if rule.family == "sgd" and not rule.momentum else "decoupled", _round(float(over[0])))
    if np.ptp(share) < 1e-7 * abs(share[0]):
        return Decay("fixed", _round(float(share[0])))
    return Decay("unknown", 0.0)


def _coupled(
    machine: Machine,
    shapes: dict[str, tuple[int, ...]],
    rules: dict[str, Found],
    hints: Callable[[str], Sequence[Rule]],
    how: Accumulation,
    names: list[str],
) -> dict[str, Decay]:
    """The L2 decay of these parameters: what is added to the gradient, by a fit."""
    if not names:
        return {}
    quiet = made.quiet(shapes, UPDATES, RUNS)
    start = {name: 30 * np.abs(g[0]) * np.sign(made.weights(shapes, RUNS)[name]) for name, g in quiet.items()}
    grads = {name: np.repeat(g, how.steps, axis=0) for name, g in quiet.items()}
    ran = machine.run(start, grads, "float64", hold=True)
    out = {}
    for name in names:
        rule, g, w = rules[name].rule, flat(quiet[name]), start[name].reshape(1, -1)
        u = flat(ran.updates[name][how.steps - 1 :: how.steps])
        assert rule is not None
        sign = -1 if rule.maximize else 1

        def residual(x: np.ndarray, rule: Rule = rule, g: Any = g, w: Any = w, u: Any = u, s: int = sign) -> np.ndarray:
            return spread(rule, g + s * 10.0 ** x[0] * w, u)

        starts = [np.log10(h.weight_decay) for h in hints(name) if h.weight_decay > 0]
        best = (np.inf, 0.0)
        for x0 in [*starts, -2.0, -4.0, -1.0, 0.0, -6.0, -3.0, -5.0]:
            with np.errstate(all="ignore"):
                x = least_squares(residual, [x0], method="lm", xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=60).x
            best = min(best, (float(np.max(np.abs(residual(x)))), float(x[0])))
            if best[0] < SURE:
                break
        out[name] = Decay("l2", _round(10.0 ** best[1])) if best[0] < LIKELY else Decay("unknown", 0.0)
    return out


def _round(value: float) -> float:
    """The number with as few digits as are the same to ten."""
    return next((r for r in _rounder(value) if abs(r - value) <= 1e-8 * abs(value)), value)


def clip_of(
    machine: Machine,
    shapes: dict[str, tuple[int, ...]],
    rules: dict[str, Found],
    rates: Arrays,
    groups: dict[str, str],
    how: Accumulation,
) -> Clip | None:
    """How the machine clips gradients; None where nothing that is known fits."""
    runs = 4
    first = max((int(np.argmax(r > 0)) for r in rates.values() if np.any(r > 0)), default=0)
    updates = min(first + 8, min(len(r) for r in rates.values()))
    loud = {name: g.astype(np.float32).astype(np.float64) for name, g in made.loud(shapes, updates, runs).items()}
    grads = {name: np.repeat(g, how.steps, axis=0) for name, g in loud.items()}
    ran = machine.run(made.zeros(shapes, runs), grads, "float64", hold=True)
    shown = _most_telling(machine.names, rules, shapes)
    probe = _ClipProbe(loud, {n: ran.updates[n][how.steps - 1 :: how.steps] for n in shown}, rules, rates, groups)
    if not shown or (plain := probe.error(Clip())) < SURE:
        return Clip()
    best = (plain, Clip())
    for kind in ("norm", "value", "tensor", "group", "rms"):
        found = probe.search(kind)
        if found[0] < best[0] / 10:
            best = found
        if best[0] < SURE:
            break
    return best[1] if best[0] < LIKELY else None


def _most_telling(names: list[str], rules: dict[str, Found], shapes: dict[str, tuple[int, ...]]) -> list[str]:
    """A few parameters with rules that are known, of each rule the largest."""
    known = [n for n in names if rules[n].rule is not None and rules[n].rule.family != "frozen"]  # type: ignore[union-attr]
    known.sort(key=lambda n: -int(np.prod(shapes[n])))
    chosen: dict[Any, list[str]] = {}
    for name in known:
        of_rule = chosen.setdefault(rules[name].rule, [])
        if len(of_rule) < 3:
            of_rule.append(name)
    return [name for of_rule in chosen.values() for name in of_rule][:9]


class _ClipProbe:
    """The loud run, and what it would have been under other clippings."""

    def __init__(
        self, grads: Arrays, updates: Arrays, rules: dict[str, Found], rates: Arrays, groups: dict[str, str]
    ) -> None:
        self.grads, self.updates, self.rules, self.rates = grads, updates, rules, rates
        self.squares = {
            n: np.sum(g.reshape(*g.shape[:2], -1) ** 2, axis=2) for n, g in grads.items()
        }  # (updates, runs)
        self.sizes = {n: int(np.prod(g.shape[2:])) for n, g in grads.items()}
        self.groups = groups

    def clipped(self, clip: Clip, name: str) -> np.ndarray:
        g = self.grads[name]
        if clip.kind == "none":
            return g
        if clip.kind == "value":
            return np.clip(g, -clip.limit, clip.limit)
        if clip.kind == "rms":
            root = np.sqrt(self.squares[name] / self.sizes[name])
            factor = 1 / np.maximum(1.0, root / clip.limit)
        else:
            mates = {
                "norm": list(self.grads),
                "group": [n for n in self.grads if self.groups[n] == self.groups[name]],
                "tensor": [name],
            }[clip.kind]
            norm = np.sqrt(sum(self.squares[n] for n in mates))
            factor = np.minimum(1.0, clip.limit / (norm + clip.eps))
        return g * factor.reshape(*factor.shape, *[1] * (g.ndim - 2))

    def residual(self, clip: Clip) -> np.ndarray:
        """The relative errors of all updates, cut at 1."""
        out = []
        for name, u in self.updates.items():
            rule = self.rules[name].rule
            assert rule is not None
            g = self.clipped(clip, name)
            rates = self.rates[name][: len(g)]
            state = begin(rule, g[0])
            for t in range(len(g)):
                expected = -step(rule, state, -g[t] if rule.maximize else g[t], rates[t])
                if rates[t] != 0:
                    size = np.abs(u[t]) + np.abs(expected) + 1e-300
                    out.append((np.abs(u[t] - expected) / size).ravel())
        return np.concatenate(out) if out else np.zeros(1)

    def error(self, clip: Clip) -> float:
        """The mean relative error of an update."""
        return float(np.mean(self.residual(clip)))

    def search(self, kind: str) -> tuple[float, Clip]:
        """The best clipping of a kind."""
        grid = 10.0 ** np.arange(-6, 4.01, 0.25)
        coarse = min(grid, key=lambda limit: float(np.mean(self.residual(Clip(kind, limit)))))

        best = (np.inf, Clip())
        for eps in (0.0, 1e-6, 1e-8, 1e-12) if kind in ("norm", "tensor", "group") else (0.0,):
            with np.errstate(all="ignore"):
                x = least_squares(
                    lambda x, eps=eps: self.residual(Clip(kind, 10.0 ** x[0], eps)), [np.log10(coarse)],
                    xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=40,
                ).x  # fmt: skip
            clip = Clip(kind, _near(10.0 ** x[0]), eps)
            found = (self.error(clip), clip)
            if found[0] < best[0] / 2:
                best = found
            if best[0] < SURE:
                break
        return best


def _near(value: float, within: float = 1e-6) -> float:
    """The number with as few digits as are the same within a share."""
    return next((r for r in _rounder(value) if abs(r - value) <= within * abs(value)), value)
