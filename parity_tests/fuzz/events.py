"""What happens in a program: steps of the optimizer and of its schedulers, edits, saves, changes of the groups.

step        grad: the seed of the gradients; none: parameters without one; clip: None, ["norm", max_norm, norm_type]
            or ["value", clip_value]
scheduler   ``step_scheduler``, with its metric and index
set_lr      value, for all groups or by name; scale_lr likewise
set_hyper   name, value
freeze      groups; thaw: groups, lr
add         leaves, group
save        each side goes on from its own state dicts, in a new optimizer
handover    each side goes on from the other's state dicts; through a file or not
"""

import math
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from lrspec.optimizer_options import BY_NAME

from . import options
from .numbers import now_and_then, one_of, rate, uniform

Event = dict[str, Any]
_metric = one_of(uniform(0, 1), uniform(0, 1), uniform(-1, 1), 0.0, 0.5, math.nan, math.inf, -math.inf, 123456.789, 1)
_limit = one_of(0.0, 0.1, 1.0, uniform(0, 3), math.inf)


def allowed(rng: Random, family: Mapping[str, Any], added: dict[str, Any]) -> dict[str, Any]:
    """What may happen in a family beside plain steps; all that is compiled in for it."""
    names = [group["name"] for group in family["groups"]]
    leaves = family["leaves"].values()
    norms = [2.0, math.inf] if all(0 not in leaf["shape"] for leaf in leaves) else [2.0]  # torch's of nothing: an error
    mixed = len({leaf["dtype"] for leaf in leaves}) > 1
    change = rng.choices(["none", "freeze", "add"], [6, 2, 2])[0]
    if change == "freeze":
        family["groups"][-1]["frozen"] = rng.random() < 0.5
    return {
        "none": rng.sample(list(family["leaves"]), 1) if rng.random() < 0.35 else [],
        "clip": None if mixed or rng.random() < 0.6 else rng.choice([["norm", rng.choice(norms)], ["value"]]),
        "change": change,
        "added": added,
        "frozen": names[-1:],
    }


def draw(rng: Random, program: Mapping[str, Any], may: Mapping[str, Any]) -> list[Event]:
    """The events of one program."""
    history = _History(program, may)
    for _ in range(rng.randint(4, 18)):
        kind = rng.choices(list(KINDS), [weight for weight, _ in KINDS.values()])[0]
        event = KINDS[kind][1](rng, history)
        if event is not None:
            history.take({"do": kind, **event})
    return history.events


class _History:
    """The events so far, and what they make possible."""

    def __init__(self, program: Mapping[str, Any], may: Mapping[str, Any]) -> None:
        self.program, self.may, self.events = program, may, []
        self.groups = [group["name"] for group in program["groups"]]
        self.steps, self.added = 0, False
        self.frozen = {group["name"] for group in program["groups"] if group.get("frozen")}
        self.every = [spec[1].get("every") for spec in program["schedulers"]]

    def take(self, event: Event) -> None:
        self.events.append(event)
        self.steps += event["do"] == "step"
        if event["do"] == "add":
            self.groups.append(event["group"]["name"])
            self.added = True
        elif event["do"] in ("freeze", "thaw"):
            change = self.frozen.update if event["do"] == "freeze" else self.frozen.difference_update
            change(event["groups"])

    def within_an_epoch(self) -> bool:
        """Whether a scheduler with ``every`` is between two steps; torch's states do not hold its place."""
        return any(every is not None and self.steps % every for every in self.every)


def _step(rng: Random, history: _History) -> Event:
    may, clip = history.may, history.may["clip"]
    if clip is not None:
        limit = now_and_then(rng, _limit(rng), (-1.0, math.nan, "1"))
        clip = [clip[0], limit, *clip[1:]] if rng.random() < 0.5 else None
    none = may["none"] if rng.random() < 0.3 else []
    return {"grad": rng.getrandbits(32), "none": none, "clip": clip}


def _scheduler(rng: Random, history: _History) -> Event | None:
    if not history.every and rng.random() < 0.98:
        return None
    index = rng.randrange(len(history.every)) if history.every and rng.random() < 0.2 else None
    if index is None and history.every and None not in history.every and rng.random() < 0.95:
        return None  # all step by themselves
    return {"metric": now_and_then(rng, _metric(rng), (None, "0.1", [0.1])), "index": index}


def _by_group(rng: Random, history: _History, value: Callable[[Random], Any]) -> Any:
    """A value for all groups, or for some by name."""
    if rng.random() < 0.4:
        return value(rng)
    names = now_and_then(rng, rng.sample(history.groups, rng.randint(1, len(history.groups))), (["nose"],), 0.01)
    return {name: value(rng) for name in names}


def _set_lr(rng: Random, history: _History) -> Event:
    return {"value": _by_group(rng, history, lambda rng: now_and_then(rng, rate(rng)))}


def _scale_lr(rng: Random, history: _History) -> Event:
    factor = one_of(0.1, 1.0, uniform(0, 2), 0.0)
    return {"value": _by_group(rng, history, lambda rng: now_and_then(rng, factor(rng)))}


def _set_hyper(rng: Random, history: _History) -> Event:
    optimizer, sums = history.program["optimizer"], history.program["sums"]
    name = now_and_then(rng, rng.choice(BY_NAME[optimizer].hyper), ("nose",), 0.01)
    if name == "momentum" and not _has_buffer(history.program):  # it cannot be switched on: see docs/parity.md
        name = "weight_decay"
    value = _by_group(rng, history, lambda rng: options.draw(rng, optimizer, name, sums=sums))
    return {"name": name, "value": value}


def _has_buffer(program: Mapping[str, Any]) -> bool:
    """Whether momentum may be set by hand; RMSprop's buffers are made for the groups that begin with momentum."""
    momenta = [{**program["options"], **group}.get("momentum", 0) for group in program["groups"]]
    return {"SGD": any, "RMSprop": all}.get(program["optimizer"], bool)([isinstance(m, float) and m for m in momenta])


def _freeze(rng: Random, history: _History) -> Event | None:
    return {"groups": history.may["frozen"]} if history.may["change"] == "freeze" else None


def _thaw(rng: Random, history: _History) -> Event | None:
    lr = one_of(None, rate)(rng)
    return {"groups": history.may["frozen"], "lr": lr} if history.may["change"] == "freeze" else None


def _add(rng: Random, history: _History) -> Event | None:
    if history.may["change"] != "add" or history.added:
        return None
    program, added = history.program, history.may["added"]
    given = {**program["options"], **added["group"]}
    numbers = options.of_group(rng, program["optimizer"], given, sums=program["sums"])
    return {"leaves": added["leaves"], "group": {**added["group"], **numbers}}


def _save(rng: Random, history: _History) -> Event | None:
    return None if history.within_an_epoch() else {}


def _handover(rng: Random, history: _History) -> Event | None:
    if history.within_an_epoch() or history.frozen or history.added or history.may["change"] == "freeze":
        return None
    return {"file": rng.random() < 0.3}


# Kind of event -> its share, and how it is drawn; None where it cannot happen now.
KINDS: dict[str, tuple[int, Callable[[Random, _History], Event | None]]] = {
    "step": (50, _step),
    "scheduler": (28, _scheduler),
    "set_lr": (5, _set_lr),
    "scale_lr": (4, _scale_lr),
    "set_hyper": (6, _set_hyper),
    "freeze": (5, _freeze),
    "thaw": (5, _thaw),
    "add": (4, _add),
    "save": (3, _save),
    "handover": (3, _handover),
}
