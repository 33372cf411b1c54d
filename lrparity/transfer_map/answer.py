"""What the map shows, in words; every word that judges is computed from the numbers."""

from collections.abc import Sequence

import numpy as np

from .choice import ALL_TRIES, AT_SCRATCH, FROZEN, LAYERS, ONE, SCRATCH
from .gain import CONFIDENCE, Gain, gain, noise
from .run import Map
from .torch_sample import CHANGED, FLAT_BOUND, OWN_BOUND

Where = tuple[str, int]  # task and number of images


def gains(found: Map, ours: str, theirs: str) -> dict[Where, Gain]:
    """``ours`` over ``theirs`` in every cell, the nearest task first."""
    cells = [found.cells[task, n] for task in found.distances for n in found.settings.counts]
    return {(cell.task, cell.images): gain(cell.arms[ours].right, cell.arms[theirs].right) for cell in cells}


def clear(found: dict[Where, Gain], sign: int) -> list[Where]:
    """The cells whose interval lies above 0 (1) or below it (-1), the largest gain or loss first."""
    return sorted((where for where, one in found.items() if one.clear == sign), key=lambda w: -sign * found[w].mean)


def answer(found: Map) -> list[str]:
    """The answer in two sentences: against one rate, and against training from scratch."""
    one, scratch = gains(found, LAYERS, ONE), gains(found, LAYERS, SCRATCH)
    both = sum(where in clear(scratch, 1) for where in clear(one, 1))
    helped = helped_tasks(found)
    on = f", all of them on {', '.join(helped)}" if helped else ""
    return [
        f"A small rate for the pretrained backbone is {verdict(one, 'one well-chosen rate for all layers')}; by "
        f"accident alone it would be clearly better in {(1 - CONFIDENCE) / 2 * len(one):.1f}.",
        f"Fine-tuning with it is {verdict(scratch, 'training from scratch', on)}; it is clearly better than both in "
        f"{both or 'none'} of the {len(one)}.",
    ]


def helped_tasks(found: Map) -> list[str]:
    """The tasks on which fine-tuning with a small ratio is clearly better than training from scratch somewhere."""
    better = clear(gains(found, LAYERS, SCRATCH), 1)
    return [task for task in found.distances if any(task == where for where, _ in better)]


def verdict(found: dict[Where, Gain], theirs: str, on: str = "") -> str:
    """In how many cells it is better and worse, and by how much at most."""
    better, worse = clear(found, 1), clear(found, -1)
    up = f"in {len(better)} of {len(found)} cells{on}, by {_at_most(found, better)}" if better else "in no cell"
    down = f"in {len(worse)}, by {_at_most(found, worse)}" if worse else "in none"
    return f"clearly better than {theirs} {up}, and clearly worse {down}"


def _at_most(found: dict[Where, Gain], ranked: Sequence[Where]) -> str:
    task, n = ranked[0]
    return f"at most {abs(found[task, n].mean):.1f} points ({task}, {n} images)"


def where_it_helps(found: Map) -> str:
    """The ratio's gain over all cells of the tasks on which fine-tuning helps."""
    cells = [cell for (task, _), cell in found.cells.items() if task in helped_tasks(found)]
    if not cells:
        return "There is no task on which fine-tuning helps."
    ours, theirs = (np.mean([cell.arms[arm].right for cell in cells], axis=0) for arm in (LAYERS, ONE))
    one = gain(ours, theirs)
    return (
        f"Over all {len(cells)} cells of the tasks on which fine-tuning helps ({', '.join(helped_tasks(found))}) the "
        f"small ratio is {one.mean:+.2f} points from one rate ({one.low:+.2f} to {one.high:+.2f})."
    )


