"""Bounds, and whether they hold: rates, updates, and the run as a whole."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from .digits import Weights
from .run import Record

# The same algorithm in float64 leaves only the rounding of matrix products, 1e-16 a step.
FLOAT64_BOUND = 1e-10
# In float32 the frameworks add up matrix products, exponentials and logarithms in different orders:
# 6e-8 a step, which 400 steps of training add up and carry along. A wrong algorithm moves more than 1e-2.
FLOAT32_BOUND = 1e-3


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
    equal = [np.sum(_bits(ours[path]) == _bits(theirs[path])) for path in theirs]
    apart = [np.abs(ours[path] - theirs[path]).reshape(len(theirs[path]), -1).max(axis=1) for path in theirs]
    return Updates(int(sum(equal)), sum(w.size for w in theirs.values()), np.max(apart, axis=0))


def _bits(x: np.ndarray) -> np.ndarray:
    return x.view({4: np.int32, 8: np.int64}[x.dtype.itemsize])


def relative_difference(ours: Weights, theirs: Weights) -> float:
    """The largest |a - b| / |b| over all single parameters; 0 / 0 is 0."""
    worst = 0.0
    for path, b in theirs.items():
        apart = np.abs(ours[path] - b)
        ratio = np.divide(apart, np.abs(b), out=np.where(apart > 0, np.inf, 0.0), where=b != 0)
        worst = np.max([worst, np.max(ratio)])  # np.max keeps a NaN, max() would lose it
    return float(worst)


def displacement_difference(ours: Record, theirs: Record) -> float:
    """Per tensor: the largest |a - b| over the largest way it moved from the start; the worst tensor."""
    ratios = []
    for path, b in theirs.end.items():
        moved = np.abs(b - theirs.start[path]).max()
        ratios.append(np.abs(ours.end[path] - b).max() / moved)
    return float(np.max(ratios))


def loss_difference(ours: Record, theirs: Record) -> np.ndarray:
    """|a - b| of the loss at each step, over the first loss of the run."""
    return np.abs(ours.losses() - theirs.losses()) / theirs.losses()[0]


def rate_line(subject: str, ours: Mapping[str, np.ndarray], theirs: Mapping[str, np.ndarray]) -> Line:
    """The rates of every step and group must be the same float32."""
    away = rate_ulps(ours, theirs)
    measured = f"largest difference {away.max():g} ulp at {len(away)} steps x {len(theirs)} groups"
    return Line("rates", subject, measured, "0 ulp", bool(away.max() == 0))


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


def run_lines(dtype: str, records: Mapping[str, Record]) -> list[Line]:
    """The whole run, pretraining included, each framework with its own gradients."""
    ours, theirs = records["JAX"], records["PyTorch"]
    if dtype == "float64":
        apart = relative_difference(ours.end, theirs.end)
        return [_bounded("float64", "final parameters: largest relative difference", apart, FLOAT64_BOUND)]
    moved, loss = displacement_difference(ours, theirs), loss_difference(ours, theirs).max()
    return [
        _bounded("float32", "final parameters: largest difference / largest displacement", moved, FLOAT32_BOUND),
        _bounded("float32", "loss curve: largest difference / first loss", loss, FLOAT32_BOUND),
    ]


def _bounded(dtype: str, what: str, value: float, bound: float) -> Line:
    return Line("whole run", dtype, f"{what} {value:.2g}", f"{bound:g}", bool(value <= bound))  # NaN is not within


def sentence(lines: Sequence[Line]) -> str:
    """The verdict in one sentence."""
    broken = [f"{line.section} of {line.subject}" for line in lines if not line.holds]
    if broken:
        return f"JAX and PyTorch DISAGREE: out of bounds: {'; '.join(broken)}."
    return f"JAX and PyTorch agree: all {len(lines)} comparisons are within their bounds."
