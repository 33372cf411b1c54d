"""The page of the map: what was asked, the answer, the picture, the numbers, how it was measured, what it is not."""

from collections.abc import Iterable
from textwrap import fill

import numpy as np

from . import answer, sweep, tasks
from .answer import gains
from .choice import LAYERS, ONE, SCRATCH, Arm
from .gain import Gain
from .run import Map
from .settings import RATIO_NAMES

ASKED = """\
Tutorials say: fine-tune a pretrained network with small rates for its backbone and large ones for the new head. `make
parity` tests it where transfer itself fails, from the digits 0-4 to 5-9. Here the same small network is fine-tuned on
target tasks from near to far, with few images and with many. `make map` writes this page."""
GAINS = """\
Test accuracy in percent, and gains in percentage points with their 95 % intervals, bold where 0 is outside. Every arm,
each ratio by itself, and the rates in the middle of those that were chosen: [transfer-map.csv](transfer-map.csv)."""
DISTANCE = """\
Measured before any fine-tuning, on validation images: how often a linear probe (logistic regression, 300 target images)
is right on the features of the pretrained backbone, which orders the tasks; on those of an untrained backbone; and how
often the pretrained network with its own head is."""
UNTUNED = """\
One rate was given its best value above, and on near tasks that is far below the best one from scratch. The ratio might
be for those who do not look for it, and take for the head the rate that is best from scratch."""
METHOD = """\
**Network and pretraining.** 64-32-32-5, pretrained on {source} images of the digits 0-4 for {epochs} epochs of SGD
(rate {rate}, momentum {momentum}). Its head is always replaced by a new one.
**Fine-tuning.** {steps} updates of plain SGD, batches of {batch}, constant rates. The backbone's rate over the head's:
{ratios}; the head's rate: {rates}. From scratch: the same updates and rates, one for all layers.
**Images.** Those of pretraining, of fine-tuning, of validation and of testing are apart, by index. The {test} test
images are the same for all seeds, and no seed pretrains, trains or chooses with any of them.
**Seeds.** {seeds}: first weights, which images to train on, the order of batches. All arms of a seed share them.
**Choice.** Every seed tries the {tries} rates of each arm and keeps the run that is best on its {validation} validation
images. "Small ratio" is the best of those below 1 that are not 0, by the validation images of the other half of the
seeds: every arm has as many tries, and neither a test image nor a reported run chooses the ratio.
**Intervals.** Paired by seed: Student's t over the seeds, widened by what the choice of test images adds.
**Programs.** In JAX all runs of a task are one program: lrjax takes the rates traced, `jax.vmap` goes over them.
{agreement}"""
LIMITS = """\
It is one small network, one source of {source} images, one optimizer with constant rates and {steps} updates. Large
networks that were pretrained on much more are another matter.
{cells} cells are {cells} chances: of so many intervals {chance:.1f} exclude 0 by accident, half of them above
it, so a single cell near 0 says little. Cells of a task share test images and seeds, so they are
no independent witnesses.
Validation images have labels, too: who has ten images has no {validation} more to choose rates by.
The rates are a grid. {edge}"""


def text(found: Map) -> str:
    """The page in Markdown."""
    one, two = answer.answer(found)
    words = _words(found)
    parts = [
        "# Where a small rate for the backbone helps",
        ASKED,
        _wrapped(f"**{one}** **{two}**"),
        "![Gain of small backbone rates by task and number of images](transfer-map.png)",
        GAINS,
        "\n".join(_cells(found)),
        "## How far a task is",
        DISTANCE,
        "\n".join(_tasks(found)),
        "## How large that is",
        _wrapped(f"{answer.where_it_helps(found)} {answer.beside_the_noise(found)}"),
        _wrapped(answer.other_ways(found)),
        "## Where nothing is tuned, and where the backbone is frozen",
        _wrapped(f"{UNTUNED} {answer.not_tuned(found)}"),
        _wrapped(answer.frozen(found)),
        "## How it was measured",
        _points(METHOD.format(**words), "**"),
        "## What it does not show",
        _points(LIMITS.format(**words), ("It is", f"{len(found.cells)} cells", "Validation", "The rates")),
    ]
    return "\n\n".join(parts) + "\n"


def _words(found: Map) -> dict[str, object]:
    s = found.settings
    return {
        "source": 5 * tasks.SOURCE_IMAGES,
        "epochs": s.source_epochs,
        "rate": sweep.SOURCE_RATE,
        "momentum": sweep.SOURCE_MOMENTUM,
        "steps": s.steps,
        "batch": s.batch,
        "ratios": ", ".join(s.names()),
        "rates": ", ".join(f"{rate:g}" for rate in s.rates),
        "tries": len(s.rates),
        "test": 5 * tasks.TEST,
        "seeds": s.seeds,
        "validation": 5 * tasks.VALIDATION,
        "agreement": answer.agreement(found),
        "edge": answer.at_the_edge(found),
        "cells": len(found.cells),
        "chance": 0.05 * len(found.cells),
    }


def _wrapped(words: str, indent: str = "") -> str:
    return fill(words, 118, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _points(words: str, starts: str | tuple[str, ...]) -> str:
    """A list; a line that begins with one of ``starts`` begins a point."""
    points: list[str] = []
    for line in words.splitlines():
        if line.startswith(starts):
            points.append(line)
        else:
            points[-1] += f" {line}"
    return "\n".join(_wrapped(f"- {point}", indent="  ") for point in points)


def _cells(found: Map) -> Iterable[str]:
    yield "| task | images | from scratch | one rate | small ratio | median ratio | over one rate | over scratch |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | --- | --- |"
    one, scratch = gains(found, LAYERS, ONE), gains(found, LAYERS, SCRATCH)
    for (task, n), over in one.items():
        arms = found.cells[task, n].arms
        accuracies = " | ".join(f"{100 * arms[name].right.mean():.1f}" for name in (SCRATCH, ONE, LAYERS))
        yield f"| {task} | {n} | {accuracies} | {_ratio(arms[LAYERS])} | {_gain(over)} | {_gain(scratch[task, n])} |"


def _ratio(arm: Arm) -> str:
    """The ratio in the middle of those that the seeds chose."""
    middle = np.percentile([pair.backbone / pair.head for pair in arm.rates], 50, method="lower")
    return RATIO_NAMES[min(RATIO_NAMES, key=lambda ratio: abs(ratio - middle))]


def _gain(one: Gain) -> str:
    words = f"{one.mean:+.1f} ({one.low:+.1f} to {one.high:+.1f})"
    return f"**{words}**" if one.clear else words


def _tasks(found: Map) -> Iterable[str]:
    yield "| task | what it is | probe | probe, untrained | pretraining is worth | own head |"
    yield "| --- | --- | ---: | ---: | ---: | ---: |"
    words = {task.name: task.text for task in tasks.TASKS}
    for name, far in found.distances.items():
        unchanged = "" if np.isnan(far.unchanged) else f"{100 * far.unchanged:.1f} %"
        probes = f"{100 * far.probe:.1f} % | {100 * far.untrained:.1f} % | {far.worth:+.1f}"
        yield f"| {name} | {words[name]} | {probes} | {unchanged} |"
