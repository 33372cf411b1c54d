"""The arithmetic of curves on JAX arrays: Python's integers and floats, operation by operation."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..arithmetic.kernels import Kernels


class Number:
    """An int64 or float64 array with the operators of Python's numbers, each operation rounded once."""

    def __init__(self, ops: Kernels, x: Any) -> None:
        self.ops = ops
        self.x: jax.Array = x

    def _other(self, other: Any) -> Any:
        """The other operand: an integer where both are, else float64."""
        x = other.x if isinstance(other, Number) else jnp.asarray(other)
        whole = jnp.issubdtype(x.dtype, jnp.integer) and jnp.issubdtype(self.x.dtype, jnp.integer)
        return x.astype(jnp.int64 if whole else jnp.float64)

    def _sum(self, a: jax.Array, b: jax.Array) -> "Number":
        if a.dtype == b.dtype == jnp.int64:
            return Number(self.ops, a + b)
        fence = self.ops.exact.fence  # XLA adds constants up: (x + 1) - 1
        return Number(self.ops, fence(fence(a.astype(jnp.float64)) + fence(b.astype(jnp.float64))))

    def __add__(self, other: Any) -> "Number":
        return self._sum(self.x, self._other(other))

    __radd__ = __add__

    def __neg__(self) -> "Number":
        return Number(self.ops, -self.x)

    def __sub__(self, other: Any) -> "Number":
        return self._sum(self.x, -self._other(other))

    def __rsub__(self, other: Any) -> "Number":
        return self._sum(self._other(other), -self.x)

    def __mul__(self, other: Any) -> "Number":
        other = self._other(other)
        if other.dtype == self.x.dtype == jnp.int64:
            return Number(self.ops, self.x * other)
        return Number(self.ops, self.ops.mul(self._float(), other))

    __rmul__ = __mul__

    def _float(self) -> jax.Array:
        return self.x.astype(jnp.float64)

    def __truediv__(self, other: Any) -> "Number":
        return self._quotient(self._float(), self._other(other).astype(jnp.float64))

    def __rtruediv__(self, other: Any) -> "Number":
        return self._quotient(self._other(other).astype(jnp.float64), self._float())

    def _quotient(self, a: jax.Array, b: jax.Array) -> "Number":
        return Number(self.ops, self.ops.div(a, b))

    def __floordiv__(self, other: Any) -> "Number":
        other = self._other(other)
        return Number(self.ops, jnp.floor_divide(self.x.astype(other.dtype), other))

    def __mod__(self, other: Any) -> "Number":
        other = self._other(other)
        return Number(self.ops, jnp.mod(self.x.astype(other.dtype), other))

    def __pow__(self, other: Any) -> "Number":
        return self._power(self._float(), self._other(other))

    def __rpow__(self, other: Any) -> "Number":
        return self._power(self._other(other), self._float())

    def _power(self, base: jax.Array, exponent: jax.Array) -> "Number":
        """The C library's power; of an exponent that the compiler knows it would make roots and products."""
        fence = self.ops.exact.fence
        return Number(self.ops, fence(jnp.power(fence(base.astype(jnp.float64)), fence(exponent.astype(jnp.float64)))))

    def __lt__(self, other: Any) -> jax.Array:
        return self.x < self._other(other)

    def __le__(self, other: Any) -> jax.Array:
        return self.x <= self._other(other)

    def __gt__(self, other: Any) -> jax.Array:
        return self.x > self._other(other)

    def __ge__(self, other: Any) -> jax.Array:
        return self.x >= self._other(other)

    def __eq__(self, other: object) -> Any:
        return self.x == self._other(other)

    __hash__ = None  # type: ignore[assignment]


class JaxNumbers:
    """The functions beside the operators: ``lrspec.curves.numbers.Numbers`` on arrays.

    Args:
        ops: arithmetic that rounds as Python's floats do.
    """

    lazy = False

    def __init__(self, ops: Kernels) -> None:
        self.ops = ops

    def number(self, x: Any) -> Number:
        """An array, or a number of Python, as a number of this arithmetic."""
        if isinstance(x, Number):
            return x
        x = jnp.asarray(x)
        return Number(self.ops, x.astype(jnp.int64 if jnp.issubdtype(x.dtype, jnp.integer) else jnp.float64))

    def _apply(self, function: Callable[[jax.Array], jax.Array], x: Any) -> Number:
        fence = self.ops.exact.fence
        return Number(self.ops, fence(function(fence(self.number(x)._float()))))

    def cos(self, x: Any) -> Number:
        """``math.cos``."""
        return self._apply(jnp.cos, x)

    def tanh(self, x: Any) -> Number:
        """``math.tanh``, but for the last bits: XLA has its own."""
        return self._apply(jnp.tanh, x)

    def exp(self, x: Any) -> Number:
        """``math.exp``, but for the last bits: XLA has its own."""
        return self._apply(jnp.exp, x)

    def sqrt(self, x: Any) -> Number:
        """``math.sqrt``."""
        return Number(self.ops, self.ops.sqrt(self.number(x)._float()))

    def floor(self, x: Any) -> Number:
        """``math.floor``."""
        return Number(self.ops, jnp.floor(self.number(x)._float()).astype(jnp.int64))

    def single(self, x: Any) -> Number:
        """float32 and back."""
        fence = self.ops.exact.fence  # XLA may leave out a cast and its reverse
        return Number(self.ops, fence(self.number(x)._float().astype(jnp.float32)).astype(jnp.float64))

    def _both(self, x: Any, y: Any) -> tuple[jax.Array, jax.Array]:
        x, y = self.number(x).x, self.number(y).x
        dtype = x.dtype if x.dtype == y.dtype else jnp.float64
        return x.astype(dtype), y.astype(dtype)

    def minimum(self, x: Any, y: Any) -> Number:
        """Python's ``min``."""
        x, y = self._both(x, y)
        return Number(self.ops, jnp.where(y < x, y, x))

    def maximum(self, x: Any, y: Any) -> Number:
        """Python's ``max``."""
        x, y = self._both(x, y)
        return Number(self.ops, jnp.where(y > x, y, x))

    def where(self, condition: Any, then: Callable[[], Any], otherwise: Callable[[], Any]) -> Any:
        """``jnp.where``; only one of them, where the condition is known."""
        if isinstance(condition, bool):
            return then() if condition else otherwise()
        return Number(self.ops, jnp.where(condition, *self._both(then(), otherwise())))

    def passed(self, bounds: Sequence[float], x: Any) -> Number:
        """``bisect_right``."""
        known = jnp.asarray(np.asarray(bounds, np.float64))
        return Number(self.ops, jnp.searchsorted(known, self.number(x)._float(), side="right").astype(jnp.int64))

    def entry(self, values: Sequence[float], index: Any) -> Number:
        """``values[index]``."""
        known = np.asarray(values)
        whole = np.issubdtype(known.dtype, np.integer)
        return Number(self.ops, jnp.asarray(known.astype(np.int64 if whole else np.float64))[self.number(index).x])
