"""timm's schedules without cycles: steps, a constant rate, and warm-up, stable, decay."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from ... import check
from ..curve import Curve
from ..named import named
from ..numbers import Number, Numbers
from ._timm_warm_up import no_noise, read_warm_up

Decay = Literal["linear", "1-sqrt", "cosine", "power", "exp"]


@named("timm")
def step(
    decay_t: float,
    decay_rate: float = 1.0,
    warmup_t: int = 0,
    warmup_lr_init: float = 0.0,
    warmup_prefix: bool = True,
    *,
    noise_range_t: None = None,
) -> Curve:
    """``step``: lr decay_rate**(t // decay_t) after a warm-up, for a group's rate lr.

    The warm-up is that of ``cosine``, but here a prefix is the class's default. (``create_scheduler`` has none.)
    Equal to timm 1.0.31's ``StepLRScheduler`` in every bit.

    Args:
        decay_t: counts between two drops, above 0.
        decay_rate: the factor of a drop, from 0 to 1.
        warmup_t: counts of the warm-up, an integer, at least 0.
        warmup_lr_init: the rate at count 0 of the warm-up, an absolute one.
        warmup_prefix: whether the steps begin after the warm-up.
        noise_range_t: None, see ``cosine``.

    Raises:
        ValueError: a number out of its range, noise.

    >>> [step(2, 0.5, warmup_t=2)(count) for count in range(7)]
    [0.0, 0.5, 1.0, 1.0, 0.5, 0.5, 0.25]
    """
    where = "timm.step"
    no_noise(where, "noise_range_t", noise_range_t)
    check.above(where, "decay_t", decay_t, 0)
    check.between(where, "decay_rate", decay_rate, 0, 1)
    warm_up = read_warm_up(where, warmup_t, warmup_lr_init, warmup_prefix)
    return warm_up.into(lambda m, t, base: base * decay_rate ** (t // decay_t))


@named("timm")
def multistep(
    decay_t: Sequence[int],
    decay_rate: float = 1.0,
    warmup_t: int = 0,
    warmup_lr_init: float = 0.0,
    warmup_prefix: bool = True,
    *,
    noise_range_t: None = None,
) -> Curve:
    """``multistep``: lr decay_rate**(how many of decay_t are t + 1 or less) after a warm-up, for a group's rate lr.

    A drop comes one count before torch's MultiStepLR makes it: timm keeps that for the sake of older runs.
    The warm-up is that of ``cosine``, but here a prefix is the class's default. (``create_scheduler`` has none.)
    Equal to timm 1.0.31's ``MultiStepLRScheduler`` in every bit.

    Args:
        decay_t: the counts at which the rate has dropped for one count, integers, at least 1, not decreasing.
        decay_rate: the factor of a drop, from 0 to 1.
        warmup_t: counts of the warm-up, an integer, at least 0.
        warmup_lr_init: the rate at count 0 of the warm-up, an absolute one.
        warmup_prefix: whether the counts begin after the warm-up.
        noise_range_t: None, see ``cosine``.

    Raises:
        TypeError: drops that are no list.
        ValueError: a number out of its range, noise.

    >>> [multistep([2, 4], 0.5)(count) for count in range(5)]
    [1.0, 0.5, 0.5, 0.25, 0.25]
    """
    where = "timm.multistep"
    no_noise(where, "noise_range_t", noise_range_t)
    if not isinstance(decay_t, list | tuple):
        check.fail(where, "decay_t", "must be a list of integers", decay_t, TypeError)
    drops = [check.integer(where, f"decay_t[{i}]", drop, 1) for i, drop in enumerate(decay_t)]
    if not drops or any(a > b for a, b in pairwise(drops)):
        check.fail(where, "decay_t", "must be one count at least, and none before the one that it follows", decay_t)
    check.between(where, "decay_rate", decay_rate, 0, 1)
    warm_up = read_warm_up(where, warmup_t, warmup_lr_init, warmup_prefix)
    return warm_up.into(lambda m, t, base: base * decay_rate ** m.passed(drops, t + 1))


@named("timm")
def constant(warmup_t: int = 0, warmup_lr_init: float = 0.0, *, noise_range_t: None = None) -> Curve:
    """``constant``: the group's rate after a warm-up, that of ``cosine``.

    Equal to what timm 1.0.31's ``create_scheduler`` makes of "constant", in every bit.

    Args:
        warmup_t: counts of the warm-up, an integer, at least 0.
        warmup_lr_init: the rate at count 0 of the warm-up, an absolute one.
        noise_range_t: None, see ``cosine``.

    Raises:
        ValueError: a number out of its range, noise.

    >>> [constant(2)(count) for count in range(4)]
    [0.0, 0.5, 1.0, 1.0]
    """
    no_noise("timm.constant", "noise_range_t", noise_range_t)
    return read_warm_up("timm.constant", warmup_t, warmup_lr_init, True).into(lambda m, t, base: base)


@named("timm")
def wsd(
    t_initial: int,
    decay_t: int,
    lr_min: float = 0.0,
    stable_fn: Literal["constant", "rsqrt", "power"] = "constant",
    stable_timescale: float | None = None,
    stable_power: float = 0.5,
    decay_fn: Decay = "1-sqrt",
    decay_power: float = 0.5,
    decay_ratio: float = 0.1,
    warmup_t: int = 0,
    warmup_lr_init: float = 0.0,
    *,
    noise_range_t: None = None,
) -> Curve:
    """``wsd``: a warm-up, a stable part, and a decay to the rate ``lr_min``.

    For t counts after the warm-up, a group's rate lr, p = (t - (t_initial - decay_t)) / decay_t between 0 and 1, and
    r = decay_ratio::

        s = max(lr stable(t), lr_min)
        lr_min + (s - lr_min) decay(p)

        stable(t)   "constant"  1
                    "rsqrt"     (1 + t / stable_timescale)**-0.5
                    "power"     (1 + t / stable_timescale)**-stable_power
        decay(p)    "linear"    1 - p
                    "1-sqrt"    1 - sqrt(p)
                    "cosine"    0.5 (1 + cos(pi p))
                    "power"     1 - p**decay_power
                    "exp"       (r**p - r) / (1 - r)

    The warm-up always comes before the t_initial counts, and is that of ``cosine``. The last count of the run has not
    reached lr_min, which is held from the next one on.
    Equal to timm 1.0.31's ``WSDLRScheduler`` in every bit.

    Args:
        t_initial: counts of the stable part and the decay, an integer, at least 1.
        decay_t: counts of the decay, an integer, from 1 to t_initial.
        lr_min: the lowest rate, an absolute one, at least 0.
        stable_fn: "constant", "rsqrt" or "power".
        stable_timescale: counts, above 0; None: warmup_t.
        stable_power: an exponent, above 0.
        decay_fn: "linear", "1-sqrt", "cosine", "power" or "exp"; for a function of your own use ``formula``.
        decay_power: an exponent, above 0.
        decay_ratio: the share that "exp" would decay to if it were not stretched down to lr_min, between 0 and 1.
        warmup_t: counts of the warm-up, an integer, at least 0.
        warmup_lr_init: the rate at count 0 of the warm-up, an absolute one.
        noise_range_t: None, see ``cosine``.

    Raises:
        ValueError: a number out of its range, another name, a stable part that needs a timescale, noise.

    >>> [wsd(6, 4, warmup_t=2)(count) for count in (0, 1, 2, 4, 5, 8)]
    [0.0, 0.5, 1.0, 1.0, 0.5, 0.0]
    """
    where = "timm.wsd"
    no_noise(where, "noise_range_t", noise_range_t)
    check.integer(where, "t_initial", t_initial, 1)
    if check.integer(where, "decay_t", decay_t, 1) > t_initial:
        check.fail(where, "decay_t", f"must be at most t_initial, {t_initial}", decay_t)
    check.rate_of(where, "lr_min", lr_min)
    check.one_of(where, "stable_fn", stable_fn, ("constant", "rsqrt", "power"))
    check.one_of(where, "decay_fn", decay_fn, ("linear", "1-sqrt", "cosine", "power", "exp"))
    check.above(where, "stable_power", stable_power, 0)
    check.above(where, "decay_power", decay_power, 0)
    r = check.between(where, "decay_ratio", decay_ratio, 0, 1, ends="()")
    scale = _timescale(where, stable_timescale, warmup_t) if stable_fn != "constant" else 1
    exponent = 0.5 if stable_fn == "rsqrt" else stable_power

    def decay(m: Numbers, p: Number) -> Number:
        shapes = {
            "linear": lambda: 1.0 - p,
            "1-sqrt": lambda: 1.0 - m.sqrt(p),
            "cosine": lambda: 0.5 * (1.0 + m.cos(math.pi * p)),
            "power": lambda: 1.0 - p**decay_power,
            "exp": lambda: (r**p - r) / (1.0 - r),
        }
        return shapes[decay_fn]()

    def value(m: Numbers, t: Number, base: Number) -> Number:
        s = base if stable_fn == "constant" else base * (1.0 + t / scale) ** -exponent
        s = m.maximum(s, lr_min)
        t_decay = t - (t_initial - decay_t)
        p = m.minimum(m.maximum(t_decay, 0) / decay_t, 1.0)
        return m.where(t_decay <= 0, lambda: s, lambda: lr_min + (s - lr_min) * decay(m, p))

    return read_warm_up(where, warmup_t, warmup_lr_init, True).into(value)


def _timescale(where: str, stable_timescale: float | None, warmup_t: int) -> float:
    if stable_timescale is None and warmup_t == 0:
        check.fail(where, "stable_timescale", "must be given where there is no warm-up to take it from", None)
    scale = warmup_t if stable_timescale is None else stable_timescale
    check.above(where, "stable_timescale", scale, 0)
    return scale


@named("timm")
def rsqrt(
    t_initial: int,
    decay_t: int,
    lr_min: float = 0.0,
    stable_timescale: float | None = None,
    decay_fn: Decay = "linear",
    warmup_t: int = 0,
    warmup_lr_init: float = 0.0,
    *,
    noise_range_t: None = None,
) -> Curve:
    """``rsqrt``: ``wsd`` whose stable part falls with the inverse square root, and whose decay is linear.

    With the timescale of the warm-up it is Big Vision's schedule with a cool-down.
    Equal to what timm 1.0.31's ``create_scheduler`` makes of "rsqrt", in every bit.

    Args:
        t_initial: counts of the stable part and the decay, an integer, at least 1.
        decay_t: counts of the decay, an integer, from 1 to t_initial.
        lr_min: the lowest rate, an absolute one, at least 0.
        stable_timescale: counts until the rate is 1 / sqrt(2) of the group's, above 0; None: warmup_t.
        decay_fn: as in ``wsd``.
        warmup_t: counts of the warm-up, an integer, at least 0.
        warmup_lr_init: the rate at count 0 of the warm-up, an absolute one.
        noise_range_t: None, see ``cosine``.

    Raises:
        ValueError: a number out of its range, another name, no timescale and no warm-up, noise.

    >>> [rsqrt(16, 4, warmup_t=1)(count) for count in (0, 1, 4, 17)]
    [0.0, 1.0, 0.5, 0.0]
    """
    no_noise("timm.rsqrt", "noise_range_t", noise_range_t)
    more = {"stable_timescale": stable_timescale, "warmup_t": warmup_t, "warmup_lr_init": warmup_lr_init}
    return wsd(t_initial, decay_t, lr_min, "rsqrt", decay_fn=decay_fn, **more)
