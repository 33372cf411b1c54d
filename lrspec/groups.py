"""Parameter groups: as the user writes them, which parameter is in which, and values given by group.

What a pattern covers is in ``patterns.py``.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from . import check
from .brief import listed
from .habits import meant, not_groups
from .patterns import Pattern, check_pattern, is_plain, matches, plain, shown

_ROOTS = 16  # of how many trees side by side it is tried whether a pattern was meant for a level deeper
_OF_ALL = ("params", "name", "frozen", "stacked", "lr_scale")


def read_groups(where: str, groups: Any, options: Sequence[str], lr: Any = None) -> list[dict[str, Any]]:
    """The user's groups, checked and completed with a name each; patterns as a tuple under "params".

    Args:
        where: the function that errors name.
        groups: None (one group with every parameter), a pattern, or a list of dicts
            ``{"params": pattern or list of patterns, "name": str, option: value, ...}``; besides the options
            "frozen" (bool: no updates and no state until it is thawed), "lr_scale" (timm's: a factor of the rate) and,
            in lrjax, "stacked" (int: each leaf holds so many layers along its first axis, and an option may be a list
            with one value per layer).
        options: the options a group may set.
        lr: the rate of groups that have none, for ``lr_scale``.

    Raises:
        TypeError: a group or pattern of the wrong type.
        ValueError: no group, no pattern, an unknown option, a name twice, a broken regular expression.
    """
    if groups is None:
        groups = "**"
    if isinstance(groups, str) or callable(groups):
        groups = [{"params": groups}]
    if isinstance(groups, Mapping | bytes) or not isinstance(groups, Sequence):
        rule = "must be a pattern or a list of dicts"
        check.fail(where, "groups", rule, groups, TypeError, hint=not_groups(groups))
    if not groups:
        check.fail(where, "groups", "must have at least one group", groups)
    read = [_scaled(where, _read_group(where, i, group, options), lr) for i, group in enumerate(groups)]
    names = [group["name"] for group in read]
    for i, name in enumerate(names):
        if name in names[:i]:
            check.fail(where, f"groups[{i}]['name']", "must differ from the names before it", name)
    return read


def _read_group(where: str, i: int, group: Any, options: Sequence[str]) -> dict[str, Any]:
    if not isinstance(group, Mapping):
        check.fail(where, f"groups[{i}]", "must be a dict with 'params'", group, TypeError)
    if "params" not in group:
        check.fail(where, f"groups[{i}]", "must have the key 'params'", dict(group))
    for key in group:
        if key not in (*_OF_ALL, *options):
            rule = f"may set {', '.join(options)} (and {', '.join(_OF_ALL)})"
            hint = "; did you mean 'lr'?" if key == "learning_rate" else meant(key, (*options, *_OF_ALL))
            check.fail(where, f"groups[{i}]", rule, key, hint=hint)
    if not isinstance(group.get("frozen", False), bool):
        check.fail(where, f"groups[{i}]['frozen']", "must be True or False", group["frozen"], TypeError)
    if "stacked" in group:
        check.integer(where, f"groups[{i}]['stacked']", group["stacked"], 1)
    patterns = group["params"]
    patterns = (patterns,) if isinstance(patterns, str) or callable(patterns) else patterns
    if not isinstance(patterns, Sequence) or not patterns:
        check.fail(where, f"groups[{i}]['params']", "must be a pattern or a list of patterns", patterns, TypeError)
    for pattern in patterns:
        check_pattern(where, i, pattern)
    name = group.get("name", ", ".join(shown(patterns)))
    if not isinstance(name, str) or not name:
        check.fail(where, f"groups[{i}]['name']", "must be a non-empty string", name, TypeError)
    return {**group, "params": tuple(patterns), "name": name}


def _scaled(where: str, group: dict[str, Any], default: Any) -> dict[str, Any]:
    """The group with timm's ``lr_scale`` multiplied into its rate, or into the ``default`` rate."""
    if "lr_scale" not in group:
        return group
    scale = check.at_least(where, f"lr_scale of group {group['name']!r}", check.plain(group["lr_scale"]), 0.0)
    lr = group.get("lr", default)
    rate = [one * scale for one in lr] if isinstance(lr, list | tuple) else lr * scale
    return {**{key: value for key, value in group.items() if key != "lr_scale"}, "lr": rate}


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
    if not paths:
        check.fail(where, "params", "must have at least one parameter", list(paths))
    below = _below(paths)
    index: list[int | None] = [None] * len(paths)
    for i, group in enumerate(groups):
        for pattern in group["params"]:
            argument = f"pattern of group {group['name']!r}"
            covered = below.get(plain(pattern), []) if is_plain(pattern) else _covered(pattern, paths, where, argument)
            if not covered:
                check.fail(where, argument, f"matches none of {_listed(paths)}", pattern, hint=_meant(pattern, below))
            for path in covered:
                index[path] = i if index[path] is None else index[path]
    uncovered = [path for path, i in zip(paths, index, strict=True) if i is None]
    if uncovered:
        names = [group["name"] for group in groups]
        check.fail(where, "groups", f"must cover every parameter; in no group: {_listed(uncovered)}", names)
    for i in sorted(set(range(len(groups))) - set(index)):
        rule = "has no parameter left (earlier groups took all)"
        check.fail(where, f"group {groups[i]['name']!r}", rule, groups[i]["params"])
    return tuple(i for i in index if i is not None)


def _below(paths: Sequence[str]) -> dict[str, list[int]]:
    """Plain name -> the paths it covers: a list of exact paths, as ``layer_decay`` writes it, costs no search."""
    below: dict[str, list[int]] = {}
    for i, path in enumerate(paths):
        segments = plain(path).split("/")
        for end in range(1, len(segments) + 1):
            below.setdefault("/".join(segments[:end]), []).append(i)
    return below


def _meant(pattern: Pattern, below: Mapping[str, Any]) -> str:
    """The same pattern a level deeper or higher, where that covers something; else a name that is like it."""
    if not isinstance(pattern, str) or pattern.startswith("re:"):
        return ""
    roots = list(dict.fromkeys(name.partition("/")[0] for name in below))[:_ROOTS]
    for moved in (*(f"{root}/{plain(pattern)}" for root in roots), plain(pattern).partition("/")[2]):
        if moved.strip("*/") and any(matches(moved, name) for name in below):
            return f"; did you mean {moved!r}?"
    return meant(plain(pattern), below)


def _covered(pattern: Pattern, paths: Sequence[str], where: str, argument: str) -> list[int]:
    return [i for i, path in enumerate(paths) if matches(pattern, path, where, argument)]


def _listed(paths: Sequence[str]) -> str:
    return listed(path.replace(".", "/") or "(no name)" for path in paths)


def by_group(where: str, value: Any, known: Iterable[str]) -> dict[str, Any]:
    """Group name -> value; Python's number for a 0-d array.

    Raises:
        ValueError: a group that is not ``known``.
    """
    known = list(known)
    values = dict(value) if isinstance(value, Mapping) else dict.fromkeys(known, value)
    chosen(where, list(values), known)
    return {group: check.plain(one) for group, one in values.items()}


def chosen(where: str, groups: str | Sequence[str], known: Iterable[str]) -> list[str]:
    """The names in ``groups``, one or several.

    Raises:
        ValueError: a group that is not ``known``.
    """
    if not isinstance(groups, str | Sequence | set | frozenset):
        check.fail(where, "groups", "must be a group's name or a list of them", groups, TypeError)
    names, known = [groups] if isinstance(groups, str) else list(groups), list(known)
    for name in names:
        if not isinstance(name, str) or name not in known:
            check.fail(where, "group", f"must be one of {listed(map(repr, known))}", name, hint=meant(name, known))
    return names
