"""From the groups as the user writes them to the groups of a state."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

from lrspec import check
from lrspec.groups import assign, read_groups
from lrspec.optimizer_options import Options

from .._tree_paths import paths


class Group(NamedTuple):
    """One group as the user wrote it, and the groups of the state that it stands for.

    Attributes:
        name: its name.
        patterns: its patterns.
        stacked: whether its leaves hold layers along their first axis.
        members: the options of each group of the state: one, or one per layer; "name" and "frozen" among them.
    """

    name: str
    patterns: tuple[Any, ...]
    stacked: bool
    members: list[dict[str, Any]]


def read(options: Options, groups: Any, defaults: Mapping[str, Any], where: str | None = None) -> list[Group]:
    """The user's groups, completed from the defaults and checked; errors name ``where``, or the optimizer.

    Raises:
        TypeError: a group, or a part of it, of the wrong type.
        ValueError: a bad group, or a bad value of an option.
    """
    where = where or options.name
    found = read_groups(where, groups, options.of_groups)
    read = [_read(options, {"frozen": False, **defaults, **group}, defaults) for group in found]
    for one in (one for group in read for one in group.members):
        one |= options.read(f"{where}: group {one['name']!r}", one)
    return read


def _read(options: Options, group: dict[str, Any], defaults: Mapping[str, Any]) -> Group:
    name, patterns, count = group["name"], group.pop("params"), group.pop("stacked", None)
    if count is None:
        return Group(name, patterns, False, [group])
    layers = {option: _layers(options, group, option, defaults, int(count)) for option in options.hyper}
    members = [
        {**group, **{option: values[i] for option, values in layers.items()}, "name": f"{name}[{i}]"}
        for i in range(int(count))
    ]
    return Group(name, patterns, True, members)


def _layers(options: Options, group: dict[str, Any], option: str, defaults: Mapping[str, Any], count: int) -> list[Any]:
    """An option of a stacked group, one value per layer."""
    value = group[option]
    if np.ndim(value) <= np.ndim(defaults[option]):
        return [value] * count
    if len(value) != count:
        rule = f"must be one value, or one for each of the {count} layers"
        check.fail(f"{options.name}: group {group['name']!r}", option, rule, value)
    return list(value)


def as_number(value: Any) -> Any:
    """An option as numbers: None (Adafactor's ``eps[0]``) is -1, which such an option cannot be."""
    if isinstance(value, list | tuple):
        return [as_number(one) for one in value]
    return -1.0 if value is None else value


def as_option(name: str, number: Any) -> Any:
    """A number, or an array of them, as the option it came from: Python floats, None where it was None."""
    if np.ndim(number) == 0:
        return float(number)
    return tuple(None if name == "eps" and one < 0 else one for one in np.asarray(number).tolist())


def place(where: str, groups: Sequence[Group], params: Any) -> tuple[int | tuple[int, ...], ...]:
    """The group of each leaf of ``params``, or the groups of its layers.

    Raises:
        ValueError: groups that do not fit the parameters.
    """
    first = np.cumsum([0, *(len(group.members) for group in groups)]).tolist()
    found = assign(where, [{"name": group.name, "params": group.patterns} for group in groups], paths(params))
    placed: list[int | tuple[int, ...]] = []
    for path, leaf, i in zip(paths(params), jax.tree.leaves(params), found, strict=True):
        shape, count = np.shape(leaf), len(groups[i].members)
        if groups[i].stacked and shape[:1] != (count,):
            rule = f"must be the first dimension of each of its parameters ({path} has shape {shape})"
            check.fail(f"{where}: group {groups[i].name!r}", "stacked", rule, count)
        placed.append(tuple(range(first[i], first[i] + count)) if groups[i].stacked else first[i])
    return tuple(placed)
