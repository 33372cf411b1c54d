"""The two programs side by side."""

import numpy as np

from . import rates as schedules
from .causes.comparable import canonical
from .causes.defaults import defaults_hit
from .causes.difference import FIELD_NAMES, same, text_of
from .program import Program
from .result import Row
from .rule import Rule
from .sides import TorchRecord

_SHOWN = (
    "momentum", "dampening", "nesterov", "b1", "b2", "alpha", "rho", "eps", "eps_place", "bias2", "amsgrad", "centered",
    "initial", "rate_inside", "weight_decay", "decay_form",
)  # fmt: skip


def rows_of(torch: TorchRecord, theirs: Program, ours: Program) -> list[Row]:
    """The two programs side by side."""
    rows = [
        Row("all", "clipping", str(theirs.clip), str(ours.clip), str(theirs.clip) != str(ours.clip)),
        Row(
            "all",
            "accumulation",
            str(theirs.accumulation),
            str(ours.accumulation),
            theirs.accumulation != ours.accumulation,
        ),
    ]
    for group in dict.fromkeys(theirs.groups):
        members = [i for i, g in enumerate(theirs.groups) if g == group]
        rows += _group_rows(group, members, torch, theirs, ours)
    return rows


def _group_rows(group: str, members: list[int], torch: TorchRecord, theirs: Program, ours: Program) -> list[Row]:
    first = members[0]
    rows = [Row(group, "parameters", str(len(members)), str(len(members)), False)]
    rules = (theirs.rules[first], ours.rules[first])
    families = [rule.family if rule is not None else "unknown" for rule in rules]
    rows.append(Row(group, "rule", families[0], families[1], families[0] != families[1]))
    r, q = theirs.rates[:, first], ours.rates[:, first]
    rows.append(Row(group, "lr at update 0", f"{r[0]:.8g}", f"{q[0]:.8g}", bool(schedules.differ(r[:1], q[:1]).any())))
    n = min(len(r), len(q))
    if np.isfinite(q).all():
        differs = bool(schedules.differ(r[:n], q[:n], schedules.SAME32).any())
        shape = schedules.shape_of(r)
        same_one = not differs and len(r) == len(q)
        rows.append(Row(group, "schedule", shape, shape if same_one else schedules.shape_of(q), differs))
    if rules[0] is None or rules[1] is None or families[0] != families[1]:
        return rows
    a, b = (canonical(rule) for rule in rules if rule is not None)
    for name in _SHOWN:
        x, y = getattr(a, name), getattr(b, name)
        if x == y == getattr(Rule(""), name) and name not in ("weight_decay",):
            continue
        hit = [side for side, known in defaults_hit(name, x, y, a.family) if known]
        what = FIELD_NAMES.get(name, name)
        rows.append(Row(group, what, text_of(name, x), text_of(name, y), not same(x, y), ", ".join(hit)))
    return rows
