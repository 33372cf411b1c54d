"""The pattern language of parameter groups, for JAX paths and torch names alike.

``lrjax/_patterns.py`` and ``lrtorch/_patterns.py`` are the same file to the byte
(``parity_tests/test_mirror.py`` compares them).

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
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from ._check import fail, integer

Pattern = str | Callable[[str], bool]


def matches(pattern: Pattern, path: str) -> bool:
    """Whether ``pattern`` covers the parameter at ``path``."""
    path = path.replace(".", "/")
    if callable(pattern):
        return bool(pattern(path))
    if pattern.startswith("re:"):
        return re.fullmatch(pattern[3:], path) is not None
    if _is_plain(pattern):
        return (path + "/").startswith(_plain(pattern) + "/")
    return _glob(_plain(pattern)).fullmatch(path + "/") is not None


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


def read_groups(where: str, groups: Any, options: Sequence[str]) -> list[dict[str, Any]]:
    """The user's groups, checked and completed with a name each; patterns as a tuple under "params".

    Args:
        where: the function that errors name.
        groups: None (one group with every parameter), a pattern, or a list of dicts
            ``{"params": pattern or list of patterns, "name": str, option: value, ...}``; besides the options
            "frozen" (bool: no updates and no state until it is thawed) and, in lrjax, "stacked" (int: each leaf
            holds so many layers along its first axis, and an option may be a list with one value per layer).
        options: the options a group may set.

    Raises:
        TypeError: a group or pattern of the wrong type.
        ValueError: no group, no pattern, an unknown option, a name twice, a broken regular expression.
    """
    if groups is None:
        groups = "**"
    if isinstance(groups, str) or callable(groups):
        groups = [{"params": groups}]
    if isinstance(groups, Mapping) or not isinstance(groups, Sequence):
        fail(where, "groups", "must be a pattern or a list of dicts", groups, TypeError)
    if not groups:
        fail(where, "groups", "must have at least one group", groups)
    read = [_read_group(where, i, group, options) for i, group in enumerate(groups)]
    names = [group["name"] for group in read]
    for i, name in enumerate(names):
        if name in names[:i]:
            fail(where, f"groups[{i}]['name']", "must differ from the names before it", name)
    return read


def _read_group(where: str, i: int, group: Any, options: Sequence[str]) -> dict[str, Any]:
    if not isinstance(group, Mapping):
        fail(where, f"groups[{i}]", "must be a dict with 'params'", group, TypeError)
    if "params" not in group:
        fail(where, f"groups[{i}]", "must have the key 'params'", dict(group))
    for key in group:
        if key not in ("params", "name", "frozen", "stacked", *options):
            fail(where, f"groups[{i}]", f"may set {', '.join(options)} (and params, name, frozen, stacked)", key)
    if not isinstance(group.get("frozen", False), bool):
        fail(where, f"groups[{i}]['frozen']", "must be True or False", group["frozen"], TypeError)
    if "stacked" in group:
        integer(where, f"groups[{i}]['stacked']", group["stacked"], 1)
    patterns = group["params"]
    patterns = (patterns,) if isinstance(patterns, str) or callable(patterns) else patterns
    if not isinstance(patterns, Sequence) or not patterns:
        fail(where, f"groups[{i}]['params']", "must be a pattern or a list of patterns", patterns, TypeError)
    for pattern in patterns:
        _check_pattern(where, i, pattern)
    name = group.get("name", ", ".join(shown(patterns)))
    if not isinstance(name, str) or not name:
        fail(where, f"groups[{i}]['name']", "must be a non-empty string", name, TypeError)
    return {**group, "params": tuple(patterns), "name": name}


def shown(patterns: Sequence[Pattern]) -> tuple[str, ...]:
    """The patterns as text: a predicate by its name."""
    return tuple(p if isinstance(p, str) else getattr(p, "__name__", repr(p)) for p in patterns)


def _check_pattern(where: str, i: int, pattern: Any) -> None:
    if not (isinstance(pattern, str) or callable(pattern)):
        fail(where, f"groups[{i}]['params']", "must hold strings or predicates", pattern, TypeError)
    if pattern == "":
        fail(where, f"groups[{i}]['params']", "must not be an empty pattern ('**' is every parameter)", pattern)
    if isinstance(pattern, str) and pattern.startswith("re:"):
        try:
            re.compile(pattern[3:])
        except re.error as error:
            fail(where, f"groups[{i}]['params']", f"must be a valid regular expression ({error})", pattern)


def label_groups(groups: Any) -> list[dict[str, Any]]:
    """The groups of ``labels``: names and patterns only, for the options are the optimizers' business."""
    if isinstance(groups, Sequence) and all(isinstance(group, Mapping) for group in groups):
        groups = [{key: group[key] for key in ("params", "name") if key in group} for group in groups]
    return read_groups("labels", groups, ())


def assign(where: str, groups: Sequence[Mapping[str, Any]], paths: Sequence[str]) -> tuple[int, ...]:
    """The group of each path: the first whose patterns match.

    Raises:
        ValueError: a pattern that matches nothing, a group left without parameters, a parameter in no group.
    """
    below = _below(paths)
    index: list[int | None] = [None] * len(paths)
    for i, group in enumerate(groups):
        for pattern in group["params"]:
            covered = below.get(_plain(pattern), []) if _is_plain(pattern) else _covered(pattern, paths)
            if not covered:
                fail(where, f"pattern of group {group['name']!r}", f"matches none of {_listed(paths)}", pattern)
            for path in covered:
                index[path] = i if index[path] is None else index[path]
    uncovered = [path for path, i in zip(paths, index, strict=True) if i is None]
    if uncovered:
        names = [group["name"] for group in groups]
        fail(where, "groups", f"must cover every parameter; in no group: {_listed(uncovered)}", names)
    for i in sorted(set(range(len(groups))) - set(index)):
        rule = "has no parameter left (earlier groups took all)"
        fail(where, f"group {groups[i]['name']!r}", rule, groups[i]["params"])
    return tuple(i for i in index if i is not None)


def _is_plain(pattern: Pattern) -> bool:
    return isinstance(pattern, str) and not pattern.startswith("re:") and not any(c in pattern for c in "*?[")


def _plain(pattern: Any) -> str:
    return pattern.replace(".", "/")


def _below(paths: Sequence[str]) -> dict[str, list[int]]:
    """Plain name -> the paths it covers: a list of exact paths, as ``layer_decay`` writes it, costs no search."""
    below: dict[str, list[int]] = {}
    for i, path in enumerate(paths):
        segments = _plain(path).split("/")
        for end in range(1, len(segments) + 1):
            below.setdefault("/".join(segments[:end]), []).append(i)
    return below


def _covered(pattern: Pattern, paths: Sequence[str]) -> list[int]:
    return [i for i, path in enumerate(paths) if matches(pattern, path)]


def _listed(paths: Sequence[str]) -> str:
    shown = ", ".join(path.replace(".", "/") for path in paths[:8])
    return shown + (f" and {len(paths) - 8} more" if len(paths) > 8 else "")
