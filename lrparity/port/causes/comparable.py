"""Two programs made comparable: what one update can be read as in two ways is read alike."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from .. import rates as schedules
from ..program import Accumulation, Program
from ..rule import Rule
from .difference import same


def canonical(rule: Rule) -> Rule:
    """The same rule without what makes no difference."""
    changes: dict[str, Any] = {}
    if not rule.momentum:
        changes |= {"dampening": 0.0, "nesterov": False, "first": "gradient", "rate_inside": False, "debias": False}
    elif not rule.dampening:
        changes |= {"first": "gradient"}
    if not rule.weight_decay:
        changes |= {"decay_form": "none"}
    if rule.family == "sgd" and not rule.momentum and rule.decay_form == "decoupled":
        changes |= {"decay_form": "l2"}
    if not rule.eps:
        changes |= {"eps_place": "outside"}
    if rule.family in ("adadelta", "adamax", "lion", "sgd"):
        changes |= {"eps_place": "outside"}
    return replace(rule, **changes)


def comparable(torch: Program, jax: Program) -> Program:
    """JAX's program, where one update can be read in two ways, read as torch's is.

    A factor that is the same for all elements at one step may belong to the rate or to the rule: the factors of
    bias correction, and the 1 - momentum of a moving average. It belongs to the rule where the rates are torch's then.
    """
    jax = _summed(torch, jax)
    rules, rates = list(jax.rules), jax.rates.copy()
    of_torch = {name: i for i, name in enumerate(torch.names)}
    for j, name in enumerate(jax.names):
        i = of_torch.get(name)
        rule = rules[j]
        if i is None or rule is None or torch.rules[i] is None:
            continue
        n = min(len(torch.rates), len(rates))
        theirs = torch.rules[i]
        constant = np.ptp(rates[:n, j]) <= 1e-9 * np.max(np.abs(rates[:n, j]))
        if rule.decay_form == "decoupled" and constant and same(rule.weight_decay * rates[0, j], theirs.weight_decay):
            rules[j] = rule = replace(rule, decay_form="fixed", weight_decay=theirs.weight_decay)
        wanted, seen = torch.rates[:n, i], rates[:n, j]
        if not schedules.differ(wanted, seen).any():
            continue
        for changes, factor in _readings(rule, n):
            with np.errstate(all="ignore"):
                other = seen / factor
            if (
                schedules.factor(wanted, other) is not None and schedules.factor(wanted, seen) is None
            ) or not schedules.differ(wanted, other).any():
                rules[j] = replace(rule, **changes)
                rates[:n, j] = other
                if n < len(rates):
                    rates[n:, j] = rates[n:, j] / factor[-1]
                break
    return replace(jax, rules=rules, rates=rates)


def _summed(torch: Program, jax: Program) -> Program:
    """A mean of gradients whose rates (sgd) are ``k`` times torch's, or whose epsilon is a ``k``-th, is a sum."""
    k = jax.accumulation.steps
    if k == 1:
        return jax
    of_torch, votes = {name: i for i, name in enumerate(torch.names)}, []
    for j, (name, rule) in enumerate(zip(jax.names, jax.rules, strict=True)):
        i = of_torch[name]
        theirs = torch.rules[i]
        if rule is None or theirs is None or rule.family != theirs.family:
            continue
        if rule.family == "sgd":
            largest = jax.rates[:, j].max()
            votes.append(abs(largest - k * torch.rates[:, i].max()) < 1e-6 * largest)
        elif rule.eps and theirs.eps:
            votes.append(abs(_eps_of_sum(rule, k) - theirs.eps) < 1e-4 * theirs.eps)
    if not votes or not all(votes):
        return jax
    rules = [
        replace(rule, eps=float(f"{_eps_of_sum(rule, k):.6g}")) if rule is not None and rule.eps else rule
        for rule in jax.rules
    ]
    shares = [k if rule is not None and rule.family == "sgd" else 1 for rule in rules]
    return replace(jax, rules=rules, rates=jax.rates / shares, accumulation=Accumulation(k, False))


def _eps_of_sum(rule: Rule, k: int) -> float:
    """The epsilon beside a sum of ``k`` gradients that is this rule's beside their mean."""
    return rule.eps * k ** (2 if rule.eps_place == "inside" else 1)


def _readings(rule: Rule, n: int) -> Iterable[tuple[dict[str, Any], np.ndarray]]:
    """Other rules of the same updates: the fields that change, and the factor that leaves the rate."""
    t = np.arange(1, n + 1, dtype=np.float64)
    if rule.family == "sgd" and rule.momentum and not rule.dampening:
        share = 1 - rule.momentum
        yield {"dampening": rule.momentum, "first": "dampened"}, np.full(n, share)
        yield {"dampening": rule.momentum, "first": "dampened", "debias": True}, share / (1 - rule.momentum**t)
    if rule.family in ("adam", "adamax", "radam") and rule.bias1 and rule.b1:
        yield {"bias1": False}, 1 - rule.b1**t
    if rule.family == "adam" and rule.bias2 and rule.b2 and not rule.amsgrad:
        second = np.sqrt(1 - rule.b2**t)
        yield {"bias2": False}, 1 / second
        yield {"bias1": False, "bias2": False}, (1 - rule.b1**t) / second
    if rule.family == "adam" and not rule.bias1:
        yield {"bias1": True}, 1 / (1 - rule.b1**t)
