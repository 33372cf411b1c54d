"""What is known of each side before they are compared: its program, and what it did with the same gradients."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from lrspec import check

from . import archive, identify
from . import machine as made
from .machine import Arrays, Machine, Ran
from .program import Accumulation, Clip, Program
from .rule import FAMILIES, Rule

VERSION = 2  # of the file; of the made gradients, too
Say = Callable[[str], None]


@dataclass
class TorchRecord:
    """The PyTorch side, in numbers: all that the comparison needs of it, so that it can go through a file."""

    optimizer: str  # the class
    program: Program
    shapes: dict[str, tuple[int, ...]]  # of the parameters, by name
    dtype: str
    groups: list[dict[str, Any]]  # options of each group, with "name"
    defaults: dict[str, Any]  # of the class
    runs: dict[str, Arrays]  # dtype -> parameters after each micro-step, shape=(M, 1, *shape)
    moments: dict[str, Arrays]  # in float64: "first moment", "second moment"
    steps: int  # updates
    notes: list[str] = field(default_factory=list)
    grads: Arrays | None = None  # the user's, shape=(M, 1, *shape); None: made, the same on every machine
    start: Arrays | None = None  # the user's parameters, shape=(1, *shape), with ``grads``
    every: int = 1  # the schedulers step after so many updates; 0: otherwise
    still: dict[str, tuple[int, ...]] = field(default_factory=dict)  # shapes of what is never moved: it is frozen, or
    # in no group
    heard: list[str] = field(default_factory=list)  # of these, what has gradients all the same
    average: np.ndarray | None = None  # of the weights: what it makes of the probe, shape=(updates + 1, NUMBERS)

    @cached_property
    def fed(self) -> tuple[Arrays, Arrays]:
        """What both sides are fed, parameters and gradients: the user's, or made from names, shapes and clipping."""
        if self.grads is not None and self.start is not None:
            return self.start, self.grads
        shapes = made.small(self.shapes)
        k = self.program.accumulation.steps
        limit = self.program.clip.limit or 1.0
        if self.program.clip.kind == "value":
            limit *= np.sqrt(sum(int(np.prod(shape)) for shape in shapes.values()))
        return made.weights(shapes, 1, 0.5), made.ordinary(shapes, self.steps * k, "float32", limit, k)

    def save(self, path: str | Path) -> None:
        """Write an ``.npz`` without pickles."""
        program = self.program
        head = {
            "version": VERSION, "optimizer": self.optimizer, "shapes": self.shapes, "dtype": self.dtype,
            "groups": self.groups, "defaults": self.defaults, "steps": self.steps, "notes": self.notes,
            "names": program.names, "of": program.groups, "given": self.grads is not None, "every": self.every,
            "clip": asdict(program.clip), "accumulation": asdict(program.accumulation),
            "still": self.still, "heard": self.heard,
            "rules": [None if rule is None else asdict(rule) for rule in program.rules],
        }  # fmt: skip
        arrays = {"rates": program.rates}
        for key, value in program.schedules.items():
            arrays[f"schedules|{key}"] = value
        for kind, table in (("runs", self.runs), ("moments", self.moments)):
            for key, by_name in table.items():
                for name, value in by_name.items():
                    arrays[f"{kind}|{key}|{name}"] = value
        for kind, by_name in (("grads", self.grads or {}), ("start", self.start or {})):
            arrays |= {f"{kind}||{name}": value for name, value in by_name.items()}
        if self.average is not None:
            arrays["average"] = self.average
        archive.save(path if str(path).endswith(".npz") else f"{path}.npz", head, arrays)


def load(path: str | Path) -> TorchRecord:
    """What ``TorchRecord.save`` wrote.

    Raises:
        ValueError: no such file, another version, a damaged one.
    """
    try:
        head, arrays = archive.load(path)
        if head["version"] != VERSION:
            check.fail("compare", "optimizer", f"must be a file of version {VERSION}", f"{path}: {head['version']}")
        return _read(head, arrays)
    except archive.DAMAGED as error:
        if str(error).startswith("compare:"):
            raise
        what = f"{path}: {type(error).__name__} {str(error)[:100]}"
        raise ValueError(f"compare: optimizer must be a file that lrparity.record wrote, got {what}") from None


