"""PyTorch's CPU kernels with PyTorch's rounding, in compiled JAX.

Two programs agree in the last bit only when they round at the same places. torch runs one kernel at
a time and each kernel rounds its result once. XLA fuses the whole optimizer into one loop, and there
the compiler does two things torch does not:

1. It contracts ``a * b + c`` into one fused multiply-add, which rounds once where torch's ``mul_``
   followed by ``add_`` rounds twice. Inside *one* torch kernel (``add_(alpha)``, ``addcmul_``,
   ``lerp_``) that is just what torch does too, so there the contraction is welcome; between kernels
   it is wrong.
2. It turns ``x / s`` with a scalar ``s`` into ``x * (1 / s)``, which rounds twice where torch's
   ``div`` rounds once. In the same spirit ``x / sqrt(y)`` becomes ``x * rsqrt(y)``
   and ``x / y / z`` becomes ``x / (y * z)``.

Neither ``lax.optimization_barrier`` nor ``lax.reduce_precision`` stops them. What does is a *fence*: an
integer zero that the compiler cannot prove to be zero is added to the bits of a product, a quotient or a
root (a sum needs none: nothing merges it with what comes next). It costs one integer instruction on data
already in registers. (Added, not xor-ed or or-ed: two xor with the same zero, as around a multiplication
by 1 that the compiler drops, cancel out and the fence is gone; and ``(x | zero) & zero`` is ``zero``,
which unties the divisor of a division from its element.)
The zero is ``minimum(count, 0)`` of a step counter that is an input of the compiled program; it must
not be a compile-time constant (``unprovable_zero`` makes one from data).

The contraction that torch's own kernels need is a thing compilers may do, not must. On vectors they
always do; LLVM turns a loop over rows of 3 to 7 elements into column-wise code and then contracts some
multiply-adds and not others (seen on x86-64). So tensors with a short last dimension compute the fused
multiply-add in float64, correctly rounded whatever the compiler does (``_fma_exactly``); they are
small, and it costs nothing that matters.

What torch's kernels compute (torch 2.13, CPU, checked one by one; fma rounds once):

========================  =====================================
``mul_(s)``, ``mul(b)``   a * s
``add_(b, alpha=s)``      fma(s, b, a)
``lerp_(b, w)``           fma(w, b - a, a), for w >= 0.5 fma(w - 1, b - a, b)
``addcmul_(b, c, s)``     fma(s * b, c, a)
``addcdiv_(b, c, s)``     a + (s * b) / c
``div(s)``                a / s
========================  =====================================

Scalars are float64 until they enter a kernel, as torch's are Python floats; a kernel casts them to
the tensor's arithmetic type.

Half precision (bfloat16, float16): a kernel computes in float32 and rounds its result to the tensor's type,
once; scalars are float32, too. Only ``add`` differs: it rounds its scalars, ``s`` of ``add(s)`` and ``alpha``,
to the tensor's type first, so that an eps of 1e-8 is zero in float16. That is torch's vector code. What is left
over of a tensor, its last n % 32 elements, torch computes one by one, and there ``add(b, alpha)`` rounds alpha * b,
too; here the tail is as the body.
"""

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

_INTEGER = {2: jnp.int16, 4: jnp.int32, 8: jnp.int64}


def unprovable_zero(x: jax.Array) -> jax.Array:
    """An int32 zero computed from the first element of ``x``, which no compiler pass folds to a constant.

    n * (n + 1) * (n + 2) is divisible by 3 for every n, and compilers do not reason about that (they do
    know that n * (n + 1) is even).
    """
    if x.size == 0:
        return jnp.zeros((), jnp.int32)
    first = lax.convert_element_type(x[(0,) * x.ndim], jnp.float32)
    n = lax.bitcast_convert_type(first, jnp.int32) & 0x3FF  # small, so that the product does not overflow
    return (n * (n + 1) * (n + 2)) % 3


_SHORT = 16  # twice the longest last dimension that was seen contracted differently


