"""What every scheduler takes, and which of several schedulers a call means."""

import hashlib
import inspect
import numbers
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import Enum
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, TypeVar

from .. import check
from ..curves.curve import Curve
from ..habits import is_optimizer, no_attribute, not_a_scheduler

Groups = Sequence[Mapping[str, Any]]


class _Unset(Enum):
    UNSET = "not given"

    def __repr__(self) -> str:
        return "UNSET"


_INSTEAD = {  # torch's words -> this library's; lrtorch's functions take the optimizer alone
    "step": "it steps by itself with every=1 (or the updates per epoch), or by step_scheduler(tx, opt_state)",
    "get_last_lr": "use get_lr(opt_state)",
    "get_lr": "use get_lr(opt_state)",
    "state_dict": "use scheduler_state_dict(opt_state)",
    "load_state_dict": "use load_scheduler_state_dict(opt_state, state_dict)",
}
UNSET: Final[Any] = _Unset.UNSET  # of ``every``: a scheduler by itself has no use for it, one in an optimizer has


def is_period(every: Any) -> bool:
    """Whether ``every`` is a number of updates, not left out and not None."""
    return every is not None and every is not UNSET


_OF_ALL = """\
    every: step after this many updates (1, or the batches per epoch); None: you call ``step_scheduler``.
    last_epoch: resume after this epoch, see ``LRScheduler``.
"""


@dataclass(frozen=True, repr=False, eq=False)
class Arguments:
    """What every scheduler takes: ``every`` and ``last_epoch``, which ``LRScheduler`` explains in both packages.

    The subclasses in this package explain their arguments, and the classes of the same name in lrjax and lrtorch get
    "Args" and "Raises" from them: after the docstring's own text, before its examples.
    """

    every: int | None = field(default=UNSET, kw_only=True)
    last_epoch: int = field(default=-1, kw_only=True)

    def __init_subclass__(cls, **options: Any) -> None:
        """Complete the docstring."""
        super().__init_subclass__(**options)
        own = inspect.cleandoc(cls.__doc__ or "")
        if own and "Args:" not in own and not _is_here(cls):
            text, examples, code = own.partition(">>>")
            cls.__doc__ = f"{text.rstrip()}{_sections(cls)}\n\n{examples}{code}".rstrip()

    def __post_init__(self) -> None:
        """Check the arguments; each class extends it. A 0-d array of NumPy, JAX or torch is its number."""
        for f in fields(self):
            value = getattr(self, f.name)
            if hasattr(value, "ndim") or (isinstance(value, list | tuple) and any(hasattr(x, "ndim") for x in value)):
                self._set(f.name, check.plain(value))
        if is_period(self.every):
            self._check("every", check.integer, 1)
        self._check("last_epoch", check.integer, -1)

    @property
    def _name(self) -> str:
        return type(self).__name__

    if not TYPE_CHECKING:  # a type checker would take any name for an attribute, and a scheduler for a function

        def __getattr__(self, name: str) -> Any:
            no_attribute(f"{self._name} (a description, which an optimizer is given)", name, _INSTEAD)

        def __call__(self, count: Any) -> Any:
            """Refused: optax would take the scheduler for a schedule."""
            del count
            raise TypeError(f"{self!r} is no function of the count, its schedule is: {self._name}(...).schedule(lr)")

    @classmethod
    def family(cls) -> "type[Arguments]":
        """The base of the schedulers of one package; another package's are foreign to them."""
        return Arguments

    def check_groups(self, groups: Groups) -> None:
        """Raise where the scheduler does not fit the optimizer's groups (their options, as dicts)."""

    def takes_new_group(self) -> bool:
        """Whether torch's ``add_param_group`` leaves the scheduler working: it reads the groups' rates only."""
        return False

    def last_step(self) -> int | None:
        """The last step (of ``last_epoch``) that the schedule has, None where it has no end; more is an error."""
        return None

    def cycles_momentum(self) -> bool:
        """Whether the scheduler writes momentum (or betas) into the groups, beside lr."""
        return False

    def __repr__(self) -> str:
        """The arguments that differ from their default, as one would type them."""
        own_first = sorted(fields(self), key=lambda f: f.kw_only is True)
        shown = (f"{f.name}={getattr(self, f.name)!r}" for f in own_first if getattr(self, f.name) != f.default)
        return f"{self._name}({', '.join(shown)})"

    def text(self) -> str:
        """The class and all arguments but ``every`` and ``last_epoch``: what a saved state belongs to.

        A function stands there by its name, for a lambda of another process is another object; what is longer than 300
        characters is cut, with a hash of the whole.
        """
        arguments = (f.name for f in fields(self) if f.name not in ("every", "last_epoch"))
        whole = f"{self._name}({', '.join(f'{name}={_text(getattr(self, name))}' for name in arguments)})"
        return whole if len(whole) <= 300 else f"{whole[:260]}... #{hashlib.sha256(whole.encode()).hexdigest()[:16]}"

    # Written once here: ``dataclass`` would compile them for each class, a tenth of the package's import.
    def __eq__(self, other: object) -> bool:
        """Whether the other is of the same class with the same arguments."""
        return self._values() == other._values() if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), self._values()))

    def _values(self) -> tuple[Any, ...]:
        return tuple(_comparable(getattr(self, f.name)) for f in fields(self))

    def _check(self, name: str, rule: Callable[..., Any], *limits: Any, **more: Any) -> None:
        """Check an argument by a rule of ``check``, and keep it as Python's own int, float, bool or str."""
        self._set(name, self._checked(name, getattr(self, name), rule, *limits, **more))

    def _check_each(self, name: str, rule: Callable[..., Any], *limits: Any, **more: Any) -> None:
        """The same for an argument that may be a list, with a value for each group; it is kept as a tuple."""
        value = getattr(self, name)
        if isinstance(value, list | tuple):
            self._set(name, tuple(self._checked(name, one, rule, *limits, **more) for one in value))
        else:
            self._check(name, rule, *limits, **more)

    def _checked(self, name: str, value: Any, rule: Callable[..., Any], *limits: Any, **more: Any) -> Any:
        kept = rule(self._name, name, value, *limits, **more)
        return int(value) if isinstance(kept, float) and isinstance(value, numbers.Integral) else kept

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def _per_group(self, groups: Groups, *names: str) -> None:
        """Lists among the arguments must have one value per group."""
        for name in names:
            value = getattr(self, name)
            if isinstance(value, tuple) and len(value) != len(groups):
                check.fail(self._name, name, f"must have one value for each of the {len(groups)} groups", value)


