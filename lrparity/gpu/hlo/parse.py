"""A program's text, read."""

import re
from collections.abc import Iterator
from typing import Any

from .instructions import DTYPES, Computation, Instruction, Module, Shape

_ARRAY = re.compile(r"(\w+)\[([\d,]*)\](?:\{([\d,]*)\})?$")
_HEADER = re.compile(r"(ENTRY )?%?([\w.\-$]+) (?:\(.*)?\{$")
_INSTRUCTION = re.compile(r"(ROOT )?%?([\w.\-$]+) = (.*)$")
_OPCODE = re.compile(r"\s*([\w\-]+)\(")
_COMMENT = re.compile(r"/\*.*?\*/")


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
