"""torch's tensor operations as real functions, to be differentiated: no fences, no rounding beyond the types'.

Where a function has no derivative these have a finite one, because what is not finite makes NaN of the zeros that it
is multiplied with, and the derivative of a whole update is NaN then. Three such places occur in good training:

- The root of zero: the second moment of a gradient that has been zero so far. The derivative is taken as zero; the
  first moment, which the root divides, is zero as well.
- A factor that is infinite or NaN, in a branch that is computed but not selected.
- A division by zero, in such a branch.
"""

from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from .exact import Exact
from .kernels import Held, Kernels


class Smooth(Exact):
    """The operations of ``Exact``, rounded as the compiler likes."""

    def __init__(self, zero: jax.Array) -> None:
        super().__init__(zero)

    def fence(self, x: jax.Array) -> jax.Array:
        """``x``."""
        return x

    trust = distrust = fence

    def add(self, a: jax.Array, b: jax.Array) -> jax.Array:
        """``a + b``."""
        return a + b

    def sub(self, a: jax.Array, b: jax.Array) -> jax.Array:
        """``a - b``."""
        return a - b

    def mul(self, a: jax.Array, b: jax.Array) -> jax.Array:
        """``a * b``."""
        return _product(a, b)

    def div(self, a: jax.Array, b: jax.Array) -> jax.Array:
        """``a / b``."""
        return _quotient(a, b)

    def sqrt(self, a: jax.Array) -> jax.Array:
        """The square root of ``a``."""
        return _root(a)

    def fma(self, a: jax.Array, b: jax.Array, c: jax.Array) -> jax.Array:
        """``a * b + c``."""
        return _product(a, b) + c


class SmoothKernels(Kernels):
    """The table to differentiate."""

    small: ClassVar[int] = -1  # no leaves side by side: taking them apart again costs more in a derivative

    def __init__(self, zero: jax.Array) -> None:
        super().__init__(zero)
        self.exact = Smooth(zero)

    def half_power(self, x: jax.Array) -> jax.Array:
        """``x**0.5``."""
        return _root(x)

    def bfloat16(self, x: jax.Array) -> jax.Array:
        """``x`` in float32: derivatives are not rounded to 8 bits."""
        return x.astype(jnp.float32)

    def stored(self, *tensors: jax.Array) -> Any:  # type: ignore[override]
        """The tensors themselves."""
        held: Any = tensors
        return held if len(held) > 1 else held[0]

    def held(self, tree: Held) -> Held:
        """``tree`` itself."""
        return tree


@jax.custom_jvp
def _product(a: jax.Array, b: jax.Array) -> jax.Array:
    return a * b


@_product.defjvp
def _product_jvp(primals: tuple[Any, Any], tangents: tuple[Any, Any]) -> tuple[jax.Array, jax.Array]:
    (a, b), (da, db) = primals, tangents
    return _product(a, b), da * _finite(b) + _finite(a) * db


@jax.custom_jvp
def _quotient(a: jax.Array, b: jax.Array) -> jax.Array:
    return a / b


@_quotient.defjvp
def _quotient_jvp(primals: tuple[Any, Any], tangents: tuple[Any, Any]) -> tuple[jax.Array, jax.Array]:
    """(a / b)' = (a' - a / b * b') / b. The square of b, which may underflow, is not needed."""
    (a, b), (da, db) = primals, tangents
    quotient = _quotient(a, b)
    inverse = _finite(1 / b)
    return quotient, da * inverse - db * _finite(quotient * inverse)


@jax.custom_jvp
def _root(x: jax.Array) -> jax.Array:
    return jnp.sqrt(x)


@_root.defjvp
def _root_jvp(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[jax.Array, jax.Array]:
    (x,), (dx,) = primals, tangents
    root = _root(x)
    slope = jnp.where(root > 0, 0.5 / jnp.where(root > 0, root, 1), 0)
    return root, dx * slope


def _finite(x: Any) -> jax.Array:
    """``x``, zero where it is infinite or NaN."""
    return jnp.where(jnp.isfinite(x), x, 0)
