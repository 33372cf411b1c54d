"""Two averages, compared: what differs, and what mends it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace

import numpy as np

from lrspec.averages import GrowingDecay, TimmDecay

from ..findings import Cause, First, Row
from .convention import Convention, named, same
from .probe import probe

NO = "none"


@dataclass(frozen=True)
class Averages:
    """What is found."""

    rows: list[Row] = field(default_factory=list)
    causes: list[Cause] = field(default_factory=list)
    first: First | None = None


def compared(torch: np.ndarray | None, jax: np.ndarray | None) -> Averages:
    """The answer of two measured averages, shape=(updates + 1, NUMBERS); None: the side has none."""
    if torch is None and jax is None:
        return Averages()
    if torch is None or jax is None:
        return _alone(torch, jax)
    updates = min(len(torch), len(jax)) - 1
    torch, jax = torch[: updates + 1], jax[: updates + 1]
    theirs, ours = named(torch), named(jax)
    causes = [] if same(torch, jax) else _causes(theirs, ours, torch, jax)
    if not causes:
        text = _text(theirs or ours)
        return Averages([Row("all", "average", text, text, False)])
    return Averages([Row("all", "average", _text(theirs), _text(ours), True)], causes, _first(torch, jax))


def _alone(torch: np.ndarray | None, jax: np.ndarray | None) -> Averages:
    """Of one side that has an average, and one that has none."""
    a, b = (NO if one is None else _text(named(one)) for one in (torch, jax))
    text, mend = "JAX keeps an average of the weights, and torch none.", "# evaluate the parameters themselves"
    if torch is not None:
        text, mend = "torch keeps an average of the weights, and JAX none.", _made(named(torch))
    row, first = Row("all", "average", a, b, True), First(0, "all", "average", a, b)
    return Averages([row], [_cause("averaging", a, b, text, mend)], first)


def _text(convention: Convention | None) -> str:
    return "another" if convention is None else str(convention)


def _causes(theirs: Convention | None, ours: Convention | None, torch: np.ndarray, jax: np.ndarray) -> list[Cause]:
    if theirs is None or ours is None:
        sides = " and ".join(side for side, one in (("torch's", theirs), ("JAX's", ours)) if one is None)
        text = f"The averages of the weights differ, and {sides} is none of those known here."
        return [_cause("averaging", _text(theirs), _text(ours), text, _made(theirs), "measured")]
    found, updates = [], len(torch) - 1
    before = np.linalg.norm(torch - jax)
    for convention, names, sentence, mend in _parts(theirs, ours):
        after = np.linalg.norm(torch - replace(ours, **{name: getattr(theirs, name) for name in names}).run(updates))
        a, b, text = sentence
        share = float(np.clip(1 - after / before, 0.0, 1.0))
        found.append(_cause(convention, a, b, text, mend, "proven", share))
    return sorted(found, key=lambda cause: -cause.share)


def _parts(theirs: Convention, ours: Convention) -> Iterator[tuple[str, tuple[str, ...], tuple[str, str, str], str]]:
    """Each field that differs: convention, fields, (torch's value, JAX's, the sentence), the line that mends it."""
    equal = theirs.decay is None and ours.decay is None
    if not equal and not _same_decays(theirs, ours):
        a, b = theirs.kind(), ours.kind()
        text = f"The average of the weights is an {a} in torch and an {b} in JAX."
        sums = [one.decay for one in (theirs, ours) if one.growth is None and one.decay is not None]
        if len(sums) == 2 and abs(sum(sums) - 1) < 1e-6:
            text = f"{text[:-1]}: decay and step_size, which is 1 - decay, are mixed up."
        yield "average_decay", ("decay", "growth", "later"), (a, b, text), _made(theirs)
    if (theirs.start, theirs.copies, theirs.corrected) != (ours.start, ours.copies, ours.corrected):
        words = {
            "copy": "copies the parameters at its first update",
            "copies": "copies the parameters at its first {} updates",
            "parameters": "begins with the parameters at the start",
            "zeros": "begins with zeros",
        }
        divided = " and is divided by the sum of its weights"
        starts = ("copies" if one.start == "copy" and one.copies > 1 else one.start for one in (theirs, ours))
        a, b = (words[s].format(o.copies) + divided * o.corrected for s, o in zip(starts, (theirs, ours), strict=True))
        text = f"The average of the weights {a} in torch, and {b} in JAX."
        yield (
            "average_start",
            ("start", "copies", "corrected", *(["later"] if equal else [])),
            (a, b, text),
            _made(theirs),
        )
    if (theirs.first, theirs.every) != (ours.first, ours.every):
        a, b = theirs.when(), ours.when()
        text = f"The average of the weights is updated {a} in torch and {b} in JAX."
        mend = f"update = (count >= {theirs.first}) & ((count - {theirs.first}) % {theirs.every} == 0)"
        yield "average_when", ("first", "every"), (a, b, text), f"{mend}  # when to call it; count from 1"


def _same_decays(theirs: Convention, ours: Convention) -> bool:
    """Whether the decays are one, but for rounding where they are constant."""
    if theirs.growth is not None or ours.growth is not None or theirs.decay is None or ours.decay is None:
        return (theirs.decay, theirs.growth, theirs.later) == (ours.decay, ours.growth, ours.later)
    return abs(theirs.decay - ours.decay) <= 1e-6 * (1 - theirs.decay) + 1e-12


def _first(torch: np.ndarray, jax: np.ndarray) -> First:
    """The first average that differs, and how much of the newest parameters is in each."""
    t = 1 + int(np.argmax(np.abs(torch[1:] - jax[1:]).max(axis=1) > 1e-6))
    seen = probe(len(torch) - 1)
    new = [float(np.linalg.lstsq(np.stack([x[t - 1], seen[t]], 1), x[t])[0][1]) for x in (torch, jax)]
    a, b = (f"{x if abs(x) > 1e-9 else 0.0:.6g} of the newest parameters" for x in new)
    return First(t - 1, "all", "average", a, b)


def _made(convention: Convention | None) -> str:
    """The line of lrjax that makes torch's average."""
    if convention is None:
        return "# lrjax.AveragedModel has torch's four averaging functions"
    if convention.decay is None and convention.copies == 1:
        return "average = lrjax.AveragedModel()"
    if convention.decay is None:
        return f"average = lrjax.AveragedModel()  # and copy the parameters at the first {convention.copies} updates"
    if convention.start == "zeros":
        return f"average = optax.ema({convention.decay:.8g}, debias={convention.corrected})"
    if convention.start == "parameters" and convention.growth is None:
        return f"average = optax.incremental_update(params, average, {1 - convention.decay:.8g})"
    growth = convention.growth or (TimmDecay(convention.decay) if convention.copies > 1 else None)
    growth = growth and replace(growth, update_after_step=convention.copies - 1)
    decay = f"{convention.decay:.8g}" if growth is None else f"lrjax.{_call(growth)}"
    return f"average = lrjax.AveragedModel(multi_avg_fn=lrjax.get_ema_multi_avg_fn({decay}))"


def _call(growth: GrowingDecay) -> str:
    """What makes it, without the arguments that are defaults."""
    given = [(f.name, getattr(growth, f.name)) for f in fields(growth) if getattr(growth, f.name) != f.default]
    return f"{type(growth).__name__}({', '.join(f'{name}={value!r}' for name, value in given)})"


def _cause(
    convention: str, torch: str, jax: str, sentence: str, mend: str, sure: str = "proven", share: float = 1.0
) -> Cause:
    return Cause(convention, "all", torch, jax, sentence, mend, sure, share)
