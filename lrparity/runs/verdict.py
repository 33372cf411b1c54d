"""Whether the bounds hold: rates, updates, and the run as a whole."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from .bits import bits
from .bounds import FLOAT64_BOUND
from .records import Record, Weights


class Line(NamedTuple):
    """One comparison: what was measured, and whether it is within its bound."""

    section: str
    subject: str
    measured: str
    bound: str
    holds: bool
    aside: str = ""  # what is reported beside it, without a bound


class Updates(NamedTuple):
    """How two replays of the same gradients compare, over all steps."""

    equal: int  # values with equal bits
    values: int
    per_step: np.ndarray  # shape=(steps,): the largest difference


def ulps(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Distance in units of the last place of float32, after rounding both to it; NaN is infinitely far.

    >>> ulps(np.array([1.0, 1.0, -0.0]), np.array([1.0, 1 + 2**-22, 0.0])).tolist()
    [0.0, 2.0, 0.0]
    """
    a, b = np.asarray(a, np.float32), np.asarray(b, np.float32)
    with np.errstate(invalid="ignore"):
        away = np.abs(_ordered(a) - _ordered(b)).astype(np.float64)
    return np.where(np.isnan(a) | np.isnan(b), np.inf, away)


def _ordered(x: np.ndarray) -> np.ndarray:
    """Integers in the order of the numbers, one apart for neighbours."""
    bits = x.view(np.int32).astype(np.int64)
    return np.where(bits < 0, -(bits & 0x7FFFFFFF), bits)


def rate_ulps(ours: Mapping[str, np.ndarray], theirs: Mapping[str, np.ndarray]) -> np.ndarray:
    """The largest difference of any group's rate at each step, in float32 ulp, shape=(steps,)."""
    if set(ours) != set(theirs):
        raise ValueError(f"rate_ulps: ours and theirs must have the same groups, got {sorted(ours)}, {sorted(theirs)}")
    return np.max([ulps(ours[name], theirs[name]) for name in theirs], axis=0)


def compare_updates(ours: Weights, theirs: Weights) -> Updates:
    """The parameters after every step, bit by bit. Shapes are (steps, ...)."""
    equal = [np.sum(bits(ours[path]) == bits(theirs[path])) for path in theirs]
    apart = [np.abs(ours[path] - theirs[path]).reshape(len(theirs[path]), -1).max(axis=1) for path in theirs]
    return Updates(int(sum(equal)), sum(w.size for w in theirs.values()), np.max(apart, axis=0))


def relative_difference(ours: Weights, theirs: Weights) -> float:
    """Per tensor: the largest |a - b| over the largest |b|; the worst tensor."""
    return _worst(np.abs(ours[path] - b).max() / np.abs(b).max() for path, b in theirs.items())


def relative_difference_of_each(ours: Weights, theirs: Weights) -> float:
    """The largest |a - b| / |b| of any single parameter; one that nearly vanishes has few digits to agree in."""
    return _worst(np.max(np.abs(ours[path] - b) / np.maximum(np.abs(b), _TINY)) for path, b in theirs.items())


_TINY = np.finfo(np.float32).tiny  # 0 / 0 is 0


def displacement_difference(ours: Record, theirs: Record) -> float:
    """Per tensor: the length of a - b over the length of the way from the start to b; the worst tensor."""
    return _worst(
        np.linalg.norm(ours.end[path] - b) / np.linalg.norm(b - theirs.start[path]) for path, b in theirs.end.items()
    )


def _worst(values: Iterable[Any]) -> float:
    return float(np.max(list(values)))  # unlike max(), np.max keeps a NaN


def loss_difference(ours: Record, theirs: Record) -> np.ndarray:
    """|a - b| of the loss at each step, over the first loss of the run."""
    return np.abs(ours.losses() - theirs.losses()) / theirs.losses()[0]


def rate_line(subject: str, ours: Mapping[str, np.ndarray], theirs: Mapping[str, np.ndarray]) -> Line:
    """The rates of every step and group must be the same float32."""
    away = rate_ulps(ours, theirs)
    before = relative_difference_of_each(dict(ours), dict(theirs))
    measured = f"largest difference {away.max():g} ulp at {len(away)} steps x {len(theirs)} groups"
    aside = f"in float64, before rounding: largest relative difference {before:.2g}" if before > 0 else ""
    return Line("rates", subject, measured, "0 ulp", bool(away.max() == 0), aside)


def update_line(subject: str, oracle: Updates, plain: Updates) -> Line:
    """The parameters after every step must have the same bits as the oracle's."""
    measured = f"{_share(oracle)} of {oracle.values:,} values equal in every bit, {_largest(oracle)}"
    aside = f"plain PyTorch, with its own square root: {_share(plain)} equal, {_largest(plain)}"
    return Line("updates", subject, measured, "100 %", oracle.equal == oracle.values, aside)


def _share(updates: Updates) -> str:
    if updates.equal == updates.values:
        return "100 %"
    return f"{min(100 * updates.equal / updates.values, 99.9999):.4f} %"  # never rounded up to 100 %


def _largest(updates: Updates) -> str:
    return f"largest difference {updates.per_step.max():.2g}"


def run_lines(dtype: str, records: Mapping[str, Record], float32_bound: float) -> list[Line]:
    """The whole run, pretraining included, each framework with its own gradients."""
    ours, theirs = records["JAX"], records["PyTorch"]
    if dtype == "float64":
        apart = relative_difference(ours.end, theirs.end)
        each = relative_difference_of_each(ours.end, theirs.end)
        line = _bounded("float64", "final parameters: largest relative difference", apart, FLOAT64_BOUND)
        return [line._replace(aside=f"of any single parameter, relative to itself: {each:.2g}")]
    moved, loss = displacement_difference(ours, theirs), loss_difference(ours, theirs).max()
    return [
        _bounded("float32", "final parameters: difference / displacement", moved, float32_bound),
        _bounded("float32", "loss curve: largest difference / first loss", loss, float32_bound),
    ]


def _bounded(dtype: str, what: str, value: float, bound: float) -> Line:
    return Line("whole run", dtype, f"{what} {value:.2g}", f"{bound:g}", bool(value <= bound))  # NaN is not within


def sentence(lines: Sequence[Line]) -> str:
    """The verdict in one sentence."""
    broken = [f"{line.section} of {line.subject}" for line in lines if not line.holds]
    if broken:
        return f"JAX and PyTorch DISAGREE: out of bounds: {'; '.join(broken)}."
    return f"JAX and PyTorch agree: all {len(lines)} comparisons are within their bounds."
