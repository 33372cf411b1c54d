"""What the report says in each of its forms, still without markup: plain text that nothing has escaped."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from ..explanations import EXPLANATIONS, TITLES
from ..findings import Cause, Findings, Row

SHOWN = 6  # so many values of one option are listed when the groups have different ones
NAMES = 20  # so many unmatched parameters are named
NO_FIGURES = "The figures need matplotlib, which is not installed: pip install lrjax[plot]"
LEGEND = (
    "The two programs differ in the rows marked {differs}. A value marked {default} is its library's default, "
    "it comes from the library."
)
CAUSES = "The percentage says how much of the distance between the runs goes when this line alone is mended."


class Line(NamedTuple):
    """A line of the table of both programs, for all groups that have the same values."""

    what: str
    groups: str
    torch: str
    jax: str
    differs: bool
    default: str


def clean(text: object) -> str:
    """The text in one line, without what would move a terminal's cursor."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())


def cut(text: object, width: int = 60) -> str:
    """The text in one line of at most ``width`` characters."""
    line = clean(text)
    return line if len(line) <= width else line[: width - 3] + "..."


def cut_middle(text: object, width: int = 40) -> str:
    """As ``cut``, with both ends kept: a parameter's name begins with its layer and ends with its kind."""
    line = clean(text)
    head = (width - 3) // 2
    return line if len(line) <= width else line[:head] + "..." + line[head + 3 - width :]


def code_lines(code: str) -> list[str]:
    """The lines of a piece of code, with blanks for tabs and nothing that would move a terminal's cursor."""
    lines = code.expandtabs(4).strip("\r\n").splitlines()
    return ["".join(c if c.isprintable() else " " for c in line).rstrip() for line in lines]


def headline(result: Findings) -> str:
    """The verdict in one sentence."""
    return f"{'EQUAL' if result.equal else 'NOT EQUAL'}: {clean(result.sentence)}"


def percent(share: float) -> str:
    """The share of the distance, "73 %"."""
    return (
        f"{100 * share:.2g} %" if 0 < share < 0.995 else f"{100 * share:.0f} %" if np.isfinite(share) else "unknown %"
    )


def first_difference(result: Findings) -> str:
    """Where the programs part, in sentences."""
    first, parted = result.first, result.parted
    if first is None:
        return "Nothing differs." if result.equal else "It could not be found which quantity differs first."
    later = "" if parted is None or parted <= first.step else f" The parameters differ from update {parted} on."
    return (
        f"Update {first.step} (counted from 0), group {cut(first.group)}, {cut(first.quantity)}: "
        f"torch has {cut(first.torch)}, JAX has {cut(first.jax)}. Everything it is made from agrees.{later}"
    )


def sides(cause: Cause) -> str:
    """Both values of a cause, and which of them are defaults."""
    never = {"torch": "torch's default", "jax": "optax's default"}
    notes = {side: f" ({note})" if side in cause.default else "" for side, note in never.items()}
    return f"torch: {cut(cause.torch)}{notes['torch']}; JAX: {cut(cause.jax)}{notes['jax']}"


def explained(causes: Iterable[Cause]) -> list[tuple[str, str, str]]:
    """Key, heading and explanation of the conventions that occur, each once."""
    keys = dict.fromkeys(cause.convention for cause in causes)
    return [(key, TITLES[key], EXPLANATIONS[key]) for key in keys if key in EXPLANATIONS]


def table(rows: Sequence[Row], groups: Sequence[str]) -> list[Line]:
    """The two programs side by side; groups with the same values share a line, and many lines are cut to ``SHOWN``."""
    merged: dict[str, dict[tuple[str, str, bool, str], list[str]]] = {}
    for row in rows:
        values = (row.torch, row.jax, row.differs, row.default)
        merged.setdefault(row.what, {}).setdefault(values, []).append(row.group)
    return [line for what, variants in merged.items() for line in _lines_of(what, variants, groups)]


def _lines_of(what: str, variants: dict[tuple[str, str, bool, str], list[str]], groups: Sequence[str]) -> list[Line]:
    lines = [Line(what, _named(names, groups), *values) for values, names in variants.items()]
    if len(lines) <= SHOWN:
        return lines
    order = sorted(range(len(lines)), key=lambda i: not lines[i].differs)  # those that differ are shown first
    left = order[SHOWN:]
    count = sum(len(names) for i, names in enumerate(variants.values()) if i in left)
    differs = any(lines[i].differs for i in left)
    rest = Line(what, f"{count} more group{'s' * (count != 1)}", "not shown", "not shown", differs, "")
    return [*(lines[i] for i in sorted(order[:SHOWN])), rest]


