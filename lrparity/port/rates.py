"""Two sequences of rates, and what makes one the other."""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from .curve import Curve, describe

SAME = 1e-9  # of the largest rate: the same schedule, in float64
SAME32 = 2e-6  # the same schedule, one side computing in float32


class Change(NamedTuple):
    """One thing that must change in JAX's schedule."""

    convention: str
    torch: str
    jax: str
    sentence: str
    mend: str


def differ(torch: np.ndarray, jax: np.ndarray, within: float = SAME) -> np.ndarray:
    """Where two sequences differ, shape=(T,), bool; NaN differs from everything but NaN."""
    scale = max(float(np.nanmax(np.abs(torch), initial=0.0)), 1e-300)
    both_unknown = np.isnan(torch) & np.isnan(jax)
    with np.errstate(invalid="ignore"):
        return ~(np.abs(torch - jax) <= within * scale) & ~both_unknown


def explain(torch: np.ndarray, jax: np.ndarray, steps_per_update: int = 1) -> list[Change]:
    """The changes that make JAX's rates torch's; empty where they are the same.

    Args:
        torch: shape=(T,), float64.
        jax: the same.
        steps_per_update: micro-steps of an accumulation, which schedules sometimes count.
    """
    late = after_end(torch, jax)
    for within in (SAME, SAME32):
        if not differ(torch, jax, within).any():
            return []
        if late is None and (changes := _simple(torch, jax, steps_per_update, within)):
            return changes
    if late is not None:
        return [late]
    ours, theirs = describe(jax), describe(torch)
    changes = _between(theirs, ours) if ours is not None and theirs is not None else []
    if of_float32(jax) and all(one.convention == "schedule" for one in changes) and _near(torch, jax):
        return [_in_float32(torch, jax)]
    if changes:
        return changes
    return [_another(torch, jax, theirs, ours)]


def _simple(torch: np.ndarray, jax: np.ndarray, micro: int, within: float) -> list[Change]:
    """The same sequence with another base rate, shifted, or counted in other units; or two of these."""
    for relation in (_unchanged(torch, jax), _shifted(torch, jax), _units(torch, jax, micro)):
        for expected, seen, changes in relation:
            if len(seen) < (8 if changes else 3):
                continue  # too few to tell
            if changes and not differ(expected, seen, within).any():
                return changes
            if factor(expected, seen, within) is not None:
                return [*changes, _rate_change(expected, seen)]
    return []


def of_float32(rates: np.ndarray) -> bool:
    """Whether a schedule computes in float32 even in a float64 run: its rates are float32 numbers."""
    rates = rates[np.isfinite(rates) & (rates != 0)]
    if not rates.size or not np.ptp(rates):
        return False
    off = np.abs(rates - rates.astype(np.float32)) / np.abs(rates)
    return bool(np.quantile(off, 0.9) < 1e-12)


def _near(torch: np.ndarray, jax: np.ndarray) -> bool:
    with np.errstate(all="ignore"):
        return bool(np.nanmax(np.abs(jax / torch - 1)) < 1e-2)


def _in_float32(torch: np.ndarray, jax: np.ndarray) -> Change:
    with np.errstate(all="ignore"):
        size = float(np.nanmax(np.abs(jax / torch - 1)))
    text = (
        f"JAX computes the schedule in float32: within these {len(torch)} updates a rate is {size:.1g} of itself away."
    )
    mend = "lrjax.TableLR(lrtorch.tabulate(scheduler, num_steps)).schedule(lr)  # or lrjax's scheduler of torch's name"
    return Change("float32_schedule", "computed in float64", "computed in float32", text, mend)


def factor(expected: np.ndarray, seen: np.ndarray, within: float = SAME) -> float | None:
    """The number by which one sequence is the other, if there is one."""
    at = int(np.argmax(np.abs(expected)))
    if expected[at] == 0 or seen[at] == 0:
        return None
    found = float(seen[at] / expected[at])
    return found if not differ(expected * found, seen, within).any() else None


def _rate_change(torch: np.ndarray, jax: np.ndarray) -> Change:
    a, b = float(torch[np.argmax(np.abs(torch))]), float(jax[np.argmax(np.abs(torch))])
    sentence = f"JAX's rates are {b / a:.6g} times torch's at every step: another base rate."
    return Change("lr", f"{a:.6g}", f"{b:.6g}", sentence, f"learning_rate * {a / b:.8g}")


Relation = Iterable[tuple[np.ndarray, np.ndarray, list[Change]]]


def _unchanged(torch: np.ndarray, jax: np.ndarray) -> Relation:
    yield torch, jax, []


