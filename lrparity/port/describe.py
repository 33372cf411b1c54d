"""Rates, described: the curve that they are, found by trying warm-ups and decays from the plainest on."""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.optimize import least_squares

from .curve import EXACT, Curve, scored, tidy


def describe(rates: np.ndarray) -> Curve | None:
    """The curve of a sequence, shape=(T,); None where none of these fits."""
    rates = np.asarray(rates, np.float64)
    if not len(rates) or not np.isfinite(rates).all() or not rates.any():
        return None
    peak = float(np.max(np.abs(rates)))
    rough = _described(np.round(rates / peak, 14).tobytes())
    if rough is None:
        return None
    start = None if rough.start is None else rough.start * peak
    whole = replace(rough, peak=rough.peak * peak, floor=rough.floor * peak, start=start)
    return scored(tidy(whole, rates), rates)


@lru_cache(maxsize=256)
def _described(normed: bytes) -> Curve | None:
    """The curve of rates over their largest: groups whose rates differ by a factor share it."""
    rates = np.frombuffer(normed)
    found = []
    for curve in _candidates(rates):
        found += [curve] if curve.error < 1e-5 else []
        if curve.error <= EXACT:
            break  # what comes later is not plainer
    if not found:
        return None
    best = min(curve.error for curve in found)
    return next(curve for curve in found if curve.error <= max(3 * best, EXACT))


def _with_cosine_rise(rates: np.ndarray) -> Iterable[Curve]:
    """One-cycle's way up, half a cosine; then a decay."""
    top = int(np.argmax(rates))
    if top < 3 or top > len(rates) - 4:
        return
    start, used = float(rates[0]), np.arange(top + 1)

    def residual(x: np.ndarray) -> np.ndarray:
        p = np.clip(used / max(x[0], 1.0), 0.0, 1.0)
        return (start + (x[1] * rates[top] - start) * (1 - np.cos(np.pi * p)) / 2 - rates[: top + 1]) / rates[top]

    x = least_squares(residual, [float(top), 1.0], xtol=1e-15, ftol=1e-15, gtol=1e-15, x_scale="jac").x
    for decay in _decays(rates[top:], top):
        peak = float(x[1]) * rates[top]
        yield scored(tidy(replace(decay, peak=peak, start=start, top=float(x[0]), rise="cosine"), rates), rates)


class _Parts(NamedTuple):
    """A rising part, and the rest."""

    start: float | None
    slope: float
    rest: int  # the first count of the rest


def _candidates(rates: np.ndarray) -> Iterable[Curve]:
    """Curves from the plainest on."""
    parts = _split(rates)
    rest = rates[parts.rest :]
    if len(rest) == 0:
        return
    if parts.start is None and len(rates) > 4 and rates[1] > rates[0]:
        yield from _beneath(rates)
        yield from _with_cosine_rise(rates)
    for decay in _decays(rest, parts.rest):
        for whole in _with_warm_up(decay, parts):
            yield scored(tidy(whole, rates), rates)


def _beneath(rates: np.ndarray) -> Iterable[Curve]:
    """A decay times a linear warm-up, as ``ChainedScheduler`` makes it: the bend shows where the warm-up ends."""
    bends = np.abs(np.diff(rates, 2))
    top = int(np.argmax(bends)) + 1
    if top < 2 or top > len(rates) - 8 or bends[top - 1] < 3 * np.max(np.delete(bends, top - 1)):
        return
    for decay in _decays(rates[top:], top):
        whole = _from_the_first(decay)
        with np.errstate(all="ignore"):
            share = rates[:top] / whole.values(np.arange(top))
        slope = (share[-1] - share[0]) / (top - 1)
        if slope > 0 and np.max(np.abs(share - share[0] - slope * np.arange(top))) < 1e-6:
            start, end = share[0] * whole.peak, (1 - share[0]) / slope
            yield scored(tidy(replace(whole, start=float(start), top=float(end), beneath=True), rates), rates)


