"""What ``lr_find`` gives."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import check
from .methods import WHERE, Plan
from .smoothing import SMOOTHERS
from .stops import STOPS
from .suggestions import SUGGESTIONS, Suggestion, suggest

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Curve:
    """One run, up to where it stopped."""

    lrs: np.ndarray  # shape=(n,), dtype=float64
    losses: np.ndarray  # shape=(n,), dtype=float64: as they came
    smoothed: np.ndarray  # shape=(n,), dtype=float64
    stopped_at: int | None  # the iteration whose loss had diverged, which is the last one here


class Recorder:
    """Takes the losses of one run, and says when it has diverged."""

    def __init__(self, plan: Plan) -> None:
        settings = plan.settings
        self._plan, self._losses, self._smoothed = plan, list[float](), list[float]()
        self._smooth = SMOOTHERS[settings.smooth]()
        self._stop = STOPS[settings.stop](*([] if settings.threshold is None else [settings.threshold]))
        self.stopped_at: int | None = None

    def add(self, loss: float) -> bool:
        """Whether to stop after this loss."""
        self._losses.append(loss)
        self._smoothed.append(self._smooth(loss))
        if self._stop(self._smoothed[-1]):
            self.stopped_at = len(self._losses) - 1
        return self.stopped_at is not None

    def curve(self) -> Curve:
        """What there is so far."""
        losses, smoothed = np.array(self._losses), np.array(self._smoothed)
        return Curve(np.array(self._plan.lrs[: len(losses)]), losses, smoothed, self.stopped_at)


def recorded(plan: Plan, losses: Iterable[float]) -> Curve:
    """The curve of losses that are all there; what follows a divergence is left out."""
    recorder = Recorder(plan)
    for loss in losses:
        if recorder.add(loss):
            break
    return recorder.curve()


@dataclass(frozen=True, repr=False)
class RangeTest:
    """The curves of a range test, and the rates that can be read off them; ``print`` shows a table.

    Attributes:
        plan: the rates of all groups, and what was asked for.
        curves: one for each run.
    """

    plan: Plan
    curves: tuple[Curve, ...]

    @property
    def lrs(self) -> np.ndarray:
        """The rates of the group on the axis, float64, shape=(n,), up to where the last run stopped."""
        return max((curve.lrs for curve in self.curves), key=len)

    @property
    def losses(self) -> np.ndarray:
        """The losses as they came, float64, shape=(n,); with ``runs`` shape=(runs, n), NaN after a run stopped."""
        return self._side_by_side([curve.losses for curve in self.curves])

    @property
    def smoothed(self) -> np.ndarray:
        """The smoothed losses, in the shape of ``losses``."""
        return self._side_by_side([curve.smoothed for curve in self.curves])

    @property
    def stopped_at(self) -> Any:
        """The iteration at which the loss had diverged, or None; with ``runs`` a tuple of them."""
        found = tuple(curve.stopped_at for curve in self.curves)
        return found[0] if self.plan.settings.runs is None else found

    def _side_by_side(self, rows: Sequence[np.ndarray]) -> np.ndarray:
        if self.plan.settings.runs is None:
            return rows[0]
        width = len(self.lrs)
        return np.stack([np.pad(row, (0, width - len(row)), constant_values=np.nan) for row in rows])

    @property
    def lr(self) -> float:
        """The suggested rate of the group on the axis: ``suggestion().lr``."""
        return self.suggestion().lr

    @property
    def rates(self) -> dict[str, float]:
        """The suggested rate of every group, for ``set_lr``; their ratios are those there were."""
        return self.plan.rates(self.lr)

    def suggestion(
        self, name: str | None = None, *, skip_begin: int | None = None, skip_end: int | None = None
    ) -> Suggestion:
        """A suggested rate, and where on the curve it is.

        With ``runs`` it is that of the run whose rate is the median (of an even number the lower one of the two in the
        middle), the runs without one left out.

        Args:
            name: "valley", "slide", "minimum", "steep" (fastai's), "lightning" or "torch_lr_finder"; None: the one
                that was asked for.
            skip_begin: leave out so many points at the beginning; None: as the library does.
            skip_end: and at the end.

        Raises:
            ValueError: an unknown name; fewer points than it needs.
        """
        if name is None:
            name = self.plan.settings.suggest
        check.one_of("suggestion", "name", name, tuple(SUGGESTIONS))
        found, failure = [], None
        for curve in self.curves:
            try:
                count = self.plan.settings.num_iter
                found.append(suggest(name, curve.lrs, curve.smoothed, count, skip_begin, skip_end))
            except ValueError as error:
                failure = error
        if failure is not None and not found:
            raise failure
        return sorted(found)[(len(found) - 1) // 2]

    def plot(self, suggest: str | Sequence[str] | None = None) -> "Figure":
        """Draw the smoothed losses over the rates, and mark what is suggested; with ``runs`` the median in a band.

        Args:
            suggest: the name of a suggestion, or several; None: the one that was asked for.

        Returns:
            A ``matplotlib.figure.Figure``: ``figure.savefig("lr_find.png")``.

        Raises:
            ImportError: matplotlib is not installed.
            ValueError: an unknown name.
        """
        from .figure import draw

        given = self.plan.settings.suggest if suggest is None else suggest
        names = given if isinstance(given, list | tuple) else [given]
        return draw(self, [check.one_of("plot", "suggest", name, tuple(SUGGESTIONS)) for name in names])

    def __repr__(self) -> str:
        return "\n".join([self._heading(), *self._table()])

    def _heading(self) -> str:
        settings, lrs = self.plan.settings, self.lrs
        stopped = [curve for curve in self.curves if curve.stopped_at is not None]
        runs = "" if settings.runs is None else f"{settings.runs} runs, "
        end = "" if not stopped else ", stopped: the loss diverged"
        if stopped and settings.runs is not None:
            end = f", {len(stopped)} runs stopped: the loss diverged"
        return f"lr_find: {runs}{len(lrs)} of {settings.num_iter} rates, {lrs[0]:.3g} to {lrs[-1]:.3g}{end}"

    def _table(self) -> list[str]:
        """What is suggested, and the rate of each group there."""
        name = self.plan.settings.suggest
        try:
            found = self.suggestion()
        except ValueError as error:
            return [f"no suggestion: {error}"]
        rates = self.plan.rates(found.lr)
        width = max(len("group"), *map(len, rates))
        rows = [f"{group:{width}}  {lr:.3g}" for group, lr in rates.items()]
        return [f"{name}: {found.lr:.3g}, where the loss is {found.loss:.4g}", f"{'group':{width}}  lr", *rows]


def result(plan: Plan, runs: Iterable[Curve]) -> RangeTest:
    """The result of one run or more."""
    curves = tuple(runs)
    if not curves:
        check.fail(WHERE, "runs", "must be at least one", 0)
    return RangeTest(plan, curves)
