"""``python -m parity_tests.gpu.code``: every optimizer compiled for a GPU, and its bits, on a machine without one.

For each program two things must hold. No kernel may have an instruction that is approximate, flushes subnormal numbers
or may be merged with another (``ptx.py``), so that the compiled program rounds as it is written. And that program,
evaluated in NumPy with one rounding per operation (``hlo``), must give what torch computes on CUDA
(``oracle/cuda.py``), in every bit.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import jax

from lrparity.gpu.ptx import Found, judge
from lrparity.gpu.target import GpuProgram, compile_all, missing

from .programs import DIGITS, ROWS, differing, epoch_differs, evaluated, expected, same_program, source

TABLE = "parity_tests.gpu.programs:source"
NAMES = (*ROWS, DIGITS)


class Verdict(NamedTuple):
    """What came out for one program.

    Attributes:
        name: of the row.
        text: the line to print.
        passes: whether both checks do.
    """

    name: str
    text: str
    passes: bool


def prove(names: Sequence[str], out: Path | None = None) -> Iterator[Verdict]:
    """Compile and check programs.

    Args:
        names: of rows, see ``NAMES``.
        out: a folder for the programs and their PTX.
    """
    first = {}  # the rows that differ in numbers share a program
    for name in names:
        first.setdefault(_program(name), name)
    for compiled, program in compile_all(TABLE, list(first.values())):
        if out is not None and isinstance(program, GpuProgram):
            _save(out, compiled, program)
        for name in names:
            if first[_program(name)] == compiled:
                yield _verdict(name, program)


def _program(name: str) -> object:
    return name if name == DIGITS else same_program(ROWS[name])


def _verdict(name: str, program: GpuProgram | str) -> Verdict:
    if isinstance(program, str):
        return Verdict(name, f"{name}: not compiled: {program}", False)
    judged = judge(program.ptx, program.launches)
    try:
        bits, equal = _bits(name, program)
    except NotImplementedError as error:
        bits, equal = f"not evaluated: {error}", False
    parts = [facts(name, program), f"forbidden: {shown(judged.forbidden)}", f"library: {shown(judged.functions)}"]
    parts += [f"network: {shown(judged.network)}"] if judged.network else []
    return Verdict(name, f"{name}: {'; '.join([*parts, bits])}", equal and not judged.forbidden)


def _bits(name: str, program: GpuProgram) -> tuple[str, bool]:
    """Which bits differ, as text, and whether that is well."""
    if name == DIGITS:
        differ = epoch_differs(program)
    else:
        row = ROWS[name]
        ours = evaluated(row, program)
        differ = differing(ours, expected(row)) if row.has_bits else {}
        if not row.has_bits:
            return "bits not compared: sums decide", True
    return (
        "bits differ: " + ", ".join(f"{n} {what}" for what, n in differ.items()) if differ else "bits equal"
    ), not differ


def facts(name: str, program: GpuProgram) -> str:
    """The compiler's figures."""
    count = sum(one.times for one in program.launches)
    moved = sum(one.times * (one.read + one.written) for one in program.launches)
    parameters = sum(leaf.size for leaf in jax.tree.leaves(source(name).arguments[0]))
    return (
        f"{count} kernels, {moved / parameters:.1f} bytes per parameter, "
        f"{program.temporaries - program.workspace} bytes of temporaries, {program.seconds:.1f} s"
    )


def shown(found: Iterable[Found]) -> str:
    """Instructions and how often each stands in the program."""
    counts: Counter[str] = Counter()
    for one in found:
        counts[one.instruction] += one.times
    return ", ".join(f"{count} {instruction}" for instruction, count in sorted(counts.items())) or "none"


def _save(out: Path, name: str, program: GpuProgram) -> None:
    out.mkdir(parents=True, exist_ok=True)
    file = "".join(letter if letter.isalnum() else "_" for letter in name)
    (out / f"{file}.hlo").write_text(program.hlo)
    (out / f"{file}.ptx").write_text(program.ptx)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; its exit status is 1 if any program fails, and 2 if none can be compiled here."""
    parser = argparse.ArgumentParser(prog="python -m parity_tests.gpu.code", description="Bits of a GPU, without one.")
    parser.add_argument("--only", metavar="NAME", help="programs whose names begin so")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write the programs and their PTX there")
    options = parser.parse_args(arguments)
    names = [name for name in NAMES if name.startswith(options.only or "")]
    if not names:
        parser.error(f"--only must begin a name such as {NAMES[0]!r}, got {options.only!r}")
    if reason := missing():
        print(reason, file=sys.stderr)
        return 2
    failed = 0
    for verdict in prove(names, options.out):
        print(verdict.text if verdict.passes else f"FAILED {verdict.text}", flush=True)
        failed += not verdict.passes
    print(f"{len(names) - failed} of {len(names)} programs pass")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
