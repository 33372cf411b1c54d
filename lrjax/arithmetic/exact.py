"""Operations that are rounded once, whatever a compiler does with the program around them.

Two things see to that (docs/arithmetic.md has the whole story):

- A *fence* adds -0, of which the compiler does not know that it is -0 (``runtime_zero``), so it cannot merge what
  comes before with what comes after. Adding -0 changes no number, and contracting it with a product before it changes
  nothing either. In half precision the zero is an integer, added to the bits: a float addition would be done in
  float32, and the rounding before it be dropped.
- Arithmetic whose every step is exact, or the same whether it is contracted or not. A multiply-add of float32 is
  computed in float64 and rounded to odd. On a GPU a quotient or a root is computed in float64, where the hardware
  rounds correctly, and rounded once more to float32: the correctly rounded result, since 53 >= 2 * 24 + 2.

A product, a quotient and a root are fenced where they are made, and what comes from elsewhere before its first use.
A sum needs no fence.
"""

import math
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.core import Tracer

_INTEGER = {2: jnp.int16, 4: jnp.int32, 8: jnp.int64}


class Exact:
    """The operations. Call them under ``jax.enable_x64(True)``, on float32 or float64 of one type.

    Args:
        zero: int32 scalar, zero at run time, unknown to the compiler: see ``runtime_zero``.
        correct_division: whether the platform's float32 division and square root are correctly rounded, as a CPU's
            are. Otherwise they are computed in float64.
    """

    def __init__(self, zero: jax.Array, *, correct_division: bool = True) -> None:
        self.zero = zero
        self.correct_division = correct_division
        self._known: dict[int, tuple[jax.Array, jax.Array]] = {}  # by id: an operand, and what to use in its place

    def fence(self, x: jax.Array) -> jax.Array:
        """``x`` itself: what follows is not merged with what came before."""
        return self.trust(_fence(x, self.zero))

    def trust(self, x: jax.Array) -> jax.Array:
        """``x`` itself, which needs no fence before it is used: it was read from memory, or made here."""
        self._known[id(x)] = x, x
        return x

    def distrust(self, x: jax.Array) -> jax.Array:
        """``x`` itself, which may be anything: it is fenced once, for all its uses here."""
        self._known[id(x)] = x, self.fence(x)
        return x

    def add(self, a: jax.Array, b: jax.Array) -> jax.Array:
        """``a + b``, rounded once."""
        return self.trust(self._own(a) + self._own(b))

    def sub(self, a: jax.Array, b: jax.Array) -> jax.Array:
        """``a - b``, rounded once."""
        return self.trust(self._own(a) - self._own(b))

    def mul(self, a: jax.Array, b: jax.Array) -> jax.Array:
        """``a * b``, rounded once."""
        return self.fence(self._own(a) * self._own(b))

    def div(self, a: jax.Array, b: jax.Array) -> jax.Array:
        """``a / b``, rounded once."""
        a, b = self._own(a), self._own(b)
        if self._in_hardware(a):
            return self.fence(a / self._tied(b, a))
        wide = a.astype(jnp.float64)
        return self._narrow(self.fence(wide / self._tied(b.astype(jnp.float64), wide)))

    def sqrt(self, a: jax.Array) -> jax.Array:
        """The square root of ``a``, rounded once."""
        a = self._own(a)
        if self._in_hardware(a):
            return self.fence(jnp.sqrt(a))
        return self._narrow(self.fence(jnp.sqrt(a.astype(jnp.float64))))

    def fma(self, a: jax.Array, b: jax.Array, c: jax.Array) -> jax.Array:
        """``a * b + c``, rounded once."""
        a, b, c = self._own(a), self._own(b), self._own(c)
        if c.dtype == jnp.float64:
            return _fma_float64(a, b, c, self.zero)
        return self.fence(_fma_float32(a, b, c))

    def _own(self, x: jax.Array) -> jax.Array:
        """``x``, fenced if it comes from elsewhere."""
        return self._known[id(x)][1] if id(x) in self._known else self.fence(x)

    def _in_hardware(self, a: jax.Array) -> bool:
        return self.correct_division or a.dtype == jnp.float64

    def _narrow(self, x: jax.Array) -> jax.Array:
        """A float64 rounded to float32; ``x`` comes fenced, or LLVM would divide in float32 after all."""
        return self.fence(x.astype(jnp.float32))

    def _tied(self, divisor: jax.Array, x: jax.Array) -> jax.Array:
        """A divisor that may be one for many: tied to each element, so that no compiler pass sees that it is."""
        return _tie(divisor, x, self.zero)


def zero_from(count: Any) -> jax.Array:
    """The zero of the fences, which the compiler must not know: from a count, unless that is a constant."""
    return jnp.minimum(count, 0) if isinstance(count, Tracer) else runtime_zero()


def runtime_zero() -> jax.Array:
    """An int32 zero that no compiler pass knows to be zero.

    Outside of a trace it is an array, to be passed to a compiled function as an argument. Inside of a trace an array
    would be a constant of the program. There it is computed from the state of the device's random number generator,
    which is the one thing in a program without arguments that cannot be folded. (``optimization_barrier`` does not
    keep a constant from being folded, and what is computed from an argument is constant where the argument is.)
    """
    zero = jnp.zeros((), jnp.int32)
    return unprovable_zero(lax.rng_uniform(jnp.float32(0), jnp.float32(1), ())) if isinstance(zero, Tracer) else zero


