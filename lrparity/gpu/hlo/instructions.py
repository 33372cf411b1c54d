"""What a program in XLA's text form is made of: shapes, instructions, computations, modules."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import ml_dtypes
import numpy as np

Function = Callable[..., Any]  # of arrays
DTYPES: dict[str, np.dtype[Any]] = {
    name: np.dtype(dtype)
    for name, dtype in {
        "pred": np.bool_,
        **{f"s{bits}": f"int{bits}" for bits in (8, 16, 32, 64)},
        **{f"u{bits}": f"uint{bits}" for bits in (8, 16, 32, 64)},
        **{f"f{bits}": f"float{bits}" for bits in (16, 32, 64)},
        "bf16": ml_dtypes.bfloat16,
    }.items()
}


@dataclass(frozen=True)
class Shape:
    """An array: its type, its dimensions, and how it lies in memory."""

    dtype: np.dtype[Any]
    dims: tuple[int, ...]
    layout: tuple[int, ...]  # dimensions from the fastest to the slowest

    @property
    def nbytes(self) -> int:
        """How much memory it takes."""
        return int(np.prod(self.dims, dtype=np.int64)) * self.dtype.itemsize


class Instruction(NamedTuple):
    """One line of the program."""

    name: str
    shape: Any  # a Shape, or a tuple of such, nested
    opcode: str
    operands: tuple[str, ...]
    argument: str  # what stands in the parentheses: a constant's value, a parameter's number
    attributes: dict[str, str]
    line: str

    def numbers(self, attribute: str) -> tuple[int, ...]:
        """An attribute that is a list of integers; an absent one is empty."""
        return tuple(map(int, re.findall(r"-?\d+", self.attributes.get(attribute, ""))))

    def called(self, attribute: str) -> str:
        """The computation that an attribute names."""
        return self.attributes[attribute].lstrip("%")


@dataclass
class Computation:
    """Instructions in the order in which they run."""

    name: str
    instructions: list[Instruction] = field(default_factory=list)
    root: str = ""

    def __getitem__(self, name: str) -> Instruction:
        return self.by_name[name]

    def __post_init__(self) -> None:
        self.by_name: dict[str, Instruction] = {}

    def add(self, instruction: Instruction, root: bool) -> None:
        """Append an instruction."""
        self.instructions.append(instruction)
        self.by_name[instruction.name] = instruction
        self.root = instruction.name if root else self.root

    def parameters(self) -> list[Instruction]:
        """The parameters, by number."""
        found = [one for one in self.instructions if one.opcode == "parameter"]
        return sorted(found, key=lambda one: int(one.argument))

    def users(self, name: str) -> list[Instruction]:
        """The instructions that read ``name``."""
        return [one for one in self.instructions if name in one.operands]


@dataclass
class Module:
    """A whole program."""

    computations: dict[str, Computation]
    entry: Computation
