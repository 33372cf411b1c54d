"""torch's four averaging functions, each with the roundings of its kernels.

=========================  ==========================================================================================
``get_swa_avg_fn``         a + (p - a) / (n + 1), each operation rounded to the parameter's type
``get_swa_multi_avg_fn``   lerp(a, p, w), w = 1 / (n + 1) rounded to float32, also for float64 parameters
``get_ema_avg_fn``         decay * a + (1 - decay) * p, each operation rounded to the parameter's type
``get_ema_multi_avg_fn``   lerp(a, p, 1 - decay)
=========================  ==========================================================================================

a is the average, p the parameter, n how many models are in the average. lerp(a, p, w) is fma(w, p - a, a), from
w = 0.5 on fma(w - 1, p - a, p). Without a function torch's AveragedModel takes the first of these on a CPU and the
second on CUDA, and so does lrjax's, by the platform that a program is compiled for.
"""

from dataclasses import replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax.core import Tracer

from lrspec import check
from lrspec.averages import Average, DiffusersDecay, GrowingDecay, read_decay

from ..arithmetic.exact import zero_from
from ..arithmetic.float64 import Float64, packed, unpack
from ..arithmetic.kernels import Kernels
from ..arithmetic.platforms import by_platform


class AveragingFunction(Average):
    """One of torch's averaging functions, on arrays: ``(averaged, current, num_averaged) -> averaged``.

    An ``avg_fn`` takes one array, a ``multi_avg_fn`` a list of them; either takes any tree here.
    """

    def __call__(self, averaged: Any, current: Any, num_averaged: Any) -> Any:
        """The average after one more; nothing is copied for ``num_averaged`` 0, which AveragedModel sees to."""
        leaves, treedef = jax.tree.flatten(averaged)
        n = jnp.asarray(num_averaged, jnp.int32)
        new = averaged_leaves(*split(self), zero_from(n), leaves, treedef.flatten_up_to(current), n)
        return jax.tree.unflatten(treedef, new)


def get_swa_avg_fn() -> AveragingFunction:
    """All models weigh the same: ``torch.optim.swa_utils.get_swa_avg_fn``, a + (p - a) / (n + 1).

    Returns:
        What ``AveragedModel`` takes as ``avg_fn``.
    """
    return AveragingFunction("swa", multi=False)


def get_swa_multi_avg_fn() -> AveragingFunction:
    """All models weigh the same: ``torch.optim.swa_utils.get_swa_multi_avg_fn``, lerp(a, p, 1 / (n + 1)).

    torch computes the weight from an integer tensor, which makes it a float32, also for float64 parameters.

    Returns:
        What ``AveragedModel`` takes as ``multi_avg_fn``. It is for floats only: torch's fails for integers.
    """
    return AveragingFunction("swa", multi=True)


def get_ema_avg_fn(decay: Any = 0.999) -> AveragingFunction:
    """An exponential moving average: ``torch.optim.swa_utils.get_ema_avg_fn``, decay * a + (1 - decay) * p.

    Args:
        decay: see ``get_ema_multi_avg_fn``.

    Returns:
        What ``AveragedModel`` takes as ``avg_fn``.

    Raises:
        ValueError: a decay that is no number in [0, 1].
    """
    return AveragingFunction("ema", multi=False, decay=_decay("get_ema_avg_fn", decay))


def get_ema_multi_avg_fn(decay: Any = 0.999) -> AveragingFunction:
    """An exponential moving average: ``torch.optim.swa_utils.get_ema_multi_avg_fn``, lerp(a, p, 1 - decay).

    ``1 - decay`` is computed in float64, as Python does, and rounded once to the type that the kernel computes in:
    float64 for float64 parameters, else float32.

    Args:
        decay: a number in [0, 1], which keeps its 53 bits in compiled code; or ``TimmDecay(...)`` or
            ``DiffusersDecay(...)``, computed from the state's count in float64: on a CPU the number that Python
            computes, on another platform up to the last bits of its float64 power. A traced number (for sweeps) has
            the bits of its dtype and is not checked.

    Returns:
        What ``AveragedModel`` takes as ``multi_avg_fn``.

    Raises:
        ValueError: a decay that is no number in [0, 1].
    """
    return AveragingFunction("ema", multi=True, decay=_decay("get_ema_multi_avg_fn", decay))


def _decay(where: str, decay: Any) -> Any:
    if not isinstance(decay, Tracer):
        return read_decay(where, decay)
    if decay.ndim or not jnp.issubdtype(decay.dtype, jnp.floating):
        check.fail(where, "decay", "must be one number", decay)
    return decay


