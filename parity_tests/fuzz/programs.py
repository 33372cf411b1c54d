"""Whole training programs, drawn at random as plain data.

Compiling costs a second, running a program some hundredths. So programs come in families: what is compiled in is the
family's (optimizer, flags, groups and their parameters, schedulers, which gradients may be missing, what may happen to
the groups), everything else is drawn anew for each member: the groups' numbers, parameters, gradients, metrics, edits,
and when what happens. A member is whole without its family: a dict that JSON can write down.

    optimizer, options      torch's class name, and its arguments
    leaves                  name -> {shape, dtype}
    groups                  as the optimizers take them
    schedulers              specs, see ``schedulers.py``
    compiled                whether the step is inside the user's ``jit``, or called as it is
    start                   the seed of the parameters
    events                  what happens, in order: see ``events.py``
"""

from random import Random
from typing import Any

from lrspec.optimizer_options import BY_NAME

from . import events, options, schedulers

Program = dict[str, Any]
MEMBERS = 20
_SHAPES = [[], [1], [3], [7], [17], [32], [2, 3], [5, 4], [1, 33], [9, 1], [2, 3, 2], [0]]
_MATRICES = [[2, 3], [5, 4], [1, 33], [9, 1], [7, 7]]
# Halves are torch's in every bit where its vector code computes them, 32 at a time (see optimizers/test_half.py). After
# a load torch keeps the numbers of NAdam and ASGD in halves, too (see docs/parity.md).
_OF_HALVES = [[32], [2, 32], [64, 1]]
_IN_FLOATS = ("Adafactor", "Muon", "NAdam", "ASGD")


def program(seed: int, number: int) -> Program:
    """The program of that number; it is the same on every machine."""
    optimizers = list(BY_NAME)  # take turns
    optimizer = optimizers[number // MEMBERS % len(optimizers)]
    family = _family(Random(f"{seed}/{number // MEMBERS}"), optimizer)
    return _member(Random(f"{seed}/{number // MEMBERS}/{number}"), family)


def _family(rng: Random, optimizer: str) -> Program:
    sums = optimizer == "Adafactor" or (optimizer == "Muon" and rng.random() < 0.6)
    groups = rng.choices([1, 2, 3, 4, 5], [6, 6, 4, 1, 1])[0]
    leaves = _leaves(rng, optimizer, groups + (rng.random() < 0.3), sums)
    drawn = {
        "optimizer": optimizer,
        "options": options.constructor(rng, optimizer, sums=sums),
        "leaves": leaves,
        "groups": _groups(rng, optimizer, list(leaves), groups, sums),
        "schedulers": [],
        "compiled": rng.random() < 0.5,
        "sums": sums,
    }
    for _ in range(rng.choices([0, 1, 2, 3], [3, 8, 3, 1])[0]):
        every = rng.choice([None, None, 1, 2, 3])
        spec = schedulers.scheduler(rng, groups, every)
        if schedulers.ends(spec):  # by itself it would be stepped past its end, where compiled code cannot raise
            spec[1].pop("every", None)
        drawn["schedulers"].append(spec)
    return {**drawn, "may": events.allowed(rng, drawn, added=_added(rng, optimizer, sums))}


def _leaves(rng: Random, optimizer: str, number: int, sums: bool) -> dict[str, Any]:
    shapes = _MATRICES if optimizer == "Muon" else _SHAPES[:-1] if optimizer == "Adafactor" else _SHAPES
    half = rng.choice(["bfloat16", "float16"]) if optimizer not in _IN_FLOATS and rng.random() < 0.3 else "float32"
    leaves = {}
    for name in "abcdef"[:number]:
        dtype = rng.choice(["float32", half, half])
        leaves[name] = {"shape": rng.choice(shapes if dtype == "float32" else _OF_HALVES), "dtype": dtype}
    return leaves


def _groups(rng: Random, optimizer: str, names: list[str], number: int, sums: bool) -> list[dict[str, Any]]:
    rng.shuffle(names)
    cuts = sorted(rng.sample(range(1, len(names)), number - 1))
    parts = [sorted(names[a:b]) for a, b in zip([0, *cuts], [*cuts, len(names)], strict=True)]
    groups: list[dict[str, Any]] = [
        {"params": part, "name": f"g{i}", **options.flags_of_group(rng, optimizer, sums=sums)}
        for i, part in enumerate(parts)
    ]
    if rng.random() < 0.3:
        groups[-1]["params"] = "**"
    return groups


def _added(rng: Random, optimizer: str, sums: bool) -> dict[str, Any]:
    """Parameters and a group that may be added later."""
    (leaf,) = _leaves(rng, optimizer, 1, sums).values()
    leaf = {**leaf, "shape": leaf["shape"] if 0 not in leaf["shape"] else [4]}
    group = {"params": "z", "name": "later", **options.flags_of_group(rng, optimizer, sums=sums)}
    return {"leaves": {"z": {**leaf, "dtype": "float32"}}, "group": group}


def _member(rng: Random, family: Program) -> Program:
    optimizer, sums = family["optimizer"], family["sums"]
    given = {name: value for name, value in family["options"].items()}
    groups = [{**g, **options.of_group(rng, optimizer, {**given, **g}, sums=sums)} for g in family["groups"]]
    whole = {name: value for name, value in family.items() if name != "may"}
    whole = {**whole, "groups": groups, "start": rng.getrandbits(32)}
    return {**whole, "events": events.draw(rng, whole, family["may"])}
