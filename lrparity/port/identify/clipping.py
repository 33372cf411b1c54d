"""Clipping: what a machine makes of large gradients."""

from dataclasses import replace
from typing import Any

import numpy as np
from scipy.optimize import least_squares

from .. import machine as made
from ..machine import Machine
from ..program import Accumulation, Arrays, Clip
from ..rule import FAMILIES, Rule, begin, step
from .fit import Found, near
from .quotients import LIKELY, SURE, first_moving, taken, windows


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
    updates = min(first_moving(rates) + 8, min(len(r) for r in rates.values()))
    loud = made.loud(shapes, updates, runs)
    grads = {name: np.repeat(g, how.steps, axis=0) for name, g in loud.items()}
    ran = machine.run(made.zeros(shapes, runs), grads, "float64", hold=True)
    shown = _most_telling(machine.names, rules, shapes)
    fed = {name: windows(g, how) for name, g in grads.items()}
    probe = ClipProbe(fed, {n: taken(ran.updates[n], how) for n in shown}, rules, rates, groups)
    probe.steps = how.steps
    found = _best(probe, shown)
    if found is None or found.kind == "none" or how.steps == 1:
        return found
    return _where(machine, shapes, found, rules, rates, groups, how, shown)


def kind_of(
    machine: Machine,
    shapes: dict[str, tuple[int, ...]],
    rules: dict[str, Found],
    rates: Arrays,
    groups: dict[str, str],
    how: Accumulation,
) -> Accumulation:
    """Whether rules and rates that are read belong to the mean of the micro-steps or to their sum."""
    if how.steps == 1 or any(
        one.rule is None or one.rule.family not in (*FAMILIES, "frozen") for one in rules.values()
    ):
        return how
    updates = min(first_moving(rates) + 8, min(len(r) for r in rates.values()))
    quiet = made.quiet(shapes, updates, 4)
    ran = machine.run(
        made.zeros(shapes, 4), {n: np.repeat(g, how.steps, axis=0) for n, g in quiet.items()}, "float64", hold=True
    )
    seen = {n: taken(ran.updates[n], how) for n in _most_telling(machine.names, rules, shapes)}
    errors = [
        (ClipProbe({n: g * share for n, g in quiet.items()}, seen, rules, rates, groups).error(Clip()), mean)
        for share, mean in ((1, True), (how.steps, False))
    ]
    return Accumulation(how.steps, min(errors)[1]) if abs(errors[0][0] - errors[1][0]) > SURE else how


def _where(
    machine: Machine, shapes: dict[str, tuple[int, ...]], clip: Clip, rules: dict[str, Found], rates: Arrays,
    groups: dict[str, str], how: Accumulation, shown: list[str],
) -> Clip:  # fmt: skip
    """Whether each micro-step is clipped, or what they make together: by gradients that change within an update."""
    updates = min(8, min(len(r) for r in rates.values()))
    wide = made.loud(shapes, updates * how.steps, 4)
    ran = machine.run(made.zeros(shapes, 4), wide, "float64", hold=True)
    seen = {n: taken(ran.updates[n], how) for n in shown}
    together = ClipProbe({n: windows(g, how) for n, g in wide.items()}, seen, rules, rates, groups)
    each = ClipProbe(wide, {}, rules, rates, groups)
    apart = ClipProbe({n: windows(each.clipped(clip, n), how) for n in wide}, seen, rules, rates, groups)
    errors = together.error(clip), apart.error(Clip())
    return replace(clip, every_micro_step=True) if errors[1] < 0.1 * errors[0] else clip


def order_of(
    machine: Machine, shapes: dict[str, tuple[int, ...]], clip: Clip, rules: dict[str, Rule], rates: Arrays,
    groups: dict[str, str], how: Accumulation,
) -> Clip:  # fmt: skip
    """The clipping, with whether L2 decay is clipped too: by weights whose decay is as large as the limit."""
    decays = {n: rule.weight_decay for n, rule in rules.items() if rule.decay_form == "l2"}
    if clip.kind == "none" or not decays:
        return clip
    updates = min(first_moving(rates) + 8, min(len(r) for r in rates.values()))
    start = made.weights(shapes, 1, clip.limit / max(decays.values()))
    grads = made.ordinary(shapes, updates * how.steps, "float64", clip.limit, how.steps)
    ran = machine.run(start, grads, "float64", hold=True)
    signs = {n: -1 if rules[n].maximize else 1 for n in shapes}
    decay = {n: signs[n] * decays.get(n, 0.0) * start[n] for n in shapes}
    found = {n: Found(rule, 0.0) for n, rule in rules.items()}
    seen = {n: taken(ran.updates[n], how) for n in _most_telling(list(decays), found, shapes)}
    errors = []
    for way in (clip, replace(clip, with_decay=True)):
        fed = _entering(way, grads, decay, groups, how)
        errors.append((ClipProbe(fed, seen, found, rates, groups).error(Clip()), way))
    return errors[1][1] if errors[1][0] < 0.1 * errors[0][0] else clip


def _entering(clip: Clip, grads: Arrays, decay: Arrays, groups: dict[str, str], how: Accumulation) -> Arrays:
    """What reaches the rule of each update: gradients, clipped, with their decay."""
    out = grads if clip.every_micro_step else {n: windows(g, how) for n, g in grads.items()}
    out = {n: g + decay[n] for n, g in out.items()} if clip.with_decay else out
    probe = ClipProbe(out, {}, {}, {}, groups)
    out = {n: probe.clipped(clip, n) for n in out}
    out = {n: windows(g, how) for n, g in out.items()} if clip.every_micro_step else out
    return out if clip.with_decay else {n: g + decay[n] for n, g in out.items()}


def _best(probe: "ClipProbe", shown: list[str]) -> Clip | None:
    """The plainest clipping that fits."""
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


class ClipProbe:
    """The loud run, and what it would have been under other clippings."""

    def __init__(
        self, grads: Arrays, updates: Arrays, rules: dict[str, Found], rates: Arrays, groups: dict[str, str]
    ) -> None:
        self.grads, self.updates, self.rules, self.rates = grads, updates, rules, rates
        self.squares = {n: np.sum(g**2, axis=tuple(range(2, g.ndim))) for n, g in grads.items()}  # (updates, runs)
        self.sizes = {n: int(np.prod(g.shape[2:])) for n, g in grads.items()}
        self.groups = groups
        self.steps = 1  # micro-steps of an update: eps is so many times as small or as large beside their mean or sum

    def clipped(self, clip: Clip, name: str) -> np.ndarray:
        """The gradients of a parameter after this clipping."""
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
        usual = dict.fromkeys(eps * k for k in (1, 1 / self.steps, self.steps) for eps in (0.0, 1e-6, 1e-8, 1e-12))
        for eps in usual if kind in ("norm", "tensor", "group") else (0.0,):
            with np.errstate(all="ignore"):
                x = least_squares(
                    lambda x, eps=eps: self.residual(Clip(kind, 10.0 ** x[0], eps)), [np.log10(coarse)],
                    xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=40,
                ).x  # fmt: skip
            clip = Clip(kind, near(10.0 ** x[0], 1e-6), eps)
            found = (self.error(clip), clip)
            if found[0] < best[0] / 2:
                best = found
            if best[0] < SURE:
                break
        return best