def _from_the_first(decay: Curve) -> Curve:
    """A decay seen from some count on, as it was from count 0 on."""
    length = decay.length or 1.0
    match decay.shape:
        case "exponential":
            return replace(decay, peak=decay.peak * decay.power**-decay.begin, begin=0.0)
        case "linear" | "power":
            whole = length + decay.begin
            peak = decay.floor + (decay.peak - decay.floor) * (whole / length) ** decay.power
            return replace(decay, peak=peak, begin=0.0, length=whole)
        case "inverse square root" if length > decay.begin:
            whole = length - decay.begin
            return replace(decay, peak=decay.peak * np.sqrt(length / whole), begin=0.0, length=whole)
    return decay


def _split(rates: np.ndarray) -> _Parts:
    """A linear rise from count 0, if there is one."""
    if len(rates) < 3 or rates[1] <= rates[0]:
        return _Parts(None, 0.0, 0)
    slope, rest = (rates[2] - rates[0]) / 2, 0
    for within in (2e-5, 1e-6):  # the first three rates may be those of float32: then the slope is not exact
        off = np.abs(rates[0] + slope * np.arange(len(rates)) - rates) > within * np.max(np.abs(rates))
        rest = int(np.argmax(off)) if off.any() else len(rates) - 1
        if rest < 2:
            return _Parts(None, 0.0, 0)
        slope = (rates[rest - 1] - rates[0]) / (rest - 1)
    return _Parts(float(rates[0]), float(slope), rest - 1)


def _with_warm_up(decay: Curve, parts: _Parts) -> Iterable[Curve]:
    """The decay after the rise: the rise ends where its line meets the peak."""
    if parts.start is None:
        yield decay
        return
    yield replace(decay, start=parts.start, top=(decay.peak - parts.start) / parts.slope)


def _decays(rest: np.ndarray, at: int) -> Iterable[Curve]:
    t = np.arange(at, at + len(rest), dtype=np.float64)
    peak = float(rest.max())
    if np.ptp(rest) <= 1e-9 * abs(peak):
        yield Curve(peak, begin=float(at))
        return
    yield from _stairs(rest, t)
    yield from _fitted_decays(rest, t, peak)


def _stairs(rest: np.ndarray, t: np.ndarray) -> Iterable[Curve]:
    """Constant pieces, each the one before times the same factor."""
    changes = np.flatnonzero(np.abs(np.diff(rest)) > 1e-9 * np.max(np.abs(rest))) + 1
    if 0 < len(changes) <= len(rest) // 2 and rest[0] != 0:
        factors = rest[changes] / rest[changes - 1]
        if np.ptp(factors) < 1e-6 * np.max(np.abs(factors)):
            factor = float(np.median(factors))
            yield Curve(
                float(rest[0]), shape="steps", begin=float(t[0]), power=factor, stairs=tuple(t[changes].tolist())
            )


def _fitted_decays(rest: np.ndarray, t: np.ndarray, peak: float) -> Iterable[Curve]:
    """Shapes by a fit to what is left of the peak and right of it, up to where the rate stays or climbs."""
    moving = np.flatnonzero(np.abs(np.diff(rest)) > 1e-12 * peak)
    first, last = int(moving[0]), int(moving[-1]) + 1
    lowest = int(np.argmin(rest))
    ended = last < len(rest) - 1 or (0 < lowest < len(rest) - 1)
    floor = float(rest.min())
    begin = float(t[first])
    length = float(t[lowest] - begin) if ended else None
    yield from _exponential(rest, t)
    lengths = [length] if length else [len(rest) * k for k in (1.0, 1.1, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0)]
    floors = [floor] if ended else [0.0, floor / 2, 0.1 * peak]
    stop = lowest + 1 if ended else len(rest)
    for shape in ("linear", "cosine", "power", "inverse square root"):
        curve = _best_fit(shape, rest, t, first, stop, peak, begin, lengths, floors)
        if curve is not None:
            yield replace(curve, climbs=False)
            if shape == "cosine":
                yield replace(curve, climbs=True)


