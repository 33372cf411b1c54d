"""``python -m benchmarks``: what it costs, and whether it is faster than what one would use instead."""

import argparse
import importlib
import shlex
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from types import ModuleType
from typing import Any

from . import MEASUREMENTS
from .machinery.measurement import Case

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
    made.add_argument(
        "--match", action="append", metavar="PATTERN", help="of these, the cases with such names; needs --out"
    )
    made.add_argument(
        "--leave-out", action="append", default=[], metavar="NAME", help="a contender; may be repeated; needs --out"
    )
    made.add_argument("--rounds", type=int, metavar="N", help="turns that count (default: the measurement's own)")
    made.add_argument("--seconds", type=float, metavar="N", help="begin no case after this many (default: no limit)")
    made.add_argument("--short", action="store_true", help="tiny sizes: only whether it runs; writes with --out alone")
    made.add_argument("--out", type=Path, metavar="DIR", help="where to write (default: benchmarks/results/<machine>)")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit status: 0 done (targets are reported, not judged), 1 failed, 2 no such device."""
    began, options = time.perf_counter(), parser().parse_args(arguments)
    if (options.match or options.leave_out) and not options.out:
        print("python -m benchmarks: arguments --match, --leave-out: need --out, the report is a part", file=sys.stderr)
        return 2
    if options.device == "gpu" and (without := without_gpu()):
        print(f"python -m benchmarks: argument --device: gpu: {' and '.join(without)} found no GPU", file=sys.stderr)
        return 2
    chosen = [name for name in MEASUREMENTS if name in (options.only or MEASUREMENTS)]
    modules = {name: importlib.import_module(f"benchmarks.{module}") for name, module in MEASUREMENTS.items()}
    records, failures = run(chosen, modules, options, began)
    for failure in failures:
        print(f"python -m benchmarks: {failure}", file=sys.stderr)
    if records:
        _write(records, modules, options)
    return 1 if failures else 0


def without_gpu() -> list[str]:
    """The frameworks that have no GPU, each asked in a process of its own: this one stays without frameworks."""
    from .machinery.worker_process import Failed, Worker

    without = []
    workers = {"JAX": Worker("jax", "gpu"), "PyTorch": Worker("torch", "gpu")}  # both start before either is asked
    for name, worker in workers.items():
        try:
            worker.ask("ready")
        except Failed:
            without.append(name)
        worker.close()
    return without


def run(
    chosen: list[str], modules: dict[str, ModuleType], options: argparse.Namespace, began: float
) -> tuple[dict[str, Any], list[str]]:
    """The chosen measurements, one after the other; and the cases that failed. With --out each case is kept at once."""
    from lrparity import progress

    from .machinery import case_runner, report
    from .machinery.worker_process import Failed

    failures = []
    plans = {name: _chosen_cases(modules[name], options) for name in chosen}
    turns = sum(len(case.contenders) * case.turns for cases in plans.values() for case in cases)
    records = {}
    command = f"make bench{' DEVICE=gpu' if options.device == 'gpu' else ''}"
    with ExitStack() as stack, progress.bar(total=turns, unit="turn") as bar:
        shared = stack.enter_context(
            case_runner.Workers(options.device, short=True)
        )  # short: not a start per measurement
        for name, cases in plans.items():
            results = {}
            with nullcontext(shared) if options.short else case_runner.Workers(options.device) as processes:
                for case in cases:
                    if options.seconds is not None and time.perf_counter() - began > options.seconds:
                        failures.append(f"{name}, {case.name}: not begun, the time was up")
                        continue
                    bar.set_description(f"{name}: {case.name}")
                    try:
                        results[case.name] = case_runner.run_case(modules[name], case, processes, bar.update)
                    except Failed as error:
                        failures.append(str(error))
                        processes.close()  # the next case starts new ones
                        continue
                    done = [case for case in cases if case.name in results]
                    records[name] = report.record(modules[name], done, results, f'{command} ARGS="--only {name}"')
                    if options.out:
                        _save({name: records[name]}, modules, options, options.out, draw=False)
            if not cases:
                failures.append(f"{name}: no case is left to run")
            if results:
                _say(records[name], modules[name], bar)
    return records, failures


def _chosen_cases(module: ModuleType, options: argparse.Namespace) -> list[Case]:
    """The measurement's cases as --match, --leave-out, --rounds and --short make them."""
    made = []
    for case in module.cases(options.short, options.device):
        contenders = [c for c in case.contenders if c.name not in options.leave_out]
        if contenders and any(fnmatchcase(case.name, pattern) for pattern in options.match or ["*"]):
            rounds, seconds = (1, 0.0) if options.short else (case.rounds, case.seconds)
            made.append(replace(case, contenders=contenders, rounds=options.rounds or rounds, seconds=seconds))
    return made


def _say(record: dict[str, Any], module: ModuleType, bar: Any) -> None:
    from .machinery import report

    lines = [f"\n{record['title']}", *report.table(record, module.COLUMNS), *map(report.target_line, record["targets"])]
    bar.write("\n".join(lines))


def _write(records: dict[str, Any], modules: dict[str, ModuleType], options: argparse.Namespace) -> None:
    from .machinery import provenance

    out = options.out or (None if options.short else RESULTS / provenance.folder(provenance.hardware(options.device)))
    if out is None:
        print("\nNothing is written by --short without --out.")
        return
    shown = _save(records, modules, options, out, draw=True)
    print(f"\nReport: {shlex.quote(str(shown))}")


def _save(
    records: dict[str, Any], modules: dict[str, ModuleType], options: argparse.Namespace, out: Path, *, draw: bool
) -> Path:
    from .machinery import provenance, report

    return report.save(out, provenance.hardware(options.device), records, modules, draw=draw)


if __name__ == "__main__":
    sys.exit(main())
