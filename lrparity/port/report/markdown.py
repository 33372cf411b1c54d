"""The report as Markdown, for an issue, a pull request or a folder of results."""

import re
from collections.abc import Sequence

from ..findings import Cause, Findings
from . import content

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~$^])")  # a backslash makes each of them a plain character
_START = re.compile(r"^(\d*)([-.=])(?=[-=\s]|$)")  # what would begin a list or underline a heading


def markdown(result: Findings) -> str:
    """The whole report as Markdown, the verdict first."""
    known = content.explained(result.causes)
    sections = [
        ("", [f"**{escape(content.headline(result))}**"]),
        ("First difference", [escape(content.first_difference(result))]),
        ("Causes", _causes(result.causes, {key for key, _, _ in known})),
        ("The two programs side by side", _table(result)),
        ("Distances", [f"- {escape(text)}" for text in content.distances(result)]),
        ("Notes", [f"- {escape(note)}" for note in result.notes]),
        ("Parameters without a partner", _unmatched(result)),
        ("The lrjax code that reproduces the torch run exactly", fenced(result.code) if result.code else []),
        ("What the conventions are", [line for entry in known for line in _explanation(*entry)]),
    ]
    parts = ["# Is the JAX program the same training as the torch program?"]
    for title, lines in sections:
        parts += [*([f"## {title}"] if title and lines else []), *(["\n".join(lines)] if lines else [])]
    return "\n\n".join(parts) + "\n"


def escape(text: object) -> str:
    """The text in one line, in which nothing is markup for Markdown or HTML."""
    line = content.clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _START.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", line))


def fenced(code: str) -> list[str]:
    """The code as a block; its fence is longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}python", *content.code_lines(code), fence]


def _causes(causes: Sequence[Cause], known: set[str]) -> list[str]:
    lines = [content.CAUSES] if causes else []
    for number, cause in enumerate(causes, 1):
        link = f" [What this is](#why-{cause.convention})" if cause.convention in known else ""
        facts = f"{content.sides(cause)}; group: {content.cut(cause.group)}; how sure: {content.cut(cause.confidence)}"
        lines += ["", f"{number}. **{content.percent(cause.share)}** {escape(cause.sentence)}{link}", ""]
        lines += [f"   {escape(facts)}", ""]
        lines += [f"   {line}" for line in (fenced(cause.mend) if cause.mend else [])]
    return lines


def _table(result: Findings) -> list[str]:
    lines = content.table(result.rows, result.groups)
    if not lines:
        return []
    rows = [
        [
            "**≠**" if line.differs else "",
            escape(content.cut(line.what)),
            escape(content.cut(line.groups)),
            escape(content.cut(line.torch)) + " \\*" * ("torch" in line.default),
            escape(content.cut(line.jax)) + " \\*" * ("jax" in line.default),
        ]
        for line in lines
    ]
    head = ["| | | group | torch | JAX |", "| --- | --- | --- | --- | --- |"]
    return [*head, *(f"| {' | '.join(row)} |" for row in rows), "", content.LEGEND.format(differs="≠", default="\\*")]


def _unmatched(result: Findings) -> list[str]:
    return [
        f"- {side}: {', '.join(map(escape, names))}" + (f" and {more} more" if more else "")
        for side, names, more in content.unmatched(result)
    ]


def _explanation(key: str, title: str, paragraph: str) -> list[str]:
    return [f'<a id="why-{key}"></a>', "", f"### {title}", "", escape(paragraph), ""]
