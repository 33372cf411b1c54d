"""The report for a terminal: plain characters, no colour needed, at most 120 columns."""

import textwrap
from collections.abc import Sequence

from ..findings import Cause, Findings
from . import content
from .markdown import markdown as markdown

WIDTH = 120
_LIMITS = (27, 29, 26, 26)  # columns of what, groups, torch, JAX; with the marks and gaps 119


def report(result: Findings) -> str:
    """The whole report as plain text, the verdict in its first line."""
    first = content.first_difference(result.first, result.equal)
    sections = [
        ("", _wrap(content.headline(result), "")),
        ("First difference", _wrap(first)),
        ("Causes", _causes(result.causes)),
        ("The two programs", _table(result)),
        ("Distances", [line for text in content.distances(result) for line in _wrap(text, "  ", "    ")]),
        ("Notes", [line for note in result.notes for line in _wrap(content.clean(note), "  - ", "    ")]),
        ("Parameters without a partner", _unmatched(result)),
        ("The lrjax code that reproduces the torch run exactly", _code(result.code)),
    ]
    return "\n\n".join("\n".join([*([title] if title else []), *lines]) for title, lines in sections if lines)


def _wrap(text: str, first: str = "  ", rest: str | None = None) -> list[str]:
    hang = first if rest is None else rest
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=hang, break_on_hyphens=False)


def _code(code: str, indent: str = "  ") -> list[str]:
    lines = []
    for line in content.code_lines(code):
        lead = indent + line[: min(len(line) - len(line.lstrip()), 40)]
        lines += _wrap(line.lstrip(), lead, lead + "    ") or [""]
    return lines


def _causes(causes: Sequence[Cause]) -> list[str]:
    lines = _wrap(content.CAUSES) if causes else []
    for number, cause in enumerate(causes, 1):
        lines += _wrap(f"{content.percent(cause.share)}  {content.clean(cause.sentence)}", f"  {number}. ", "     ")
        lines += _wrap(content.sides(cause), "     ", "       ")
        lines += _wrap(
            f"group: {content.cut(cause.group)}; how sure: {content.cut(cause.confidence)}", "     ", "       "
        )
        lines += ["     mend it with:", *_code(cause.mend, "       ")] if cause.mend else []
    return lines


def _table(result: Findings) -> list[str]:
    lines = content.table(result.rows, result.groups)
    if not lines:
        return []
    cells = [("", "", "group", "torch", "JAX"), *(_cells(line) for line in lines)]
    widths = [min(limit, max(len(row[i + 1]) for row in cells)) for i, limit in enumerate(_LIMITS)]
    legend = content.LEGEND.format(differs='"!="', default='"*"')
    return [*("  " + _row(row, widths) for row in cells), *_wrap(legend)]


def _cells(line: content.Line) -> tuple[str, ...]:
    what, groups = content.cut(line.what, _LIMITS[0]), content.cut(line.groups, _LIMITS[1])
    torch = content.cut(line.torch, _LIMITS[2] - 1) + "*" * ("torch" in line.unwritten)
    jax = content.cut(line.jax, _LIMITS[3] - 1) + "*" * ("jax" in line.unwritten)
    return "!=" if line.differs else "", what, groups, torch, jax


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    columns = [cell.ljust(width) for cell, width in zip(cells[1:], widths, strict=True)]
    return f"{cells[0]:2} {'  '.join(columns)}".rstrip()


def _unmatched(result: Findings) -> list[str]:
    lines = []
    for side, names, more in content.unmatched(result):
        rest = f" and {more} more" if more else ""
        lines += _wrap(f"{side}: {', '.join(names)}{rest}", "  ", "    ")
    return lines
