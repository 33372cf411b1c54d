"""The operations of XLA's programs in NumPy, with the meaning they have on a GPU.

``bind`` turns one line of a program into a function of arrays; an operation that is not here raises
``NotImplementedError`` with its line.
"""

import itertools
import operator
import re
from typing import Any

import ml_dtypes
import numpy as np

from .elementwise import ELEMENTWISE
from .instructions import DTYPES, Function, Instruction
from .moves import MOVES
from .products import dot, library_call

COMPARISONS = dict(
    EQ=operator.eq, NE=operator.ne, LT=operator.lt, LE=operator.le, GT=operator.gt, GE=operator.ge
)  # as IEEE 754 has them: nothing but NE holds for NaN


def bind(instruction: Instruction, shapes: list[Any], function: Function) -> Function | None:
    """The operation of a line, as a function of its operands; None for a parameter.

    Args:
        instruction: the line.
        shapes: of its operands.
        function: a computation's name -> the computation as a function.
    """
    opcode = instruction.opcode
    if opcode == "parameter":
        return None
    if opcode in ELEMENTWISE:
        return ELEMENTWISE[opcode]
    make = _MAKERS.get(opcode) or MOVES.get(opcode)
    if make is None:
        raise NotImplementedError(instruction.line)
    return make(instruction, shapes, function)


def _compare(instruction: Instruction, shapes: list[Any], function: Any) -> Function:
    del shapes, function
    if "TOTALORDER" in instruction.attributes.get("type", ""):
        raise NotImplementedError(instruction.line)
    return COMPARISONS[instruction.attributes["direction"]]


def _convert(instruction: Instruction, shapes: list[Any], function: Any) -> Function:
    """To another type: floats to the nearest, to integers towards zero within their range, NaN to 0."""
    del function
    dtype, source = instruction.shape.dtype, shapes[0].dtype
    if dtype == np.bool_:
        return lambda x: x != 0
    if dtype.kind not in "iu" or source.kind in "biu":
        return lambda x: x.astype(dtype)
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max

    def to_integer(x: Any) -> Any:
        whole = np.trunc(np.nan_to_num(x.astype(np.float64), nan=0.0, posinf=np.inf, neginf=-np.inf))
        inside = np.where((whole > low) & (whole < high), whole, 0).astype(dtype)
        return np.where(whole >= high, dtype.type(high), np.where(whole <= low, dtype.type(low), inside))

    return to_integer


def _reduce_precision(instruction: Instruction, shapes: list[Any], function: Any) -> Function:
    """To the numbers of a narrower type, the subnormal ones of which become zero."""
    del shapes, function
    (exponent,), (mantissa,) = instruction.numbers("exponent_bits"), instruction.numbers("mantissa_bits")
    narrow = {(8, 23): DTYPES["f32"], (5, 10): DTYPES["f16"], (8, 7): DTYPES["bf16"]}.get((exponent, mantissa))
    if narrow is None:
        raise NotImplementedError(instruction.line)
    smallest = float(ml_dtypes.finfo(narrow).smallest_normal)

    def run(x: Any) -> Any:
        rounded = x.astype(narrow).astype(x.dtype)
        return np.where(np.abs(rounded) < smallest, np.copysign(x.dtype.type(0), x), rounded)

    return run


def _random_state(instruction: Instruction, shapes: list[Any], function: Any) -> Function:
    """The state of the device's random numbers; where a program's results depend on it they are not defined."""
    del shapes, function
    counter = itertools.count(1)
    return lambda: np.full(instruction.shape.dims, next(counter), instruction.shape.dtype)


def _reduce(instruction: Instruction, shapes: list[Any], function: Any) -> Function:
    """A fold along dimensions, one element after the other; XLA leaves the order open."""
    axes, count = instruction.numbers("dimensions"), len(shapes) // 2
    fold = function(instruction.called("to_apply"), check=False)  # of scalars, here done to arrays

    def run(*arrays: Any) -> Any:
        flat = [_to_front(array, axes) for array in arrays[:count]]
        carry = tuple(np.broadcast_to(start, flat[0].shape[1:]) for start in arrays[count:])
        for parts in zip(*flat, strict=True):
            result = fold(*carry, *parts)
            carry = result if isinstance(result, tuple) else (result,)
        return carry if isinstance(instruction.shape, tuple) else carry[0]

    return run


def _to_front(x: Any, axes: tuple[int, ...]) -> Any:
    rest = [axis for axis in range(x.ndim) if axis not in axes]
    moved = x.transpose(*axes, *rest)
    return moved.reshape(-1, *(x.shape[axis] for axis in rest))


def _call(attribute: str) -> Function:
    return lambda instruction, shapes, function: function(instruction.called(attribute))


def _while(instruction: Instruction, shapes: list[Any], function: Any) -> Function:
    del shapes
    condition, body = (function(instruction.called(name)) for name in ("condition", "body"))

    def run(state: Any) -> Any:
        while condition(state):
            state = body(state)
        return state

    return run


def _conditional(instruction: Instruction, shapes: list[Any], function: Any) -> Function:
    del shapes
    names = re.findall(r"[\w.\-$]+", instruction.attributes.get("branch_computations", ""))
    names = names or [instruction.called(f"{which}_computation") for which in ("false", "true")]
    branches = [function(name) for name in names]
    last = len(branches) - 1

    def run(index: Any, *operands: Any) -> Any:
        chosen = int(index) if 0 <= int(index) <= last else last
        return branches[chosen](operands[chosen])

    return run


_MAKERS: dict[str, Function] = {
    "call": _call("to_apply"),
    "compare": _compare,
    "conditional": _conditional,
    "convert": _convert,
    "custom-call": library_call,
    "dot": dot,
    "fusion": _call("calls"),
    "reduce": _reduce,
    "reduce-precision": _reduce_precision,
    "rng-get-and-update-state": _random_state,
    "while": _while,
}
