"""Docstrings whose sections stand in one place for several functions."""

import inspect
import textwrap
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


class Decorator(Protocol):
    """What gives a function back as it is, for the type checker."""

    def __call__(self, function: Function, /) -> Function:
        """The function itself."""
        ...


def documented(
    arguments: Mapping[str, str], *, description: str = "", returns: str = "", raises: Mapping[str, str] | None = None
) -> Decorator:
    """Complete a docstring: a description, "Args" in the order of the signature, "Returns" and "Raises".

    Args:
        arguments: name -> what it is, for each argument of the function, and perhaps for others.
        description: what follows the docstring's own text, as it is.
        returns: what it returns.
        raises: type of error -> when.

    Raises:
        KeyError: an argument that ``arguments`` does not explain.
    """

    def complete(function: Function) -> Function:
        named = {name: arguments[name] for name in inspect.signature(function).parameters}
        sections = {"Args": _entries(named), "Returns": _filled(returns), "Raises": _entries(raises or {})}
        texts = [inspect.cleandoc(text) for text in (function.__doc__ or "", description) if text]
        function.__doc__ = "\n\n".join([*texts, *(f"{title}:\n{body}" for title, body in sections.items() if body)])
        return function

    return complete


def _entries(texts: Mapping[str, str]) -> str:
    return "\n".join(_filled(f"{name}: {text}", "    ") for name, text in texts.items())


def _filled(text: str, indent: str = "") -> str:
    """A paragraph of a section, its lines after the first further in."""
    return textwrap.fill(text, 112, initial_indent="    ", subsequent_indent=f"    {indent}", break_long_words=False)
