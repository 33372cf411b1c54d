"""``python -m docs.make_schedules``: all schedules by name, docs/schedules.md, with a small curve of each."""

import inspect
import re
from itertools import groupby
from pathlib import Path
from typing import Any

from lrspec import curves
from lrspec.curves import Curve

FOLDER = Path(__file__).parent
STEPS = 1000  # the run that every row shows
WIDTH, HEIGHT, MARGIN = 150, 40, 3
COLUMNS = "| call | formula | count 0 | largest | count 999 | count 1000 | |\n" + "| --- " * 7 + "|"
HEAD = (FOLDER / "schedules_head.txt").read_text()


def calls() -> list[str]:
    """The calls that are shown."""
    return (FOLDER / "schedule_calls.txt").read_text().split("\n")[:-1]


def made(call: str) -> Curve:
    """The curve of a call."""
    return eval(call, {name: getattr(curves, name) for name in dir(curves)})


def values(curve: Curve, owner: str) -> list[float]:
    """The rates of counts 0 to STEPS; where a library counts the part of the run that is over, of that."""
    unit = STEPS if owner in ("fvcore", "fastai") else 1
    return [curve(count if unit == 1 else count / unit) for count in range(STEPS + 1)]


def picture(rates: list[float]) -> str:
    """The rates as a line, 0 at the bottom."""
    top = max(*rates[:-1], 1e-300)
    points = [
        (MARGIN + (WIDTH - 2 * MARGIN) * count / STEPS, HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * max(rate, 0) / top)
        for count, rate in enumerate(rates[:-1])
    ]
    kept = [p for i, p in enumerate(points) if i % 4 == 0 or abs(p[1] - points[i - 1][1]) > 0.5]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in kept)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<line x1="0" x2="{WIDTH}" y1="{HEIGHT - MARGIN}" y2="{HEIGHT - MARGIN}" stroke="#bbb" stroke-width="0.5"/>'
        f'<polyline points="{path}" fill="none" stroke="#3182bd" stroke-width="1.5"/></svg>\n'
    )


def formula(function: Any) -> str:
    """The formula in its docstring, or what it is equal to, in a table's cell."""
    block = re.search(r"::\n\n((?: {4}.*\n|\n)+)", (inspect.getdoc(function) or "") + "\n")
    if block is None:
        return ""
    lines = [re.sub(r"\s{2,}", "  ", line.strip()) for line in block[1].strip().split("\n") if line.strip()]
    return "<br>".join(f"`{line.replace('|', chr(92) + '|')}`" for line in lines)


def row(call: str) -> str:
    """The row of a call; its picture is written, too."""
    name = call.partition("(")[0]
    owner, _, short = name.partition(".")
    curve = made(call)
    rates = values(curve, owner)
    (FOLDER / "schedules" / f"{name}.svg").write_text(picture(rates))
    largest = max(range(STEPS), key=rates.__getitem__)
    numbers = f"{rates[0]:.3g} | {rates[largest]:.3g} at {largest} | {rates[STEPS - 1]:.3g} | {rates[STEPS]:.3g}"
    its_formula = formula(getattr(getattr(curves, owner), short))
    return f"| `{call.removeprefix(f'{owner}.')}` | {its_formula} | {numbers} | ![{short}](schedules/{name}.svg) |"


def page() -> str:
    """The whole page."""
    (FOLDER / "schedules").mkdir(exist_ok=True)
    parts = [HEAD]
    for owner, its in groupby(calls(), key=lambda call: call.partition(".")[0]):
        about = " ".join((getattr(curves, owner).__doc__ or "").strip().split("\n\n")[0].split()).replace("``", "`")
        parts.append(f"## {owner}\n\n{about}\n\n{COLUMNS}\n" + "\n".join(map(row, its)) + "\n")
    return "\n".join(parts)


if __name__ == "__main__":
    (FOLDER / "schedules.md").write_text(page())
