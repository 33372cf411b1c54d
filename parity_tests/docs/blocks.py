"""The Python code in a page."""

import re
from pathlib import Path


def blocks_of(page: Path) -> list[str]:
    """The code blocks, in the order of the page."""
    return re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
