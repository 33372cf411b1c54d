"""``python -m docs.make_planted``: every planted difference put before ``lrparity.compare``; writes docs/planted.md."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from parity_tests.port import pairs_after, pairs_before
from parity_tests.port.judged import Judged, judged
from parity_tests.port.pair import Pair

PAGE = Path(__file__).parent / "planted.md"
INTRO = """\
# Planted differences

How often `lrparity.compare` is right: pairs of a PyTorch program and an optax one, equal but for conventions planted in
them, from the threads of people who ported and from the recipes of torch, optax, transformers and timm. A pair is
right where the verdict is, where exactly the planted conventions are named, and where the first update and the group
are those that the pair states. `python -m docs.make_planted` writes this page.

The pairs **before** were written while the tool was, so they measure little. Those **after** were written by somebody
who had not read it. At the first count it was right for 6 of 6 equal ones, 14 of 22 with one convention (64 %) and 11
of 16 with two (69 %). It called none equal that is not, nor the other way round. What it had missed was mended since;
the table is of today, and the share that it will name of *your* differences lies between the two counts.
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
        planted = ", ".join(row.pair.causes) or "equal"
        wanted = "" if row.pair.first is None else f" ({row.pair.first} expected)" if not row.step else ""
        at = "" if row.result.first is None else f"{row.result.first.step}, {row.result.first.quantity}{wanted}"
        named = said if row.right else f"**missed**: {said}"
        lines.append(f"| {row.pair.id} | {row.pair.source} | {planted} | {named} | {at} |")
    return lines


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
    sets = [("before", run(pairs_before.PAIRS)), ("after", run(pairs_after.PAIRS))]
    lines = [INTRO, "| pairs | equal | one convention | two conventions |", "| --- | --- | --- | --- |"]
    lines += [f"| {name} | " + " | ".join(share(part) for _, part in kinds(rows)) + " |" for name, rows in sets]
    for name, rows in sets:
        for words, part in kinds(rows):
            lines += ["", f"## {name.capitalize()}: {words}", "", *table(part)]
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
