"""torch's optimizers with the arithmetic of their CUDA kernels, on tensors of the CPU.

``with CudaArithmetic(): optimizer.step()`` runs torch's own Python code; every tensor operation that it calls is
computed as its CUDA kernel computes it. With ``foreach=True``, torch's default on CUDA, these are the ``_foreach_*``
operations and some on single tensors between them; with ``foreach=False`` those on single tensors alone.

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

A ``_foreach_*`` operation falls back to the kernels of single tensors when the types, shapes, or strides of its lists
differ (ForeachUtils.h); so does the one here. A tensor without dimensions is converted to the type of the others.

Not modelled, because the device's own approximation or its order of summation decides: a power with another exponent
(ASGD's eta), rsqrt, sums and products of matrices (Adafactor, Muon). These raise an error unless they are named in
``stand_ins``: then the power and rsqrt are correctly rounded, the others are torch's own on the CPU.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode

Array = np.ndarray[Any, Any]

# What has to be named before it is computed by something else than the device's own arithmetic.
STAND_INS = frozenset({"pow", "rsqrt", "linalg_vector_norm", "mean", "mm", "bmm", "addmm"})
# Operations that move or make values; conversions between types round to nearest even on both devices.
MOVES = frozenset(
    """
    _foreach_copy_.default _local_scalar_dense.default _to_copy.default _unsafe_view.default clone.default copy_.default
    detach.default empty.memory_format expand.default fill_.Scalar full_like.default index_put_.default
    lift_fresh.default new_zeros.default ones.default permute.default scalar_tensor.default select.int squeeze.default
    unsqueeze.default view.default where.self zeros.default zeros_like.default
    """.split()
)


def fma32(a: Any, b: Any, c: Any) -> Array:
    """``a * b + c`` of float32 values, rounded once.

    The product is exact in float64. The sum is rounded to odd there: of its two neighbours in float64, the one with an
    odd last bit. From there, one rounding to float32 is the rounding of the exact sum, as 53 >= 24 + 2.
    """
    with np.errstate(all="ignore"):
        product = np.asarray(a, np.float64) * np.asarray(b, np.float64)
        return np.asarray(_add_to_odd(product, np.asarray(c, np.float64)).astype(np.float32))


def fma64(a: Any, b: Any, c: Any) -> Array:
    """``a * b + c`` of float64 values, rounded once.

    Boldo and Melquiond, Emulation of FMA and correctly rounded sums, 2008: with ``a * b = high + low`` and
    ``c + low = top + rest`` and ``high + top = sum + error`` without any error, the result is ``sum + odd(rest +
    error)``. This needs exponents far from the ends of the range; the few other values go through fractions.
    """
    with np.errstate(all="ignore"):
        a, b, c = np.broadcast_arrays(*(np.asarray(x, np.float64) for x in (a, b, c)))
        high, low = _two_product(a, b)
        top, rest = _two_sum(c, low)
        total, error = _two_sum(high, top)
        result = np.array(total + _add_to_odd(rest, error))
        zero = (a == 0) | (b == 0)
        finite = np.isfinite(a) & np.isfinite(b)
        plain = zero | ~finite | ~np.isfinite(c)
        # The product is zero, or not a number of the range, or the sum is c's infinity or NaN.
        special = np.where(finite & ~np.isfinite(c), c, a * b + c)
        result[plain] = special[plain]
        safe = _within(a, -400, 400) & _within(b, -400, 400) & ((c == 0) | _within(c, -800, 900))
        for where in zip(*np.nonzero(~plain & ~safe), strict=True) if result.ndim else [()] * int(~plain & ~safe):
            result[where] = _nearest64(
                Fraction(float(a[where])) * Fraction(float(b[where])) + Fraction(float(c[where]))
            )
        return result


def _within(x: Array, low: int, high: int) -> Array:
    return (np.abs(x) > 2.0**low) & (np.abs(x) < 2.0**high)


def _nearest64(x: Fraction) -> float:
    try:
        return x.numerator / x.denominator  # Python's quotient of integers is correctly rounded
    except OverflowError:
        return np.inf if x > 0 else -np.inf


def _two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    """The rounded sum, and its error without any error (Knuth)."""
    total = np.asarray(a + b)
    a_part = total - b
    return total, np.asarray((a - a_part) + (b - (total - a_part)))


def _two_product(a: Array, b: Array) -> tuple[Array, Array]:
    """The rounded product, and its error without any error (Dekker, Veltkamp)."""

    def halves(x: Array) -> tuple[Array, Array]:
        scaled = x * 134217729.0  # 2 ** 27 + 1
        upper = scaled - (scaled - x)
        return upper, x - upper

    (a1, a0), (b1, b0) = halves(a), halves(b)
    product = np.asarray(a * b)
    return product, np.asarray(a0 * b0 - (((product - a1 * b1) - a0 * b1) - a1 * b0))


def _add_to_odd(a: Array, b: Array) -> Array:
    """The sum of float64 values: itself where exact, else the neighbour of it that has an odd last bit."""
    total, error = _two_sum(a, b)
    bits = total.view(np.int64)
    inexact = np.isfinite(total) & np.isfinite(error) & (error != 0) & (bits & 1 == 0)
    outwards = (error > 0) == (total > 0)
    return np.asarray(np.where(inexact, bits + np.where(outwards, 1, -1), bits)).view(np.float64)


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
_SINGLE_OF = {f"_foreach_{name}": kernel for name, _, kernel, _ in _ROWS}
COMPARISONS: dict[str, Callable[..., Any]] = {"eq.Scalar": np.equal, "gt.Scalar": np.greater, "lt.Scalar": np.less}
_EXACT_POWERS = (0, 1, 2, 3, 0.5, -1, -2)


class CudaArithmetic(TorchDispatchMode):
    """``with CudaArithmetic():`` - torch's operations on CPU tensors are computed as on CUDA.

    Args:
        stand_ins: names of :data:`STAND_INS` that may be computed although the device's own result is not known.
    """

    def __init__(self, stand_ins: Collection[str] = ()) -> None:
        if unknown := set(stand_ins) - STAND_INS:
            raise ValueError(f"not a stand-in: {sorted(unknown)}; known are {sorted(STAND_INS)}")
        super().__init__()
        self.stand_ins = frozenset(stand_ins)

    def __torch_dispatch__(
        self,
        func: Any,
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Compute ``func`` by the tables of this module."""
        del types
        kwargs = dict(kwargs or {})
        space, _, name = func._schema.name.partition("::")
        full, base = f"{name}.{func._overloadname}", name.removesuffix("_").removeprefix("_foreach_")
        if space == "profiler" or (space == "aten" and full in MOVES):
            return func(*args, **kwargs)
        known = full in SINGLE or full in FOREACH or full in COMPARISONS or base in STAND_INS
        if space != "aten" or not known:
            raise NotImplementedError(f"{func}: no CUDA arithmetic for this operation here")
        out = kwargs.get("out")
        names = [argument.name for argument in func._schema.arguments[len(args) :] if argument.name != "out"]
        values = [*args, *(kwargs[name] for name in names if name in kwargs)]
        if base in STAND_INS and not (base == "pow" and values[1] in _EXACT_POWERS) and base not in self.stand_ins:
            raise NotImplementedError(
                f"{func}: the device's own result is not known; stand_ins=({base!r},) allows another"
            )
        with np.errstate(all="ignore"):
            if full in COMPARISONS:
                return _compare(COMPARISONS[full], *values)
            if full in FOREACH:
                return _foreach(FOREACH[full], _SINGLE_OF[name.removesuffix("_")], values, name.endswith("_"))
            if full not in SINGLE:
                return func(*args, **kwargs)  # a stand-in that was allowed
            result = _one(SINGLE[full], values)
        if out is not None or name.endswith("_"):
            return (values[0] if out is None else out).copy_(result)
        return result


