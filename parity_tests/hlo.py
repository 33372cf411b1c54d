"""XLA's optimised program as text, read and evaluated in NumPy: every operation rounds once, in its own type.

A GPU's kernels compute what this text says, operation by operation, as long as none of their instructions is
approximate, flushes subnormals or merges two operations into one; ``ptx.py`` checks that. Then the values found here
are the GPU's, bit for bit. Two things are not fixed by the text: the order of sums (``reduce``, ``dot``), and the last
bit of the functions in ``hlo_ops.BY_MATH``, which a GPU takes from NVIDIA's library.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import ml_dtypes
import numpy as np

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
_ARRAY = re.compile(r"(\w+)\[([\d,]*)\](?:\{([\d,]*)\})?$")
_HEADER = re.compile(r"(ENTRY )?%?([\w.\-$]+) (?:\(.*)?\{$")
_INSTRUCTION = re.compile(r"(ROOT )?%?([\w.\-$]+) = (.*)$")
_OPCODE = re.compile(r"\s*([\w\-]+)\(")
_COMMENT = re.compile(r"/\*.*?\*/")


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


def parse(text: str) -> Module:
    r"""Read a program.

    >>> module = parse("HloModule m\n\nENTRY main (x: f32[2]) -> f32[2] {\n  ROOT x = f32[2]{0} parameter(0)\n}")
    >>> module.entry["x"].shape.dims
    (2,)
    """
    computations: dict[str, Computation] = {}
    entry = current = None
    for raw in text.splitlines():
        line = _COMMENT.sub("", raw).strip()
        if header := _HEADER.match(line):
            current = computations[header[2]] = Computation(header[2])
            entry = current if header[1] else entry
        elif line == "}":
            current = None
        elif current is not None and (found := _INSTRUCTION.match(line)):
            current.add(_instruction(found[2], found[3], line), bool(found[1]))
    if entry is None:
        raise ValueError("parse: text must have an ENTRY computation, got none")
    return Module(computations, entry)


def _instruction(name: str, rest: str, line: str) -> Instruction:
    end = _closing(rest, 0) + 1 if rest.startswith("(") else rest.index(" ")
    opcode = _OPCODE.match(rest, end)
    if opcode is None:
        raise NotImplementedError(line)
    close = _closing(rest, opcode.end() - 1)
    argument = rest[opcode.end() : close]
    parts = list(split(rest[close + 1 :]))
    attributes = dict(part.split("=", 1) for part in parts if "=" in part)
    names = () if opcode[1] in ("constant", "parameter") else tuple(one.split("%")[-1] for one in split(argument))
    return Instruction(name, _shape(rest[:end]), opcode[1], names, argument, attributes, line)


def _shape(text: str) -> Any:
    if text.startswith("("):
        return tuple(_shape(part) for part in split(text[1:-1]))
    found = _ARRAY.match(text)
    if found is None or found[1] not in DTYPES:
        return text  # token[], opaque[]: no array
    dims = tuple(int(n) for n in found[2].split(",") if n)
    layout = tuple(int(n) for n in found[3].split(",") if n) if found[3] else tuple(reversed(range(len(dims))))
    return Shape(DTYPES[found[1]], dims, layout)


def _closing(text: str, start: int) -> int:
    """Where the parenthesis that opens at ``start`` closes."""
    depth, quoted = 0, False
    for i in range(start, len(text)):
        quoted ^= text[i] == '"' and text[i - 1] != "\\"
        if not quoted:
            depth += (text[i] in "([{") - (text[i] in ")]}")
            if depth == 0:
                return i
    raise ValueError(f"parse: parentheses must close, got {text[start:]}")


def split(text: str) -> Iterator[str]:
    """The parts between commas that stand outside of all brackets and quotes.

    >>> list(split("a={1,2}, b=(c, d)"))
    ['a={1,2}', 'b=(c, d)']
    """
    depth, quoted, begin = 0, False, 0
    for i, letter in enumerate(text):
        quoted ^= letter == '"' and text[i - 1] != "\\"
        if quoted:
            continue
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            yield from filter(None, [text[begin:i].strip()])
            begin = i + 1
    yield from filter(None, [text[begin:].strip()])


class Program:
    """A program that NumPy runs: ``Program(text)(*arrays)`` gives what the entry computation returns.

    Args:
        text: the optimised program.
    """

    def __init__(self, text: str) -> None:
        self.module = parse(text)
        self._made: dict[tuple[str, bool], Callable[..., Any]] = {}
        self._run = self.function(self.module.entry.name)

    def __call__(self, *arrays: Any) -> Any:
        """Evaluate; a result of several arrays is a tuple."""
        with np.errstate(all="ignore"):
            return self._run(*map(np.asarray, arrays))

    def function(self, name: str, check: bool = True) -> Callable[..., Any]:
        """A computation as a function of arrays; ``check`` that each value has the shape that the text says."""
        if (name, check) not in self._made:
            self._made[name, check] = self._function(self.module.computations[name], check)
        return self._made[name, check]

    def _function(self, computation: Computation, check: bool) -> Callable[..., Any]:
        from .hlo_ops import bind

        place = {one.name: i for i, one in enumerate(computation.instructions)}
        steps = []
        for one in computation.instructions:
            inputs = [place[operand] for operand in one.operands]
            operation = bind(one, [computation[operand].shape for operand in one.operands], self.function)
            steps.append((one, operation, inputs))
        last, parameters = place[computation.root], [place[one.name] for one in computation.parameters()]

        def run(*arrays: Any) -> Any:
            values: list[Any] = [None] * len(steps)
            for where, array in zip(parameters, arrays, strict=True):
                values[where] = array
            for i, (one, operation, inputs) in enumerate(steps):
                if operation is not None:
                    value = operation(*[values[j] for j in inputs])
                    values[i] = _checked(one, value) if check else value
            return values[last]

        return run


def _checked(instruction: Instruction, value: Any) -> Any:
    """The value, if it has the type and the dimensions that the program says."""
    if isinstance(instruction.shape, Shape):
        value = np.asarray(value)
        if value.shape != instruction.shape.dims or value.dtype != instruction.shape.dtype:
            raise TypeError(f"evaluated as {value.dtype}{value.shape}: {instruction.line}")
    return value