def _named(names: Sequence[str], groups: Sequence[str]) -> str:
    if "all" in names or (len(groups) > 1 and set(groups) <= set(names)):
        return "all"
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(cut_middle(name, 24) for name in names[:3]) + more


def distances(result: Findings) -> list[str]:
    """How far the runs lie apart, in sentences."""
    return [*_rates(result), *_parameters(result), *_ulps(result)]


def finite_max(values: np.ndarray, axis: int) -> np.ndarray:
    """The largest number along an axis, ``nan`` and infinities left out; 0 where nothing is left."""
    return np.where(np.isfinite(values), values, 0).max(axis=axis, initial=0)


def unread(result: Findings) -> np.ndarray:
    """The groups of which no JAX rate is known, shape=(G,)."""
    return np.asarray(np.isnan(result.rates_jax).all(axis=0))


def rate_differences(result: Findings) -> np.ndarray:
    """|torch's rate - JAX's|, shape=(T, G), infinite where only one of them is a finite number.

    T is that of the shorter one; in groups of which no JAX rate is known there is no difference.
    """
    count = min(len(result.rates_torch), len(result.rates_jax))
    if not count:
        return np.zeros((0, 0))
    torch, jax = result.rates_torch[:count], result.rates_jax[:count]
    with np.errstate(invalid="ignore"):
        apart = np.abs(torch - jax)
    same = (torch == jax) | (np.isnan(torch) & np.isnan(jax)) | unread(result)
    return np.where(same, 0.0, np.where(np.isnan(apart), np.inf, apart))


def group_name(result: Findings, index: int) -> str:
    """The name of a group of torch, or its number."""
    return result.groups[index] if index < len(result.groups) else f"group {index}"


def _rates(result: Findings) -> list[str]:
    apart, unknown = rate_differences(result), unread(result)
    if not apart.size:
        return []
    names = ", ".join(cut_middle(group_name(result, int(i)), 24) for i in np.flatnonzero(unknown)[:3])
    rest = f" and {unknown.sum() - 3} more" if unknown.sum() > 3 else ""
    lines = [f"Rates: JAX's could not be read in group {names}{rest}."] if unknown.any() else []
    if unknown.all():
        return lines
    if not apart.any():
        return [*lines, f"Rates: equal in all {len(apart)} updates."]
    step, group = (int(i) for i in np.unravel_index(int(apart.argmax()), apart.shape))
    return [
        *lines,
        f"Rates: different in {apart.any(axis=1).sum()} of {len(apart)} updates, most at update {step} in group "
        f"{cut_middle(group_name(result, group))}, where torch has {result.rates_torch[step, group]:.9g} and JAX has "
        f"{result.rates_jax[step, group]:.9g}.",
    ]


def _parameters(result: Findings) -> list[str]:
    if not result.distance.size:
        return []
    lines = []
    for label, row in {"the first update": result.distance[0], "the last update": result.distance[-1]}.items():
        worst = int(np.where(np.isnan(row), np.inf, row).argmax())
        name = cut_middle(result.names[worst]) if worst < len(result.names) else f"parameter {worst}"
        finite = row[np.isfinite(row)]
        median = f"median {np.median(finite):.2g}" if finite.size else "none of them finite"
        lines.append(
            f"Parameters after {label}: largest distance {row[worst]:.2g} ({name}), {median}, "
            "as a share of torch's way so far."
        )
    broken = int((~np.isfinite(result.distance)).any(axis=1).sum())
    if broken:
        where = f"In {broken} of {len(result.distance)} updates a distance is not a finite number"
        lines.append(f"{where}; it is infinite where torch's parameter has not moved yet and JAX's has.")
    return lines[1:] if len(result.distance) == 1 else lines  # after one update, the first is the last


def _ulps(result: Findings) -> list[str]:
    if not result.ulps.size:
        return []
    step = int(np.where(np.isnan(result.ulps), np.inf, result.ulps).argmax())
    return [
        f"Bits in {cut(result.dtype)}: the values of the parameters are at most {result.ulps[step]:.6g} units in the "
        f"last place of their tensor's largest value apart (update {step}); after the last update "
        f"{100 * result.equal_bits:.4g} % of them have equal bits.",
    ]


def unmatched(result: Findings) -> list[tuple[str, list[str], int]]:
    """For each side that has parameters without a partner: its heading, some names, how many more there are."""
    both = {"Only in torch": result.unmatched_torch, "Only in JAX": result.unmatched_jax}
    return [
        (side, [cut_middle(name, 80) for name in names[:NAMES]], max(0, len(names) - NAMES))
        for side, names in both.items()
        if names
    ]
