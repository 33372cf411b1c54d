"""Two sequences of rates, and what makes one the other."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations

import numpy as np

from .curve import EXACT, Curve, scored
from .describe import describe
from .relations import SAME as SAME
from .relations import SAME32 as SAME32
from .relations import Change as Change
from .relations import Relation, rate_change, shifted, unchanged, units
from .relations import differ as differ
from .relations import factor as factor


def explain(torch: np.ndarray, jax: np.ndarray, steps_per_update: int = 1) -> list[Change]:
    """The changes that make JAX's rates torch's; empty where they are the same.

    Args:
        torch: shape=(T,), float64.
        jax: the same.
        steps_per_update: micro-steps of an accumulation, which schedules sometimes count.
    """
    if not (np.ptp(torch) or np.ptp(jax)) and torch.any() != jax.any():
        sentence = f"The rate is {torch[0]:.6g} in torch and {jax[0]:.6g} in JAX."
        return [Change("lr", f"{torch[0]:.6g}", f"{jax[0]:.6g}", sentence, f"learning_rate={torch[0]:.8g}")]
    late = after_end(torch, jax)
    for within in (SAME, SAME32):
        if not differ(torch, jax, within).any():
            return []
        if late is None and (changes := _simple(torch, jax, steps_per_update, within)):
            return changes
    if late is not None:
        return [late]
    ours, theirs = describe(jax), describe(torch)
    changes = _between(theirs, ours, jax) if ours is not None and theirs is not None else []
    if of_float32(jax) and all(one.convention == "schedule" for one in changes) and _farthest(torch, jax) < 1e-2:
        return [_in_float32(torch, jax)]
    return changes or [_another(torch, jax, theirs, ours)]


def _simple(torch: np.ndarray, jax: np.ndarray, micro: int, within: float) -> list[Change]:
    """The same sequence with another base rate, shifted, or counted in other units; or two of these."""
    for relation in (unchanged(torch, jax), shifted(torch, jax)):
        if changes := _first_of(relation, within):
            return changes
    return (
        _in_other_units(torch, jax, [micro], micro, within)
        or _one_length(torch, jax)
        or _in_other_units(torch, jax, range(2, max(3, len(torch) // 3)), micro, within)
    )


def _in_other_units(
    torch: np.ndarray, jax: np.ndarray, sizes: Iterable[int], micro: int, within: float
) -> list[Change]:
    """Other units; the same rates in them before others, which an exponential decay has too."""
    relations = list(units(torch, jax, sizes, micro))
    for expected, seen, changes in relations:
        if len(seen) >= 8 and not differ(expected, seen, within).any():
            return changes
    return _first_of(relations, within)


def _first_of(relation: Relation, within: float) -> list[Change]:
    """The first relation that holds, alone or with another base rate."""
    for expected, seen, changes in relation:
        if len(seen) < (8 if changes else 3):
            continue  # too few to tell
        if changes and not differ(expected, seen, within).any():
            return changes
        if factor(expected, seen, within) is not None:
            return [*changes, rate_change(expected, seen)]
    return []


def _one_length(torch: np.ndarray, jax: np.ndarray) -> list[Change]:
    """One length that differs, of schedules that have no other: a warm-up twice as long is no other unit."""
    ours, theirs = describe(jax), describe(torch)
    if ours is None or theirs is None or "inverse square root" in (ours.shape, theirs.shape):
        return []
    changes = _between(theirs, ours, jax)
    lengths = [one for one in changes if one.convention in ("warmup_length", "decay_length")]
    return changes if len(lengths) == 1 and all(one in lengths or one.convention == "lr" for one in changes) else []


def of_float32(rates: np.ndarray) -> bool:
    """Whether a schedule computes in float32 even in a float64 run: its rates are float32 numbers."""
    rates = rates[np.isfinite(rates) & (rates != 0)]
    if not rates.size or not np.ptp(rates):
        return False
    off = np.abs(rates - rates.astype(np.float32)) / np.abs(rates)
    return bool(np.quantile(off, 0.9) < 1e-12)


def _farthest(torch: np.ndarray, jax: np.ndarray) -> float:
    """The largest difference of a rate, relative to itself."""
    with np.errstate(all="ignore"):
        return float(np.nanmax(np.abs(jax / torch - 1)))


def _in_float32(torch: np.ndarray, jax: np.ndarray) -> Change:
    size = f"a rate is {_farthest(torch, jax):.1g} of itself away"
    text = f"JAX computes the schedule in float32: within these {len(torch)} updates {size}."
    mend = f"{_TABLE}  # or lrjax's scheduler of torch's name"
    return Change("float32_schedule", "computed in float64", "computed in float32", text, mend)


def rounded(torch: np.ndarray, jax: np.ndarray) -> list[str]:
    """A note where JAX's rates, shape=(T, G), are torch's but for the rounding of a schedule in float32."""
    n = min(len(torch), len(jax))
    off = [
        float(np.max(np.abs(a - b)) / np.max(np.abs(a)))
        for a, b in zip(torch[:n].T, jax[:n].T, strict=True)
        if of_float32(b) and differ(a, b).any() and not differ(a, b, SAME32).any()
    ]
    if not off:
        return []
    size = f"its rates are at most {max(off):.1g} of the largest rate away from torch's"
    return [f"JAX computes the schedule in float32: {size}, which is rounding and no cause."]


_TABLE = "lrjax.TableLR(lrtorch.tabulate(scheduler, num_steps)).schedule(lr)"  # plays any scheduler of torch's
# Field of ``Curve`` -> the convention, and what it is called.
_FIELDS = {
    "peak": ("lr", "the peak rate"),
    "rise": ("schedule", "the shape of the warm-up"),
    "start": ("warmup_start", "the rate at which the warm-up starts"),
    "top": ("warmup_length", "the count at which the warm-up reaches its peak"),
    "shape": ("schedule", "the shape of the decay"),
    "begin": ("decay_length", "the count at which the decay begins"),
    "length": ("decay_length", "the number of updates the decay takes"),
    "floor": ("floor", "the rate at which the decay ends"),
    "power": ("schedule", "the factor or power of the decay"),
    "stairs": ("schedule", "the counts at which the rate changes"),
    "climbs": ("after_end", "what follows the end of the decay"),
}


def _between(torch: Curve, jax: Curve, seen: np.ndarray) -> list[Change]:
    """The fields in which two curves differ, put together where one convention moves several.

    Args:
        torch: the curve there.
        jax: the curve of ``seen``.
        seen: JAX's rates.
    """
    apart = {name for name in _FIELDS if not _close(name, getattr(torch, name), getattr(jax, name), torch.peak)}
    if torch.shape != jax.shape:
        apart -= {"begin", "length", "floor", "power", "stairs", "climbs"}
    apart = _fewest(apart, torch, jax, seen)
    if {"start", "top"} <= apart and torch.start is not None and jax.start is not None:
        if abs(torch.top - jax.top) <= 1 + 1e-6:
            apart -= {"top"}
        elif abs(_rise_from(torch) - _rise_from(jax)) < 1e-3:
            apart -= {"start"}  # (count + 1) / n: another n starts elsewhere, too
    if (torch.start is None) != (jax.start is None):
        apart -= {"top"}
        apart.add("start")
    if "start" in apart and torch.start is not None and jax.start is not None and "peak" in apart:
        if abs(torch.start / torch.peak - jax.start / jax.peak) < 1e-6:
            apart -= {"start"}
    if "floor" in apart and "peak" in apart and abs(torch.floor / torch.peak - jax.floor / jax.peak) < 1e-6:
        apart -= {"floor"}
    end = [curve.begin + (curve.length or 0.0) for curve in (torch, jax)]
    if {"begin", "length"} <= apart and abs(end[0] - end[1]) < 1e-6:
        apart -= {"length"}  # the same end: only the beginning moved
        if apart & {"start", "top"}:
            apart -= {"begin"}
    elif "begin" in apart and apart & {"start", "top"}:
        apart -= {"begin"}  # the decay begins where the warm-up ends
    if "length" in apart:
        apart -= {"begin"}
    return [_change(name, torch, jax) for name in _FIELDS if name in apart]


def _fewest(apart: set[str], torch: Curve, jax: Curve, seen: np.ndarray) -> set[str]:
    """The field or two that make torch's curve JAX's rates, where float32 leaves the others uncertain."""
    if not EXACT < jax.error < SAME32:
        return apart
    for count in (1, 2):
        for names in combinations(sorted(apart), count):
            trial = replace(torch, **{name: getattr(jax, name) for name in names})
            if scored(trial, seen).error <= 3 * jax.error:
                return set(names)
    return apart


def _rise_from(curve: Curve) -> float:
    """The count at which a warm-up's line would be 0."""
    start = curve.start or 0.0
    return -start * curve.top / (curve.peak - start) if curve.peak != start else -np.inf