def _read(head: dict[str, Any], arrays: Arrays) -> TorchRecord:
    tables: dict[str, dict[str, Arrays]] = {"runs": {}, "moments": {}}
    others: dict[str, Arrays] = {"grads": {}, "start": {}, "schedules": {}}
    for key, value in arrays.items():
        kind, *rest = key.split("|", 2)
        if kind in tables:
            tables[kind].setdefault(rest[0], {})[rest[1]] = value
        elif kind in others:
            others[kind][rest[-1]] = value
    program = Program(
        names=head["names"],
        groups=head["of"],
        rules=[None if rule is None else _rule(rule) for rule in head["rules"]],
        rates=arrays["rates"],
        clip=Clip(**head["clip"]),
        accumulation=Accumulation(**head["accumulation"]),
        schedules=others["schedules"],
    )
    given = head["given"]
    return TorchRecord(
        head["optimizer"], program, {k: tuple(v) for k, v in head["shapes"].items()}, head["dtype"], head["groups"],
        head["defaults"], tables["runs"], tables["moments"], head["steps"], head["notes"],
        others["grads"] if given else None, others["start"] if given else None, head["every"],
        {k: tuple(v) for k, v in head.get("still", {}).items()}, head.get("heard", []),
        arrays.get("average"),
    )  # fmt: skip


def _rule(saved: Mapping[str, Any]) -> Rule:
    known = {one.name for one in fields(Rule)}
    rule = Rule(**{key: value for key, value in saved.items() if key in known})
    return replace(rule, others=tuple((key, value) for key, value in rule.others))


@dataclass
class Alone:
    """The parameters that one side trains and the other has not, or that neither trains."""

    torch: list[str] = field(default_factory=list)  # trained in torch; JAX has them not
    jax: list[str] = field(default_factory=list)  # trained in JAX; torch has them not
    stray: list[str] = field(default_factory=list)  # trained in JAX; torch has them, and never moves them
    resting: list[str] = field(default_factory=list)  # on one side or on both, and moved on neither
    heard: bool = False  # JAX's other updates depend on the gradients of those that rest, as by a clipping of all


@dataclass
class JaxRecord:
    """The JAX side: what probing found."""

    program: Program
    errors: dict[str, float]  # how well each rule fits
    runs: dict[str, Arrays]
    moments: dict[str, Arrays]
    words: list[str]
    clip_known: bool = True
    decay_unknown: list[str] = field(default_factory=list)  # parameters
    paths: dict[str, str] = field(default_factory=dict)  # torch's name of a parameter -> JAX's
    alone: Alone = field(default_factory=Alone)
    average: np.ndarray | None = None  # as torch's


def probe(machine: Machine, words: set[str], torch: TorchRecord, updates: int, say: Say) -> JaxRecord:
    """The program of a machine, parameter by parameter; what an lrjax optimizer shows is read.

    Args:
        machine: the JAX side.
        words: the classes of its state.
        torch: the other side, whose rules are tried first.
        updates: how many rates to find.
        say: shows progress.
    """
    names = machine.names
    shapes = {name: shape for name, shape in made.small(torch.shapes).items() if name in names}
    groups = dict(zip(torch.program.names, torch.program.groups, strict=True))
    say("JAX: accumulation")
    how = identify.accumulation(machine, shapes)
    if how.steps == torch.program.accumulation.steps:
        how = torch.program.accumulation
    read = machine.read(updates, how.steps)
    if read is not None and set(read.rules) == set(names):
        found = {name: identify.Found(rule, 0.0) for name, rule in read.rules.items()}
        how = identify.kind_of(machine, shapes, found, read.rates, groups, how)
        rates, unknown = read.rates, []
        rules = read.rules if read.schedules else _with_chained_decay(machine, shapes, read.rules, rates, how)
        schedules = {
            key: np.stack([values.get(n, np.full(updates, getattr(rules[n], key))) for n in names], axis=1)
            for key, values in read.schedules.items()
        }
    else:
        found, rates, rules, unknown = _probed(machine, words, torch, shapes, how, updates, say)
        schedules = {}
    say("JAX: clipping")
    known = all(rule is not None and rule.family in (*FAMILIES, "frozen") for rule in rules.values())
    clip = Clip()
    if known and not schedules:
        clip = identify.clip_of(machine, shapes, found, rates, groups, how)
        clip = clip and identify.order_of(machine, shapes, clip, rules, rates, groups, how)  # type: ignore[arg-type]
    program = Program(
        names, [groups[name] for name in names], [rules[name] for name in names],
        np.stack([rates[name] for name in names], axis=1), clip or Clip(), how, schedules,
    )  # fmt: skip
    return JaxRecord(program, {n: found[n].error for n in names}, {}, {}, sorted(words), clip is not None, unknown)


