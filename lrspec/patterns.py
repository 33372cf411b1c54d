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

Pattern = str | Callable[[str], bool]


def matches(pattern: Pattern, path: str) -> bool:
    """Whether ``pattern`` covers the parameter at ``path``."""
    path = path.replace(".", "/")
    if callable(pattern):
        return bool(pattern(path))
    if pattern.startswith("re:"):
        return re.fullmatch(pattern[3:], path) is not None
    if is_plain(pattern):
        return (path + "/").startswith(plain(pattern) + "/")
    return _glob(plain(pattern)).fullmatch(path + "/") is not None


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
    return tuple(p if isinstance(p, str) else getattr(p, "__name__", repr(p)) for p in patterns)


def check_pattern(where: str, i: int, pattern: Any) -> None:
    """Raise where ``pattern``, one of group i, is none."""
    if not (isinstance(pattern, str) or callable(pattern)):
        check.fail(where, f"groups[{i}]['params']", "must hold strings or predicates", pattern, TypeError)
    if pattern == "":
        check.fail(where, f"groups[{i}]['params']", "must not be an empty pattern ('**' is every parameter)", pattern)
    if isinstance(pattern, str) and pattern.startswith("re:"):
        try:
            re.compile(pattern[3:])
        except re.error as error:
            check.fail(where, f"groups[{i}]['params']", f"must be a valid regular expression ({error})", pattern)
