"""Many programs: run, each failure shrunk to a minimal program with the line that says how it fails."""

import re
import traceback
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

import jax
import torch

from .compare import difference
from .programs import MEMBERS, Program, program
from .shrink import shrink


class Failure(NamedTuple):
    """A program on which the two sides differ."""

    seed: int
    number: int
    says: str
    program: Program  # the smallest that fails alike


class Chunk(NamedTuple):
    """The programs of a seed from ``start`` to before ``end``."""

    seed: int
    start: int
    end: int


def run_chunk(chunk: Chunk) -> tuple[Chunk, list[Failure]]:
    """The chunk and its failures; for a process of its own."""
    torch.set_num_threads(1)
    return chunk, list(run(chunk.seed, range(chunk.start, chunk.end)))


def outcome(one: Mapping[str, Any]) -> str:
    """Where the two sides differ, or the error that neither should raise; empty where all is well."""
    try:
        return difference(one)
    except Exception as error:  # whatever it is, it is a finding
        *_, last = traceback.extract_tb(error.__traceback__)
        return f"raised in {last.name}: {type(error).__name__}: {error}"


def run(seed: int, numbers: range, *, shrunk: bool = True) -> Iterator[Failure]:
    """The failures among the programs of these numbers; of a family one is enough."""
    families = set()
    for number in numbers:
        one = program(seed, number)
        says = outcome(one)
        if says and number // MEMBERS not in families:
            families.add(number // MEMBERS)
            if shrunk:
                one = shrink(one, partial(_fails_alike, _kind(says)))
                jax.clear_caches()  # of all that shrinking compiled
            yield Failure(seed, number, outcome(one), one)


def _fails_alike(kind: str, one: Program) -> bool:
    return _kind(outcome(one)) == kind


def _kind(says: str) -> str:
    """How a program fails, without the place, the numbers and the names in the text."""
    text = re.sub(r"^(after )?event \d+, \w+: |^at the start: ", "", says)
    return re.sub(r"'[^']*'|-?\b[\d.]+(e[+-]?\d+)?\b|\bnan\b|\binf\b|\[[^]]*\]", "", text)[:120]