def beside_the_noise(found: Map) -> str:
    """How large the effect of the ratio is, relative to the spread over seeds."""
    spread = {where: noise(cell.arms[ONE].right) for where, cell in found.cells.items()}
    low, middle, high = np.percentile(list(spread.values()), [0, 50, 100])
    one = gains(found, LAYERS, ONE)
    sizes = [abs(one[where].mean) / spread[where] for where in one if spread[where] > 0]
    text = (
        f"From seed to seed the accuracy of one rate has a standard deviation of {low:.1f} to {high:.1f} points "
        f"(median {middle:.1f}). In the median cell the gain or loss of the best small ratio is "
        f"{np.median(sizes):.2f} of it."
    )
    for sign, word in ((1, "gain"), (-1, "loss")):
        if ranked := clear(one, sign):
            where = max(ranked, key=lambda w: abs(one[w].mean) / spread[w])
            text += (
                f" The clear {word} that is largest beside it is {abs(one[where].mean):.1f} points where the standard "
                f"deviation is {spread[where]:.1f} ({where[0]}, {where[1]} images)."
            )
    return text


def other_ways(found: Map) -> str:
    """The answer for the ratio of the tutorials, and where the ratios have more tries than one rate."""
    s = found.settings
    tries = len(s.rates), len(s.rates) * sum(0 < ratio < 1 for ratio in s.ratios)
    return (
        f"The ratio 1/10 by itself is {verdict(gains(found, '1/10', ONE), 'one rate')}. Where each seed chooses among "
        f"all small ratios and rates, with {tries[1]} tries against the {tries[0]} of one rate, the best of them is "
        f"{verdict(gains(found, ALL_TRIES, ONE), 'one rate')}; "
        "what that has beyond the table above comes from trying more."
    )


def not_tuned(found: Map) -> str:
    """The same where the head's rate is not tuned for fine-tuning."""
    name = "1/10"
    tenth = gains(found, AT_SCRATCH + name, AT_SCRATCH + "1")
    return f"With that rate, a backbone at {name} of it is {verdict(tenth, 'the same rate for all layers')}."


def frozen(found: Map) -> str:
    """What is lost where the backbone does not learn at all."""
    return f"A frozen backbone is {verdict(gains(found, FROZEN, ONE), 'one well-chosen rate')}."


def agreement(found: Map) -> str:
    """How far the sample in PyTorch is from the same runs in JAX."""
    apart = np.array([run.apart for run in found.sample])
    far = [run.apart / run.own for run in found.sample if run.apart > FLAT_BOUND]
    others, answers = (
        sum(counts) for counts in zip(*((r.other_answers, r.answers) for r in found.sample), strict=True)
    )
    text = (
        f"{len(apart)} of the runs, one seed of every cell with its chosen rates, were run again in PyTorch with "
        f"lrtorch. The logits of validation and test images differ by {np.median(apart):.0e} of the largest in the "
        f"median run, and by less than {FLAT_BOUND:g} in {len(apart) - len(far)}; {others} of {answers} answers are "
        "others."
    )
    if not far:
        return text
    return (
        f"{text} In the other {len(far)} rounding decides where the run goes, because the rates are so large that it "
        f"jumps about or because an image meets a ReLU at its kink: of {CHANGED} repetitions in JAX, from first "
        "weights changed in their last bit, the furthest is as far off, and torch is at most "
        f"{max(far):.1f} times as far (bound {OWN_BOUND:g})."
    )


def at_the_edge(found: Map) -> str:
    """Where a better rate may lie beyond those that were tried."""
    rates = found.settings.rates
    heads = {where: [pair.head for pair in cell.arms[ONE].rates] for where, cell in found.cells.items()}
    at = {where: float(np.median(seen)) for where, seen in heads.items()}
    cells = [f"{task} with {n}" for (task, n), rate in at.items() if not min(rates) < round(rate, 6) < max(rates)]
    if not cells:
        return "In no cell is the median of the rates that the seeds chose for one rate at an end of those tried."
    return f"In {', '.join(cells)} images the median of the rates chosen for one rate is at an end of those tried."


def agrees(found: Map) -> bool:
    """Whether every sampled run is within its bound."""
    return all(run.share <= 1 for run in found.sample)
