"""The report as one HTML page: no network, no script, light and dark."""

from collections.abc import Iterable, Sequence
from html import escape

from ..findings import Cause, Findings
from . import content, figures
from .style import CSS

_QUESTION = "Is the JAX program the same training as the torch program?"


def page(result: Findings) -> str:
    """The whole report as an HTML page, the verdict first."""
    known = content.explained(result.causes)
    sections = [
        ("First difference", _paragraph(content.first_difference(result))),
        ("Causes", _causes(result.causes, {key for key, _, _ in known})),
        ("The two programs side by side", _table(result)),
        ("Distances", _list(content.distances(result)) + _figures(result)),
        ("Notes", _list(map(content.clean, result.notes))),
        ("Parameters without a partner", _unmatched(result)),
        ("The lrjax code that reproduces the torch run exactly", _code(result.code)),
        ("What the conventions are", "".join(_explanation(*entry) for entry in known)),
    ]
    body = "\n".join(f"<section>\n<h2>{title}</h2>\n{text}\n</section>" for title, text in sections if text)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(content.cut(content.headline(result), 80))}</title>\n<style>\n{CSS}</style>\n</head>\n<body>\n"
        f"{_header(result)}\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _text(text: object) -> str:
    return escape(content.clean(text), quote=True)


def _header(result: Findings) -> str:
    kind = "equal" if result.equal else "different"
    verdict = f'<h1 class="verdict {kind}">{_text(content.headline(result))}</h1>'
    return f'<header>\n{verdict}\n<p class="question">{_QUESTION}</p>\n</header>'


def _paragraph(text: str) -> str:
    return f"<p>{_text(text)}</p>"


def _list(lines: Iterable[str]) -> str:
    items = "".join(f"<li>{_text(line)}</li>\n" for line in lines)
    return f"<ul>\n{items}</ul>\n" if items else ""


def _code(code: str) -> str:
    return f"<pre><code>{escape(chr(10).join(content.code_lines(code)))}</code></pre>" if code else ""


def _causes(causes: Sequence[Cause], known: set[str]) -> str:
    items = "\n".join(_cause(cause, known) for cause in causes)
    return f'{_paragraph(content.CAUSES)}\n<ol class="causes">\n{items}\n</ol>' if causes else ""


def _cause(cause: Cause, known: set[str]) -> str:
    link = f' <a href="#why-{_text(cause.convention)}">What this is</a>' if cause.convention in known else ""
    mend = f'<p class="label">Mend it with:</p>{_code(cause.mend)}' if cause.mend else ""
    return (
        f'<li><p><strong class="share">{content.percent(cause.share)}</strong> {_text(cause.sentence)}{link}</p>'
        f"<dl><dt>torch</dt><dd>{_value(cause.torch, 'torch' in cause.default)}</dd>"
        f"<dt>JAX</dt><dd>{_value(cause.jax, 'jax' in cause.default)}</dd>"
        f"<dt>group</dt><dd>{_text(content.cut(cause.group))}</dd>"
        f"<dt>how sure</dt><dd>{_text(content.cut(cause.confidence))}</dd></dl>{mend}</li>"
    )


def _value(text: str, never: bool) -> str:
    mark = ' <span class="default" title="a default of the library">default</span>' if never else ""
    return f"<code>{_text(content.cut(text))}</code>{mark}"


def _table(result: Findings) -> str:
    lines = content.table(result.rows, result.groups)
    rows = "\n".join(_row(line) for line in lines)
    head = "<tr><th></th><th></th><th>group</th><th>torch</th><th>JAX</th></tr>"
    mark = '<span class="default">default</span>'
    legend = content.LEGEND.format(differs='<span class="mark">≠</span>', default=mark)
    table = f'<div class="wide"><table>\n<thead>{head}</thead>\n<tbody>\n{rows}\n</tbody></table></div>'
    return f"{table}\n<p>{legend}</p>" if lines else ""


def _row(line: content.Line) -> str:
    kind, mark = (' class="differs"', '<span class="mark">≠</span>') if line.differs else ("", "")
    torch, jax = (_value(getattr(line, side), side in line.default) for side in ("torch", "jax"))
    what, groups = _text(content.cut(line.what)), _text(content.cut(line.groups))
    return f"<tr{kind}><td>{mark}</td><th>{what}</th><td>{groups}</td><td>{torch}</td><td>{jax}</td></tr>"


def _figures(result: Findings) -> str:
    """The curves, or one line that says what they need."""
    if not figures.wanted(result):
        return ""
    try:
        return "\n".join(map(_figure, figures.drawings(result)))
    except ImportError:
        return _paragraph(content.NO_FIGURES)


def _figure(drawing: figures.Drawing) -> str:
    svg = figures.svg(drawing).replace("<svg", f'<svg role="img" aria-label="{_text(drawing.title)}"', 1)
    caption = f"<figcaption>{_text(drawing.caption)}</figcaption>"
    return f"<h3>{_text(drawing.title)}</h3>\n<figure>\n{caption}\n{svg}\n</figure>"


def _unmatched(result: Findings) -> str:
    parts = ""
    for side, names, more in content.unmatched(result):
        rest = f" and {more} more" if more else ""
        parts += f"<p>{side}: {', '.join(f'<code>{_text(name)}</code>' for name in names)}{rest}</p>\n"
    return parts


def _explanation(key: str, title: str, paragraph: str) -> str:
    return f'<h3 id="why-{_text(key)}">{_text(title)}</h3>\n{_paragraph(paragraph)}\n'
