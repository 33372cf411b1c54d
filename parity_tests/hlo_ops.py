"""The operations of XLA's programs in NumPy, with the meaning they have on a GPU.

``bind`` turns one line of a program into a function of arrays; an operation that is not here raises
``NotImplementedError`` with its line.
"""

import itertools
import math
import operator
import re
from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np

from .hlo import DTYPES, Instruction
from .hlo_moves import MOVES
from .hlo_products import dot, library_call

Function = Callable[..., Any]


def by_math(function: Function) -> Function:
    """Python's ``math`` in float64, rounded to the operand's type: near what a GPU's library computes."""

    def one(*numbers: float) -> float:
        try:
            return function(*numbers)
        except OverflowError:
            return math.inf
        except ValueError:
            return math.nan

    def each(*arrays: Any) -> Any:
        wide = [np.asarray(array, np.float64) for array in arrays]
        return np.vectorize(one, otypes=[np.float64])(*wide).astype(arrays[0].dtype)

    return each


def _power(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return -math.inf if base < 0 and exponent % 2 == 1 else math.inf
    except ValueError:  # 0 to a negative power, or a negative base
        return math.nan if base else math.copysign(math.inf, base) if exponent % 2 == 1 else math.inf


def _log(x: float) -> float:
    return -math.inf if x == 0 else math.log(x)


# What a GPU takes from NVIDIA's library, whose last bit may be another.
BY_MATH = {
    "power": by_math(_power),
    "cosine": by_math(math.cos),
    "sine": by_math(math.sin),
    "tanh": by_math(math.tanh),
    "exponential": by_math(math.exp),
    "exponential-minus-one": by_math(math.expm1),
    "log": by_math(_log),
    "log-plus-one": by_math(math.log1p),
}


def _larger(a: Any, b: Any) -> Any:
    """NaN where one is NaN; +0 is larger than -0."""
    return np.where((a == 0) & (b == 0), a + b, np.maximum(a, b)) if _is_float(a) else np.maximum(a, b)


def _smaller(a: Any, b: Any) -> Any:
    return np.where((a == 0) & (b == 0), -((-a) + (-b)), np.minimum(a, b)) if _is_float(a) else np.minimum(a, b)


def _is_float(x: Any) -> bool:
    return x.dtype.kind not in "biu"


def _divide(a: Any, b: Any) -> Any:
    """Of integers: towards zero, and -1 where the divisor is 0."""
    if _is_float(a):
        return a / b
    divisor = np.where(b == 0, 1, b).astype(a.dtype)
    down = a // divisor
    towards_zero = down + ((down * divisor != a) & ((a < 0) != (divisor < 0)))
    return np.where(b == 0, -1, towards_zero).astype(a.dtype)


def _remainder(a: Any, b: Any) -> Any:
    """With the sign of the first; of integers the first itself where the second is 0."""
    return np.fmod(a, b) if _is_float(a) else np.where(b == 0, a, np.fmod(a, np.where(b == 0, 1, b).astype(a.dtype)))


def _sign(x: Any) -> Any:
    """-1 or 1; zeros and NaN as they are."""
    return np.where((x == 0) | (x != x), x, np.sign(x)).astype(x.dtype)


def _logical(bits: Function, truths: Function) -> Function:
    return lambda a, b: truths(a, b) if a.dtype == np.bool_ else bits(a, b)


def _shift_right_logical(a: Any, by: Any) -> Any:
    unsigned = np.dtype(f"u{a.dtype.itemsize}")
    return (np.asarray(a).view(unsigned) >> np.asarray(by).view(unsigned)).view(a.dtype)


ELEMENTWISE: dict[str, Function] = {
    **BY_MATH,
    "abs": np.abs,
    "add": lambda a, b: a | b if a.dtype == np.bool_ else a + b,
    "and": _logical(np.bitwise_and, np.logical_and),
    "ceil": np.ceil,
    "clamp": lambda low, x, high: _smaller(_larger(x, low), high),
    "copy": lambda x: x,
    "divide": _divide,
    "floor": np.floor,
    "is-finite": np.isfinite,
    "maximum": _larger,
    "minimum": _smaller,
    "multiply": lambda a, b: a & b if a.dtype == np.bool_ else a * b,
    "negate": operator.neg,
    "not": np.invert,
    "or": _logical(np.bitwise_or, np.logical_or),
    "remainder": _remainder,
    "round-nearest-even": np.rint,
    "rsqrt": lambda x: x.dtype.type(1) / np.sqrt(x),  # rounds twice; the instruction is forbidden anyway
    "select": np.where,
    "shift-left": np.left_shift,
    "shift-right-arithmetic": np.right_shift,
    "shift-right-logical": _shift_right_logical,
    "sign": _sign,
    "sqrt": np.sqrt,
    "subtract": operator.sub,
    "tuple": lambda *parts: parts,
    "xor": _logical(np.bitwise_xor, np.logical_xor),
}

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
