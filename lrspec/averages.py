"""Averages of weights: the forms that torch has, and decays that grow over a run, as timm's and diffusers'."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from . import check


@dataclass(frozen=True)
class GrowingDecay:
    """A decay that depends on how many updates there were; called with the number of an update, it gives the decay."""

    decay: float = 0.9999
    min_decay: float = 0.0
    update_after_step: int = 0

    def __post_init__(self) -> None:
        for f in fields(self):
            object.__setattr__(self, f.name, check.plain(getattr(self, f.name)))
        self._keep("decay", check.between, 0.0, 1.0)
        self._keep("min_decay", check.between, 0.0, 1.0)
        self._keep("update_after_step", check.integer, 0)

    def __call__(self, step: int) -> float:
        """The original's ``get_decay(step)``: the decay of the update of this number, the first being 1."""
        t = check.integer(type(self).__name__, "step", check.plain(step), 1) - self.update_after_step - 1
        return self._after(t) if t > 0 else 0.0

    def curve(self) -> tuple[float, float] | None:
        """gamma and power of ``1 - (1 + t / gamma) ** -power``, or None where the decay does not follow it."""
        raise NotImplementedError

    def _after(self, t: int) -> float:
        """The decay, ``t`` updates after the last that copies."""
        raise NotImplementedError

    def _clipped(self, decay: float) -> float:
        return max(min(decay, self.decay), self.min_decay)

    def _keep(self, name: str, rule: Any, *limits: Any) -> None:
        object.__setattr__(self, name, rule(type(self).__name__, name, getattr(self, name), *limits))


@dataclass(frozen=True)
class TimmDecay(GrowingDecay):
    """The decay of timm's ``ModelEmaV3``, for ``get_ema_avg_fn`` and ``get_ema_multi_avg_fn``.

    Of update s, the first being 1, with t = s - update_after_step - 1::

        0                                                               while t <= 0: the parameters are copied
        decay                                                           without warm-up
        max(min(1 - (1 + t / warmup_gamma) ** -warmup_power, decay), min_decay)     with it

    Equal to ``ModelEmaV3.get_decay(s)`` of timm 1.0.31 (``timm/utils/model_ema.py``) in every bit of its float64; s is
    the ``step`` that timm's training script gives: the number of updates, this one included.

    Args:
        decay: the largest decay, in [0, 1].
        min_decay: the least decay of the warm-up, in [0, 1].
        update_after_step: this many updates more than the first copy the parameters; at least 0.
        use_warmup: whether the decay grows.
        warmup_gamma: larger is slower; above 0.
        warmup_power: smaller is slower; at least 0.

    Raises:
        ValueError: an argument out of its range.
        TypeError: use_warmup is no bool.

    >>> decay = TimmDecay(decay=0.9, use_warmup=True, warmup_power=1.0)
    >>> [decay(step) for step in (1, 2, 4, 8, 16)]
    [0.0, 0.5, 0.75, 0.875, 0.9]
    """

    use_warmup: bool = False
    warmup_gamma: float = 1.0
    warmup_power: float = 2 / 3

    def __post_init__(self) -> None:
        super().__post_init__()
        self._keep("use_warmup", check.flag)
        self._keep("warmup_gamma", check.above, 0.0)
        self._keep("warmup_power", check.at_least, 0.0)

    def curve(self) -> tuple[float, float] | None:
        """With warm-up: gamma and power."""
        return (self.warmup_gamma, self.warmup_power) if self.use_warmup else None

    def _after(self, t: int) -> float:
        return self._clipped(_power(t, self.warmup_gamma, self.warmup_power)) if self.use_warmup else self.decay