def _exponential(rest: np.ndarray, t: np.ndarray) -> Iterable[Curve]:
    if (rest > 0).all():
        ratio = rest[1:] / rest[:-1]
        factor = float(np.exp(np.mean(np.log(ratio[: max(1, len(ratio) // 2)]))))
        yield Curve(float(rest[0]), shape="exponential", begin=float(t[0]), power=factor)
        moved = np.flatnonzero(np.abs(ratio - 1) < 1e-12)
        if len(moved) and moved[0] > 2:  # down to a floor
            factor = float(np.exp(np.mean(np.log(ratio[: moved[0] - 1]))))
            yield Curve(float(rest[0]), shape="exponential", begin=float(t[0]), power=factor, floor=float(rest[-1]))


def _best_fit(
    shape: str, rest: np.ndarray, t: np.ndarray, first: int, stop: int, peak: float, begin: float,
    lengths: list[float], floors: list[float],
) -> Curve | None:  # fmt: skip
    """Least squares over begin, length, floor, peak and power."""
    used, wanted = t[first:stop], rest[first:stop] / peak
    if len(used) < 4:
        return None
    thin = np.unique(np.linspace(0, len(used) - 1, 200).astype(int))
    used, wanted = used[thin], wanted[thin]

    def curve_of(x: np.ndarray) -> Curve:
        power = float(np.exp(x[4])) if len(x) > 4 else 1.0
        begin, length, floor, peak = float(x[0]), float(np.exp(x[1])), float(x[2]), float(x[3])
        return Curve(peak, shape=shape, begin=begin, length=length, floor=floor, power=power, climbs=True)

    def residual(x: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return np.nan_to_num(curve_of(x).values(used) - wanted, nan=10.0, posinf=10.0, neginf=-10.0)

    def solved(x0: list[float], free: list[int], within: float, trials: int) -> tuple[float, np.ndarray]:
        solution = least_squares(
            lambda y: residual(_filled(x0, free, y)), [x0[i] for i in free],
            xtol=within, ftol=within, gtol=within, max_nfev=trials, x_scale="jac",
        )  # fmt: skip
        x = _filled(x0, free, solution.x)
        return float(np.max(np.abs(residual(x)))), x

    best: tuple[float, np.ndarray] | None = None
    for length in lengths:
        for floor in floors:
            x0 = [begin, np.log(max(length, 1.0)), floor / peak, 1.0] + ([np.log(0.9)] if shape == "power" else [])
            for free in _freed(shape, floor):
                found = solved(x0, free, 1e-4, 30)
                if found[0] < 3e-3:  # else it is another shape, and no digits make it this one
                    found = solved(found[1].tolist(), free, 1e-15, 200)
                if best is None or found[0] < best[0]:
                    best = found
                if best[0] < EXACT / 100:
                    break  # with what is free as it is, the plainest
            if best is not None and best[0] < 1e-12:
                break
    assert best is not None
    curve = curve_of(best[1])
    return replace(curve, peak=curve.peak * peak, floor=curve.floor * peak, climbs=False)


# Which of begin, length, floor, peak and power are fitted. A line has two degrees of freedom: its floor and its end are
# one; so has the inverse root.
_FREE = {"linear": [1], "inverse square root": [1, 3], "cosine": [0, 1, 2, 3], "power": [1, 2, 4]}


def _freed(shape: str, floor: float) -> list[list[int]]:
    """What is fitted, the floor last: beside length and power it is hardly seen where the decay has not ended."""
    free = _FREE[shape]
    return [free] if floor or 2 not in free else [[i for i in free if i != 2], free]


def _filled(x0: list[float], free: list[int], y: np.ndarray) -> np.ndarray:
    x = np.array(x0, np.float64)
    x[free] = y
    return x
