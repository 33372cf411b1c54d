"""The arithmetic that a curve is written in, so that one formula serves Python, JAX and, in the tests, 50 digits.

A formula uses the operators of Python's numbers (``+ - * / // % **``), comparisons of counts, and for the rest the
functions of a ``Numbers``: here on Python's own numbers, in lrjax on arrays in float64, each operation rounded once.
The same operations in the same order then give the same bits.
"""

import math
import struct
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any, Protocol

Number = Any  # an int or a float, or an array of them that has their operators


class Numbers(Protocol):
    """What a formula may call, beside operators.

    Attributes:
        lazy: whether ``where`` computes only what is chosen. An array computes both.
    """

    lazy: bool

    def cos(self, x: Number) -> Number:
        """The cosine."""
        ...

    def tanh(self, x: Number) -> Number:
        """The hyperbolic tangent."""
        ...

    def exp(self, x: Number) -> Number:
        """e to the power of x."""
        ...

    def sqrt(self, x: Number) -> Number:
        """The square root."""
        ...

    def floor(self, x: Number) -> Number:
        """The largest integer that is not above x."""
        ...

    def single(self, x: Number) -> Number:
        """The nearest number that float32 has: what a library computes in float32, in float64 otherwise."""
        ...

    def minimum(self, x: Number, y: Number) -> Number:
        """The smaller of the two."""
        ...

    def maximum(self, x: Number, y: Number) -> Number:
        """The larger of the two."""
        ...

    def where(self, condition: Any, then: Callable[[], Number], otherwise: Callable[[], Number]) -> Number:
        """``then()`` where the condition holds, else ``otherwise()``; an array computes both."""
        ...

    def passed(self, bounds: Sequence[float], x: Number) -> Number:
        """How many of the increasing bounds are x or less."""
        ...

    def entry(self, values: Sequence[float], index: Number) -> Number:
        """The value at the index, an integer from 0 to len(values) - 1."""
        ...


class PythonNumbers:
    """Python's own: what a scheduler of torch computes with."""

    lazy = True

    def cos(self, x: Number) -> Number:
        """``math.cos``."""
        return math.cos(x)

    def tanh(self, x: Number) -> Number:
        """``math.tanh``."""
        return math.tanh(x)

    def exp(self, x: Number) -> Number:
        """``math.exp``."""
        return math.exp(x)

    def sqrt(self, x: Number) -> Number:
        """``math.sqrt``."""
        return math.sqrt(x)

    def floor(self, x: Number) -> Number:
        """``math.floor``."""
        return math.floor(x)

    def single(self, x: Number) -> Number:
        """Through C's float."""
        return struct.unpack("f", struct.pack("f", x))[0]

    def minimum(self, x: Number, y: Number) -> Number:
        """Python's ``min``."""
        return min(x, y)

    def maximum(self, x: Number, y: Number) -> Number:
        """Python's ``max``."""
        return max(x, y)

    def where(self, condition: Any, then: Callable[[], Number], otherwise: Callable[[], Number]) -> Number:
        """One of the two; the other is not computed."""
        return then() if condition else otherwise()

    def passed(self, bounds: Sequence[float], x: Number) -> Number:
        """``bisect_right``."""
        return bisect_right(bounds, x)

    def entry(self, values: Sequence[float], index: Number) -> Number:
        """``values[index]``."""
        return values[index]


PYTHON = PythonNumbers()