def _is_here(cls: type) -> bool:
    return cls.__module__.startswith(f"{__package__}.")


def _sections(cls: type[Arguments]) -> str:
    """The sections of the class that explains the arguments of ``cls``, with those that all have."""
    texts = (inspect.cleandoc(base.__doc__ or "") for base in cls.__mro__ if _is_here(base))
    found = next((text[text.index("Args:") :] for text in texts if "Args:" in text), "")
    args, title, raises = found.partition("\nRaises:")
    common = _OF_ALL if found and cls.every is UNSET else ""
    return f"\n\n{args.rstrip()}\n{common}{title}{raises}" if found else ""


def each(value: Any, groups: int) -> list[Any]:
    """An argument that is a number, or a list with one for each group, as a list."""
    return list(value) if isinstance(value, list | tuple) else [value] * groups


def _text(value: Any) -> str:
    """An argument as text, in which 1 and 1.0 are the same."""
    if isinstance(value, Arguments):
        return value.text()
    if isinstance(value, Curve):
        return repr(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_text, value))}]"
    if check.is_number(value):
        return repr(int(value) if float(value).is_integer() else float(value))
    return getattr(value, "__qualname__", type(value).__qualname__) if callable(value) else str(value)


def explained(*schedulers: type[Arguments]) -> None:
    """Let their constructors explain themselves to those who give the optimizer first, as torch wants it."""
    for cls in schedulers:
        cls.__init__ = _explained(cls.__init__)


def _explained(init: Callable[..., None]) -> Callable[..., None]:
    @wraps(init)
    def checked(self: Any, *args: Any, **options: Any) -> None:
        if args and is_optimizer(args[0]):
            rule = "must not be an optimizer: the optimizer is given the scheduler, scheduler=StepLR(30, every=1)"
            check.fail(type(self).__name__, "the first argument", rule, type(args[0]).__name__, TypeError)
        init(self, *args, **options)

    return checked


class _Itself:
    """A function that has no hash, as a value that has: it is equal to itself alone."""

    def __init__(self, function: Any) -> None:
        self.function = function

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and other.function is self.function

    def __hash__(self) -> int:
        return id(self.function)


def _comparable(value: Any) -> Any:
    """An argument as it is compared and hashed: compiled code is found by its schedulers."""
    if isinstance(value, tuple):
        return tuple(map(_comparable, value))
    if callable(value):
        try:
            hash(value)
        except TypeError:
            return _Itself(value)
    return value


CHOICES = "every=1 (after each update), every=<updates per epoch>, or every=None (you call step_scheduler yourself)"
Scheduler = TypeVar("Scheduler", bound=Arguments)


class FromRates(Arguments):
    """A scheduler whose next rate needs the group's present rate and nothing else of the group."""

    def takes_new_group(self) -> bool:
        """Yes."""
        return True


def read_schedulers(where: str, scheduler: Any, family: type[Scheduler]) -> tuple[Scheduler, ...]:
    """The ``scheduler`` argument of an optimizer: None, one of the ``family``, or a list of them; as a tuple."""
    if scheduler is None:
        return ()
    schedulers = tuple(scheduler) if isinstance(scheduler, list | tuple) else (scheduler,)
    for one in schedulers:
        if not isinstance(one, family):
            rule = "must be a scheduler of this package, or a list of them"
            check.fail(where, "scheduler", rule, one, TypeError, hint=not_a_scheduler(one))
        if one.every is UNSET:
            check.fail(where, "scheduler", f"must say when it steps: {CHOICES}", one)
    return schedulers


def check_new_group(where: str, schedulers: Sequence[Arguments], groups: Groups) -> None:
    """Raise where a scheduler does not go on with a group that is added to a running optimizer.

    Args:
        where: the function that errors name.
        schedulers: the optimizer's.
        groups: the options of all groups, the new one among them.
    """
    for scheduler in schedulers:
        if not scheduler.takes_new_group():
            check.fail(where, "scheduler", "must work from the groups' rates alone, for it knows no others", scheduler)
        scheduler.check_groups(groups)


def by_hand(schedulers: Sequence[Arguments], index: int | None) -> list[int]:
    """Which schedulers ``step_scheduler`` steps: the one at ``index``, else those without ``every``."""
    if not schedulers:
        raise ValueError("step_scheduler: the optimizer must have a scheduler (scheduler=...), got None")
    if index is not None:
        rule = f"must be from 0 to {len(schedulers) - 1}"
        return [check.index("step_scheduler", "index", index, len(schedulers), rule)]
    chosen = [i for i, scheduler in enumerate(schedulers) if scheduler.every is None]
    if not chosen:
        rule = "must be given: all schedulers step by themselves, by their every= (with every=None you step them)"
        check.fail("step_scheduler", "index", rule, index)
    return chosen
