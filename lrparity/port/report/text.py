"""The report for a terminal: plain characters, no colour needed, at most 120 columns."""

import textwrap
from collections.abc import Sequence
from itertools import zip_longest

from ..findings import Cause, Findings
from . import content
from .markdown import markdown as markdown

WIDTH = 120
_LIMITS = (20, 20, 34, 34)  # columns of what, groups, torch, JAX; with the marks and gaps 119
_LONGEST = 200  # of a cell, which is wrapped


def report(result: Findings) -> str:
    """The whole report as plain text, the verdict in its first line."""
    first = content.first_difference(result)
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
    return [*("  " + text for row in cells for text in _row(row, widths)), *_wrap(legend)]


def _cells(line: content.Line) -> tuple[str, ...]:
    torch = content.cut(line.torch, _LONGEST) + "*" * ("torch" in line.default)
    jax = content.cut(line.jax, _LONGEST) + "*" * ("jax" in line.default)
    return "!=" if line.differs else "", content.cut(line.what, 60), content.cut(line.groups, 60), torch, jax


def _row(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    columns = [textwrap.wrap(cell, width) or [""] for cell, width in zip(cells[1:], widths, strict=True)]
    lines = []
    for i, parts in enumerate(zip_longest(*columns, fillvalue="")):
        texts = [part.ljust(width) for part, width in zip(parts, widths, strict=True)]
        lines.append(f"{'' if i else cells[0]:2} {'  '.join(texts)}".rstrip())
    return lines


def _unmatched(result: Findings) -> list[str]:
    lines = []
    for side, names, more in content.unmatched(result):
        rest = f" and {more} more" if more else ""
        lines += _wrap(f"{side}: {', '.join(names)}{rest}", "  ", "    ")
    return lines
