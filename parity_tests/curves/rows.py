"""What a row of the table of presets is."""

from collections.abc import Callable
from typing import Any, NamedTuple

from lrspec.curves import Curve

BASE_LRS = (1.0, 0.1, 0.003)
STEPS = 2_000


class Row(NamedTuple):
    """A curve of ours beside the original's call.

    Attributes:
        id: how the test is called: the name and what is special about the arguments.
        curve: ours.
        original: what the owner's module in ``parity_tests/originals`` is asked, in JSON; or, for an original that
            cannot be installed, its formula ``(count, base rate) -> rate`` written down from the source that
            ``source`` names.
        source: file and version that the formula was read from.
        exact: whether lrjax has every bit of the original's float64; not where XLA's exp or tanh decides (1e-13 of the
            curve's largest rate), or where the original itself computes in float32 (``bits``).
        bits: of the original's arithmetic: 64; 32 where it computes in float32, which is then what is compared.
        target: the number of the groups that the curve changes, "lr" or another; ``BASE_LRS`` are then its own values.
        units_per_step: how much of the curve a step is, as in ``CurveLR``; of an original's formula, too.
        steps_per_unit: for an original that is a function of a fraction of the run: how many steps the run has.
        drift: 0; for an original that computes each rate from the one before, and so adds up a rounding at every step,
            how far it is from the formula that it approximates, as a part of the largest rate.
    """

    id: str
    curve: Curve
    original: Any | Callable[[int, float], float]
    source: str = ""
    exact: bool = True
    bits: int = 64
    target: str = "lr"
    units_per_step: int = 1
    steps_per_unit: int = 1
    drift: float = 0.0

    def units(self) -> dict[str, Any]:
        """The arguments of ``CurveLR`` beside the curve and its target."""
        return {"units_per_step": self.units_per_step, "steps_per_unit": self.steps_per_unit}


def formula_of(row: Row) -> list[list[float]]:
    """The rates that the row's own formula gives, shape (STEPS, groups)."""
    return [[row.original(step * row.units_per_step, base) for base in BASE_LRS] for step in range(STEPS)]
