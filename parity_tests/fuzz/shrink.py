"""The smallest program that still fails as a given one does."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from .in_jax import groups_of

Program = dict[str, Any]
Path = tuple[Any, ...]
_PLAIN = (0, 1, 0.0, 1.0, 0.5, 0.1)  # numbers that others are replaced with
_NEEDED = ("do", "name", "params", "leaves", "grad", "frozen", "function", "schedulers", "milestones", "sums")


def shrink(program: Program, fails: Callable[[Program], bool], tries: int = 300) -> Program:
    """A program that fails, too, and of which no single part can be left out or made plainer.

    Args:
        program: one that fails.
        fails: whether a program fails in the same way.
        tries: how often ``fails`` is asked at most.

    Returns:
        The smaller program; ``program`` itself where nothing can go.
    """
    asked = 0
    while asked < tries:
        for smaller in _smaller(program):
            asked += 1
            if fails(smaller):
                program = smaller
                break
            if asked >= tries:
                return program
        else:
            return program
    return program


def _smaller(program: Program) -> Iterator[Program]:
    """Programs with one part less, or one number plainer; the largest parts first."""
    events = program["events"]
    for size in (8, 4, 2, 1):
        for end in range(len(events), size - 1, -size):
            yield {**program, "events": events[: end - size] + events[end:]}
    schedulers = program["schedulers"]
    for i, (name, arguments) in enumerate(schedulers):
        if not any(event.get("index") for event in events):
            yield {**program, "schedulers": schedulers[:i] + schedulers[i + 1 :]}
        for inner in arguments.get("schedulers", ()):
            yield {**program, "schedulers": [*schedulers[:i], inner, *schedulers[i + 1 :]]}
            if name == "ChainedScheduler" and len(arguments["schedulers"]) > 1:
                rest = [one for one in arguments["schedulers"] if one is not inner]
                changed = [name, {**arguments, "schedulers": rest}]
                yield {**program, "schedulers": [*schedulers[:i], changed, *schedulers[i + 1 :]]}
    yield from _fewer_parameters(program)
    for part in ("schedulers", "options", "groups", "events"):
        yield from _plainer(program, (part,))


def _fewer_parameters(program: Program) -> Iterator[Program]:
    """Without one group and its parameters; without one parameter; with one of shape (1,)."""
    groups = groups_of(program)
    for group in groups if len(groups) > 1 else ():
        yield _only(program, [g for g in groups if g is not group])
    for name, leaf in program["leaves"].items():
        rest = [{**group, "params": [p for p in group["params"] if p != name]} for group in groups]
        if all(group["params"] for group in rest):
            yield _only(program, rest)
        if leaf["shape"] not in ([1], [1, 1]):
            yield {
                **program,
                "leaves": {**program["leaves"], name: {**leaf, "shape": [1] * min(2, len(leaf["shape"]))}},
            }


def _only(program: Program, groups: list[dict[str, Any]]) -> Program:
    """The program with these groups and their parameters; events name no others."""
    named, names = {p for group in groups for p in group["params"]}, {group["name"] for group in groups}
    events = []
    for event in program["events"]:
        value = event.get("value")
        if isinstance(value, dict):
            event = {**event, "value": {name: x for name, x in value.items() if name in names or name == "later"}}
        events.append(event)
    leaves = {name: leaf for name, leaf in program["leaves"].items() if name in named}
    return {**program, "groups": groups, "leaves": leaves, "events": events}


def _plainer(program: Program, path: Path) -> Iterator[Program]:
    """With one argument left out, or one value plainer, anywhere below ``path``."""
    node = _at(program, path)
    for key in list(node) if isinstance(node, dict) else range(len(node)):
        value, here = node[key], (*path, key)
        if key in _NEEDED and not isinstance(value, dict | list):
            continue
        if isinstance(node, dict) and path[0] != "events" and key not in _NEEDED:
            yield _without(program, here)
        elif key in ("clip", "none") and value:
            yield _with(program, here, None if key == "clip" else [])
        if isinstance(value, dict | list) and key not in ("params", "leaves"):
            yield from _plainer(program, here)
        elif isinstance(value, float) and value not in _PLAIN:
            yield from (_with(program, here, plain) for plain in _PLAIN if isinstance(plain, float))
        elif isinstance(value, int) and not isinstance(value, bool) and value > 1:
            yield from (_with(program, here, plain) for plain in dict.fromkeys((1, value // 2, value - 1)))


def _at(program: Program, path: Path) -> Any:
    node: Any = program
    for key in path:
        node = node[key]
    return node


def _with(program: Program, path: Path, value: Any) -> Program:
    copied = deepcopy(program)
    _at(copied, path[:-1])[path[-1]] = value
    return copied


def _without(program: Program, path: Path) -> Program:
    copied = deepcopy(program)
    del _at(copied, path[:-1])[path[-1]]
    return copied
