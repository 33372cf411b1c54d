"""PyTorch's CPU kernels with PyTorch's rounding, in compiled JAX.

Two programs agree in the last bit only when they round at the same places. torch runs one kernel at
a time and each kernel rounds its result once. XLA fuses the whole optimizer into one loop, and there
the compiler does two things torch does not:

1. It contracts ``a * b + c`` into one fused multiply-add, which rounds once where torch's ``mul_``
   followed by ``add_`` rounds twice. Inside *one* torch kernel (``add_(alpha)``, ``addcmul_``,
   ``lerp_``) that is just what torch does too, so there the contraction is welcome; between kernels
   it is wrong.
2. It turns ``x / s`` with a scalar ``s`` into ``x * (1 / s)``, which rounds twice where torch's
   ``div`` rounds once.

Neither ``lax.optimization_barrier`` nor ``lax.reduce_precision`` stops them. What does is a *fence*: the
bits of a product are xor-ed with an integer zero that the compiler cannot prove to be zero. It costs
one integer instruction on data already in registers. The zero is ``minimum(count, 0)`` of a step
counter that is an input of the compiled program, so it must not be a compile-time constant
(``unprovable_zero`` makes one from data).

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
the tensor's arithmetic type (float32 for half-precision tensors).
"""

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

_INTEGER = {2: jnp.int16, 4: jnp.int32, 8: jnp.int64}


def unprovable_zero(x: jax.Array) -> jax.Array:
    """An int32 zero computed from the first element of ``x``, which no compiler pass folds to a constant.

    n * (n + 1) is even for every n, and XLA does not know it.
    """
    if x.size == 0:
        return jnp.zeros((), jnp.int32)
    first = lax.convert_element_type(x[(0,) * x.ndim], jnp.float32)
    n = lax.bitcast_convert_type(first, jnp.int32)
    return (n * (n + 1)) & 1


class Kernels:
    """torch's tensor operations, rounding included.

    Args:
        zero: int32 scalar, zero at run time, unknown to the compiler (see the module's text).
    """

    def __init__(self, zero: jax.Array) -> None:
        """Keep the zero that all fences of one update share."""
        self.zero = zero

    def fence(self, x: jax.Array) -> jax.Array:
        """``x`` itself, rounded here: nothing after it is contracted with what came before."""
        integer = _INTEGER[x.dtype.itemsize]
        bits = lax.bitcast_convert_type(x, integer) ^ self.zero.astype(integer)
        return lax.bitcast_convert_type(bits, x.dtype)

    def mul(self, a: jax.Array, b: Any) -> jax.Array:
        """``a.mul(b)``: a * b, b a scalar or a tensor."""
        return self._out(_up(a) * _as(b, a), a)

    def add(self, a: jax.Array, b: Any, alpha: Any = None) -> jax.Array:
        """``a.add(b, alpha=alpha)``: fma(alpha, b, a); a + b without alpha."""
        b = _as(b, a)
        return self._out(_up(a) + (b if alpha is None else _as(alpha, a) * b), a)

    def lerp(self, a: jax.Array, b: jax.Array, weight: Any) -> jax.Array:
        """``a.lerp(b, weight)``."""
        weight = _as(weight, a)
        near = jnp.abs(weight) < 0.5
        coefficient, start = jnp.where(near, weight, weight - 1), jnp.where(near, _up(a), _up(b))
        return self._out(start + coefficient * (_up(b) - _up(a)), a)

    def addcmul(self, a: jax.Array, b: jax.Array, c: jax.Array, value: Any) -> jax.Array:
        """``a.addcmul(b, c, value=value)``: fma(value * b, c, a)."""
        return self._out(_up(a) + (_as(value, a) * _up(b)) * _up(c), a)

    def addcdiv(self, a: jax.Array, b: jax.Array, c: jax.Array, value: Any) -> jax.Array:
        """``a.addcdiv(b, c, value=value)``: a + (value * b) / c."""
        return self._out(_up(a) + (_as(value, a) * _up(b)) / _up(c), a)

    def div(self, a: jax.Array, b: Any) -> jax.Array:
        """``a.div(b)``: a / b rounded once, also for a scalar b."""
        divisor = _as(b, a)
        if jnp.ndim(divisor) == 0 and a.ndim > 0:  # tie the divisor to the element: see 2 above
            integer = _INTEGER[divisor.dtype.itemsize]
            bits = lax.bitcast_convert_type(_up(a), integer) & self.zero.astype(integer)
            divisor = lax.bitcast_convert_type(lax.bitcast_convert_type(divisor, integer) ^ bits, divisor.dtype)
        return self._out(_up(a) / divisor, a)

    def sqrt(self, a: jax.Array) -> jax.Array:
        """``a.sqrt()``, correctly rounded."""
        return self._out(jnp.sqrt(_up(a)), a)

    def _out(self, x: jax.Array, like: jax.Array) -> jax.Array:
        """The end of a kernel: round to the tensor's type, and fence what may feed a contraction."""
        if x.dtype != like.dtype:
            info = jnp.finfo(like.dtype)
            x = lax.reduce_precision(x, info.nexp, info.nmant).astype(like.dtype)
        return self.fence(x)


def _as(x: Any, like: jax.Array) -> jax.Array:
    """A scalar or tensor operand in the arithmetic type of ``like``."""
    return jnp.asarray(x, _opmath(like.dtype))


def _up(x: jax.Array) -> jax.Array:
    return x.astype(_opmath(x.dtype))


def _opmath(dtype: Any) -> Any:
    """torch's arithmetic type: float32 for half precision, else the type itself."""
    return jnp.float32 if jnp.dtype(dtype).itemsize < 4 else dtype
