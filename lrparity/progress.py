"""A progress bar only where somebody watches, and only with tqdm installed."""

import importlib.util
import sys
from collections.abc import Iterable, Iterator
from typing import Any


def bar(tasks: Iterable[Any] | None = None, **options: Any) -> Any:
    """``tqdm`` on a terminal; anything else gets a bar that shows nothing.

    Args:
        tasks: what to go through; None: the bar is moved by ``update``.
        options: tqdm's.
    """
    if not sys.stdout.isatty() or importlib.util.find_spec("tqdm") is None:
        return _Hidden(tasks)
    from tqdm import tqdm

    return tqdm(tasks, file=sys.stdout, leave=False, **options)


class _Hidden:
    """What a bar can do, without a bar."""

    def __init__(self, tasks: Iterable[Any] | None) -> None:
        self._tasks = tasks

    def __iter__(self) -> Iterator[Any]:
        return iter(self._tasks or ())

    def __enter__(self) -> "_Hidden":
        return self

    def __exit__(self, *failure: object) -> None:
        pass

    def update(self, count: int = 1) -> None:
        """Nothing moves."""

    def clear(self) -> None:
        """Nothing is there to clear."""

    def refresh(self) -> None:
        """Nothing is there to draw."""

    def set_description(self, text: str) -> None:
        """Nothing is shown."""

    @staticmethod
    def write(text: str) -> None:
        """Print a line, as tqdm does above its bar."""
        print(text, flush=True)
