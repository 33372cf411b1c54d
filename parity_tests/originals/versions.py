"""Which versions of the libraries are run: library -> version; asked of each by importing it."""

from importlib import import_module
from typing import Any

from parity_tests.originals import serve


def answer(request: list[str]) -> dict[str, Any]:
    """The version of each library."""
    return {name: import_module(name).__version__ for name in request}


if __name__ == "__main__":
    serve(answer)
