"""The smallest program that still fails as a given one does."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import islice
from typing import Any

from .in_jax import groups_of

Program = dict[str, Any]
Path = tuple[Any, ...]
_PLAIN = (0, 1, 0.0, 1.0, 0.5, 0.1)  # numbers that others are replaced with
_NEEDED = ("do", "name", "params", "leaves", "grad", "frozen", "function", "schedulers", "milestones", "sums")

_PER_GROUP = ("base_lr", "max_lr", "base_momentum", "max_momentum", "swa_lr", "min_lr", "lr_lambda")


def shrink(program: Program, fails: Callable[[Program], bool], tries: int = 500) -> Program:
    """A program that fails, too, and of which no single part can be left out or made plainer.

    Args:
        program: one that fails.
        fails: whether a program fails in the same way.
        tries: how often ``fails`` is asked at most.

    Returns:
        The smaller program; ``program`` itself where nothing can go.
    """
    asked, before = 0, None
    while program != before:
        before = program
        for variants in (_fewer_events, _fewer_schedulers, _fewer_parameters, _plainer_parts):
            place = 0
            while (smaller := next(islice(variants(program), place, None), None)) is not None:
                asked += 1
                if asked > tries:
                    return program
                if fails(smaller):
                    program = smaller  # what was tried before this place most likely cannot go now, either
                else:
                    place += 1
    return program


def _fewer_events(program: Program) -> Iterator[Program]:
    events = program["events"]
    for size in (8, 4, 2, 1):
        for end in range(len(events), size - 1, -size):
            yield {**program, "events": events[: end - size] + events[end:]}


def _fewer_schedulers(program: Program) -> Iterator[Program]:
    """Without one of them; with one in the place of the composite that it is in."""
    schedulers = program["schedulers"]
    for i, (name, arguments) in enumerate(schedulers):
        before, after = schedulers[:i], schedulers[i + 1 :]
        if not any(event.get("index") for event in program["events"]):
            yield {**program, "schedulers": [*before, *after]}
        own = {key: value for key, value in arguments.items() if key in ("every", "last_epoch")}
        inner = arguments.get("schedulers", [])
        for j, (its, given) in enumerate(inner):
            yield {**program, "schedulers": [*before, [its, {**given, **own}], *after]}
            if name == "ChainedScheduler" and len(inner) > 1:
                rest = {**arguments, "schedulers": inner[:j] + inner[j + 1 :]}
                yield {**program, "schedulers": [*before, [name, rest], *after]}


def _fewer_parameters(program: Program) -> Iterator[Program]:
    """Without one group and its parameters; without one parameter; with one of shape (1,)."""
    groups = groups_of(program)
    for i in range(len(groups)) if len(groups) > 1 else ():
        one_less = {**program, "schedulers": [_without_group(spec, i, len(groups)) for spec in program["schedulers"]]}
        yield _only(one_less, groups[:i] + groups[i + 1 :])
    for name, leaf in program["leaves"].items():
        rest = [{**group, "params": [p for p in group["params"] if p != name]} for group in groups]
        if all(group["params"] for group in rest):
            yield _only(program, rest)
        if leaf["shape"] not in ([], [1], [1, 1]):
            plain = {**leaf, "shape": [1] * min(2, len(leaf["shape"]))}
            yield {**program, "leaves": {**program["leaves"], name: plain}}


def _without_group(spec: list[Any], i: int, groups: int) -> list[Any]:
    """The scheduler without the i-th of the values that it has for each group."""
    arguments = {}
    for name, value in spec[1].items():
        if name == "schedulers":
            value = [_without_group(inner, i, groups) for inner in value]
        elif name in _PER_GROUP and isinstance(value, list) and len(value) == groups:
            value = value[:i] + value[i + 1 :]
        arguments[name] = value
    return [spec[0], arguments]


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


def _plainer_parts(program: Program) -> Iterator[Program]:
    """With one argument left out, or one value plainer."""
    for part in ("schedulers", "options", "groups", "events"):
        yield from _plainer(program, (part,))


def _plainer(program: Program, path: Path) -> Iterator[Program]:
    """With one argument left out, or one value plainer, anywhere below ``path``."""
    node = _at(program, path)
    for key in list(node) if isinstance(node, dict) else range(len(node)):
        value, here = node[key], (*path, key)
        if key in _NEEDED and not isinstance(value, dict | list):
            continue
        if program["optimizer"] == "Muon" and key in ("eps", "ns_steps"):
            continue  # they see to it that no sum decides
        if isinstance(node, dict) and path[0] != "events" and key not in _NEEDED:
            yield _without(program, here)
        elif key in ("clip", "none") and value:
            yield _with(program, here, None if key == "clip" else [])
        if isinstance(value, dict | list) and key not in ("params", "leaves", "clip"):  # other norms have other sums
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
