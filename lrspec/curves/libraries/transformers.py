"""The curves of Hugging Face's transformers (``src/transformers/optimization.py``, 5.23.0), under its own names.

There each is a LambdaLR of the number of updates so far, so levels are multiples of the group's rate, the first rate
of a warm-up is 0 unless said otherwise, and a rate set by hand lasts until the next step. ``get_scheduler`` makes one
by its name, as a Trainer's ``lr_scheduler_type`` has it. GreedyLR, which follows a metric, is a scheduler of its own.
"""

import inspect
import math
from collections.abc import Mapping
from typing import Any

from ... import check
from ...habits import meant
from ..combined import sequence
from ..curve import Curve, formula
from ..held import const
from ..named import named
from ._transformers_lengths import run, warm_up
from ._transformers_minimum import cosine_warmup_with_min_lr as cosine_warmup_with_min_lr
from ._transformers_minimum import cosine_with_min_lr as cosine_with_min_lr
from ._transformers_minimum import polynomial as polynomial
from ._transformers_minimum import warmup_stable_decay as warmup_stable_decay


@named("transformers")
def constant() -> Curve:
    """``constant``: the group's own rate throughout.

    Equal to transformers' ``get_constant_schedule`` in every bit.

    >>> constant()(1000, base=0.5)
    0.5
    """
    return const(1.0)


@named("transformers")
def constant_with_warmup(num_warmup_steps: int) -> Curve:
    """``constant_with_warmup``: up from 0 to 1, and then 1.

    With W = num_warmup_steps::

        t / W       for t < W
        1           from then on

    Equal to transformers' ``get_constant_schedule_with_warmup`` in every bit.

    Args:
        num_warmup_steps: W, an integer, at least 0.

    Raises:
        ValueError: a number out of its range.

    >>> [constant_with_warmup(2)(count) for count in range(4)]
    [0.0, 0.5, 1.0, 1.0]
    """
    rise = warm_up("transformers.constant_with_warmup", num_warmup_steps)
    return sequence(*rise, const(1.0))


@named("transformers")
def linear(num_warmup_steps: int, num_training_steps: int) -> Curve:
    """``linear``: up from 0 to 1, and down to 0 at the end of the run.

    With W = num_warmup_steps and N = num_training_steps::

        t / W                   for t < W
        (N - t) / (N - W)       until N, then 0

    Equal to transformers' ``get_linear_schedule_with_warmup`` in every bit.

    Args:
        num_warmup_steps: W, an integer, at least 0.
        num_training_steps: N, an integer above W.

    Raises:
        ValueError: a number out of its range.

    >>> [linear(2, 6)(count) for count in range(8)]
    [0.0, 0.5, 1.0, 0.75, 0.5, 0.25, 0.0, 0.0]
    """
    rise, left = run("transformers.linear", num_warmup_steps, num_training_steps)
    return sequence(*rise, formula(lambda m, t: m.maximum(0.0, (left - t) / left)))


@named("transformers")
def cosine(num_warmup_steps: int, num_training_steps: int, num_cycles: float = 0.5) -> Curve:
    """``cosine``: up from 0 to 1, and down to 0 along a cosine.

    With W = num_warmup_steps, N = num_training_steps and c = num_cycles::

        t / W                                       for t < W
        0.5 (1 + cos(2 pi c p))                     with p = (t - W) / (N - W)

    Past the end the cosine goes on, so the rate rises again.
    Equal to transformers' ``get_cosine_schedule_with_warmup`` in every bit.

    Args:
        num_warmup_steps: W, an integer, at least 0.
        num_training_steps: N, an integer above W.
        num_cycles: c, above 0: 0.5 is half a wave, from 1 to 0.

    Raises:
        ValueError: a number out of its range.

    >>> [cosine(2, 6)(count) for count in (0, 1, 2, 4, 6, 10)]
    [0.0, 0.5, 1.0, 0.5, 0.0, 1.0]
    """
    where = "transformers.cosine"
    rise, left = run(where, num_warmup_steps, num_training_steps)
    omega = math.pi * check.above(where, "num_cycles", num_cycles, 0) * 2.0
    return sequence(*rise, formula(lambda m, t: m.maximum(0, 0.5 * (1.0 + m.cos(omega * (t / left))))))


@named("transformers")
def cosine_with_restarts(num_warmup_steps: int, num_training_steps: int, num_cycles: int = 1) -> Curve:
    """``cosine_with_restarts``: up from 0 to 1, and down to 0 along a cosine, several times.

    With W = num_warmup_steps, N = num_training_steps and c = num_cycles::

        t / W                                       for t < W
        0.5 (1 + cos(pi (c p mod 1)))               with p = (t - W) / (N - W), until N, then 0

    Equal to transformers' ``get_cosine_with_hard_restarts_schedule_with_warmup`` in every bit.

    Args:
        num_warmup_steps: W, an integer, at least 0.
        num_training_steps: N, an integer above W.
        num_cycles: c, how many times, an integer, at least 1. (The original takes a fraction, too, and falls to 0 from
            the middle of a cycle.)

    Raises:
        ValueError: a number out of its range.

    >>> [cosine_with_restarts(0, 8, num_cycles=2)(count) for count in (0, 2, 4, 6, 8)]
    [1.0, 0.5, 1.0, 0.5, 0.0]
    """
    where = "transformers.cosine_with_restarts"
    rise, left = run(where, num_warmup_steps, num_training_steps)
    c = float(check.integer(where, "num_cycles", num_cycles, 1))
    cycle = formula(lambda m, t: m.maximum(0.0, 0.5 * (1.0 + m.cos(math.pi * ((c * (t / left)) % 1.0)))), left)
    return sequence(*rise, cycle, const(0.0))


