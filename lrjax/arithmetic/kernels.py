"""torch's tensor operations, with torch's rounding: one table for its CPU kernels, one for its CUDA kernels.

torch runs one kernel at a time, and each kernel rounds where its code says. Both tables are torch 2.13's, checked one
by one; fma rounds once, every other operation rounds by itself:

========================  ================================================  ==================================
operation                 CPU                                               CUDA
========================  ================================================  ==================================
``mul(b)``                a * b                                             the same
``add(b, alpha=s)``       fma(s, b, a)                                      the same
``lerp(b, w)``            fma(w, b - a, a); |w| >= 0.5: fma(w - 1, b - a, b)  the same
``addcmul(b, c, v)``      fma(v * b, c, a)                                  fma(v, b * c, a); v = 1: fma(b, c, a)
``addcdiv(b, c, v)``      a + (v * b) / c                                   fma(v, b / c, a)
``div(b)``                a / b                                             the same
``sqrt``, ``reciprocal``  correctly rounded                                 the same
========================  ================================================  ==================================

The CUDA table is that of the foreach form, which is torch's default there. A rule whose foreach form takes other steps
than its single-tensor form asks ``k.cuda``.

Scalars are float64 until they enter a kernel, as torch's are Python floats; a kernel casts them to the tensor's
arithmetic type.

Half precision (bfloat16, float16): a kernel computes in float32 and rounds its result to the tensor's type, once;
scalars are float32, too. Only the CPU's ``add`` differs: it rounds its scalars, ``s`` of ``add(s)`` and ``alpha``, to
the tensor's type first, so that an eps of 1e-8 is zero in float16. That is torch's vector code. What is left over of a
tensor, its last n % 32 elements, torch computes one by one, and there ``add(b, alpha)`` rounds alpha * b, too; here the
tail is as the body.
"""

import warnings
from collections.abc import Callable
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
from jax import lax

from .exact import Exact


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

    def mul(self, a: jax.Array, b: Any) -> jax.Array:
        """``a.mul(b)``, b a scalar or a tensor."""
        return self._out(self.exact.mul(_up(a), self._as(b, a)), a)

    def add(self, a: jax.Array, b: Any, alpha: Any = None) -> jax.Array:
        """``a.add(b, alpha=alpha)``."""
        b = self._operand(b, a)
        if alpha is None:
            return self._out(self.exact.add(_up(a), b), a)
        return self._out(self.exact.fma(self._operand(alpha, a), b, _up(a)), a)

    def sub(self, a: jax.Array, b: jax.Array) -> jax.Array:
        """``a.add(b, alpha=-1)``, which is a - b."""
        return self._out(self.exact.sub(_up(a), _up(b)), a)

    def lerp(self, a: jax.Array, b: jax.Array, weight: Any) -> jax.Array:
        """``a.lerp(b, weight)``."""
        weight = self._as(weight, a)
        near = jnp.abs(weight) < 0.5
        coefficient, start = jnp.where(near, weight, weight - 1), jnp.where(near, _up(a), _up(b))
        return self._out(self.exact.fma(coefficient, self.exact.sub(_up(b), _up(a)), start), a)

    def addcmul(self, a: jax.Array, b: jax.Array, c: jax.Array, value: Any) -> jax.Array:
        """``a.addcmul(b, c, value=value)``."""
        return self._out(self.exact.fma(self.exact.mul(_up(b), self._as(value, a)), _up(c), _up(a)), a)

    def addcdiv(self, a: jax.Array, b: jax.Array, c: jax.Array, value: Any) -> jax.Array:
        """``a.addcdiv(b, c, value=value)``."""
        quotient = self.exact.div(self.exact.mul(_up(b), self._as(value, a)), _up(c))
        return self._out(self.exact.add(_up(a), quotient), a)

    def div(self, a: Any, b: Any) -> jax.Array:
        """``a.div(b)``, b a scalar or a tensor; of two float64, Python's ``a / b``."""
        a = jnp.full_like(b, a) if isinstance(a, float) else a
        return self._out(self.exact.div(_up(a), self._as(b, a)), a)

    def sqrt(self, a: jax.Array) -> jax.Array:
        """``a.sqrt()``."""
        return self._out(self.exact.sqrt(_up(a)), a)

    def half_power(self, x: jax.Array) -> jax.Array:
        """Python's ``x**0.5`` of float64: the C library's power, whose last bit is not always that of the root.

        The exponent is one that the compiler does not know; of 0.5 it would make a root.
        """
        return jnp.power(x, self.zero.astype(jnp.float64) + 0.5)

    def reciprocal(self, a: jax.Array) -> jax.Array:
        """``a.reciprocal()``; torch computes scalar / tensor as this times the scalar."""
        return self._out(self.exact.div(jnp.ones_like(_up(a)), _up(a)), a)

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

    def rounded(self, x: jax.Array, dtype: Any) -> jax.Array:
        """``x.to(dtype)``, rounded here: XLA drops a plain conversion there and back."""
        return self.exact.fence(x.astype(dtype))

    def stored(self, *tensors: jax.Array) -> Any:
        """The tensors, written to memory here, as torch's kernels do: what follows reads them there.

        Without it XLA computes a moment twice on a CPU, once to keep it and once more inside the parameter's
        kernel, and, since the old moment is then read after the new one is there, copies it first.
        """
        large = max((x.size for x in tensors), default=0) >= _LARGE
        held: Any = tuple(map(self.exact.trust, self.held(tensors))) if large else tensors
        return held if len(held) > 1 else held[0]

    def held(self, tree: Any) -> Any:
        """``tree`` itself, in memory: what is before and what is after are separate kernels."""
        return _held_in_memory(tree, self.zero)

    def _operand(self, x: Any, a: jax.Array) -> jax.Array:
        """What ``add`` adds to ``a``: a scalar is rounded to the type of ``a`` first."""
        return self._as(x, a) if jnp.ndim(x) > 0 else _up(self._out(self._as(x, a), a))

    def _as(self, x: Any, like: jax.Array) -> jax.Array:
        """A scalar or tensor operand in the arithmetic type of ``like``."""
        dtype = _opmath(like.dtype)
        narrowed = isinstance(x, jax.Array) and x.dtype.itemsize > jnp.dtype(dtype).itemsize
        if narrowed:
            return self.rounded(x, dtype)
        return jnp.asarray(x, dtype) if isinstance(x, jax.Array) else self.exact.trust(jnp.asarray(x, dtype))

    def _out(self, x: jax.Array, like: jax.Array) -> jax.Array:
        """The end of a kernel: ``x`` in the tensor's type, but not by ``reduce_precision``, which flushes float16."""
        return x if x.dtype == like.dtype else self.rounded(x, like.dtype)


