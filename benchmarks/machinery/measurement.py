"""What a measurement is made of: cases, the contenders of each, and what came out.

A measurement is a module of ``benchmarks`` with these names:

- ``TITLE``, ``QUESTION``: the heading and the line below it.
- ``cases(short, device)``: a list of ``Case``; ``short``: few and tiny ones, whose ``rounds`` and ``seconds`` the
  command replaces with one turn of one call.
- ``make(contender, settings, device)``: a ``Run``; called in the contender's own process. Frameworks are
  imported inside it, so that a process loads only its own.
- ``targets(results)``: a list of ``Target``: what the figures are held against.
- ``COLUMNS``: name of a fact -> heading, for facts that deserve a column.
- ``NOTES``: text below the table, where a figure misses its bound: why, and what was tried.
- ``add_facts(settings, outcomes, answers)``, where facts compare contenders; ``XLABEL``, where the figure has lines.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any, NamedTuple

import numpy as np


class Contender(NamedTuple):
    """One of the peers of a case.

    Attributes:
        name: as the table shows it.
        side: the process it runs in: "jax", "torch", or a name that begins so ("jax, multi_transform").
        tolerance: largest difference of its answer to the first contender's; None: another rule, which is
            stated and not judged.
        optional: may fail to run here (torch.compile without a compiler); the table then says why.
    """

    name: str
    side: str
    tolerance: float | None = 0.0
    optional: bool = False


@dataclass(frozen=True)
class Case:
    """One setting in which contenders are compared.

    Attributes:
        name: as the table shows it.
        settings: what ``make`` needs to know, JSON-able.
        contenders: the peers; the first one's answer is what the others are compared with.
        rounds: how often each takes its turn; where it is more than once, a turn that is not counted comes first.
        seconds: how long a turn lasts at least; a turn is one call or more.
        unit: what the time is given for: "step", "curve", ...
        x: place on the figure's axis; None: the figure has bars.
    """

    name: str
    settings: dict[str, Any]
    contenders: Sequence[Contender]
    rounds: int = 7
    seconds: float = 0.03
    unit: str = "step"
    x: float | None = None

    @property
    def turns(self) -> int:
        """How many turns each contender takes, the warm-up included."""
        return self.rounds + (self.rounds > 1)


@dataclass
class Run:
    """A contender, made, its first call done.

    Attributes:
        call: does the timed work once and waits for the device.
        answer: what it computed by then, for the check; a flat array.
        units: how many units (steps) a call does.
        first_call: seconds from the bare arguments to the end of the first call, compilation included.
        facts: other numbers for the report.
        sample: the seconds per unit of one turn, where the contender times itself; None: ``call`` is timed.
        after: facts that are known only once it has been timed (recompilations).
        buffers: the arrays ``call`` works on, where another run may share them.
    """

    call: Callable[[], Any]
    answer: np.ndarray
    units: int = 1
    first_call: float | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    sample: Callable[[], float] | None = None
    after: Callable[[], dict[str, Any]] | None = None
    buffers: list[Any] | None = None


def run_of(call: Callable[[], Any], began: float, units: int = 1) -> Run:
    """A run whose answer is what its first call, made here, returns.

    Args:
        call: as in ``Run``.
        began: ``time.perf_counter()`` before it was made, all imports done.
        units: as in ``Run``.
    """
    answer = np.asarray(call(), np.float64).ravel()
    return Run(call, answer, units, first_call=time.perf_counter() - began)


@dataclass
class Outcome:
    """What came out for one contender of one case."""

    side: str
    samples: list[float] = field(default_factory=list)  # seconds per unit, one per round
    first_call: float | None = None
    difference: float | None = None  # of its answer to the first contender's
    facts: dict[str, Any] = field(default_factory=dict)
    error: str | None = None  # why it did not run

    def quartiles(self) -> tuple[float, float, float]:
        """Lower quartile, median and upper quartile, in seconds per unit."""
        if len(self.samples) < 2:
            return self.samples[0], self.samples[0], self.samples[0]
        low, _, high = quantiles(self.samples, n=4, method="inclusive")
        return low, median(self.samples), high


Results = Mapping[str, Mapping[str, Outcome]]  # case -> contender -> outcome


class Target(NamedTuple):
    """A figure that was promised, and what it is: ``value`` must be at least (or at most) ``bound``."""

    text: str
    value: float | None
    bound: float
    at_least: bool

    @property
    def holds(self) -> bool | None:
        """Whether it is met; None where it could not be measured."""
        if self.value is None:
            return None
        return self.value >= self.bound if self.at_least else self.value <= self.bound


def ratio(results: Results, case: str, above: str, below: str) -> float | None:
    """How many times longer ``above`` takes than ``below``: the median over the rounds."""
    both = [results.get(case, {}).get(name) for name in (above, below)]
    if any(one is None or not one.samples for one in both):
        return None
    return median(a / b for a, b in zip(both[0].samples, both[1].samples, strict=True))  # type: ignore[union-attr]