def _foreach(fast: Callable[..., Any], single: Callable[..., Any], values: list[Any], in_place: bool) -> Any:
    """The fused kernel over lists, or the single tensors' kernel where torch falls back to it."""
    lists = [list(value) for value in values if isinstance(value, list | tuple) and isinstance(value[0], torch.Tensor)]
    kernel = fast if _one_kernel_for_all(lists) else single
    each = [value if isinstance(value, list | tuple) else [value] * len(values[0]) for value in values]
    results = [_one(kernel, list(row)) for row in zip(*each, strict=True)]
    if not in_place:
        return results
    for tensor, result in zip(values[0], results, strict=True):
        tensor.copy_(result)
    return None


def _one_kernel_for_all(lists: list[list[torch.Tensor]]) -> bool:
    """Whether all tensors have one type, and are dense, and those of a row have one shape and one layout."""
    first = lists[0][0].dtype
    if not all(t.dtype == first and _dense(t) for tensors in lists for t in tensors):
        return False
    return all(len({(t.shape, _layout(t)) for t in row}) == 1 for row in zip(*lists, strict=True))


def _layout(t: torch.Tensor) -> tuple[int, ...]:
    return tuple(stride for stride, size in zip(t.stride(), t.shape, strict=True) if size != 1)


def _dense(t: torch.Tensor) -> bool:
    expected = 1
    for stride, size in sorted(zip(t.stride(), t.shape, strict=True)):
        if size == 1:
            continue
        if stride != expected:
            return False
        expected *= size
    return True


def _one(kernel: Callable[..., Any], values: list[Any]) -> torch.Tensor:
    """A kernel on one row of tensors and numbers: computed in the wider type, rounded once to the tensors' type."""
    dtype = _common(values)
    operands = [_computing(value.to(dtype)) if isinstance(value, torch.Tensor) else value for value in values]
    return torch.from_numpy(np.array(kernel(*operands))).to(dtype)


def _common(values: Sequence[Any]) -> torch.dtype:
    """The type of the result: that of the tensors with dimensions if there are any."""
    tensors = [value for value in values if isinstance(value, torch.Tensor)]
    if not all(t.dtype.is_floating_point for t in tensors):
        raise NotImplementedError("tensors of integers: no CUDA arithmetic for these here")
    dtypes = [t.dtype for t in tensors if t.dim()] or [t.dtype for t in tensors]
    result = dtypes[0]
    for dtype in dtypes[1:]:
        result = torch.promote_types(result, dtype)
    return result


def _computing(t: torch.Tensor) -> Array:
    """The values of a tensor in the type that kernels compute in."""
    t = t.detach()
    return (t.float() if t.dtype in (torch.bfloat16, torch.float16) else t).numpy()


def _compare(compare: Callable[..., Any], tensor: torch.Tensor, number: float) -> torch.Tensor:
    """A comparison with a number, rounded to the type of the tensor."""
    x = _computing(tensor)
    rounded = _computing(torch.tensor(float(x.dtype.type(number)), dtype=torch.float64).to(tensor.dtype))
    return torch.from_numpy(np.array(compare(x, rounded)))
