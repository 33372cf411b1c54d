"""``python -m parity_tests.fuzz``: as many programs as asked for, on all cores, going on where the last run stopped.

A failure is written to ``FOLDER/failures/SEED-NUMBER.json``, the smallest program that fails alike and how; a fixed one
belongs into ``kept.json``, which the suite replays.
"""

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("JAX_PLATFORMS", "cpu")

from parity_tests import ROOT

from .run import Chunk, Failure, outcome, run_chunk

CHUNK = 200  # programs of one process: what is compiled for them takes a few hundred megabytes


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command: 0 where the two sides agree on every program, else 1."""
    parser = argparse.ArgumentParser(prog="python -m parity_tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="programs (100,000)")
    parser.add_argument("--seed", type=int, default=0, help="of the programs; the suite runs seed 0's first thousand")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes (all cores)")
    parser.add_argument("--folder", type=Path, default=ROOT / ".fuzz", help="progress and failures (.fuzz)")
    parser.add_argument("--replay", type=Path, help="run one program that was written down, and nothing else")
    chosen = parser.parse_args(arguments)
    if chosen.replay is not None:
        return _replay(chosen.replay)
    return _all(chosen.folder, chosen.seed, chosen.count, chosen.jobs)


def _replay(path: Path) -> int:
    says = outcome(json.loads(path.read_text())["program"])
    print(says or "the two sides agree")
    return int(bool(says))


def _all(folder: Path, seed: int, count: int, jobs: int) -> int:
    """Every chunk that is not done yet."""
    progress = folder / f"progress-{seed}.txt"
    (folder / "failures").mkdir(parents=True, exist_ok=True)
    done = set(map(int, progress.read_text().split())) if progress.exists() else set()
    chunks = [Chunk(seed, start, min(start + CHUNK, count)) for start in range(0, count, CHUNK)]
    left = [chunk for chunk in chunks if chunk.start not in done]
    begun, context = time.monotonic(), multiprocessing.get_context("spawn")
    with context.Pool(jobs, maxtasksperchild=1) as pool:
        for i, (chunk, failures) in enumerate(pool.imap_unordered(run_chunk, left)):
            _write(folder / "failures", failures)
            if chunk.end - chunk.start == CHUNK:
                with progress.open("a") as file:
                    file.write(f"{chunk.start}\n")
            rest = (time.monotonic() - begun) / (i + 1) * (len(left) - i - 1)
            print(f"\r{count - CHUNK * (len(left) - i - 1)} of {count}, {rest / 60:.0f} min left  ", end="", flush=True)
    found = sorted((folder / "failures").glob(f"{seed}-*.json"))
    print(f"\n{len(found)} failures{''.join(f', {path}' for path in found)}")
    return int(bool(found))


def _write(folder: Path, failures: Sequence[Failure]) -> None:
    for failure in failures:
        print(f"\n{failure.number}: {failure.says}")
        path = folder / f"{failure.seed}-{failure.number}.json"
        path.write_text(json.dumps(failure._asdict(), indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