def _with_chained_decay(
    machine: Machine, shapes: dict[str, tuple[int, ...]], rules: Mapping[str, Rule], rates: Arrays, how: Accumulation
) -> dict[str, Rule]:
    """The rules that an lrjax optimizer shows, with a decay that stands before it or behind it in the chain."""
    if not all(rule.family in (*FAMILIES, "frozen") for rule in rules.values()):
        return dict(rules)
    found = {name: identify.Found(rule, 0.0) for name, rule in rules.items()}
    decays = identify.decays_of(machine, shapes, found, rates, lambda name: [rules[name]], how)
    added = {n for n in rules if not rules[n].weight_decay and decays[n].form not in ("none", "unknown")}
    return {
        n: replace(rule, weight_decay=decays[n].value, decay_form=decays[n].form) if n in added else rule
        for n, rule in rules.items()
    }


def _probed(
    machine: Machine, words: set[str], torch: TorchRecord, shapes: dict[str, tuple[int, ...]], how: Accumulation,
    updates: int, say: Say,
) -> tuple[dict[str, identify.Found], Arrays, dict[str, Rule | None], list[str]]:  # fmt: skip
    """Rules, rates and decay by feeding gradients; the names of parameters whose decay is unknown."""
    partner = dict(zip(torch.program.names, torch.program.rules, strict=True))

    def likely(name: str) -> Sequence[Rule]:
        rule = partner.get(name)
        return [rule] if rule is not None and rule.family in FAMILIES else []

    say("JAX: rules")
    found = identify.rules_of(machine, shapes, words, likely, how)
    if any(one.rule is None for one in found.values()):
        softer = identify.rules_of(machine, shapes, words, likely, how, loudest=1e-7)
        found = {name: softer[name] if one.rule is None else one for name, one in found.items()}
    if any(one.rule is not None and one.rule.initial for one in found.values()):  # seen by gradients of its size alone
        louder = identify.rules_of(machine, shapes, words, likely, how, loudest=30.0)
        found = {name: louder[name] if louder[name].error < identify.SURE else one for name, one in found.items()}
    say("JAX: rates")
    rates = identify.rates_of(machine, shapes, found, how, updates)
    say("JAX: weight decay")
    decays = identify.decays_of(machine, shapes, found, rates, likely, how)
    unknown = [name for name in machine.names if decays[name].form == "unknown"]
    return found, rates, {name: with_decay(found[name].rule, decays[name]) for name in machine.names}, unknown


def with_decay(rule: Rule | None, decay: identify.Decay) -> Rule | None:
    """The rule with its weight decay; one that is unknown is left out."""
    if rule is None:
        return None
    form = "none" if decay.form == "unknown" else decay.form
    return replace(rule, weight_decay=decay.value, decay_form=form)


def run(machine: Any, torch: TorchRecord, dtype: str) -> Ran:
    """The machine on the gradients that both sides are fed."""
    start, grads = torch.fed
    names = machine.names
    return machine.run({n: start[n] for n in names}, {n: grads[n] for n in names}, dtype, hold=False)
