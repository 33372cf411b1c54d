"""Groups by name: a value for all of them or one for each, and which ones a call means.

``lrjax/_by_group.py`` and ``lrtorch/_by_group.py`` are the same file to the byte
(``parity_tests/test_mirror.py`` compares them).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from . import _check as check


def by_group(where: str, value: Any, known: Iterable[str]) -> dict[str, Any]:
    """Group name -> value.

    Raises:
        ValueError: a group that is not ``known``.
    """
    known = list(known)
    values = dict(value) if isinstance(value, Mapping) else dict.fromkeys(known, value)
    chosen(where, list(values), known)
    return values


def chosen(where: str, groups: str | Sequence[str], known: Iterable[str]) -> list[str]:
    """The names in ``groups``, one or several.

    Raises:
        ValueError: a group that is not ``known``.
    """
    names, known = [groups] if isinstance(groups, str) else list(groups), list(known)
    for name in names:
        if name not in known:
            check.fail(where, "group", f"must be one of {', '.join(map(repr, known))}", name)
    return names


def scaled(rates: Mapping[str, Any], factor: Any) -> dict[str, Any]:
    """The rates of ``scale_lr``.

    Raises:
        ValueError: an unknown group, a negative or non-finite factor.
    """
    factors = by_group("scale_lr", factor, rates)
    return {
        name: rates[name] * check.at_least("scale_lr", f"factor of group {name!r}", f, 0.0)
        for name, f in factors.items()
    }
