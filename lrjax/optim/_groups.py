"""From the groups as the user writes them to the groups of a state."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from lrspec import check
from lrspec.groups import assign, read_groups
from lrspec.optimizer_options import Options, stand_in

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
    found = read_groups(where, groups, options.of_groups, defaults["lr"])
    read = [_read(options, {"frozen": False, **defaults, **group}, defaults) for group in found]
    for one in (one for group in read for one in group.members):
        one |= options.read(f"{where}: group {one['name']!r}", one, partial(checkable, options))
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
    if _depth(value) <= _depth(defaults[option]):
        return [value] * count
    if len(value) != count:
        rule = f"must be one value, or one for each of the {count} layers"
        check.fail(f"{options.name}: group {group['name']!r}", option, rule, value)
    return list(value)


def _depth(value: Any) -> int:
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list | tuple) else np.ndim(value)


ARRAY = "given as an array"  # in a layout, in place of an array


def static(value: Any) -> Any:
    """An option as a part of a layout: hashable, without arrays."""
    if isinstance(value, list | tuple):
        return tuple(static(one) for one in value)
    return ARRAY if isinstance(value, jax.Array) else value


def holds_array(value: Any) -> bool:
    """Whether an option is a JAX array, or has one among its numbers."""
    return any(isinstance(one, jax.Array) for one in (value if isinstance(value, list | tuple) else [value]))


def checkable(options: Options, values: Mapping[str, Any]) -> dict[str, Any]:
    """The options for the checks: numbers for arrays, and for what is traced a number that every check lets pass."""
    return {name: _known(name, value) if name in options.hyper else value for name, value in values.items()}


def _known(name: str, value: Any) -> Any:
    if not isinstance(value, list | tuple):
        return stand_in(name) if _is_unknown(value) else _number(value)
    if not any(isinstance(one, jax.Array | str) for one in value):
        return value
    passing = stand_in(name)
    if not isinstance(passing, tuple):
        return [passing if _is_unknown(one) else _number(one) for one in value]
    unknown = len(value) == len(passing) and any(map(_is_unknown, value))  # its numbers are checked against each other
    return passing if unknown else list(map(_number, value))


def is_array(option: Any) -> bool:
    """Whether an option of a layout was given as an array."""
    return isinstance(option, str) and option == ARRAY


def _is_unknown(value: Any) -> bool:
    if isinstance(value, Tracer):
        numeric = jnp.issubdtype(value.dtype, jnp.floating) or jnp.issubdtype(value.dtype, jnp.integer)
        return value.ndim == 0 and numeric
    return is_array(value)


def _number(value: Any) -> Any:
    array = isinstance(value, jax.Array) and not isinstance(value, Tracer) and value.ndim == 0
    return value.item() if array else value


def as_number(value: Any) -> Any:
    """An option as numbers: None (Adafactor's ``eps[0]``) is -1, which such an option cannot be."""
    if isinstance(value, list | tuple):
        return [as_number(one) for one in value]
    return -1.0 if value is None else value


def as_option(name: str, number: Any, batch: int = 0) -> Any:
    """A number, or several along the last axis, as the option they came from.

    Python floats, None where it was None; arrays where there are ``batch`` axes in front, a number for each run.
    """
    number = np.asarray(number)
    if number.ndim > batch:
        return tuple(_as_one(name, number[..., i], batch) for i in range(number.shape[-1]))
    return _as_one("", number, batch)


def _as_one(name: str, number: Any, batch: int) -> Any:
    none = number < 0 if name == "eps" else np.zeros(np.shape(number), bool)
    if none.all():
        return None
    return np.where(none, np.nan, number) if batch else float(number)


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
