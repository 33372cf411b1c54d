"""transformers' ``get_scheduler``: a curve by its name."""

import inspect
from collections.abc import Mapping
from typing import Any

from .. import check
from ..habits import meant
from .curve import Curve

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
    from . import transformers  # its names, and it has this function

    if isinstance(name, str) and (metric := _OF_A_METRIC.get(name)):
        rule = "must be the name of a curve, and this one follows a metric"
        check.fail(_WHERE, "name", rule, str(name), hint=f"; use {metric}(...)")
    if not isinstance(name, str) or name not in NAMES:
        rule = f"must be one of {', '.join(NAMES)}"
        check.fail(_WHERE, "name", rule, name, hint=meant(name, (*NAMES, *_OF_A_METRIC)))
    make = getattr(transformers, NAMES[NAMES.index(name)])
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