def _shifted(torch: np.ndarray, jax: np.ndarray) -> Relation:
    if np.ptp(torch) == 0:
        return
    for shift in (1, -1, 2, -2):
        n = abs(shift)
        early = shift > 0
        expected, seen = (torch[n:], jax[:-n]) if early else (torch[:-n], jax[n:])
        if np.ptp(expected) == 0:
            continue
        word = "early" if early else "late"
        many = "one update" if n == 1 else f"{n} updates"
        sentence = f"JAX's schedule is {many} {word}: its rate at count t is torch's at t {'+' if early else '-'} {n}."
        sign = "-" if early else "+"
        mend = f"learning_rate=lambda count: schedule(jnp.maximum(count {sign} {n}, 0))"
        yield (
            expected,
            seen,
            [Change("rate_shift", "at count t", f"at count t {'+' if early else '-'} {n}", sentence, mend)],
        )


def _units(torch: np.ndarray, jax: np.ndarray, micro: int) -> Relation:
    t = np.arange(len(torch))
    curves = describe(torch), describe(jax)  # a staircase beside its smooth curve is another shape, not another unit
    stairs = any(curve is not None and curve.shape == "steps" for curve in curves)
    for k in dict.fromkeys([micro, *range(2, max(3, len(torch) // 3))]):
        if k < 2:
            continue
        what = f"micro-steps ({k} an update)" if k == micro else f"units of {k} updates"
        fast = f"schedule runs {k} times as fast as"
        every = f"steps every {k} updates"
        few, held, last = len(torch[::k]), t // k * k, slice(k - 1, None, k)
        quick = f"JAX's {fast} torch's: it counts {what}."
        slow = f"torch's {fast} JAX's: it counts {what}."
        once = f"JAX's schedule is stepped once every {k} updates, torch's at every update."
        epochs = f"torch's schedule is stepped once every {k} updates (an epoch), JAX's at every update."
        counts, runs = "counts updates", f"runs {k} times as fast"
        update = "steps at every update"
        for expected, seen, values, text, mend in (
            (torch[::k], jax[:few], (counts, runs), quick, f"lambda count: schedule(count / {k})"),
            (torch[last], jax[: len(torch[last])], (counts, runs), quick, f"lambda count: schedule(count / {k})"),
            (torch[:few], jax[::k], (runs, counts), slow, f"lambda count: schedule(count * {k})"),
            (torch[t // k], jax, (update, every), once, "schedule"),
            (jax[t // k], torch, (every, update), epochs, f"lambda count: schedule(count // {k})"),
            *([] if stairs else [(torch[held], jax, (update, every), once, "schedule")]),
            *(
                []
                if stairs
                else [(jax[held], torch, (every, update), epochs, f"lambda count: schedule(count // {k} * {k})")]
            ),
        ):
            if np.ptp(expected) > 0 and np.ptp(seen) > 0 and not _far(expected[: 3 * k : k][:4], seen[: 3 * k : k][:4]):
                yield expected, seen, [Change("schedule_unit", *values, text, f"learning_rate={mend}")]


def _far(a: np.ndarray, b: np.ndarray) -> bool:
    """A first look, which spares the rest: no common factor in the first few rates."""
    if len(a) != len(b) or not np.any(a) or not np.any(b):
        return False
    return factor(a, b, SAME32) is None


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


def _between(torch: Curve, jax: Curve) -> list[Change]:
    """The fields in which two curves differ, put together where one convention moves several."""
    apart = {name for name in _FIELDS if not _close(name, getattr(torch, name), getattr(jax, name), torch.peak)}
    if torch.shape != jax.shape:
        apart -= {"begin", "length", "floor", "power", "stairs", "climbs"}
        if "constant" in (torch.shape, jax.shape):
            apart -= {"shape"} if apart - {"shape"} and False else set()
    if {"start", "top"} <= apart and torch.start is not None and jax.start is not None:
        if abs(torch.top - jax.top) <= 1 + 1e-6:
            apart -= {"top"}
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
    return "lrjax.TableLR(lrtorch.tabulate(scheduler, num_steps)).schedule(lr)"


def _another(torch: np.ndarray, jax: np.ndarray, theirs: Curve | None, ours: Curve | None) -> Change:
    """Two schedules that no relation known here connects."""
    at = int(np.argmax(differ(torch, jax)))
    a, b = (str(curve) if curve else "a shape without a name here" for curve in (theirs, ours))
    sentence = f"The schedules differ from update {at} on ({torch[at]:.6g} in torch, {jax[at]:.6g} in JAX): {a}; {b}."
    mend = "lrjax.TableLR(lrtorch.tabulate(scheduler, num_steps)).schedule(lr)"
    return Change("schedule", a, b, sentence, mend)


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
