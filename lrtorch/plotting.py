"""A picture of the rates a scheduler would set."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ._plot import draw
from .simulation import simulate

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot(
    scheduler: Any,
    base_lrs: float | Sequence[float] = 0.1,
    num_steps: int = 100,
    *,
    edits: Mapping[int, Any] | None = None,
    metrics: Sequence[float] | None = None,
    labels: Sequence[str] | None = None,
) -> "Figure":
    """Draw the rate of each update, a line per group; below it the momentum, where the scheduler cycles it.

    The numbers are those of ``simulate``. Save the figure with ``figure.savefig("curve.png")``; a
    notebook shows it by itself. It is no pyplot figure: no window opens and nothing has to be closed.

    Args:
        scheduler: a scheduler of this package.
        base_lrs: the groups' rates before the scheduler is attached; one number is one group.
        num_steps: number of scheduler steps, at least 1.
        edits: step -> rate set by hand before that update, see ``simulate``.
        metrics: for ReduceLROnPlateau, num_steps numbers.
        labels: the groups' names in the legend; None: their number and base rate.

    Returns:
        A ``matplotlib.figure.Figure``.

    Raises:
        ImportError: matplotlib is not installed.
        ValueError: labels that are not one per group; what ``simulate`` rejects.

    >>> from lrtorch import StepLR
    >>> figure = plot(StepLR(step_size=1, gamma=0.5), base_lrs=[1.0, 4.0], num_steps=3)
    >>> [line.get_ydata().tolist() for line in figure.axes[0].get_lines()]
    [[1.0, 0.5, 0.25], [4.0, 2.0, 1.0]]
    """
    rates, momenta = simulate(scheduler, base_lrs, num_steps, edits, metrics, momentum=True)
    return draw(scheduler, base_lrs, rates, momenta, labels)
