"""``python -m lrparity map``: where a small rate for the pretrained backbone helps."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ..arguments import Parser, absent, at_least

DESCRIPTION = """\
Map where small rates for the pretrained backbone and large ones for the new head are better than one rate for all
layers, and than training from scratch: eight target tasks from near to far, 10 to 300 images, seven ratios of the
two rates, each with its best rate, chosen without the test images; in JAX, and a sample of the runs in PyTorch.
Write transfer-map.md, its figure and a table. It takes ten minutes on 2 CPU cores."""
EPILOG = "exit status: 0 written and the sample agrees, 1 PyTorch's sample differs beyond its bound, 2 a bad argument."
PAGE, FIGURE, TABLE = "transfer-map.md", "transfer-map.png", "transfer-map.csv"


def main(arguments: Sequence[str], prog: str) -> int:
    """Run ``map``; returns the exit status."""
    parser = _parser(f"{prog} map")
    options = parser.parse_args(arguments)
    missing = absent()
    if missing:
        return _fail(parser.prog, missing)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        return _write(options)
    except OSError as error:
        why = f"must be a folder that can be written ({error.strerror}), got {str(options.out)!r}"
        return _fail(parser.prog, f"argument --out: {why}")


def _parser(prog: str) -> Parser:
    made = Parser(
        prog=prog,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = made.add_argument
    add("--seeds", type=at_least(4), metavar="N", help="4 or more (default: 20)")
    add("--seed", type=at_least(0), default=0, metavar="N", help="of weights, data and order (default: 0)")
    add("--short", action="store_true", help="few seeds, images, rates and steps, in seconds: to see that it runs")
    add("--out", type=Path, default=Path("map_report"), metavar="FOLDER", help="(default: map_report)")
    return made


def _fail(prog: str, message: str) -> int:
    print(f"{prog}: {message}", file=sys.stderr)
    return 2


def _write(options: argparse.Namespace) -> int:
    """Run the map, print the answer, write the three files."""
    from .. import devices, progress  # only now: loading the frameworks takes seconds
    from . import answer, figure, page, run, table
    from .settings import SHORT, Settings

    changed: dict[str, Any] = {**(SHORT if options.short else {}), "seed": options.seed}
    settings = Settings(**changed | ({"seeds": options.seeds} if options.seeds else {}))

    def bar(tasks: Iterable[Any]) -> Iterable[Any]:
        return progress.bar(tasks, desc="target tasks")

    with devices.on_device("cpu"):
        found = run.run(settings, bar)
    print(*answer.answer(found), sep="\n")
    table.save(options.out / TABLE, found)
    figure.save(options.out / FIGURE, found)
    (options.out / PAGE).write_text(page.text(found))
    print(f"\nWritten: {', '.join(str(options.out / name) for name in (PAGE, FIGURE, TABLE))}")
    return 0 if answer.agrees(found) else 1
