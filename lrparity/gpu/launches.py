"""What a compiled program launches on a GPU, and how many bytes each launch moves, read from its text."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from .hlo.instructions import Computation, Instruction, Module, Shape

# Lines that give names to memory that is there already, or stand for it.
FREE = {"parameter", "constant", "tuple", "get-tuple-element", "bitcast"}
_WINDOWS = {"slice", "dynamic-slice", "gather"}


class Operation(NamedTuple):
    """What a line computes: its name in the text, the type of its result, and whether differentiation made it."""

    opcode: str
    dtype: str
    differentiated: bool


class Launch(NamedTuple):
    """One kernel, library call or copy of memory.

    Attributes:
        name: of its line in the program.
        kernel: what it is called in the PTX (a kernel that is equal to an earlier one has the earlier one's name).
        read: bytes; of an operand from which only windows are read, the windows.
        written: bytes.
        times: how often it runs in one execution.
        operations: what is computed in it.
    """

    name: str
    kernel: str
    read: int
    written: int
    times: int
    operations: frozenset[Operation]


def launches(module: Module) -> Iterator[Launch]:
    """All launches of one execution, those of loops with the number of turns."""
    yield from _of(module, module.entry, 1)


def _of(module: Module, computation: Computation, times: int) -> Iterator[Launch]:
    for one in computation.instructions:
        if one.opcode in FREE:
            continue
        if one.opcode == "call":
            yield from _of(module, module.computations[one.called("to_apply")], times)
        elif one.opcode == "while":
            turns = times * _turns(one)
            yield from _of(module, module.computations[one.called("condition")], turns + times)
            yield from _of(module, module.computations[one.called("body")], turns)
        elif one.opcode == "conditional":
            raise NotImplementedError(one.line)
        else:
            yield _launch(module, computation, one, times)


def _turns(loop: Instruction) -> int:
    config = loop.attributes.get("backend_config", "")
    _, found, rest = config.partition('"known_trip_count":{"n":"')
    if not found:
        raise NotImplementedError(f"a loop of unknown length: {loop.line}")
    return int(rest.split('"')[0])


def _launch(module: Module, computation: Computation, one: Instruction, times: int) -> Launch:
    shapes = [computation[name].shape for name in one.operands]
    if one.opcode != "fusion":
        # A library call's second result is room to work in.
        written = one.shape[0] if one.opcode == "custom-call" and isinstance(one.shape, tuple) else one.shape
        operations = frozenset({_operation(one)})
        return Launch(one.name, _kernel(one.name), sum(map(_bytes, shapes)), _bytes(written), times, operations)
    inner = module.computations[one.called("calls")]
    read = sum(_read(inner, parameter.name, _bytes(parameter.shape)) for parameter in inner.parameters())
    return Launch(one.name, _kernel(one.name), read, _written(inner), times, frozenset(_operations(module, inner)))


def _operations(module: Module, computation: Computation) -> Iterator[Operation]:
    for one in computation.instructions:
        yield _operation(one)
        if one.opcode == "fusion":
            yield from _operations(module, module.computations[one.called("calls")])


def _operation(one: Instruction) -> Operation:
    dtype = one.shape.dtype.name if isinstance(one.shape, Shape) else ""
    return Operation(one.opcode, dtype, "jvp(" in one.attributes.get("metadata", ""))


def _kernel(name: str) -> str:
    return name.replace(".", "_").replace("-", "_")


def _bytes(shape: Any) -> int:
    if isinstance(shape, tuple):
        return sum(map(_bytes, shape))
    return shape.nbytes if isinstance(shape, Shape) else 0


def _read(inner: Computation, name: str, whole: int) -> int:
    """Bytes that a fusion reads of a parameter, all of it or the windows it looks at."""
    total = 0
    for user in inner.users(name):
        if user.opcode in _WINDOWS and user.operands[0] == name:
            total += _bytes(user.shape)
        elif user.opcode == "dynamic-update-slice" and user.operands[0] == name and name not in user.operands[1:]:
            continue  # changed where it lies
        elif user.opcode == "bitcast":
            total += _read(inner, user.name, whole)
        else:
            return whole
    return min(total, whole)


def _written(inner: Computation) -> int:
    root = inner[inner.root]
    results = [inner[name] for name in root.operands] if root.opcode == "tuple" else [root]
    return sum(_result(inner, one) for one in results)


def _result(inner: Computation, one: Instruction) -> int:
    while one.opcode == "bitcast":
        one = inner[one.operands[0]]
    return _bytes(inner[one.operands[1]].shape if one.opcode == "dynamic-update-slice" else one.shape)
