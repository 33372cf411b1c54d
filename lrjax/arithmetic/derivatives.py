"""Derivatives of what is computed in 64 bits, in programs of 32 bits.

JAX runs its rules of differentiation and transposition where a program is differentiated, and there float64 does not
exist unless the user has switched it on. So no float64 may be seen from outside: ``in_64_bit`` makes one operation
(a JAX primitive) of a whole function with ends of 32 bits. Its derivative is a second one, linear, with ends of 32
bits, too. Both are expanded where the program is compiled, under ``jax.enable_x64``. The derivative can be transposed,
batched and differentiated again, so jvp, grad, vmap, scan and hessian work as they do on any function.

``jax.custom_jvp`` would not do: the gradient of a ``lax.scan`` forgets the rule in its forward pass (jax 0.10.2), and
a second derivative would silently be another number.

The arithmetic that rounds as torch does has no useful derivative of its own, since it goes through the bits of
numbers. What is differentiated is the same function with ``SmoothKernels``.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.core import ShapedArray
from jax.extend.core import Primitive, jaxpr_as_fun
from jax.interpreters import ad, batching, mlir

Arrays = Sequence[Any]
Function = Callable[..., Arrays]  # arrays to a list of arrays, to be called in 64 bits


def in_64_bit(exact: Callable[..., Any], smooth: Callable[..., Any], *args: Any) -> Any:
    """``exact(*args)`` under ``jax.enable_x64(True)``, with the derivatives of ``smooth``.

    Args:
        exact: what is computed. It closes over no tracer; its results have types of 32 bits, or those of ``args``.
        smooth: the same function as JAX can differentiate it.
        args: trees of arrays. Integers and bools have no derivative.

    Returns:
        What ``exact`` returns.
    """
    leaves, treedef = jax.tree.flatten(args)
    leaves = list(map(jnp.asarray, leaves))
    with jax.enable_x64(True):
        jaxpr, shapes = jax.make_jaxpr(lambda *x: exact(*treedef.unflatten(x)), return_shape=True)(*leaves)
    pair = _Pair(jaxpr_as_fun(jaxpr), lambda *x: jax.tree.leaves(smooth(*treedef.unflatten(x))))
    return jax.tree.structure(shapes).unflatten(_call.bind(*leaves, pair=pair, types=tuple(jaxpr.out_avals)))


class _Pair(NamedTuple):
    """A function as it is computed, and as it is differentiated."""

    exact: Function
    smooth: Function


_call = Primitive("lrjax_call")
_call.multiple_results = True


@_call.def_impl
def _apply(*args: Any, pair: _Pair, types: Arrays) -> list[Any]:
    del types
    with jax.enable_x64(True):
        return list(pair.exact(*args))


@_call.def_abstract_eval
def _types(*args: Any, pair: _Pair, types: Arrays) -> list[Any]:
    del args, pair
    return list(types)


def _differentiate(primals: Arrays, tangents: Arrays, *, pair: _Pair, types: Arrays) -> tuple[Arrays, Arrays]:
    out = _call.bind(*primals, pair=pair, types=types)
    floats = list(map(_is_float, types))
    moved = iter(_derivative_at(partial(_only, floats, pair.smooth), primals, tangents, _only(floats, lambda: types)))
    return out, [next(moved) if is_float else _nothing(x) for is_float, x in zip(floats, out, strict=True)]


def _batch(args: Arrays, dims: Sequence[Any], *, pair: _Pair, types: Arrays) -> tuple[Arrays, Sequence[int]]:
    size = _size(args, dims)
    batched = _Pair(*(jax.vmap(function, in_axes=dims, axis_size=size) for function in pair))
    return _call.bind(*args, pair=batched, types=_longer(types, size)), [0] * len(types)


_derivative = Primitive("lrjax_derivative")
_derivative.multiple_results = True


def _derivative_at(function: Function, primals: Arrays, tangents: Arrays, types: Arrays) -> list[Any]:
    """How the results of ``function``, floats of ``types``, move with ``primals``."""
    wrt = tuple(i for i, x in enumerate(tangents) if type(x) is not ad.Zero and _is_float(primals[i]))
    vectors = [tangents[i] for i in wrt]
    return _derivative.bind(*primals, *vectors, function=function, wrt=wrt, types=tuple(types), transposed=False)


@_derivative.def_impl
def _multiply(*args: Any, function: Function, wrt: tuple[int, ...], types: Arrays, transposed: bool) -> list[Any]:
    """The derivative at the inputs by those in ``wrt``, a linear map to ``types``, times vectors; or its transpose."""
    inputs, vectors = _parted(args, wrt, types, transposed=transposed)

    def of(*moving: Any) -> list[Any]:
        at = dict(zip(wrt, moving, strict=True))
        return list(function(*(at.get(i, x) for i, x in enumerate(inputs))))

    moving = [inputs[i] for i in wrt]
    with jax.enable_x64(True), jax.default_matmul_precision("highest"):
        return list(jax.vjp(of, *moving)[1](vectors)) if transposed else jax.jvp(of, moving, vectors)[1]


def _parted(args: Arrays, wrt: Arrays, types: Arrays, *, transposed: bool) -> tuple[list[Any], list[Any]]:
    """Inputs and vectors."""
    count = len(args) - len(types if transposed else wrt)
    return list(args[:count]), list(args[count:])


@_derivative.def_abstract_eval
def _product_types(*args: Any, function: Function, wrt: Any, types: Arrays, transposed: bool) -> list[Any]:
    del function
    return [args[i].strip_weak_type() for i in wrt] if transposed else list(types)


def _differentiate_again(primals: Arrays, tangents: Arrays, **params: Any) -> tuple[Arrays, Arrays]:
    """The product is linear in the vectors, but not in the inputs."""
    out = _derivative.bind(*primals, **params)
    inputs, vectors = _parted(tangents, params["wrt"], params["types"], transposed=params["transposed"])
    if all(type(x) is ad.Zero for x in inputs):
        moved = map(ad.instantiate_zeros, vectors)
        return out, _derivative.bind(*primals[: len(inputs)], *moved, **params)
    return out, _derivative_at(partial(_multiply, **params), primals, tangents, [jax.typeof(x) for x in out])


def _transpose(cotangents: Arrays, *args: Any, wrt: Any, types: Arrays, transposed: bool, **params: Any) -> list[Any]:
    inputs, vectors = _parted(args, wrt, types, transposed=transposed)
    pulled = map(ad.instantiate_zeros, cotangents)
    back = _derivative.bind(*inputs, *pulled, wrt=wrt, types=types, transposed=not transposed, **params)
    pairs = zip(vectors, back, strict=True)
    return [None] * len(inputs) + [product if ad.is_undefined_primal(vector) else None for vector, product in pairs]


def _batch_derivative(
    args: Arrays, dims: Sequence[Any], *, wrt: Any, types: Arrays, transposed: bool, **params: Any
) -> Any:
    """Inputs in ``wrt`` and vectors all get the new axis, in front, so that they stay of one shape."""
    size, count = _size(args, dims), len(_parted(args, wrt, types, transposed=transposed)[0])
    spread = [i in wrt or i >= count for i in range(len(args))]
    args = [batching.bdim_at_front(x, d, size) if s else x for x, d, s in zip(args, dims, spread, strict=True)]
    axes = [0 if s else d for d, s in zip(dims, spread, strict=True)][:count]
    batched = jax.vmap(params["function"], in_axes=axes, axis_size=size)
    out = _derivative.bind(*args, function=batched, wrt=wrt, types=_longer(types, size), transposed=transposed)
    return out, [0] * len(out)


def _is_float(x: Any) -> bool:
    return jnp.issubdtype(x.dtype, jnp.floating)


def _only(chosen: Sequence[bool], function: Function, *args: Any) -> list[Any]:
    """The results of a function that are chosen."""
    return [x for is_chosen, x in zip(chosen, function(*args), strict=True) if is_chosen]


def _nothing(x: Any) -> ad.Zero:
    """The derivative of an integer."""
    return ad.Zero(ShapedArray(x.shape, jax.dtypes.float0))


def _size(args: Arrays, dims: Sequence[Any]) -> int:
    """Of the axis that is batched over."""
    return next(x.shape[d] for x, d in zip(args, dims, strict=True) if d is not None)


def _longer(types: Arrays, size: int) -> Arrays:
    """The types with a new axis in front."""
    return tuple(ShapedArray((size, *x.shape), x.dtype) for x in types)


ad.primitive_jvps[_call] = _differentiate
batching.primitive_batchers[_call] = _batch
mlir.register_lowering(_call, mlir.lower_fun(_apply, multiple_results=True))
ad.primitive_jvps[_derivative] = _differentiate_again
ad.primitive_transposes[_derivative] = _transpose
batching.primitive_batchers[_derivative] = _batch_derivative
mlir.register_lowering(_derivative, mlir.lower_fun(_multiply, multiple_results=True))
