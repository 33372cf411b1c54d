"""What differs for the parameters of one of torch's groups."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

import numpy as np

from .. import rates as schedules
from ..program import Program
from ..rule import Rule
from .comparable import canonical
from .defaults import defaults_hit
from .difference import CONVENTIONS, FIELD_NAMES, Difference, listed, same, text_of
from .mends import lrjax_line, mend


def of_group(group: str, torch: Program, jax: Program, pairs: list[tuple[int, int]]) -> Iterable[Difference]:
    """What differs for the parameters of one of torch's groups."""
    by_field: dict[tuple[Any, ...], list[tuple[int, int]]] = {}
    for i, j in pairs:
        theirs, ours = torch.rules[i], jax.rules[j]
        if theirs is None or ours is None or not (torch.rates[:, i].any() or np.any(jax.rates[:, j])):
            continue  # nothing is known, or nothing moves: a rate of zero is as good as frozen
        for key in _apart(canonical(theirs), canonical(ours)):
            by_field.setdefault(key, []).append((i, j))
    frozen = [key for key in by_field if key[0] == "frozen"]
    for key, members in by_field.items():
        if not (key[0] in torch.schedules or key[0] in jax.schedules):
            yield _field_difference(group, key, members, len(pairs), torch, jax)
    yield from _of_schedules(group, torch, jax, pairs)
    skipped = {pair for key in frozen for pair in by_field[key]}
    yield from of_rates(group, torch, jax, [pair for pair in pairs if pair not in skipped])


def _of_schedules(group: str, torch: Program, jax: Program, pairs: list[tuple[int, int]]) -> Iterable[Difference]:
    """Numbers beside the rate that a scheduler changes on one side."""
    for field in dict.fromkeys([*torch.schedules, *jax.schedules]):
        i, j = pairs[0]
        theirs, ours = torch.rules[i], jax.rules[j]
        if theirs is None or ours is None or theirs.family != ours.family:
            continue
        n = min(len(torch.rates), len(jax.rates))
        a, b = (
            side.schedules[field][:n, k] if field in side.schedules else np.full(n, getattr(rule, field))
            for side, rule, k in ((torch, theirs, i), (jax, ours, j))
        )
        if not schedules.differ(a, b).any():
            continue
        at = int(np.argmax(schedules.differ(a, b)))
        what = FIELD_NAMES.get(field, field)
        values = f"at update {at} it is {a[at]:.6g} in torch, {b[at]:.6g} in JAX"
        text = f"{what[0].upper()}{what[1:]} changes with the schedule: {values}."
        names = tuple(torch.names[k] for k, _ in pairs)
        mend = f"lrjax.{lrjax_line(theirs)}  # with scheduler=lrjax.OneCycleLR(...), which changes {what} too"
        shown = [f"{x[0]:.6g}" + (f" to {x.min():.6g}" if np.ptp(x) else "") for x in (a, b)]
        yield Difference(
            CONVENTIONS[field], group, names, shown[0], shown[1], text, mend, rule=((field, getattr(theirs, field)),)
        )


def _apart(torch: Rule, jax: Rule) -> Iterable[tuple[str, Any, Any]]:
    """(field, torch's value, JAX's value) of what differs."""
    if "frozen" in (jax.family, torch.family):
        if jax.family != torch.family:
            yield ("frozen", torch.family, jax.family)
        return
    if torch.family != jax.family:
        yield ("family", torch.family, jax.family)
        if torch.weight_decay != jax.weight_decay:
            yield ("weight_decay", torch.weight_decay, jax.weight_decay)
        return
    if torch.others != jax.others:
        ours = dict(jax.others)
        yield from (("others", f"{k}={v}", f"{k}={ours.get(k)}") for k, v in torch.others if ours.get(k) != v)
    seen: set[str] = set()
    for name, convention in CONVENTIONS.items():
        a, b = getattr(torch, name), getattr(jax, name)
        if same(a, b) or (name in ("bias1", "first") and convention in seen):
            continue
        if name == "decay_form" and "none" in (a, b):
            continue  # that is the decay's value
        if name == "weight_decay" and {torch.decay_form, jax.decay_form} == {"decoupled", "fixed"}:
            continue  # two scales
        if name == "first" and torch.dampening != jax.dampening:
            continue
        seen.add(convention)
        yield (name, a, b)


