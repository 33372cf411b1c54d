"""The rates a scheduler would set, without training."""

from collections.abc import Mapping, Sequence
from typing import Any

from lrspec import check
from lrspec.documentation import documented
from lrspec.simulation import ARGUMENTS, RAISES, RETURNS, read_simulation

from .lr_scheduler._base import LRScheduler
from .lr_scheduler._chain import run_chain


@documented(ARGUMENTS, returns=RETURNS, raises=RAISES)
def simulate(
    scheduler: Any,
    base_lrs: float | Sequence[float],
    num_steps: int,
    edits: Mapping[int, Any] | None = None,
    metrics: Sequence[float] | None = None,
    *,
    momentum: bool = False,
) -> Any:
    """The rate of each update, computed with the chain form in one compiled scan.

    >>> from lrjax import StepLR
    >>> simulate(StepLR(step_size=1, gamma=0.5), [1.0, 4.0], 3).tolist()
    [[1.0, 4.0], [0.5, 2.0], [0.25, 1.0]]
    >>> simulate(StepLR(step_size=1, gamma=0.5), 1.0, 3, edits={1: 8.0}).tolist()
    [[1.0], [8.0], [4.0]]
    """
    check.flag("simulate", "momentum", momentum)
    rates, momenta = run_chain(scheduler, *read_simulation(LRScheduler, scheduler, base_lrs, num_steps, edits, metrics))
    return (rates, momenta) if momentum else rates