class CudaKernels(Kernels):
    """The CUDA table, where it differs."""

    cuda: ClassVar[bool] = True
    small: ClassVar[int] = 1 << 14

    def half_power(self, x: jax.Array) -> jax.Array:
        """Python's ``x**0.5`` of float64, but for its last bit at times; a device's power is further off."""
        return self.sqrt(x)

    def addcmul(self, a: jax.Array, b: jax.Array, c: jax.Array, value: Any) -> jax.Array:
        """``a.addcmul(b, c, value=value)``."""
        value, b, c = self._as(value, a), self._as(b, a), self._as(c, a)
        plain = value == 1
        first, second = jnp.where(plain, b, value), jnp.where(plain, c, self.exact.mul(b, c))
        return self._out(self.exact.fma(first, second, _up(a)), a)

    def addcdiv(self, a: jax.Array, b: jax.Array, c: jax.Array, value: Any) -> jax.Array:
        """``a.addcdiv(b, c, value=value)``."""
        return self._out(self.exact.fma(self._as(value, a), self.exact.div(_up(b), _up(c)), _up(a)), a)

    def stored(self, *tensors: jax.Array) -> Any:
        """The tensors themselves: a GPU's kernel has all of them as results."""
        held: Any = tensors
        return held if len(held) > 1 else held[0]

    def held(self, tree: Any) -> Any:
        """``tree`` itself, in memory: what is before and what is after are separate kernels."""
        return lax.optimization_barrier(tree)

    def _operand(self, x: Any, a: jax.Array) -> jax.Array:
        """What ``add`` adds to ``a``, in the arithmetic type."""
        return self._as(x, a)


def by_platform(function: Callable[..., Any], zero: jax.Array, *args: Any) -> Any:
    """``function(kernels, *args)`` with the kernels of the platform that the program is compiled for."""
    _warn_of_unknown_platforms()
    return lax.platform_dependent(
        zero,
        *args,
        cuda=lambda zero, *args: function(CudaKernels(zero), *args),
        default=lambda zero, *args: function(Kernels(zero), *args),
    )


_warned: set[str] = set()


def _warn_of_unknown_platforms() -> None:
    """Once for each: bits are promised where torch's kernels are known."""
    platform = jax.default_backend()
    if platform == "gpu" and "rocm" in jax.devices()[0].client.platform_version.lower():
        platform = "rocm"
    if platform not in ("cpu", "gpu", "cuda", *_warned):
        _warned.add(platform)
        warnings.warn(
            f"lrjax: on platform {platform!r} the arithmetic is that of torch's CPU kernels, and equal bits are not "
            "promised: how this platform rounds is not known",
            stacklevel=2,
        )


_LARGE = 1 << 10  # below, what a kernel costs to call is more than what it computes


@jax.custom_jvp
def _held_in_memory(tree: Any, zero: jax.Array) -> Any:
    """A loop that takes no turn, which the compiler does not know (``zero``), passes its arrays on where they are."""
    return lax.fori_loop(zero * 0, -zero, lambda _, held: jax.tree.map(lambda x: x + x, held), tree)


@_held_in_memory.defjvp
def _held_in_memory_jvp(primals: tuple[Any, Any], tangents: tuple[Any, Any]) -> tuple[Any, Any]:
    return _held_in_memory(*primals), tangents[0]


def _up(x: jax.Array) -> jax.Array:
    return x.astype(_opmath(x.dtype))


def _opmath(dtype: Any) -> Any:
    """torch's arithmetic type: float32 for half precision, else the type itself."""
    return jnp.float32 if jnp.dtype(dtype).itemsize < 4 else dtype
