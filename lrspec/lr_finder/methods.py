"""The checked arguments of ``lr_find``, and the choices that a library's name stands for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from .. import check
from .grids import PLACES, SHAPES, rates
from .smoothing import SMOOTHERS
from .stops import STOPS
from .suggestions import SUGGESTIONS

WHERE = "lr_find"


class Method(NamedTuple):
    """A library's choices.

    Attributes:
        start_lr: the first rate; None: the optimizer's own.
        end_lr: the last rate, or what the grid approaches.
        suggest: the name of its suggestion.
        group: which group's rate is on the curve's axis: -1 for the last.
    """

    start_lr: float | None
    end_lr: float
    suggest: str
    group: int


METHODS: dict[str, Method] = {
    "fastai": Method(1e-7, 10.0, "valley", -1),
    "lightning": Method(1e-8, 1.0, "lightning", 0),
    "torch_lr_finder": Method(None, 10.0, "torch_lr_finder", 0),
}


@dataclass(frozen=True)
class Settings:
    """What ``lr_find`` was asked for, checked; what was left out is the method's.

    Attributes:
        method: whose choices: "fastai", "lightning" or "torch_lr_finder".
        num_iter: how many rates.
        grid: whose grid.
        mode: "exponential" or "linear".
        smooth: whose smoothing, or "none".
        stop: whose rule, or "none".
        threshold: of the rule; None: its own.
        suggest: the name of a suggestion.
        parallel: the updates at each rate, each from the start; None: one run through all rates.
        runs: how many runs; None: one, without an axis for it.
    """

    method: str
    num_iter: int
    grid: str
    mode: str
    smooth: str
    stop: str
    threshold: float | None
    suggest: str
    parallel: int | None
    runs: int | None
    start_lr: float | None
    end_lr: float
    group: str | None


def read_settings(
    method: Any = "fastai",
    start_lr: Any = None,
    end_lr: Any = None,
    num_iter: Any = 100,
    grid: Any = None,
    mode: Any = "exponential",
    smooth: Any = None,
    stop: Any = None,
    threshold: Any = None,
    suggest: Any = None,
    group: Any = None,
    parallel: Any = None,
    runs: Any = None,
) -> Settings:
    """The arguments of ``lr_find``, checked.

    Raises:
        ValueError: an argument out of its range, or an unknown name.
    """
    method = check.one_of(WHERE, "method", method, tuple(METHODS))
    own = METHODS[method]

    def name(argument: str, value: Any, known: Mapping[str, Any], default: str) -> str:
        return default if value is None else check.one_of(WHERE, argument, value, tuple(known))

    def or_none(argument: str, value: Any, rule: Any, low: float) -> Any:
        return None if value is None else rule(WHERE, argument, check.plain(value), low)

    start = own.start_lr if start_lr is None else _rate("start_lr", start_lr)
    return Settings(
        method,
        check.integer(WHERE, "num_iter", check.plain(num_iter), 2),
        name("grid", grid, PLACES, method),
        name("mode", mode, SHAPES, "exponential"),
        name("smooth", smooth, SMOOTHERS, method if parallel is None else "none"),
        name("stop", stop, STOPS, method),
        or_none("threshold", threshold, check.above, 0.0),
        name("suggest", suggest, SUGGESTIONS, own.suggest if parallel is None else "steep"),
        or_none("parallel", parallel, check.integer, 1),
        or_none("runs", runs, check.integer, 1),
        start,
        _end(start, own.end_lr if end_lr is None else end_lr),
        group,
    )


def _rate(argument: str, value: Any) -> float:
    return check.single(WHERE, argument, check.above(WHERE, argument, check.plain(value), 0.0))


def _end(start: float | None, value: Any) -> float:
    end = _rate("end_lr", value)
    if start is not None and end <= start:
        check.fail(WHERE, "end_lr", "must be above start_lr", end, hint=f" (start_lr is {start:g})")
    return end


@dataclass(frozen=True)
class Plan:
    """The rates of all groups in each iteration.

    Attributes:
        settings: what was asked for.
        group: the group whose rate is on the curve's axis.
        ratios: every group's rate over that group's, which stays as it was.
        lrs: that group's rates, one for each iteration.
    """

    settings: Settings
    group: str
    ratios: dict[str, float]
    lrs: list[float]

    def rates(self, lr: float) -> dict[str, float]:
        """Every group's rate where the one on the axis is ``lr``."""
        return {group: lr * ratio for group, ratio in self.ratios.items()}


def read_plan(settings: Settings, base: Mapping[str, float], frozen: Mapping[str, bool]) -> Plan:
    """The plan for these groups.

    Args:
        settings: what was asked for.
        base: group -> its rate now.
        frozen: group -> whether it is frozen; such a one is on the axis only where it is asked for.

    Raises:
        ValueError: no such group, a group whose rate is 0 on the axis, a rate that float32 cannot hold.
    """
    names = tuple(base)
    free = [name for name in names if not frozen[name]] or names
    group = free[METHODS[settings.method].group] if settings.group is None else settings.group
    check.one_of(WHERE, "group", group, names)
    if not base[group] > 0:
        rule = "must be above 0, for the other groups' rates keep their ratio to it (or name another group=)"
        check.fail(WHERE, f"the rate of group {group!r}", rule, base[group])
    start = base[group] if settings.start_lr is None else settings.start_lr
    end = _end(start, settings.end_lr)
    ratios = {name: 1.0 if name == group else lr / base[group] for name, lr in base.items()}
    for name, ratio in ratios.items():
        check.single(WHERE, f"the last rate of group {name!r}", end * ratio)
    return Plan(settings, group, ratios, rates(settings.grid, settings.mode, start, end, settings.num_iter))
