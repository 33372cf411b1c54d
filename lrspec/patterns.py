"""The pattern language of parameter groups, for JAX paths and torch names alike.

Paths and patterns are read with ``.`` as ``/``, so ``a.b.weight`` and ``a/b/weight`` are one path:

=====================  ==========================================================================
``backbone``           a plain name: the parameter of that path, or all parameters below it
``layers/*/bias``      a glob: ``*``, ``?``, ``[0-3]`` stay within one segment, and the whole path
                       must match
``backbone/**``        ``**`` stands for any number of segments, none included
``re:.*(bias|scale)``  a regular expression (Python's ``re``) that must match the whole path, in
                       its ``/`` form
``callable``           a predicate: called with the path in its ``/`` form
=====================  ==========================================================================
"""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from . import check
from .brief import brief
from .types import Pattern as Pattern


def matches(pattern: Pattern, path: str, where: str = "patterns", argument: str = "pattern") -> bool:
    """Whether ``pattern`` covers the parameter at ``path``; errors name ``where`` and ``argument``.

    Raises:
        ValueError: a predicate that raises, or does not answer yes or no.
    """
    path = path.replace(".", "/")
    if callable(pattern):
        return _answer(pattern, path, where, argument)
    if pattern.startswith("re:"):
        return re.fullmatch(pattern[3:], path) is not None
    if is_plain(pattern):
        return (path + "/").startswith(plain(pattern) + "/")
    return _glob(plain(pattern)).fullmatch(path + "/") is not None


def _answer(predicate: Callable[[str], bool], path: str, where: str, argument: str) -> bool:
    """What the user's function says; a match of ``re`` or None is an answer, too, an array is none."""
    try:
        answer = predicate(path)
        if getattr(answer, "shape", ()) == ():
            return bool(answer)
    except Exception as error:
        rule = f"must answer for each path (it raised {brief(error, 60)} for {brief(path, 60)})"
        raise ValueError(check.message(where, argument, rule, predicate)) from error
    check.fail(where, argument, f"must answer True or False for each path ({brief(path, 60)})", answer)


@cache
def _glob(pattern: str) -> re.Pattern[str]:
    """The regular expression of a glob, for paths with a slash at the end."""
    segments = ("(?:[^/]+/)*" if s == "**" else _TOKEN.sub(_translate, s) + "/" for s in pattern.split("/"))
    return re.compile("".join(segments))


_DASH = re.escape("-")
_TOKEN = re.compile(r"\*|\?|\[(!?)(\]?[^\]]*)\]|.")


def _translate(token: re.Match[str]) -> str:
    """One token of a segment as Python's fnmatch reads it."""
    if token[2] is not None:
        return f"(?!/)[{'^' if token[1] else ''}{re.escape(token[2]).replace(_DASH, '-')}]"
    return {"*": "[^/]*", "?": "[^/]"}.get(token[0], re.escape(token[0]))


def is_plain(pattern: Pattern) -> bool:
    """Whether it is a name without wildcards: a parameter's, or that of what holds parameters."""
    return isinstance(pattern, str) and not pattern.startswith("re:") and not any(c in pattern for c in "*?[")


def plain(pattern: str) -> str:
    """The pattern, or a path, with slashes."""
    return pattern.replace(".", "/")


def shown(patterns: Sequence[Pattern]) -> tuple[str, ...]:
    """The patterns as text: a predicate by its name."""
    return tuple(p if isinstance(p, str) else _name(p) for p in patterns)


def _name(predicate: Any) -> str:
    name = getattr(predicate, "__name__", None)
    return name if isinstance(name, str) else brief(predicate)


def check_pattern(where: str, i: int, pattern: Any) -> None:
    """Raise where ``pattern``, one of group i, is none."""
    if not (isinstance(pattern, str) or callable(pattern)):
        check.fail(where, f"groups[{i}]['params']", "must hold strings or predicates", pattern, TypeError)
    if pattern == "":
        check.fail(where, f"groups[{i}]['params']", "must not be an empty pattern ('**' is every parameter)", pattern)
    if isinstance(pattern, str) and not is_plain(pattern):
        expression = pattern.startswith("re:")
        try:
            re.compile(pattern[3:]) if expression else _glob(plain(pattern))
        except (re.error, RecursionError, OverflowError) as error:
            kind = "regular expression" if expression else "pattern"
            check.fail(where, f"groups[{i}]['params']", f"must be a valid {kind} ({error})", pattern)
