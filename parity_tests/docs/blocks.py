"""The Python code in a page: its blocks from top to bottom are one program, but for those that say why they are not."""

import ast
import importlib.util
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from parity_tests import ROOT

_FENCE = re.compile(
    r"^(?:<!-- not run: (?P<why>[^\n]+) -->\n\n?)?```python\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE
)


class Block(NamedTuple):
    """A code block: where it stands, and why it is not run (empty: it is)."""

    code: str
    line: int  # of the page, of its first line, counted from 1
    section: str  # the heading that it stands under
    why_not: str


def pages() -> list[Path]:
    """Every page with prose: the README and the site."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def all_blocks_of(page: Path) -> list[Block]:
    """The code blocks, in the order of the page, those that are not run among them."""
    text = page.read_text()
    found = []
    for match in _FENCE.finditer(text):
        headings = re.findall(r"^##? (.+)$", text[: match.start()], re.MULTILINE)
        line = text.count("\n", 0, match.start("code")) + 1
        found.append(Block(match["code"], line, headings[-1] if headings else "", match["why"] or ""))
    return found


def blocks_of(page: Path) -> list[str]:
    """The code of the blocks that are run, in the order of the page."""
    return [block.code for block in all_blocks_of(page) if not block.why_not]


def sections_of(page: Path) -> dict[str, list[Block]]:
    """Heading -> the blocks under it that are run, for pages on which each section is a program."""
    sections: dict[str, list[Block]] = {}
    for block in all_blocks_of(page):
        if not block.why_not:
            sections.setdefault(block.section, []).append(block)
    return sections


def run(page: Path, blocks: Sequence[Block] | None = None, names: dict[str, Any] | None = None) -> dict[str, Any]:
    """Run blocks as one program (None: all that are run), and give the names that it has made.

    The test is skipped where a library that they import is not installed. An error shows the page's own line.
    """
    names = {"__name__": "a_page"} if names is None else names
    chosen = [block for block in all_blocks_of(page) if not block.why_not] if blocks is None else blocks
    for library in libraries_of(chosen):
        if importlib.util.find_spec(library) is None:
            pytest.skip(f"{page.name} needs {library}, which is not installed")
    for block in chosen:
        exec(compile("\n" * (block.line - 1) + block.code, str(page), "exec"), names)
    return names


def libraries_of(blocks: Sequence[Block]) -> list[str]:
    """What the code imports, without the parts of a library."""
    nodes = [node for block in blocks for node in ast.walk(ast.parse(block.code))]
    modules = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    modules += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    return sorted({module.split(".")[0] for module in modules})
