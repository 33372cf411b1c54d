"""torch's tensor operations as its CUDA kernels round them, in the foreach form, which is torch's default there.

A rule whose foreach form takes other steps than its single-tensor form asks ``ops.cuda``.
"""

from typing import Any, ClassVar

import jax
import jax.numpy as jnp
from jax import lax

from .kernels import Held, Kernels, Operand, widened


class CudaKernels(Kernels):
    """The CUDA table, where it differs."""

    cuda: ClassVar[bool] = True
    small: ClassVar[int] = 1 << 14

    def half_power(self, x: jax.Array) -> jax.Array:
        """Python's ``x**0.5`` of float64, but for its last bit at times; a device's power is further off."""
        return self.sqrt(x)

    def addcmul(self, a: jax.Array, b: jax.Array, c: jax.Array, value: Operand) -> jax.Array:
        """``a.addcmul(b, c, value=value)``."""
        value, b, c = self._as(value, a), self._as(b, a), self._as(c, a)
        plain = value == 1
        first, second = jnp.where(plain, b, value), jnp.where(plain, c, self.exact.mul(b, c))
        return self._out(self.exact.fma(first, second, widened(a)), a)

    def addcdiv(self, a: jax.Array, b: jax.Array, c: jax.Array, value: Operand) -> jax.Array:
        """``a.addcdiv(b, c, value=value)``."""
        return self._out(self.exact.fma(self._as(value, a), self.exact.div(widened(b), widened(c)), widened(a)), a)

    def stored(self, *tensors: jax.Array) -> Any:  # type: ignore[override]
        """The tensors themselves: a GPU's kernel has all of them as results."""
        held: Any = tensors
        return held if len(held) > 1 else held[0]

    def held(self, tree: Held) -> Held:
        """``tree`` itself, in memory: what is before and what is after are separate kernels."""
        return lax.optimization_barrier(tree)

    def _operand(self, x: Operand, a: jax.Array) -> jax.Array:
        """What ``add`` adds to ``a``, in the arithmetic type."""
        return self._as(x, a)
