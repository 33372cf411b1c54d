"""``python -m lrparity``: one fine-tuning run in JAX and in PyTorch, compared step by step."""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from .arguments import Parser, absent, at_least, one_of
from .digits.choices import OPTIMIZERS, RULES, Settings

DESCRIPTION = """\
Fine-tune the same small network in JAX (Flax, lrjax) and in PyTorch (lrtorch) on handwritten digits:
pretrain on 0-4, replace the head, fine-tune on 5-9 with a small rate for the backbone and a large
one for the head. Print both runs epoch by epoch, then the verdict: learning rates, optimizer
updates, and the whole run, each against its bound. Write figures, traces and a summary."""

EPILOG = """\
your own programs instead of the digits: {prog} compare --help, {prog} record --help
where a small rate for the backbone helps, over many tasks: {prog} map --help
exit status: 0 everything is within its bound, 1 something is not, 2 a bad argument or a missing device."""


def parser(prog: str) -> argparse.ArgumentParser:
    """The options of the command that is called ``prog``."""
    rules = "".join(f"\n  {name:12s} {rule.text}" for name, rule in RULES.items())
    trained = tuple(name for name, optimizer in OPTIMIZERS.items() if optimizer.descends)
    made = Parser(
        prog=prog,
        description=DESCRIPTION,
        epilog=f"rules:{rules}\n\noptimizers:\n  {', '.join(trained)}\n\n{EPILOG.format(prog=prog)}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    d = Settings()
    add = made.add_argument
    add("--device", type=one_of("cpu", "gpu"), default=d.device, metavar="DEVICE", help="cpu or gpu (default: cpu)")
    add(
        "--dtype",
        type=one_of("float32", "float64"),
        default=d.dtype,
        metavar="DTYPE",
        help=f"float32 or float64, of the run that is printed; the verdict compares updates in float32 "
        f"and the whole run in both (default: {d.dtype})",
    )
    add("--epochs", type=at_least(1), default=d.epochs, metavar="N", help=f"of fine-tuning (default: {d.epochs})")
    add("--rule", type=one_of(*RULES), default=d.rule, metavar="RULE", help=f"see below (default: {d.rule})")
    add(
        "--optimizer",
        type=one_of(*trained),
        default=d.optimizer,
        metavar="NAME",
        help=f"see below (default: {d.optimizer})",
    )
    add("--seed", type=at_least(0), default=d.seed, metavar="N", help="of weights, data and order (default: 0)")
    add("--out", type=Path, default=Path("parity_report"), metavar="FOLDER", help="(default: parity_report)")
    add("--claims", action=argparse.BooleanOptionalAction, default=True, help="test the two claims (default: yes)")
    add("--seeds", type=at_least(20), default=20, metavar="N", help="of the claims, 20 or more (default: 20)")
    return made


def main(arguments: Sequence[str] | None = None, prog: str = "python -m lrparity") -> int:
    """Run the command; returns its exit status.

    Args:
        arguments: of the command line; None: those of this process.
        prog: what the command is called in its help and its errors.
    """
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    if arguments[:1] in (["compare"], ["record"]):
        from .port import cli

        return cli.main(arguments[0], arguments[1:], prog)
    if arguments[:1] == ["map"]:
        from .transfer_map import cli as map_cli

        return map_cli.main(arguments[1:], prog)
    options = parser(prog).parse_args(arguments)
    fail = partial(_fail, prog)
    without_package = absent()
    if without_package:
        return fail(without_package)
    from . import devices  # only now: loading the frameworks takes seconds, --help and a bad value should not
    from .digits import report

    refused = report.refusal(options.out)
    if refused:
        return fail(f"argument --out: {refused}, got {str(options.out)!r}")
    without = devices.missing(options.device)
    if without:
        return fail(
            f"argument --device: gpu needs a GPU in both frameworks, {' and '.join(without)} found none, got 'gpu'"
        )
    names = ("device", "dtype", "epochs", "rule", "optimizer", "seed")
    settings = Settings(**{name: getattr(options, name) for name in names})
    with devices.on_device(options.device):
        return _compare(settings, options.out, options.seeds if options.claims else 0, fail)


def _fail(prog: str, message: str) -> int:
    print(f"{prog}: {message}", file=sys.stderr)
    return 2


def _compare(settings: Settings, out: Path, seeds: int, fail: Callable[[str], int]) -> int:
    """Run, print, judge, save."""
    from .digits import evidence, report
    from .runs import verdict

    log: list[str] = []

    def say(lines: Iterable[str]) -> None:
        for line in lines:
            log.append(line)
            print(line, flush=True)

    say(report.heading(settings))
    printed = _printed_run(settings, say)
    found = evidence.collect(settings, printed, partial(_bar, what="comparing"))
    lines = evidence.lines_of(found)
    say(["", *report.verdict_lines(lines), verdict.sentence(lines)])
    ported = _ported(settings, found)
    print(f"\nlrparity.compare: {ported.sentence}")
    claims = _claims(seeds, settings.seed) if seeds else None
    try:
        report.save(out, found, lines, log, claims, ported.html())
    except OSError as error:
        return fail(f"argument --out: must be a folder that can be written ({error.strerror}), got {str(out)!r}")
    print(f"\nReport: {out / 'summary.md'}, {out / 'report.html'}")
    return 0 if ported.equal and all(line.holds for line in lines) else 1


def _ported(settings: Settings, found: Any) -> Any:
    """The run's optimizers before ``lrparity.compare``, as a user's own would be."""
    from .digits.ported import ported

    stages = iter(_bar(range(8), "lrparity.compare"))
    result = ported(settings, found.runs["float32"]["PyTorch"].start, lambda _: next(stages, None))
    list(stages)
    return result


def _printed_run(settings: Settings, say: Callable[[Iterable[str]], None]) -> Any:
    from . import progress
    from .digits import report, run

    with progress.bar(total=settings.epochs, desc="fine-tuning", unit="epoch") as bar:

        def on_epoch(epoch: int, records: Any) -> None:
            bar.update()
            bar.clear()
            say(report.epoch_lines(epoch, records))
            bar.refresh()

        return run.fine_tune(settings, settings.dtype, on_epoch)


def _claims(seeds: int, seed: int) -> Any:
    from .digits import claims, claims_report

    tasks = [claims.swing_claim, claims.per_layer_claim]
    swing, layers = [task(seeds, seed) for task in _bar(tasks, f"claims over {seeds} seeds")]
    print("", *claims_report.text(swing, layers), sep="\n")
    return swing, layers


def _bar(tasks: Iterable[Any], what: str) -> Iterable[Any]:
    from . import progress

    return progress.bar(tasks, desc=what)


if __name__ == "__main__":
    sys.exit(main())