def _close(name: str, a: object, b: object, peak: float) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        if name in ("top", "begin", "length"):
            return abs(a - b) < 1e-3 * max(1.0, 1e-4 * abs(a))
        scale = max(abs(a), abs(b)) if name in ("power", "peak") else abs(peak)
        return abs(a - b) <= 1e-7 * max(scale, 1e-300)
    return a == b


def _change(name: str, torch: Curve, jax: Curve) -> Change:
    convention, what = _FIELDS[name]
    a, b = _text(name, getattr(torch, name), torch), _text(name, getattr(jax, name), jax)
    sentence = f"{what[0].upper()}{what[1:]} is {a} in torch and {b} in JAX."
    return Change(convention, a, b, sentence, _mend(name, torch))


def _text(name: str, value: object, curve: Curve) -> str:
    if value is None:
        return "not there (no warm-up)" if name == "start" else "not seen"
    if name in ("start", "floor") and isinstance(value, float) and curve.peak:
        return f"{value / curve.peak:.6g} of the peak" if value else "0"
    if name == "climbs":
        return "another rise" if value else "a constant rate"
    if name == "shape":
        return str(curve)
    if isinstance(value, tuple):
        return ", ".join(f"{x:g}" for x in value[:6]) or "none"
    return f"{value:.8g}" if isinstance(value, float) else str(value)


