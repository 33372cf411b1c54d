"""What timm's schedules share: the warm-up, the first count, the cycles, and the checks of their arguments."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from ... import check
from ..curve import Curve, formula
from ..moved import LONGEST
from ..numbers import Number, Numbers

Value = Callable[[Numbers, Number, Number], Number]  # (m, t, base) -> rate


class WarmUp(NamedTuple):
    """t counts from a rate to the group's own."""

    steps: int
    rate: float
    prefix: bool

    def into(self, value: Value, target: Callable[[Number], Number] = lambda base: base) -> Curve:
        """A curve that begins with the warm-up, or without one with the group's own rate, as the constructor sets it.

        Args:
            value: the schedule itself; behind a prefix it counts from 0, else it has run from the start.
            target: of the group's rate, where the warm-up goes to.
        """
        w, start, prefix = self

        def rate(m: Numbers, t: Number, base: Number) -> Number:
            if not w:
                return m.where(t == 0, lambda: base, lambda: value(m, t, base))
            inside = m.maximum(t - w, 0) if prefix else t
            return m.where(t < w, lambda: start + t * ((target(base) - start) / w), lambda: value(m, inside, base))

        return formula(rate, relative=False)


def read_warm_up(where: str, warmup_t: Any, warmup_lr_init: Any, prefix: Any, length: float | None = None) -> WarmUp:
    """The warm-up's arguments, checked; it must end before the schedule does, unless it comes before it."""
    w = check.integer(where, "warmup_t", warmup_t, 0)
    if not check.flag(where, "warmup_prefix", prefix) and length is not None and w >= length:
        rule = (
            f"must be below {length}, the length of the schedule, or a prefix (the original jumps to lr_min after it)"
        )
        check.fail(where, "warmup_t", rule, w)
    check.rate_of(where, "warmup_lr_init", warmup_lr_init)
    return WarmUp(w, warmup_lr_init, bool(prefix))


def no_noise(where: str, name: str, noise: Any) -> None:
    """Raise for timm's noise."""
    if noise is not None:
        rule = "must be left out: torch's random numbers are no curve, but tabulate makes a table of them (for TableLR)"
        check.fail(where, name, rule, noise)


class Cycles(NamedTuple):
    """Cycles of T counts, each ``mul`` times as long as the one before."""

    length: int
    mul: float
    decay: float
    limit: int
    lr_min: float
    restarts: tuple[float, ...]

    def total(self) -> int:
        """timm's ``get_cycle_length``, without a prefix."""
        if self.mul == 1.0:
            return self.length * self.limit
        return math.floor(-self.length * (self.mul**self.limit - 1) / (1 - self.mul))

    def value(self, m: Numbers, t: Number, base: Number, shape: Callable[..., Number]) -> Number:
        """lr_min where all cycles are over, else ``shape(lr_max, t_curr, t_i)``."""
        if self.mul == 1:
            i = m.minimum(t // self.length, self.limit)
            t_i, t_curr = self.length, t - (self.length * i)
        else:
            i = m.passed(self.restarts, t)
            t_i = self.mul**i * self.length
            t_curr = t - (1 - self.mul**i) / (1 - self.mul) * self.length
        return m.where(i < self.limit, lambda: shape(base * self.decay**i, t_curr, t_i), lambda: self.lr_min)


def read_cycles(
    where: str, t_initial: Any, lr_min: Any, cycle_mul: Any, cycle_decay: Any, cycle_limit: Any, noise_range_t: Any
) -> Cycles:
    """What all schedules in cycles take, checked."""
    no_noise(where, "noise_range_t", noise_range_t)
    length = check.integer(where, "t_initial", t_initial, 1)
    limit = check.integer(where, "cycle_limit", cycle_limit, 1)
    check.at_least(where, "cycle_decay", cycle_decay, 0)
    check.number(where, "cycle_mul", cycle_mul)
    if cycle_mul < 1:
        rule = "must be at least 1 (cycles that shrink have an end, where the original takes a logarithm of 0)"
        check.fail(where, "cycle_mul", rule, cycle_mul)
    check.rate_of(where, "lr_min", lr_min)
    restarts = () if cycle_mul == 1 else _restarts(length, cycle_mul, limit)
    return Cycles(length, cycle_mul, cycle_decay, limit, lr_min, restarts)


def _restarts(length: int, mul: float, limit: int) -> tuple[float, ...]:
    """Where the cycles after the first begin, as timm's logarithm rounds it: a count early or late here and there."""
    starts: list[float] = []
    while len(starts) < limit and (not starts or starts[-1] < LONGEST):
        k = len(starts) + 1
        start = (1 - mul**k) / (1 - mul) * length
        near = range(max(1, math.ceil(start) - 2), math.ceil(start) + 3)
        first = next((t for t in near if math.floor(math.log(1 - t / length * (1 - mul), mul)) >= k), near[-1])
        starts.append(start if first == math.ceil(start) else first)
    return tuple(starts)