def split(fn: Any) -> tuple[Any, Float64 | None]:
    """What is compiled in, and the decay, which is not: another one compiles nothing anew."""
    if not isinstance(fn, Average) or fn.decay is None or isinstance(fn.decay, GrowingDecay):
        return fn, None
    return replace(fn, decay=None), packed(fn.decay)


def averaged_leaves(
    fn: Any, decay: Float64 | None, zero: jax.Array, averaged: list[Any], current: list[Any], n: jax.Array
) -> list[jax.Array]:
    """The new average of each leaf, by torch's function or by the user's."""
    averaged, current = [list(map(jnp.asarray, leaves)) for leaves in (averaged, current)]
    if isinstance(fn, Average):
        return by_platform(partial(_by_kernels, fn), zero, averaged, current, n + 1, decay)
    new = list(averaged)
    for dtype in dict.fromkeys(leaf.dtype for leaf in averaged):
        places = [i for i, leaf in enumerate(averaged) if leaf.dtype == dtype]
        given = fn([averaged[i] for i in places], [current[i] for i in places], n)
        if not isinstance(given, list | tuple) or len(given) != len(places):
            rule = "must return the new average of each parameter, as a list (it cannot change arrays)"
            check.fail("AveragedModel.update", "multi_avg_fn", rule, given, TypeError)
        for i, leaf in zip(places, given, strict=True):
            new[i] = jnp.broadcast_to(jnp.asarray(leaf, dtype), averaged[i].shape)
    return new


def _by_kernels(
    fn: Average, ops: Kernels, averaged: list[jax.Array], current: list[jax.Array], count: jax.Array, decay: Any
) -> list[jax.Array]:
    """torch's function on each leaf, the ``count``-th model being added."""
    if fn.kind == "swa":
        numbers = count.astype(jnp.float64), ops.reciprocal(count.astype(jnp.float32))
    else:
        decay = _grown(ops, fn.decay, count) if decay is None else unpack(decay)
        numbers = decay, ops.exact.fence(1 - decay)  # unfenced, XLA would make -decay of the weight - 1 in lerp
    leaf = partial(_leaf, type(ops), fn, ops.zero, *numbers)
    return [leaf(a, p) for a, p in zip(averaged, current, strict=True)]


@partial(jax.jit, static_argnums=(0, 1))  # traced once for all leaves of a shape
def _leaf(
    table: type[Kernels], fn: Average, zero: jax.Array, number: jax.Array, weight: jax.Array, a: jax.Array, p: jax.Array
) -> jax.Array:
    """One leaf; ``number`` is the count of SWA, the decay of EMA, ``weight`` that of the new model."""
    ops = table(zero)
    if not _is_float(a):
        return _integers(ops, fn, number, weight, a, p)
    a, p = map(ops.exact.distrust, (a, p))
    if fn.multi or (fn.multi is None and ops.cuda):
        return ops.lerp(a, p, weight)
    if fn.kind == "ema":
        return ops.add(ops.mul(a, number), ops.mul(p, weight))
    if ops.cuda:  # a divisor that lies on the device is cast to the tensor's type, a half too
        number = ops.rounded(number, a.dtype)
    return ops.add(a, ops.div(ops.sub(p, a), number))


def _integers(ops: Kernels, fn: Average, number: jax.Array, weight: jax.Array, a: jax.Array, p: jax.Array) -> jax.Array:
    """A leaf of integers or bools: in float32, and cut toward zero."""
    if fn.kind == "ema":
        wide = ops.add(ops.mul(a.astype(jnp.float32), number), ops.mul(p.astype(jnp.float32), weight))
    else:
        wide = ops.add(a.astype(jnp.float32), ops.div((p - a).astype(jnp.float32), number))
    return wide.astype(a.dtype)


def _grown(ops: Kernels, growing: GrowingDecay, count: jax.Array) -> jax.Array:
    """``growing(count)`` in compiled code: float64, with the operations of Python."""
    t = jnp.maximum(count - growing.update_after_step - 1, 0).astype(jnp.float64)
    if (curve := growing.curve()) is not None:
        gamma, power = curve
        hidden = ops.zero.astype(jnp.float64) - power  # as in half_power: a power that is known may become a root
        decay = 1 - jnp.power(ops.add(ops.div(t, gamma), 1.0), hidden)
    elif isinstance(growing, DiffusersDecay):
        decay = ops.div(t + 1, t + 10)
    else:
        return jnp.where(t > 0, growing.decay, 0.0)
    return jnp.where(t > 0, jnp.maximum(jnp.minimum(decay, growing.decay), growing.min_decay), 0.0)


def _is_float(x: jax.Array) -> bool:
    return jnp.issubdtype(x.dtype, jnp.floating)
