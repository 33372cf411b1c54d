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
    jax = _gathered(torch, jax)
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
            if _nearer(wanted, seen, other):
                rules[j] = replace(rule, **changes)
                rates[:n, j] = other
                if n < len(rates):
                    rates[n:, j] = rates[n:, j] / factor[-1]
                break
    return replace(jax, rules=rules, rates=rates)


def _nearer(wanted: np.ndarray, seen: np.ndarray, other: np.ndarray) -> bool:
    """Whether ``other`` is torch's rates, or a multiple of them, and ``seen`` is not; a schedule may be float32's."""
    for within in (schedules.SAME, schedules.SAME32):
        if not schedules.differ(wanted, seen, within).any():
            return False
        if not schedules.differ(wanted, other, within).any():
            return True
        if schedules.factor(wanted, seen, within) is not None:
            return False
        if schedules.factor(wanted, other, within) is not None:
            return True
    return False


def _gathered(torch: Program, jax: Program) -> Program:
    """A mean of gradients may be read as a sum, and a sum as a mean: as agrees with torch in more numbers.

    The mean of ``k`` gradients at ``k`` times the rate is their sum, and so is a mean beside a ``k``-th of the decay
    that is added to it, of the epsilon and of the limit of clipping.
    """
    k = jax.accumulation.steps
    if k == 1:
        return jax
    other = _of_the_other_kind(jax, k)
    agreeing = [_agreement(torch, one) for one in (jax, other)]
    same_kind = [one.accumulation == torch.accumulation for one in (jax, other)]
    best = max((0, 1), key=lambda i: (agreeing[i], same_kind[i], i == 0))
    return (jax, other)[best]


_LINEAR = ("sgd", "adadelta")  # gradients times k, and eps with them, are the rate times k


def _agreement(torch: Program, jax: Program) -> int:
    """How many numbers that a reading as mean or as sum changes are torch's."""
    of_torch, count = {name: i for i, name in enumerate(torch.names)}, 0
    for j, (name, rule) in enumerate(zip(jax.names, jax.rules, strict=True)):
        i = of_torch[name]
        theirs = torch.rules[i]
        if rule is None or theirs is None or rule.family != theirs.family:
            continue
        largest = np.nanmax(torch.rates[:, i]), np.nanmax(jax.rates[:, j])
        count += rule.family in _LINEAR and abs(largest[0] - largest[1]) <= 1e-6 * largest[0]
        count += bool(rule.eps) and abs(rule.eps - theirs.eps) < 1e-4 * theirs.eps
        count += bool(rule.initial) and same(rule.initial, theirs.initial)
        count += bool(rule.weight_decay) and same(rule.weight_decay, theirs.weight_decay)
    limits = torch.clip.limit, jax.clip.limit
    return count + (jax.clip.kind != "none" and abs(limits[0] - limits[1]) <= 1e-5 * limits[0]) * len(jax.names)


def _of_the_other_kind(jax: Program, k: int) -> Program:
    """The program with a sum for its mean, or a mean for its sum, and the same updates."""
    scale = float(k) if jax.accumulation.mean else 1.0 / k
    rules = [rule if rule is None else _scaled(rule, scale) for rule in jax.rules]
    shares = [scale if rule is not None and rule.family in _LINEAR else 1.0 for rule in rules]
    clip = jax.clip
    if not clip.every_micro_step:
        clip = replace(clip, limit=_digits(clip.limit * scale), eps=_digits(clip.eps * scale))
    how = Accumulation(k, not jax.accumulation.mean)
    return replace(jax, rules=rules, rates=jax.rates / shares, clip=clip, accumulation=how)


def _scaled(rule: Rule, scale: float) -> Rule:
    """The rule whose updates of gradients times ``scale`` are this one's of the gradients."""
    changes: dict[str, Any] = {}
    if rule.eps:
        squared = rule.eps_place == "inside" or rule.family == "adadelta"
        changes["eps"] = _digits(rule.eps * scale ** (2 if squared else 1))
    if rule.initial:
        changes["initial"] = _digits(rule.initial * scale**2)
    if rule.decay_form == "l2" or (rule.decay_form == "decoupled" and rule.family == "sgd"):
        changes["weight_decay"] = _digits(rule.weight_decay * scale)  # what is added to the gradient grows with it
    return replace(rule, **changes)


def _digits(value: float) -> float:
    return float(f"{value:.7g}")


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