@dataclass(frozen=True)
class DiffusersDecay(GrowingDecay):
    """The decay of diffusers' ``EMAModel``, for ``get_ema_avg_fn`` and ``get_ema_multi_avg_fn``.

    Of update s, the first being 1, with t = s - update_after_step - 1::

        0                                                               while t <= 0: the parameters are copied
        max(min((1 + t) / (10 + t), decay), min_decay)                  otherwise
        max(min(1 - (1 + t / inv_gamma) ** -power, decay), min_decay)   with use_ema_warmup

    Equal to ``EMAModel.get_decay(s)`` of diffusers 0.42.1 (``diffusers/training_utils.py``) in every bit of its
    float64; diffusers counts s itself. Only the decay is diffusers': the average is torch's lerp, which rounds twice
    where diffusers' own update rounds three times.

    Args:
        decay: the largest decay, in [0, 1].
        min_decay: the least decay, in [0, 1].
        update_after_step: this many updates more than the first copy the parameters; at least 0.
        use_ema_warmup: the curve of gamma and power.
        inv_gamma: larger is slower; above 0.
        power: smaller is slower; at least 0.

    Raises:
        ValueError: an argument out of its range.
        TypeError: use_ema_warmup is no bool.

    >>> decay = DiffusersDecay()
    >>> [decay(step) for step in (1, 7, 9)]
    [0.0, 0.4375, 0.5]
    """

    use_ema_warmup: bool = False
    inv_gamma: float = 1.0
    power: float = 2 / 3

    def __post_init__(self) -> None:
        super().__post_init__()
        self._keep("use_ema_warmup", check.flag)
        self._keep("inv_gamma", check.above, 0.0)
        self._keep("power", check.at_least, 0.0)

    def curve(self) -> tuple[float, float] | None:
        """With warm-up: gamma and power."""
        return (self.inv_gamma, self.power) if self.use_ema_warmup else None

    def _after(self, t: int) -> float:
        return self._clipped(_power(t, self.inv_gamma, self.power) if self.use_ema_warmup else (1 + t) / (10 + t))


def _power(t: int, gamma: float, power: float) -> float:
    return 1 - (1 + t / gamma) ** -power


@dataclass(frozen=True, repr=False)
class Average:
    """One of torch's averaging functions.

    Attributes:
        kind: "swa", all models equally, or "ema", an exponential moving average.
        multi: torch's function of lists of parameters, which interpolates; None: as torch chooses on the platform.
        decay: of "ema": a number, or a growing decay.
    """

    kind: str
    multi: bool | None
    decay: Any = None

    def __repr__(self) -> str:
        return f"{self.name}({'' if self.decay is None else f'decay={self.decay!r}'})"

    @property
    def name(self) -> str:
        """Of torch's function that makes it."""
        return f"get_{self.kind}{'_multi' if self.multi else ''}_avg_fn"


def read_decay(where: str, decay: Any) -> Any:
    """A decay in [0, 1] as a float, or one that grows."""
    if isinstance(decay, GrowingDecay):
        return decay
    return check.between(where, "decay", check.plain(decay), 0.0, 1.0)


def read_functions(where: str, avg_fn: Any, multi_avg_fn: Any, use_buffers: Any) -> None:
    """Raise where the arguments of AveragedModel are not what they are called."""
    for argument, fn in (("avg_fn", avg_fn), ("multi_avg_fn", multi_avg_fn)):
        if fn is not None and (not callable(fn) or isinstance(fn, type | GrowingDecay)):
            check.fail(where, argument, "must be a function, such as get_ema_multi_avg_fn gives", fn, TypeError)
        if isinstance(fn, Average) and fn.multi != (argument == "multi_avg_fn"):
            other = "multi_avg_fn" if fn.multi else "avg_fn"
            check.fail(where, argument, f"must be another function (this one is for {other}=)", fn, TypeError)
    if avg_fn is not None and multi_avg_fn is not None:
        check.fail(where, "multi_avg_fn", "must be None where avg_fn is given", multi_avg_fn)
    check.flag(where, "use_buffers", use_buffers)


def check_integers(where: str, argument: str, average: Any, dtypes: Mapping[str, str]) -> None:
    """Raise where torch cannot average equally: integers with its function of lists, bools with any."""
    if not isinstance(average, Average) or average.kind != "swa":
        return
    for name, dtype in dtypes.items():
        if dtype == "bool" or (average.multi and dtype.lstrip("u").startswith("int")):
            rule = f"must be floats for {average.name} ({name} is not, and torch cannot average it so)"
            check.fail(where, argument, rule, f"an array of {dtype}", TypeError)
