"""torch's kernels on CUDA, one by one, in NumPy; beside each what its kernel on a CPU computes.

nvcc's defaults hold: within one kernel a product that is added to something is one fused multiply-add; division and
square root round correctly; subnormal numbers are kept. A kernel computes bfloat16 and float16 in float32 and rounds
its result once. A Python number s enters a kernel rounded to float32 (to float64 with float64 tensors). Below,
``rn(x)`` is one rounding, and ``fma(x, y, z)`` is ``rn(x * y + z)``. The bits of a NaN are not modelled.

Files are in torch's aten/src/ATen/native/cuda, or in the folder above it.

operation              | CPU kernel                  | CUDA kernel                       | source file
add(a, b, alpha=s)     | fma(s, b, a)                | fma(s, b, a)                      | ForeachFunctors.cuh, add.h
sub(a, b, alpha=s)     | fma(-s, b, a)               | fma(-s, b, a)                     | ForeachFunctors.cuh
mul(a, b)              | rn(a * b)                   | rn(a * b)                         | ForeachFunctors.cuh
div(a, b), tensor b    | rn(a / b)                   | rn(a / b)                         | ForeachBinaryOpList.cu
foreach div, list of s | rn(a / s)                   | rn(a / s)                         | ForeachBinaryOpScalarList.cu
foreach div, one s     | rn(a / s)                   | rn(a * r), r = 1 / s in float64   | ForeachBinaryOpScalar.cu
single div by s        | rn(a / s)                   | rn(a * r), r = 1 / s in float64   | BinaryDivTrueKernel.cu
addcmul, value 1       | fma(b, c, a)                | fma(b, c, a)                      | DeviceAddCmulCdiv.cuh
addcmul, value s       | fma(rn(s * b), c, a)        | fma(s, rn(b * c), a)              | DeviceAddCmulCdiv.cuh
addcdiv, value 1       | rn(a + rn(b / c))           | rn(a + rn(b / c))                 | DeviceAddCmulCdiv.cuh
addcdiv, value s       | rn(a + rn(rn(s * b) / c))   | fma(s, rn(b / c), a)              | DeviceAddCmulCdiv.cuh
lerp, abs(w) < 0.5     | fma(w, rn(b - a), a)        | fma(w, rn(b - a), a)              | Lerp.h
lerp, other weights w  | fma(rn(w - 1), rn(b - a), b)| fma(-rn(b - a), rn(1 - w), b)     | Lerp.h
sqrt(a)                | 0.6 % are 1 ulp off         | rn(sqrt(a))                       | ForeachUnaryOp.cu
reciprocal(a)          | rn(1 / a)                   | rn(1 / a)                         | ForeachUnaryOp.cu
neg(a), abs(a)         | exact                       | exact                             | ForeachUnaryOp.cu
sign(a)                | (0 < a) - (a < 0)           | (0 < a) - (a < 0), NaN gives +0   | ForeachUnaryOp.cu
foreach maximum(a, b)  | larger one, or NaN          | a if a is NaN or a > b, else b    | ForeachMinMaxFunctors.cuh
single maximum(a, b)   | larger one, or NaN          | the same, and +0 is above -0      | MaxMinElementwiseKernel.cu
foreach clamp_min(a, s)| larger one, or NaN          | a if a is NaN or a > s, else s    | ForeachMinMaxFunctors.cuh
single clamp(a, s, t)  | s below s, t above t        | s below s, t above t, NaN is kept | TensorCompare.cu
eq, gt, lt(a, s)       | s rounded to a's type       | s rounded to a's type             | CompareKernels.cu
pow(a, 2), pow(a, 3)   | rn(a * a), then times a     | rn(a * a), then times a           | PowKernel.cu
pow(a, 0.5)            | as sqrt                     | rn(sqrt(a))                       | PowKernel.cu
pow(a, -1), pow(a, -2) | rn(1 / a), rn(1 / rn(a * a))| rn(1 / a), rn(1 / rn(a * a))      | PowKernel.cu
pow(a, 0), pow(a, 1)   | 1, a                        | 1, a                              | Pow.cpp
copy, change of type   | to nearest, ties to even    | to nearest, ties to even          | Copy.cu
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .fma import Array, fma32, fma64


def _fma(a: Any, b: Any, c: Any) -> Array:
    dtype = next(x.dtype for x in (a, b, c) if isinstance(x, np.ndarray))
    return fma64(a, b, c) if dtype == np.float64 else fma32(a, b, c)


def _in(a: Array, x: Any) -> Any:
    """An array as it is; a Python number rounded to the type that the kernel computes in."""
    return x if isinstance(x, np.ndarray) else a.dtype.type(x)


# The kernels. ``a`` and every tensor are arrays of the type that the kernel computes in, numbers are Python's.


def _add(a: Array, b: Any, alpha: Any = 1) -> Any:
    b, alpha = _in(a, b), _in(a, alpha)
    return a + b if alpha == 1 else _fma(alpha, b, a)


def _sub(a: Array, b: Any, alpha: Any = 1) -> Any:
    b, alpha = _in(a, b), _in(a, alpha)
    return a - b if alpha == 1 else _fma(-alpha, b, a)


def _mul(a: Array, b: Any) -> Any:
    return a * _in(a, b)


def _div(a: Array, b: Any) -> Any:
    return a / _in(a, b)


def _div_by_reciprocal(a: Array, b: Any) -> Any:
    return a / b if isinstance(b, np.ndarray) else a * _in(a, np.float64(1) / np.float64(b))


def _addcmul(a: Array, b: Array, c: Array, value: Any = 1) -> Any:
    value = _in(a, value)
    return _fma(b, c, a) if value == 1 else _fma(value, b * c, a)


def _addcdiv(a: Array, b: Array, c: Array, value: Any = 1) -> Any:
    value = _in(a, value)
    return a + b / c if value == 1 else _fma(value, b / c, a)


def _lerp(a: Array, b: Array, weight: Any) -> Any:
    weight = _in(a, weight)
    difference = b - a
    return np.where(np.abs(weight) < 0.5, _fma(weight, difference, a), _fma(-difference, 1 - weight, b))


def _sign(a: Array) -> Any:
    return (a > 0).astype(a.dtype) - (a < 0).astype(a.dtype)


def _maximum_foreach(a: Array, b: Any) -> Any:
    return np.where(np.isnan(a) | (a > b), a, _in(a, b))


def _maximum_single(a: Array, b: Array) -> Any:
    both_zero = (a == 0) & (b == 0)
    return np.where(both_zero, a + b, np.where(np.isnan(a) | (a > b), a, b))


def _clamp_single(a: Array, low: Any = None, high: Any = None) -> Any:
    result = a
    if low is not None:
        result = np.where(a < _in(a, low), _in(a, low), result)
    if high is not None:
        result = np.where(_in(a, high) < result, _in(a, high), result)
    return result


def _pow(a: Array, exponent: Any) -> Any:
    exact: dict[float, Callable[[], Any]] = {
        0.0: lambda: np.ones_like(a),
        1.0: lambda: a,
        2.0: lambda: a * a,
        3.0: lambda: a * a * a,
        0.5: lambda: np.sqrt(a),
        -1.0: lambda: 1 / a,
        -2.0: lambda: 1 / (a * a),
    }
    if exponent in exact:
        return exact[exponent]()
    return np.power(a.astype(np.float64), np.float64(_in(a, exponent))).astype(a.dtype)


def _rsqrt(a: Array) -> Any:
    return (1 / np.sqrt(a.astype(np.float64))).astype(a.dtype)


# Operation -> overloads on single tensors, their kernel; overloads on lists, their kernels.
_ROWS: tuple[tuple[str, str, Callable[..., Any], Mapping[str, Callable[..., Any]]], ...] = (
    ("add", "Tensor", _add, dict.fromkeys(("Scalar", "List", "ScalarList", "Tensor"), _add)),
    ("sub", "Tensor", _sub, dict.fromkeys(("Scalar", "List", "ScalarList"), _sub)),
    ("mul", "Tensor", _mul, dict.fromkeys(("Scalar", "List", "ScalarList", "Tensor"), _mul)),
    ("div", "Tensor", _div_by_reciprocal, {"Scalar": _div_by_reciprocal, "List": _div, "ScalarList": _div}),
    ("addcmul", "default", _addcmul, dict.fromkeys(("Scalar", "ScalarList"), _addcmul)),
    ("addcdiv", "default", _addcdiv, dict.fromkeys(("Scalar", "ScalarList"), _addcdiv)),
    ("lerp", "Scalar Tensor", _lerp, dict.fromkeys(("Scalar", "List", "ScalarList"), _lerp)),
    ("sqrt", "default", np.sqrt, {"default": np.sqrt}),
    ("reciprocal", "default", lambda a: 1 / a, {"default": lambda a: 1 / a}),
    ("neg", "default", np.negative, {"default": np.negative}),
    ("abs", "default", np.abs, {"default": np.abs}),
    ("sign", "default", _sign, {"default": _sign}),
    ("rsqrt", "default", _rsqrt, {"default": _rsqrt}),
    ("maximum", "default out", _maximum_single, {"List": _maximum_foreach}),
    ("clamp", "default", _clamp_single, {}),
    ("clamp_min", "default", _clamp_single, dict.fromkeys(("Scalar", "List", "ScalarList"), _maximum_foreach)),
    ("pow", "Tensor_Scalar Scalar", _pow, {}),
)
SINGLE: dict[str, Callable[..., Any]] = {
    f"{name}{in_place}.{overload}": kernel
    for name, overloads, kernel, _ in _ROWS
    for overload in overloads.split()
    for in_place in ("", "_")
}
FOREACH: dict[str, Callable[..., Any]] = {
    f"_foreach_{name}{in_place}.{overload}": kernel
    for name, _, _, kernels in _ROWS
    for overload, kernel in kernels.items()
    for in_place in ("", "_")
}
SINGLE_OF = {f"_foreach_{name}": kernel for name, _, kernel, _ in _ROWS}
COMPARISONS: dict[str, Callable[..., Any]] = {"eq.Scalar": np.equal, "gt.Scalar": np.greater, "lt.Scalar": np.less}
EXACT_POWERS = (0, 1, 2, 3, 0.5, -1, -2)