def unprovable_zero(x: jax.Array) -> jax.Array:
    """An int32 zero computed from the bits of a float ``x``; it is a constant only where ``x`` is.

    n * (n + 1) * (n + 2) is divisible by 3 for every n, and compilers do not reason about that (they do know that
    n * (n + 1) is even). Of an array, the zeros of its elements are added up.
    """
    bits = lax.bitcast_convert_type(lax.convert_element_type(x, jnp.float32), jnp.int32)
    n = bits & 0x3FF  # small, so that the product does not overflow
    return jnp.sum(lax.rem(n * (n + 1) * (n + 2), jnp.full_like(n, 3)), dtype=jnp.int32)


@jax.custom_jvp
def _fence(x: jax.Array, zero: jax.Array) -> jax.Array:
    integer = _INTEGER[x.dtype.itemsize]
    if x.dtype.itemsize < 4:
        return lax.bitcast_convert_type(lax.bitcast_convert_type(x, integer) + zero.astype(integer), x.dtype)
    return x + lax.bitcast_convert_type(zero.astype(integer) + jnp.iinfo(integer).min, x.dtype)


@_fence.defjvp
def _fence_jvp(primals: tuple[Any, Any], tangents: tuple[Any, Any]) -> tuple[jax.Array, Any]:
    """A fence is the identity: without this rule the derivative through the bits would be zero."""
    fenced = _fence(*primals)
    return fenced, jnp.broadcast_to(tangents[0], fenced.shape)


@jax.custom_jvp
def _tie(divisor: jax.Array, x: jax.Array, zero: jax.Array) -> jax.Array:
    """``divisor`` in the shape of both, its bits plus what ``zero`` lets through of others: nothing.

    A compiler divides by what it knows to be one number for many in a way of its own: it multiplies by the reciprocal.
    That may be a scalar, an array that a user's program made of one number, or a number that all runs of a batch share.
    So the others are the bits of ``x``, which differ from run to run, and each element's index.
    """
    integer = _INTEGER[divisor.dtype.itemsize]
    shape = jnp.broadcast_shapes(x.shape, divisor.shape)
    index = lax.iota(integer, math.prod(shape)).reshape(shape)
    bits = (lax.bitcast_convert_type(x, integer) + index) & zero.astype(integer)
    return lax.bitcast_convert_type(lax.bitcast_convert_type(divisor, integer) + bits, divisor.dtype)


@_tie.defjvp
def _tie_jvp(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[jax.Array, Any]:
    tied = _tie(*primals)
    return tied, jnp.broadcast_to(tangents[0], tied.shape)


@jax.custom_jvp
def _fma_float32(a: jax.Array, b: jax.Array, c: jax.Array) -> jax.Array:
    """The product of two float32 is exact in float64, and contracting it with the sum changes nothing.

    The sum is rounded to odd, so that the second rounding, to float32, sees on which side of a middle it lies.
    """
    product, c = a.astype(jnp.float64) * b.astype(jnp.float64), c.astype(jnp.float64)
    return _to_odd(*_two_sum(product, c)).astype(jnp.float32)


@_fma_float32.defjvp
def _fma_float32_jvp(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[jax.Array, Any]:
    return _fma_float32(*primals), _derivative(primals, tangents)


@jax.custom_jvp
def _fma_float64(a: jax.Array, b: jax.Array, c: jax.Array, zero: jax.Array) -> jax.Array:
    """Boldo and Melquiond, "Emulation of FMA and correctly rounded sums", 2008.

    Correctly rounded where no partial product under- or overflows, that is for products from 1e-290 to 1e300.
    """
    high, low = _two_product(a, b, zero)
    inner, inner_error = _two_sum(c, low)
    outer, outer_error = _two_sum(high, inner)
    exact = outer + _to_odd(*_two_sum(inner_error, outer_error))
    plain = jnp.isinf(exact) | jnp.isnan(exact) | (exact == 0)  # infinity minus infinity on the way; the sign of a zero
    return jnp.where(plain, _fence(a * b, zero) + c, exact)


@_fma_float64.defjvp
def _fma_float64_jvp(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[jax.Array, Any]:
    return _fma_float64(*primals), _derivative(primals, tangents)


def _derivative(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> jax.Array:
    """The derivative of a * b + c."""
    return tangents[0] * primals[1] + primals[0] * tangents[1] + tangents[2]


def _two_sum(a: jax.Array, b: jax.Array) -> tuple[jax.Array, jax.Array]:
    """``a + b`` rounded, and what rounding took away (Knuth)."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def _two_product(a: jax.Array, b: jax.Array, zero: jax.Array) -> tuple[jax.Array, jax.Array]:
    """``a * b`` rounded, and what rounding took away (Dekker). Products of halves are exact, contracted or not."""
    product = _fence(a * b, zero)
    (a1, a2), (b1, b2) = _halves(a), _halves(b)
    return product, a2 * b2 - (((product - a1 * b1) - a2 * b1) - a1 * b2)


def _halves(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """A float64 as a sum of two numbers of 26 bits."""
    bits = (lax.bitcast_convert_type(x, jnp.int64) + (1 << 26)) & -(1 << 27)
    high = lax.bitcast_convert_type(bits, jnp.float64)
    return high, x - high


def _to_odd(total: jax.Array, error: jax.Array) -> jax.Array:
    """The sum of a float64 and the rounding error that belongs to it, rounded to odd.

    Exact sums stay. Others lie between two float64: of these it is the one whose last bit is 1, found as the one
    nearer to zero with that bit set. (Infinity and NaN stay, too: their error is NaN.)
    """
    bits, others = lax.bitcast_convert_type(total, jnp.int64), lax.bitcast_convert_type(error, jnp.int64)
    opposite = lax.shift_right_arithmetic(bits ^ others, jnp.full_like(bits, 63))  # -1 where the signs differ
    odd = lax.select(jnp.abs(error) > 0, (bits + opposite) | 1, bits)
    return lax.bitcast_convert_type(odd, jnp.float64)