def _mend(name: str, torch: Curve) -> str:
    value = getattr(torch, name)
    match name:
        case "peak":
            return f"peak_value={value:.8g}  # or learning_rate"
        case "start":
            if value is None:
                return "# without the warm-up"
            share = value / torch.peak
            return f"optax.linear_schedule({share:.8g} * peak, peak, {torch.top:g})"
        case "top":
            return f"warmup_steps={value:g}"
        case "length" | "begin":
            return f"decay_steps={torch.length or 0:g}  # beginning at count {torch.begin:g}"
        case "floor":
            return f"alpha={value / torch.peak:.8g}  # of optax.cosine_decay_schedule; elsewhere end_value={value:.8g}"
    return _TABLE


def _another(torch: np.ndarray, jax: np.ndarray, theirs: Curve | None, ours: Curve | None) -> Change:
    """Two schedules that no relation known here connects."""
    at = int(np.argmax(differ(torch, jax)))
    a, b = (str(curve) if curve else "a shape without a name here" for curve in (theirs, ours))
    sentence = f"The schedules differ from update {at} on ({torch[at]:.6g} in torch, {jax[at]:.6g} in JAX): {a}; {b}."
    return Change("schedule", a, b, sentence, _TABLE)


def after_end(torch: np.ndarray, jax: np.ndarray) -> Change | None:
    """Sequences that part only where one of them has come to its end."""
    apart = differ(torch, jax, SAME32)
    at = int(np.argmax(apart))
    if at < 3 or not apart.any():
        return None
    held = [
        np.ptp(r[at:]) <= SAME * np.max(np.abs(r)) and abs(r[at] - r[at - 1]) <= 0.05 * np.max(r) for r in (torch, jax)
    ]
    if held[0] == held[1] or np.ptp(torch[:at]) <= SAME * np.max(np.abs(torch)):
        return None  # what never moved has not come to an end
    a, b = ("stays the same" if one else "goes on changing" for one in held)
    sentence = f"Up to update {at} the rates are equal; from there torch's rate {a} and JAX's {b}."
    mend = f"learning_rate=lambda count: schedule(jnp.minimum(count, {at - 1}))"
    if not held[0]:
        mend = (
            "lrjax.CosineAnnealingLR(T_max).schedule(lr)  # lrjax's scheduler of torch's name goes on as torch's does"
        )
    return Change("after_end", a, b, sentence, mend)


def shape_of(rates: np.ndarray) -> str:
    """A sequence in words."""
    curve = describe(rates)
    if curve is None:
        return f"no shape with a name here; {rates[0]:.6g} at first, {np.max(rates):.6g} at most"
    return str(replace(curve, error=0.0))