class Kernels:
    """torch's tensor operations, rounding included. Call them under ``jax.enable_x64(True)``.

    Args:
        zero: int32 scalar, zero at run time, unknown to the compiler (see the module's text).
        exact_fma: compute multiply-adds of float32 in float64 instead of leaving them to the compiler.
    """

    def __init__(self, zero: jax.Array, *, exact_fma: bool = False) -> None:
        """Keep the zero that all fences of one update share."""
        self.zero = zero
        self.exact_fma = exact_fma

    def of(self, x: jax.Array) -> "Kernels":
        """The kernels for a tensor of the shape of ``x``."""
        return Kernels(self.zero, exact_fma=x.ndim == 0 or x.shape[-1] < _SHORT)

    def fence(self, x: jax.Array) -> jax.Array:
        """``x`` itself, rounded here: nothing after it is contracted with what came before."""
        return _fence(x, self.zero)

    def mul(self, a: jax.Array, b: Any) -> jax.Array:
        """``a.mul(b)``: a * b, b a scalar or a tensor."""
        return self._fenced(_up(a) * _as(b, a), a)

    def add(self, a: jax.Array, b: Any, alpha: Any = None) -> jax.Array:
        """``a.add(b, alpha=alpha)``: fma(alpha, b, a); a + b without alpha. Scalars in the type of ``a``."""
        b = self._own(b, a)
        return self._out(_up(a) + b if alpha is None else self._fma(self._own(alpha, a), b, _up(a)), a)

    def lerp(self, a: jax.Array, b: jax.Array, weight: Any) -> jax.Array:
        """``a.lerp(b, weight)``."""
        weight = _as(weight, a)
        near = jnp.abs(weight) < 0.5
        coefficient, start = jnp.where(near, weight, weight - 1), jnp.where(near, _up(a), _up(b))
        return self._out(self._fma(coefficient, _up(b) - _up(a), start), a)

    def addcmul(self, a: jax.Array, b: jax.Array, c: jax.Array, value: Any) -> jax.Array:
        """``a.addcmul(b, c, value=value)``: fma(value * b, c, a)."""
        return self._out(self._fma(_as(value, a) * _up(b), _up(c), _up(a)), a)

    def addcdiv(self, a: jax.Array, b: jax.Array, c: jax.Array, value: Any) -> jax.Array:
        """``a.addcdiv(b, c, value=value)``: a + (value * b) / c."""
        return self._out(_up(a) + (_as(value, a) * _up(b)) / _up(c), a)

    def div(self, a: jax.Array, b: Any) -> jax.Array:
        """``a.div(b)``: a / b rounded once, also where one b is for many a."""
        divisor = _as(b, a)
        if divisor.ndim == 0 or divisor.shape != a.shape:  # tie the divisor to the element: see 2 above
            divisor = _tie(divisor, _up(a), self.zero)
        return self._fenced(_up(a) / divisor, a)

    def sqrt(self, a: jax.Array) -> jax.Array:
        """``a.sqrt()``, correctly rounded."""
        return self._fenced(jnp.sqrt(_up(a)), a)

    def stored(self, *tensors: jax.Array) -> Any:
        """The tensors, written to memory here, as torch's kernels do: what follows reads them there.

        Without it XLA computes a moment twice on a CPU, once to keep it and once more inside the parameter's
        kernel, and, since the old moment is then read after the new one is there, copies it first.
        """
        large = max((x.size for x in tensors), default=0) >= _LARGE
        held: Any = held_in_memory(tensors, self.zero) if large else tensors
        return held if len(held) > 1 else held[0]

    def where(self, condition: Any, a: jax.Array, b: jax.Array) -> jax.Array:
        """``a`` where the condition holds, else ``b``; the condition is a scalar.

        ``b`` is fenced once more. LLVM merges two arms that end in the same fence, then turns p + x or p + y
        into p + (x or y), and the multiply-add that x was part of is none any more.
        """
        return jnp.where(condition, a, self.fence(b))

    def reciprocal(self, a: jax.Array) -> jax.Array:
        """``a.reciprocal()``; torch computes scalar / tensor as this times the scalar."""
        return self._fenced(1 / _up(a), a)

    def _fma(self, a: jax.Array, b: jax.Array, c: jax.Array) -> jax.Array:
        """a * b + c, rounded once."""
        if self.exact_fma and c.dtype == jnp.float32:
            return _fma_exactly(a, b, c)
        return a * b + c

    def _fenced(self, x: jax.Array, like: jax.Array) -> jax.Array:
        """The end of a kernel that compilers would merge with the next: round to the tensor's type, and fence.

        The fence also keeps XLA from dropping the rounding, as it does where a half is made wide again at once.
        (Not ``reduce_precision``: it turns the subnormals of float16, all below 6e-5, into zeros.)
        """
        return self.fence(x.astype(like.dtype))

    def _out(self, x: jax.Array, like: jax.Array) -> jax.Array:
        """The end of any other kernel: only a half needs its fence, for the rounding."""
        return x if x.dtype == like.dtype else self._fenced(x, like)

    def _own(self, x: Any, like: jax.Array) -> jax.Array:
        """A scalar rounded to the type of ``like``, or a tensor of that type, in the arithmetic type."""
        whole = jnp.ndim(x) > 0 or like.dtype == _opmath(like.dtype)
        return _as(x, like) if whole else _up(self._out(_as(x, like), like))


