"""Weight decay: what moves a parameter where its gradient is zero."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import least_squares

from .. import machine as made
from ..machine import RUNS, Machine
from ..program import Accumulation, Arrays
from ..rule import Rule
from .fit import Found, near
from .quotients import LIKELY, SURE, first_moving, flat, spread, taken, windows
from .rules import UPDATES


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
    first = first_moving(rates)
    updates = min(first + 5, max(1, min(len(r) for r in rates.values())))
    start = made.weights(shapes, 2, 1e-3)
    nothing = {name: np.zeros((updates * how.steps, 2, *shape)) for name, shape in shapes.items()}
    ran = machine.run(start, nothing, "float64", hold=True)
    out: dict[str, Decay] = {}
    coupled = []
    for name in machine.names:
        rule, w = rules[name].rule, start[name].ravel()[None]
        u = flat(taken(ran.updates[name], how))
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
        return Decay("fixed", near(float(np.median(share)), 1e-8))
    over = share[moving] / rate[moving]
    if np.ptp(over) < 1e-7 * abs(over[0]) and not np.any(share[~moving]):
        return Decay("l2" if rule.family == "sgd" and not rule.momentum else "decoupled", near(float(over[0]), 1e-8))
    if np.ptp(share) < 1e-7 * abs(share[0]):
        return Decay("fixed", near(float(share[0]), 1e-8))
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
        rule, g, w = rules[name].rule, flat(windows(grads[name], how)), start[name].ravel()[None]
        u = flat(taken(ran.updates[name], how))
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
        out[name] = Decay("l2", near(10.0 ** best[1], 1e-8)) if best[0] < LIKELY else Decay("unknown", 0.0)
    return out
