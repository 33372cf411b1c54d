"""The operations of XLA's programs on each element by itself, in NumPy, with the meaning they have on a GPU."""

import math
import operator
from typing import Any

import numpy as np

from .instructions import Function


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
