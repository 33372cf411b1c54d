"""``python -m docs.make_planted``: every planted difference put before ``lrparity.compare``; writes docs/planted.md."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from lrparity.port.result import Result
from parity_tests.port import blind, fourth, pairs_after, pairs_before, pairs_third, third
from parity_tests.port.judged import Judged, judged
from parity_tests.port.pair import Pair

PAGE = Path(__file__).parent / "planted.md"
INTRO = """\
# Planted differences

How often `lrparity.compare` is right: pairs of a PyTorch program and an optax one, equal but for conventions planted in
them, from the threads of people who ported and from the recipes of torch, optax, transformers and timm. A pair is
right where the verdict is, where exactly the planted conventions are named, and where the first update and the group
are those that the pair states. The first update is that of the first quantity which differs while everything it is made
from agrees. The parameters may part only later, as another beta1 leaves Adam's first update as it is: where a pair
states that update, it is checked too. `python -m docs.make_planted` writes this page.

The pairs **before** were written while the tool was, so they measure little; the relatives of whatever was missed are
among them, and among the **relatives** of the third set. Those **after**, later the **blind** ones, then the **third**
and the **fourth** set were written by somebody who had not read it. The table is of today. At the first count it was
right for

- **after**: 6 of 6 equal ones, 14 of 22 with one convention (64 %), 11 of 16 with two (69 %). It called none equal that
  is not, nor the other way round.
- **blind**: 10 of 10 equal ones. Of 30 with one convention the causes were named in 28 (93 %) and everything was right
  in 23 (77 %); of 20 with two conventions, in 17 (85 %) and in 15 (75 %). None that is equal was called different. Two
  different ones were called equal: a clipping behind the weight decay, and a schedule computed in float32. The latter
  differs by rounding alone, as optax's own schedules do, so it still is called equal, now with a note that says so, and
  it counts among the equal ones below. In seven pairs only the first
  update was wrong. In three of these the pair gave the update at which the parameters part, and the tool an earlier
  one, of a moment, a gradient with decay or a denominator; the pairs now state both.
- **third**: 8 of 10 equal ones. Of 30 with one convention the causes were named in 26 (87 %), and in these everything
  was right; of 20 with two conventions, in 18 (90 %) and in 17 (85 %). None that differs was called equal. Two that are
  equal were called different: a sum of micro-steps written as their mean times their number, whose weight decay the
  tool divided by that number, and a frozen backbone that one side leaves out of its optimizer. Two pairs were in error
  themselves, in what they stated and not in their programs: one gave an update at which no parameter parts, the other
  a length within which a cosine ends. With these mended, two conventions are named in 19 of 20.
- **fourth**, after what the third had shown was mended: 10 of 10 equal ones. Of 20 with one convention the causes were
  named in all, and everything was right in 19 (95 %); of 10 with two, everything in all. In the one miss the parameters
  part an update before the tool says so, by less than a schedule in float32 is rounded; the pair does not state that
  update any more. This set leaves out what has no single name (an exponential off by one, `t / n` against
  `(t + 1) / n`), and states the group in only four pairs, so it is kinder than a real port.

What it had missed was mended since, so the share that it will name of *your* differences lies between these counts and
the table.
"""


def share(rows: Sequence[Judged]) -> str:
    """How many are right."""
    right = sum(row.right for row in rows)
    return f"{right} of {len(rows)} ({100 * right / max(1, len(rows)):.0f} %)"


def kinds(rows: Sequence[Judged]) -> list[tuple[str, list[Judged]]]:
    """By how many conventions were planted."""
    words = ("equal", "one convention", "two conventions")
    return [(words[n], [row for row in rows if min(len(row.pair.causes), 2) == n]) for n in range(3)]


def table(rows: Sequence[Judged]) -> list[str]:
    """A line for each pair."""
    lines = ["| pair | from | planted | named | first update |", "| --- | --- | --- | --- | --- |"]
    for row in rows:
        said = ", ".join(dict.fromkeys(cause.convention for cause in row.result.causes)) or "equal"
        said += ", with a note" if row.pair.note else ""
        planted = ", ".join(row.pair.causes) or "equal"
        at = when(row.result)
        at += "" if row.step else f" (expected: {row.pair.first}, parameters {row.pair.parted})"
        named = said if row.right else f"**missed**: {said}"
        lines.append(f"| {row.pair.id} | {row.pair.source} | {planted} | {named} | {at} |")
    return lines


def when(result: Result) -> str:
    """The first update, its quantity, and where the parameters part later."""
    first, parted = result.first, result.parted
    later = "" if first is None or parted is None or parted <= first.step else f"; parameters {parted}"
    return "" if first is None else f"{first.step}, {first.quantity}{later}"


def run(pairs: Sequence[Pair]) -> list[Judged]:
    """All of them, with progress."""
    out = []
    for i, pair in enumerate(pairs):
        began = time.perf_counter()
        out.append(judged(pair))
        print(f"{i + 1}/{len(pairs)} {pair.id}: {out[-1].right} ({time.perf_counter() - began:.1f} s)", file=sys.stderr)
    return out


def main() -> None:
    """Write the page."""
    sets_of_others = {"blind": blind, "third": third, "fourth": fourth}
    named = [
        *(("before", pairs_before.PAIRS), ("after", pairs_after.PAIRS)),
        *((name, [pair for pairs in part.PAIRS for pair in pairs]) for name, part in sets_of_others.items()),
        ("relatives", pairs_third.PAIRS),
    ]
    sets = [(name, run(pairs)) for name, pairs in named]
    lines = [INTRO, "| pairs | equal | one convention | two conventions |", "| --- | --- | --- | --- |"]
    lines += [f"| {name} | " + " | ".join(share(part) for _, part in kinds(rows)) + " |" for name, rows in sets]
    for name, rows in sets:
        for words, part in kinds(rows):
            lines += ["", f"## {name.capitalize()}: {words}", "", *table(part)]
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
