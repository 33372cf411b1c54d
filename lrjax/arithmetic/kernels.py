"""torch's tensor operations as its CPU kernels round them, and the base of those of other devices.

torch runs one kernel at a time, and each rounds where its code says: ``fma`` below rounds once, every other operation
by itself. docs/arithmetic.md has the tables of both devices, with their sources.

Scalars are float64 until they enter a kernel, as torch's are Python floats; a kernel casts them to the tensor's
arithmetic type. In half precision (bfloat16, float16) that type is float32, and the result is rounded to the tensor's
type, once.
"""

from typing import Any, ClassVar, TypeVar, overload

import jax
import jax.numpy as jnp
from jax import lax

from .exact import Exact

Operand = jax.Array | float  # a tensor, or a number: it is cast to the other's arithmetic type
Held = TypeVar("Held")


class Kernels:
    """The CPU table. Call the kernels under ``jax.enable_x64(True)``.

    Args:
        zero: int32 scalar, zero at run time, unknown to the compiler: see ``exact.runtime_zero``.
    """

    cuda: ClassVar[bool] = False
    small: ClassVar[int] = 1 << 11  # values up to which copying a tensor costs less than a kernel of its own

    def __init__(self, zero: jax.Array) -> None:
        self.zero = zero
        self.exact = Exact(zero, correct_division=not self.cuda)

    def mul(self, a: jax.Array, b: Operand) -> jax.Array:
        """``a.mul(b)``, b a scalar or a tensor."""
        return self._out(self.exact.mul(widened(a), self._as(b, a)), a)

    def add(self, a: jax.Array, b: Operand, alpha: Operand | None = None) -> jax.Array:
        """``a.add(b, alpha=alpha)``."""
        b = self._operand(b, a)
        if alpha is None:
            return self._out(self.exact.add(widened(a), b), a)
        return self._out(self.exact.fma(self._operand(alpha, a), b, widened(a)), a)

    def sub(self, a: jax.Array, b: jax.Array) -> jax.Array:
        """``a.add(b, alpha=-1)``, which is a - b."""
        return self._out(self.exact.sub(widened(a), widened(b)), a)

    def lerp(self, a: jax.Array, b: jax.Array, weight: Operand) -> jax.Array:
        """``a.lerp(b, weight)``."""
        weight = self._as(weight, a)
        near = jnp.abs(weight) < 0.5
        coefficient, start = jnp.where(near, weight, weight - 1), jnp.where(near, widened(a), widened(b))
        return self._out(self.exact.fma(coefficient, self.exact.sub(widened(b), widened(a)), start), a)

    def addcmul(self, a: jax.Array, b: jax.Array, c: jax.Array, value: Operand) -> jax.Array:
        """``a.addcmul(b, c, value=value)``."""
        return self._out(self.exact.fma(self.exact.mul(widened(b), self._as(value, a)), widened(c), widened(a)), a)

    def addcdiv(self, a: jax.Array, b: jax.Array, c: jax.Array, value: Operand) -> jax.Array:
        """``a.addcdiv(b, c, value=value)``."""
        quotient = self.exact.div(self.exact.mul(widened(b), self._as(value, a)), widened(c))
        return self._out(self.exact.add(widened(a), quotient), a)

    def div(self, a: Operand, b: Operand) -> jax.Array:
        """``a.div(b)``, b a scalar or a tensor; of two float64, Python's ``a / b``."""
        a = a if isinstance(a, jax.Array) else jnp.full_like(b, a)
        return self._out(self.exact.div(widened(a), self._as(b, a)), a)

    def sqrt(self, a: jax.Array) -> jax.Array:
        """``a.sqrt()``."""
        return self._out(self.exact.sqrt(widened(a)), a)

    def half_power(self, x: jax.Array) -> jax.Array:
        """Python's ``x**0.5`` of float64: the C library's power, whose last bit is not always that of the root.

        The exponent is one that the compiler does not know; of 0.5 it would make a root.
        """
        return jnp.power(x, self.zero.astype(jnp.float64) + 0.5)

    def reciprocal(self, a: jax.Array) -> jax.Array:
        """``a.reciprocal()``; torch computes scalar / tensor as this times the scalar."""
        return self._out(self.exact.div(jnp.ones_like(widened(a)), widened(a)), a)

    def sign(self, a: jax.Array) -> jax.Array:
        """``a.sign()``: zero for both zeros and for NaN."""
        return (a > 0).astype(a.dtype) - (a < 0).astype(a.dtype)

    def sign_of_product(self, a: jax.Array, b: jax.Array) -> jax.Array:
        """The sign of ``a.mul(b)``, int32. torch's product is zero only below half the smallest subnormal number.

        In float64, for XLA on a CPU makes every subnormal product zero.
        """
        product = self.exact.mul(a.astype(jnp.float64), b.astype(jnp.float64))
        least = 0.0 if a.dtype == jnp.float64 else float(jnp.finfo(a.dtype).smallest_subnormal) / 2
        return (product > least).astype(jnp.int32) - (product < -least).astype(jnp.int32)

    def maximum(self, a: jax.Array, b: jax.Array) -> jax.Array:
        """``torch.maximum(a, b)``: NaN where one of them is, which XLA's own maximum on a CPU does not see to."""
        return jnp.where((a > b) | (a != a), a, b)

    def clamp(self, a: jax.Array, low: jax.Array, high: jax.Array) -> jax.Array:
        """``a.clamp(low, high)``: NaN stays NaN."""
        a = jnp.where(a < low, low, a)
        return jnp.where(a > high, high, a)

    def bfloat16(self, x: jax.Array) -> jax.Array:
        """``x.bfloat16()``, for arithmetic in that type."""
        return self.rounded(x.astype(jnp.float32), jnp.bfloat16)

    def rounded(self, x: jax.Array, dtype: Any) -> jax.Array:
        """``x.to(dtype)``, rounded here: XLA drops a plain conversion there and back."""
        return self.exact.fence(x.astype(dtype))

    @overload
    def stored(self, tensor: jax.Array, /) -> jax.Array: ...

    @overload
    def stored(self, first: jax.Array, second: jax.Array, /) -> tuple[jax.Array, jax.Array]: ...

    def stored(self, *tensors: jax.Array) -> Any:
        """The tensors, written to memory here, as torch's kernels do: what follows reads them there.

        Without it XLA computes a moment twice on a CPU, once to keep it and once more inside the parameter's
        kernel, and, since the old moment is then read after the new one is there, copies it first.
        """
        large = max((x.size for x in tensors), default=0) >= _LARGE
        held: Any = tuple(map(self.exact.trust, self.held(tensors))) if large else tensors
        return held if len(held) > 1 else held[0]

    def held(self, tree: Held) -> Held:
        """``tree`` itself, in memory: what is before and what is after are separate kernels."""
        return _held_in_memory(tree, self.zero)

    def _operand(self, x: Operand, a: jax.Array) -> jax.Array:
        """What ``add`` adds to ``a``: a scalar is rounded to the type of ``a`` first."""
        return self._as(x, a) if jnp.ndim(x) > 0 else widened(self._out(self._as(x, a), a))

    def _as(self, x: Operand, tensor: jax.Array) -> jax.Array:
        """A scalar or tensor operand in the arithmetic type of ``tensor``."""
        dtype = arithmetic_type(tensor.dtype)
        if not isinstance(x, jax.Array):
            return self.exact.trust(jnp.asarray(x, dtype))
        return self.rounded(x, dtype) if x.dtype.itemsize > jnp.dtype(dtype).itemsize else jnp.asarray(x, dtype)

    def _out(self, x: jax.Array, tensor: jax.Array) -> jax.Array:
        """The end of a kernel: ``x`` in the tensor's type, but not by ``reduce_precision``, which flushes float16."""
        return x if x.dtype == tensor.dtype else self.rounded(x, tensor.dtype)


_LARGE = 1 << 10  # below, what a kernel costs to call is more than what it computes


@jax.custom_jvp
def _held_in_memory(tree: Any, zero: jax.Array) -> Any:
    """A loop that takes no turn, which the compiler does not know (``zero``), passes its arrays on where they are."""
    return lax.fori_loop(zero * 0, -zero, lambda _, held: jax.tree.map(lambda x: x + x, held), tree)


@_held_in_memory.defjvp
def _held_in_memory_jvp(primals: tuple[Any, Any], tangents: tuple[Any, Any]) -> tuple[Any, Any]:
    return _held_in_memory(*primals), tangents[0]


def widened(x: jax.Array) -> jax.Array:
    """``x`` in its arithmetic type."""
    return x.astype(arithmetic_type(x.dtype))


def arithmetic_type(dtype: Any) -> Any:
    """torch's arithmetic type: float32 for half precision, else the type itself."""
    return jnp.float32 if jnp.dtype(dtype).itemsize < 4 else dtype