_LARGE = 1 << 13  # below, what a kernel costs to call is more than what it computes


@jax.custom_jvp
def held_in_memory(tree: Any, zero: jax.Array) -> Any:
    """``tree`` itself; on a CPU what is before and what is after are separate kernels.

    A loop that takes no turn, which the compiler does not know (``zero``), passes its arrays on where they are.
    """
    return lax.platform_dependent(tree, zero, cpu=_loop_of_no_turns, default=lambda tree, zero: tree)


def _loop_of_no_turns(tree: Any, zero: jax.Array) -> Any:
    return lax.fori_loop(zero * 0, -zero, lambda _, held: jax.tree.map(lambda x: x + x, held), tree)


@held_in_memory.defjvp
def _held_in_memory_jvp(primals: tuple[Any, Any], tangents: tuple[Any, Any]) -> tuple[Any, Any]:
    return held_in_memory(*primals), tangents[0]


@jax.custom_jvp
def _fence(x: jax.Array, zero: jax.Array) -> jax.Array:
    integer = _INTEGER[x.dtype.itemsize]
    return lax.bitcast_convert_type(lax.bitcast_convert_type(x, integer) + zero.astype(integer), x.dtype)


@_fence.defjvp
def _fence_jvp(primals: tuple[Any, Any], tangents: tuple[Any, Any]) -> tuple[jax.Array, Any]:
    """A fence is the identity: without this rule the derivative through the bits would be zero."""
    return _fence(*primals), tangents[0]


@jax.custom_jvp
def _tie(divisor: jax.Array, x: jax.Array, zero: jax.Array) -> jax.Array:
    """``divisor`` in the larger shape of ``x``, so that no compiler pass sees that one number divides many."""
    integer = _INTEGER[divisor.dtype.itemsize]
    bits = lax.bitcast_convert_type(x, integer) & zero.astype(integer)
    return lax.bitcast_convert_type(lax.bitcast_convert_type(divisor, integer) + bits, divisor.dtype)


@_tie.defjvp
def _tie_jvp(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[jax.Array, Any]:
    tied = _tie(*primals)
    return tied, jnp.broadcast_to(tangents[0], tied.shape)


def _fma_exactly(a: jax.Array, b: jax.Array, c: jax.Array) -> jax.Array:
    """a * b + c in float32, rounded once, by float64 arithmetic that no contraction can change.

    The product of two float32 is exact in float64. The sum is rounded to odd: where it is inexact, to
    the neighbour whose last bit is 1, so that the second rounding, to float32, sees on which side it lies.
    """
    product, c = a.astype(jnp.float64) * b.astype(jnp.float64), c.astype(jnp.float64)
    total = product + c
    part = total - product
    error = (product - (total - part)) + (c - part)
    bits = lax.bitcast_convert_type(total, jnp.int64)
    towards = jnp.where((error > 0) == (total > 0), 1, -1)
    odd = jnp.where((error != 0) & (bits & 1 == 0), bits + towards, bits)
    moved = lax.stop_gradient(lax.bitcast_convert_type(odd, jnp.float64) - total)
    return (total + jnp.where(jnp.isfinite(total), moved, 0)).astype(jnp.float32)  # infinity has no neighbour


def _as(x: Any, like: jax.Array) -> jax.Array:
    """A scalar or tensor operand in the arithmetic type of ``like``."""
    return jnp.asarray(x, _opmath(like.dtype))


def _up(x: jax.Array) -> jax.Array:
    return x.astype(_opmath(x.dtype))


def _opmath(dtype: Any) -> Any:
    """torch's arithmetic type: float32 for half precision, else the type itself."""
    return jnp.float32 if jnp.dtype(dtype).itemsize < 4 else dtype
