"""What a comparison returns."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .findings import QUANTITIES as QUANTITIES
from .findings import Cause as Cause
from .findings import Findings
from .findings import First as First
from .findings import Row as Row
from .report import html, markdown, text


@dataclass
class Result(Findings):
    """The answer to "is my port the same training?"; ``print`` shows the report.

    Its fields are those of ``Findings``.
    """

    def __str__(self) -> str:
        return text.report(self)

    def markdown(self) -> str:
        """The report as Markdown."""
        return markdown.markdown(self)

    def html(self) -> str:
        """The report as one HTML page that needs no network."""
        return html.page(self)

    def save(self, folder: str | Path) -> Sequence[Path]:
        """Write ``report.md`` and ``report.html`` into ``folder``, which is made; returns their paths."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / "report.md", folder / "report.html"]
        for path, content in zip(paths, (self.markdown(), self.html()), strict=True):
            path.write_text(content, encoding="utf-8")
        return paths