@named("transformers")
def inverse_sqrt(num_warmup_steps: int, timescale: int | None = None) -> Curve:
    """``inverse_sqrt``: up from 0 to 1, and down with the inverse square root, without end.

    With W = num_warmup_steps and s = timescale::

        t / W                           for t < W
        1 / sqrt((t + s - W) / s)       from then on

    Equal to transformers' ``get_inverse_sqrt_schedule`` in every bit.

    Args:
        num_warmup_steps: W, an integer, at least 0.
        timescale: s, counts after the warm-up until the rate is 1 / sqrt(2), above 0; None: W, or 10,000 without a
            warm-up.

    Raises:
        ValueError: a number out of its range.

    >>> [inverse_sqrt(2)(count) for count in (0, 1, 2, 8, 32)]
    [0.0, 0.5, 1.0, 0.5, 0.25]
    """
    where = "transformers.inverse_sqrt"
    rise, w = warm_up(where, num_warmup_steps), num_warmup_steps
    s = (w or 10_000) if timescale is None else timescale
    check.above(where, "timescale", s, 0)
    return sequence(*rise, formula(lambda m, t: 1.0 / m.sqrt((t + w + (s - w)) / s)))


NAMES = (
    "linear",
    "cosine",
    "cosine_with_restarts",
    "polynomial",
    "constant",
    "constant_with_warmup",
    "inverse_sqrt",
    "cosine_with_min_lr",
    "cosine_warmup_with_min_lr",
    "warmup_stable_decay",
)
_OF_A_METRIC = {"reduce_lr_on_plateau": "ReduceLROnPlateau", "greedy": "GreedyLR"}
_WHERE = "transformers.get_scheduler"
_LENGTHS = ("num_warmup_steps", "num_training_steps")


def get_scheduler(
    name: str,
    num_warmup_steps: int | None = None,
    num_training_steps: int | None = None,
    scheduler_specific_kwargs: Mapping[str, Any] | None = None,
) -> Curve:
    """A curve by the name and the arguments that transformers' ``get_scheduler`` takes, without the optimizer.

    A length that a schedule has no use for is not looked at, as there; an argument that it does not know is an error
    for every name (the original ignores them for "constant" and "constant_with_warmup").

    Args:
        name: a name of ``SchedulerType``, or its member: "linear", "cosine", "cosine_with_restarts", "polynomial",
            "constant", "constant_with_warmup", "inverse_sqrt", "cosine_with_min_lr", "cosine_warmup_with_min_lr",
            "warmup_stable_decay". Not "reduce_lr_on_plateau" and "greedy", which follow a metric: those are
            ReduceLROnPlateau and GreedyLR.
        num_warmup_steps: counts of the warm-up; needed by all but "constant".
        num_training_steps: counts of the run; needed where the schedule has an end.
        scheduler_specific_kwargs: further arguments of the schedule, a Trainer's ``lr_scheduler_kwargs``.

    Returns:
        The curve, as the function of that name makes it.

    Raises:
        TypeError: an argument that the schedule has not.
        ValueError: another name, a length that is missing, a number out of its range.

    >>> get_scheduler("cosine", 100, 1000, {"num_cycles": 1.5})
    transformers.cosine(num_warmup_steps=100, num_training_steps=1000, num_cycles=1.5)
    """
    if isinstance(name, str) and (metric := _OF_A_METRIC.get(name)):
        rule = "must be the name of a curve, and this one follows a metric"
        check.fail(_WHERE, "name", rule, str(name), hint=f"; use {metric}(...)")
    if not isinstance(name, str) or name not in NAMES:
        rule = f"must be one of {', '.join(NAMES)}"
        check.fail(_WHERE, "name", rule, name, hint=meant(name, (*NAMES, *_OF_A_METRIC)))
    make = globals()[NAMES[NAMES.index(name)]]
    known = list(inspect.signature(make).parameters)
    lengths = {"num_warmup_steps": num_warmup_steps, "num_training_steps": num_training_steps}
    needed = {key: lengths[key] for key in _LENGTHS if key in known}
    for key, value in needed.items():
        if value is None and key + name != "num_training_steps" + "warmup_stable_decay":
            check.fail(_WHERE, key, f"must be given for {NAMES[NAMES.index(name)]!r}", None)
    return make(**needed, **_specific(make.__name__, known, scheduler_specific_kwargs))


def _specific(name: str, known: list[str], given: Any) -> dict[str, Any]:
    """The further arguments, which the schedule must know."""
    if not isinstance(given, Mapping | None):
        check.fail(_WHERE, "scheduler_specific_kwargs", "must be a dict or None", given, TypeError)
    own = [key for key in known if key not in _LENGTHS]
    for key in given or {}:
        if key not in own:
            rule = f"must be arguments of {name!r} ({', '.join(own) or 'it has none'})"
            check.fail(_WHERE, "scheduler_specific_kwargs", rule, key, TypeError, meant(key, own))
    return dict(given or {})
