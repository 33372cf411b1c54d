"""``python -m docs.make_gallery``: a picture of every scheduler, drawn by lrjax and by lrtorch on one another."""

import inspect
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import lrjax

FOLDER = Path(__file__).parent
THICK = {"color": "#9ecae1", "linewidth": 6, "solid_capstyle": "butt"}
THIN = {"color": "#08306b", "linewidth": 1.3, "dashes": (5, 3)}


class Entry(NamedTuple):
    """One picture.

    Attributes:
        call: the constructor call, the text that is shown and run in both packages.
        base_lr: the rate before the scheduler is attached.
        steps: how many scheduler steps to draw.
        metrics: the metric of each step, for ReduceLROnPlateau and GreedyLR.
        note: what to see, where the call does not say it.
    """

    call: str
    base_lr: float = 0.1
    steps: int = 100
    metrics: Sequence[float] | None = None
    note: str = ""

    @property
    def name(self) -> str:
        """The scheduler's name."""
        return self.call.partition("(")[0]


# A loss that falls and levels out twice: each plateau outlasts the patience, so the rate is cut.
PLATEAUS = [max(0.4, 1 - t / 40) if t < 60 else max(0.1, 0.4 - (t - 60) / 40) for t in range(100)]

ENTRIES = (
    Entry("StepLR(step_size=30, gamma=0.5)"),
    Entry("MultiStepLR(milestones=[20, 50, 80], gamma=0.5)"),
    Entry("ConstantLR(factor=0.5, total_iters=40)"),
    Entry("LinearLR(start_factor=0.1, end_factor=1.0, total_iters=40)"),
    Entry("ExponentialLR(gamma=0.95)"),
    Entry("PolynomialLR(total_iters=80, power=2.0)"),
    Entry("CosineAnnealingLR(T_max=50)"),
    Entry("CosineAnnealingWarmRestarts(T_0=15, T_mult=2)", steps=105),
    Entry(
        'CyclicLR(base_lr=0.01, max_lr=0.1, step_size_up=20, mode="triangular2")',
        steps=121,
        note="Below, the momentum, which is cycled the other way.",
    ),
    Entry("OneCycleLR(max_lr=0.1, total_steps=100)", note="Below, the momentum, which is cycled the other way."),
    Entry("LambdaLR(lambda epoch: 1 / math.sqrt(epoch + 1))"),
    Entry("MultiplicativeLR(lambda epoch: 0.5 if epoch % 25 == 0 else 0.99)"),
    Entry(
        "ReduceLROnPlateau(factor=0.5, patience=10)",
        metrics=PLATEAUS,
        note="The loss given to it falls until step 24 and from step 60 to 72, and stays level otherwise.",
    ),
    Entry(
        "GreedyLR(factor=0.8, patience=3, min_lr=0.01)",
        metrics=PLATEAUS,
        note="The same loss: the rate rises while it falls, and falls where it is level.",
    ),
    Entry("SequentialLR([LinearLR(0.1, 1.0, 20), CosineAnnealingLR(80)], milestones=[20])"),
    Entry("ChainedScheduler([LinearLR(0.1, 1.0, 20), ExponentialLR(0.97)])"),
    Entry("SWALR(swa_lr=0.02, anneal_epochs=40)"),
    Entry("StepDecay(lr_decay=30, gamma=0.5)"),
    Entry(
        "CurveLR(curves.sequence(curves.linear(20, 0.0, 1.0), curves.const(1.0, 50), curves.cosine(30, 1.0, 0.1)))",
        note="Warm-up, stable, decay. [Curves](curves.md) are made of a few shapes; those of other libraries are "
        "[in a table](schedules.md).",
    ),
    Entry("TableLR([[20, 0.1], [40, 0.05], [20, 0.07], [20, 0.01]])"),
    Entry("EpochTable([[20, 0.1], [40, 0.05], [20, 0.02], [20, 0.005]])"),
)


def made(entry: Entry, package: Any) -> Any:
    """The scheduler of the entry in ``package``: its call, run."""
    return eval(entry.call, {**{name: getattr(package, name) for name in dir(package)}, "math": math})


def _draw(axes: Any, values: Any, label: str, style: dict[str, Any]) -> None:
    axes.plot(range(len(values)), values[:, 0], drawstyle="steps-post", label=label, **style)


def picture(entry: Entry) -> Any:
    """The rates of both packages, and the momenta where they are cycled."""
    from matplotlib.figure import Figure

    import lrtorch

    cycles = made(entry, lrjax).cycles_momentum()
    figure = Figure(figsize=(6.4, 3.6), dpi=100, layout="constrained")
    panels = figure.subplots(1 + cycles, 1, sharex=True, squeeze=False, height_ratios=[3, 2][: 1 + cycles])[:, 0]
    for package, label, style in ((lrjax, "lrjax", THICK), (lrtorch, "lrtorch", THIN)):
        scheduler, base, steps = made(entry, package), entry.base_lr, entry.steps
        curves = package.simulate(scheduler, base, steps, metrics=entry.metrics, momentum=True)
        for axes, values in zip(panels, curves, strict=False):
            _draw(axes, values, label, style)
    for axes, name in zip(panels, ("learning rate", "momentum"), strict=False):
        axes.set_ylabel(name)
        axes.margins(y=0.08)  # room for the thick line
        axes.grid(alpha=0.3)
    panels[0].set_title(entry.name, loc="left")
    panels[0].set_ylim(bottom=-0.04 * panels[0].get_ylim()[1])  # from zero, with that room too
    panels[-1].set_xlabel("scheduler step")
    # Above the axes, beside the title: no curve can run under it there.
    panels[0].legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False, handlelength=3.5, borderpad=0)
    return figure


def markdown() -> str:
    """The page."""
    head = """\
# Gallery

Every scheduler, computed twice: by lrjax in JAX (thick light line) and by lrtorch, that is by PyTorch's
own scheduler (thin dark dashes). Where the dashes run along the middle of the line, the two agree; by how
much, bit for bit, is what `python -m pytest parity_tests` tests. The base rate is 0.1. This page is made
by `python -m docs.make_gallery`; a picture of your own by `python -m lrjax plot`.
"""
    return head + "".join(_section(entry) for entry in ENTRIES)


def _section(entry: Entry) -> str:
    text = (inspect.getdoc(getattr(lrjax, entry.name)) or "").partition("\n")[0]
    text = f"{text} {entry.note}".strip()
    alt = f"{entry.name}: learning rate against scheduler step, lrjax and lrtorch on one another"
    return f"\n## {entry.name}\n\n{text}\n\n```python\n{entry.call}\n```\n\n![{alt}](gallery/{entry.name}.png)\n"


def main() -> int:
    """Write the page and its pictures."""
    (FOLDER / "gallery").mkdir(parents=True, exist_ok=True)
    for entry in ENTRIES:
        target = FOLDER / "gallery" / f"{entry.name}.png"
        # Without the version of matplotlib in the file, the same picture is the same file.
        picture(entry).savefig(target, metadata={"Software": None}, pil_kwargs={"optimize": True})
    (FOLDER / "gallery.md").write_text(markdown())
    print(f"{len(ENTRIES)} schedulers: {FOLDER / 'gallery.md'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