def _field_difference(
    group: str, key: tuple[str, Any, Any], members: list[tuple[int, int]], of: int, torch: Program, jax: Program
) -> Difference:
    name, a, b = key
    names = tuple(torch.names[i] for i, _ in members)
    theirs = torch.rules[members[0][0]]
    assert theirs is not None
    where = "" if len(members) == of else f" for {listed(names)}"
    if name == "frozen":
        who = "JAX never moves" if b == "frozen" else "torch never moves"
        return Difference(
            "groups",
            group,
            names,
            _moves(a),
            _moves(b),
            f"{who} {listed(names)}.",
            "# label these parameters as torch's groups do",
        )
    if name == "family":
        text = f"torch's rule is {a}, JAX's is {b}{where}."
        changes = tuple((one.name, getattr(theirs, one.name)) for one in fields(theirs))
        return Difference("rule", group, names, a, b, text, mend(name, theirs), rule=changes)
    if name == "others":
        return Difference(
            "rule",
            group,
            names,
            a,
            b,
            f"torch's {theirs.family} has {a}, JAX's {b}{where}.",
            f"lrjax.{theirs.family}({a})",
        )
    convention = CONVENTIONS[name]
    what = FIELD_NAMES.get(name, name)
    shown = [text_of(name, value) for value in (a, b)]
    if name == "weight_decay" and 0 in (a, b) and (len(members) < of or _decays(jax if b == 0 else torch)):
        convention = "decay_mask"
        who = "in torch and not in JAX" if b == 0 else "in JAX and not in torch"
        who = f"{'decays' if len(members) == 1 else 'decay'} {who}"
        text = f"{listed(names)} {who} ({shown[0]} and {shown[1]})."
    else:
        text = f"{what[0].upper()}{what[1:]} is {shown[0]} in torch and {shown[1]} in JAX{where}."
    changes = {name: a}
    if name in ("weight_decay", "decay_form"):
        changes = {"weight_decay": theirs.weight_decay, "decay_form": theirs.decay_form}
    if name == "bias2":
        changes = {"bias1": theirs.bias1, "bias2": theirs.bias2}
    if convention in ("dampening", "first_moment"):
        changes = {key: getattr(theirs, key) for key in ("dampening", "first", "debias")}
    by_default = [side for side, known in defaults_hit(name, a, b, theirs.family) if known]
    return Difference(
        convention,
        group,
        names,
        shown[0],
        shown[1],
        text,
        mend(name, theirs),
        ", ".join(by_default),
        tuple(changes.items()),
    )


def _decays(program: Program) -> bool:
    """Whether any parameter decays: then those that do not are left out on purpose."""
    return any(rule is not None and rule.weight_decay for rule in program.rules)


def _moves(family: str) -> str:
    return "frozen" if family == "frozen" else "trained"


def of_rates(group: str, torch: Program, jax: Program, pairs: list[tuple[int, int]]) -> Iterable[Difference]:
    """Rates of one of torch's groups; JAX's parameters may have several."""
    n = min(len(torch.rates), len(jax.rates))
    kinds: dict[bytes, list[tuple[int, int]]] = {}
    for i, j in pairs:
        if np.isfinite(jax.rates[:n, j]).all():
            kinds.setdefault(np.round(jax.rates[:n, j], 14).tobytes(), []).append((i, j))
    for members in kinds.values():
        i, j = members[0]
        names = tuple(torch.names[k] for k, _ in members)
        wanted, seen = torch.rates[:n, i], jax.rates[:n, j]
        if not schedules.differ(wanted, seen, schedules.SAME32).any():
            continue
        other = _owner(torch, seen, group)
        if len(kinds) > 1 and other is not None:
            text = (
                f"{listed(names)} {'has' if len(names) == 1 else 'have'} the rates of torch's group {other!r} in JAX."
            )
            yield Difference(
                "groups", group, names, group, other, text, "# label these parameters as torch's groups do", rates=True
            )
            continue
        steps = max(torch.accumulation.steps, jax.accumulation.steps)
        for change in schedules.explain(wanted, seen, steps):
            where = "" if len(members) == len(pairs) else f" ({listed(names)})"
            yield Difference(
                change.convention,
                group,
                names,
                change.torch,
                change.jax,
                change.sentence.rstrip(".") + where + ".",
                change.mend,
                rates=True,
            )


def _owner(torch: Program, seen: np.ndarray, but: str) -> str | None:
    """Another group of torch's that has these rates."""
    for i, group in enumerate(torch.groups):
        if group != but and not schedules.differ(torch.rates[: len(seen), i], seen).any() and seen.any():
            return group
    return None
