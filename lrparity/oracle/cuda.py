"""torch's optimizers with the arithmetic of their CUDA kernels, on tensors of the CPU.

``with CudaArithmetic(): optimizer.step()`` runs torch's own Python code; every tensor operation that it calls is
computed as its CUDA kernel computes it. With ``foreach=True``, torch's default on CUDA, these are the ``_foreach_*``
operations and some on single tensors between them; with ``foreach=False`` those on single tensors alone.

``cuda_kernels.py`` has the table of these kernels, and where each stands in torch.

A ``_foreach_*`` operation falls back to the kernels of single tensors when the types, shapes, or strides of its lists
differ (ForeachUtils.h); so does the one here. A tensor without dimensions is converted to the type of the others.

Not modelled, because the device's own approximation or its order of summation decides: a power with another exponent
(ASGD's eta), rsqrt, sums and products of matrices (Adafactor, Muon). These raise an error unless they are named in
``stand_ins``: then the power and rsqrt are correctly rounded, the others are torch's own on the CPU.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from .cuda_kernels import COMPARISONS, EXACT_POWERS, FOREACH, SINGLE, SINGLE_OF
from .fma import Array

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
        if base in STAND_INS and not (base == "pow" and values[1] in EXACT_POWERS) and base not in self.stand_ins:
            raise NotImplementedError(
                f"{func}: the device's own result is not known; stand_ins=({base!r},) allows another"
            )
        with np.errstate(all="ignore"):
            if full in COMPARISONS:
                return _compare(COMPARISONS[full], *values)
            if full in FOREACH:
                return _foreach(FOREACH[full], SINGLE_OF[name.removesuffix("_")], values, name.endswith("_"))
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
