"""A sequence of rates, described: a warm-up, a decay, and what comes after."""

from dataclasses import dataclass, replace

import numpy as np

EXACT = 1e-9  # of the peak: the sequence is this curve


@dataclass(frozen=True)
class Curve:
    """What describes a sequence of rates. Counts are updates from 0; ``None``: there is none, or it was not seen."""

    peak: float
    start: float | None = None  # rate at count 0 of a linear warm-up; None: no warm-up
    top: float = 0.0  # the count at which the warm-up reaches the peak
    rise: str = "linear"  # or "cosine", as in one-cycle
    shape: str = "constant"  # of the decay; or linear, cosine, exponential, power, inverse square root, steps
    begin: float = 0.0  # the count at which the decay begins
    length: float | None = None  # of the decay, in counts; of exponential and inverse square root there is none
    floor: float = 0.0
    power: float = 1.0  # of "power"; of "exponential" the factor per count; of "steps" the factor per step
    stairs: tuple[float, ...] = ()  # of "steps": the counts at which the rate changes, as far as seen
    climbs: bool = False  # a cosine that goes on after its length
    beneath: bool = False  # the warm-up is a factor before the decay, which runs from the first count on
    error: float = np.inf  # the largest deviation, as a share of the peak

    def values(self, counts: np.ndarray) -> np.ndarray:
        """The rates at ``counts``."""
        t = np.asarray(counts, np.float64)
        out = self._decay(t)
        if self.beneath and self.start is not None:
            share = self.start / self.peak
            return out * np.where(t < self.top, share + (1 - share) * t / self.top, 1.0)
        if self.start is not None and self.top > 0:
            p = t / self.top
            p = p if self.rise == "linear" else (1 - np.cos(np.pi * np.clip(p, 0.0, 1.0))) / 2
            warm = self.start + (self.peak - self.start) * p
            out = np.where(t < self.top, warm, out)
        return out

    def _decay(self, t: np.ndarray) -> np.ndarray:
        x = np.maximum(t - self.begin, 0.0)
        match self.shape:
            case "linear" | "power":
                p = np.clip(x / (self.length or 1.0), 0.0, 1.0)
                return self.floor + (self.peak - self.floor) * (1 - p) ** self.power
            case "cosine":
                p = x / (self.length or 1.0)
                p = p if self.climbs else np.clip(p, 0.0, 1.0)
                return self.floor + (self.peak - self.floor) * (1 + np.cos(np.pi * p)) / 2
            case "exponential":
                return np.maximum(self.peak * self.power**x, self.floor)
            case "inverse square root":
                return self.peak * np.sqrt((self.length or 1.0) / (x + (self.length or 1.0)))
            case "steps":
                taken = np.sum(np.asarray(self.stairs)[:, None] <= t, axis=0) if self.stairs else np.zeros_like(t)
                return self.peak * self.power**taken
        return np.full_like(t, self.peak)

    def __str__(self) -> str:
        warm = ""
        if self.start is not None:
            warm = f"{self.rise} from {self.start:.6g} to {self.peak:.6g} at {self.top:.6g}, then "
        if self.beneath and self.start is not None:
            warm = f"a warm-up from {self.start / self.peak:.6g} to 1 at {self.top:.6g}, times: "
        match self.shape:
            case "constant":
                return f"{warm}constant {self.peak:.6g}"
            case "exponential":
                return f"{warm}{self.peak:.6g} times {self.power:.8g} at every count"
            case "inverse square root":
                zero = self.begin - (self.length or 0)
                return f"{warm}{self.peak:.6g} times sqrt({self.length:.6g} / (count - {zero:.6g}))"
            case "steps":
                at = ", ".join(f"{c:g}" for c in self.stairs[:6]) + (", ..." if len(self.stairs) > 6 else "")
                return f"{warm}{self.peak:.6g} times {self.power:.6g} at {at}"
        power = f" of power {self.power:.6g}" if self.shape == "power" else ""
        after = "climbs again" if self.climbs else f"stays at {self.floor:.6g}"
        end = f"{self.begin + (self.length or 0):.6g}"
        return (
            f"{warm}{self.shape}{power} from {self.peak:.6g} at {self.begin:.6g} to {self.floor:.6g} at {end}, {after}"
        )


def scored(curve: Curve, rates: np.ndarray) -> Curve:
    """The curve with its error against rates of the counts from 0 on."""
    with np.errstate(all="ignore"):
        away = np.abs(curve.values(np.arange(len(rates))) - rates)
    scale = np.max(np.abs(rates))
    return replace(curve, error=float(np.max(away) / scale) if np.isfinite(away).all() else np.inf)


def tidy(curve: Curve, rates: np.ndarray) -> Curve:
    """Numbers with as few digits as fit as well, integers before all."""
    error = scored(curve, rates).error
    if error > 1e-5:
        return curve
    for name in ("begin", "length", "top", "floor", "peak", "start", "power"):
        value = getattr(curve, name)
        if value is None or (name == "top" and curve.start is None):
            continue
        for digits in range(1, 8):
            rounded = float(round(value)) if digits == 1 and abs(value) >= 1 else float(f"{value:.{digits - 1}e}")
            if digits == 1 and abs(value) < {"floor": 1e-7 * curve.peak, "begin": 1e-6}.get(name, 0.0):
                rounded = 0.0
            trial = replace(curve, **{name: rounded})
            if (now := scored(trial, rates).error) <= max(2 * error, EXACT / 10):
                curve, error = trial, max(min(now, error), 1e-13)
                break
    return curve
