"""``python -m benchmarks``: what it costs, and whether it is faster than what one would use instead."""

import argparse
import importlib
import shlex
import sys
from collections.abc import Sequence
from contextlib import ExitStack, nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any

from . import MEASUREMENTS

RESULTS = Path(__file__).parent / "results"

DESCRIPTION = """\
Measure lrjax beside PyTorch (lrtorch) and optax: each framework in its own process, contenders taking
turns, every answer checked before it is timed. Writes report.md, results.json and figures into
benchmarks/results/<this machine>; measurements that are not run keep what they have there."""


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(prog="python -m benchmarks", description=DESCRIPTION, allow_abbrev=False)
    made.add_argument("--device", choices=("cpu", "gpu"), default="cpu", help="(default: cpu)")
    made.add_argument(
        "--only",
        choices=MEASUREMENTS,
        action="append",
        metavar="NAME",
        help=f"one of {', '.join(MEASUREMENTS)}; may be repeated",
    )
    made.add_argument("--short", action="store_true", help="tiny sizes: only whether it runs; writes with --out alone")
    made.add_argument("--out", type=Path, metavar="DIR", help="where to write (default: benchmarks/results/<machine>)")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit status: 0 done (targets are reported, not judged), 1 failed, 2 no such device."""
    options = parser().parse_args(arguments)
    if options.device == "gpu" and (without := without_gpu()):
        print(f"python -m benchmarks: argument --device: gpu: {' and '.join(without)} found no GPU", file=sys.stderr)
        return 2
    from .worker import Failed

    chosen = [name for name in MEASUREMENTS if name in (options.only or MEASUREMENTS)]
    modules = {name: importlib.import_module(f"benchmarks.{name}") for name in MEASUREMENTS}
    try:
        records = run(chosen, modules, options)
    except Failed as error:
        print(f"python -m benchmarks: {error}", file=sys.stderr)
        return 1
    _write(records, modules, options)
    return 0


def without_gpu() -> list[str]:
    """The frameworks that have no GPU, each asked in a process of its own: this one stays without frameworks."""
    from .worker import Failed, Worker

    without = []
    for side, name in (("jax", "JAX"), ("torch", "PyTorch")):
        worker = Worker(side, "gpu")
        try:
            worker.ask("ready")
        except Failed:
            without.append(name)
        worker.close()
    return without


def run(chosen: list[str], modules: dict[str, ModuleType], options: argparse.Namespace) -> dict[str, Any]:
    """The chosen measurements, one after the other."""
    from tqdm import tqdm

    from . import measure, report

    plans = {name: modules[name].cases(options.short, options.device) for name in chosen}
    turns = sum(len(case.contenders) * case.turns for cases in plans.values() for case in cases)
    records = {}
    command = f"make bench{' DEVICE=gpu' if options.device == 'gpu' else ''}"
    with (
        ExitStack() as stack,
        tqdm(total=turns, unit="turn", file=sys.stdout, disable=not sys.stdout.isatty(), leave=False) as bar,
    ):
        shared = stack.enter_context(measure.Workers(options.device, short=True))  # short: not a start per measurement
        for name, cases in plans.items():
            results = {}
            with nullcontext(shared) if options.short else measure.Workers(options.device) as processes:
                for case in cases:
                    bar.set_description(f"{name}: {case.name}")
                    results[case.name] = measure.run_case(modules[name], case, processes, bar.update)
            records[name] = report.record(modules[name], cases, results, f'{command} ARGS="--only {name}"')
            _say(records[name], modules[name], bar)
    return records


def _say(record: dict[str, Any], module: ModuleType, bar: Any) -> None:
    from . import report

    lines = [f"\n{record['title']}", *report.table(record, module.COLUMNS), *map(report.target_line, record["targets"])]
    bar.write("\n".join(lines), file=sys.stdout)


def _write(records: dict[str, Any], modules: dict[str, ModuleType], options: argparse.Namespace) -> None:
    from . import machine, report

    hardware = machine.hardware(options.device)
    out = options.out or (None if options.short else RESULTS / machine.folder(hardware))
    if out is None:
        print("\nNothing is written by --short without --out.")
        return
    shown = report.save(out, hardware, records, modules)
    print(f"\nReport: {shlex.quote(str(shown))}")


if __name__ == "__main__":
    sys.exit(main())
