"""Products of arrays in XLA's programs, in NumPy. Their sums are taken in float64; a GPU's order is its own."""

import re
from typing import Any

import numpy as np

from .instructions import Function, Instruction, Shape


def dot(instruction: Instruction, shapes: list[Any], function: Any) -> Function:
    """The product as XLA itself makes it."""
    del function
    names = ("lhs_batch_dims", "rhs_batch_dims", "lhs_contracting_dims", "rhs_contracting_dims")
    return product(shapes, [instruction.numbers(name) for name in names], instruction.shape.dtype)


def product(shapes: list[Any], dims: list[tuple[int, ...]], dtype: Any) -> Function:
    """A product of arrays, added up in float64 and rounded once.

    Args:
        shapes: of the two operands.
        dims: the batch dimensions of both, then their contracting dimensions.
        dtype: of the result.
    """
    left_batch, right_batch, left_sum, right_sum = dims
    letters = iter("abcdefghijklmnopqrstuvwxyz")
    left = [next(letters) for _ in shapes[0].dims]
    right = [next(letters) for _ in shapes[1].dims]
    for i, j in zip((*left_batch, *left_sum), (*right_batch, *right_sum), strict=True):
        right[j] = left[i]
    free = [left[i] for i in range(len(left)) if i not in (*left_batch, *left_sum)]
    free += [right[j] for j in range(len(right)) if j not in (*right_batch, *right_sum)]
    equation = f"{''.join(left)},{''.join(right)}->{''.join([left[i] for i in left_batch] + free)}"
    return lambda a, b: np.einsum(equation, a.astype(np.float64), b.astype(np.float64)).astype(dtype)


def library_call(instruction: Instruction, shapes: list[Any], function: Any) -> Function:
    """A call of cuBLAS, alpha a b + beta c, and what it adds to that (``epilogue``)."""
    del function
    if "__cublas$" not in instruction.attributes["custom_call_target"]:
        raise NotImplementedError(instruction.line)
    config = instruction.attributes["backend_config"]
    result: Shape = instruction.shape[0] if isinstance(instruction.shape, tuple) else instruction.shape
    names = ("lhs_batch_dimensions", "rhs_batch_dimensions", "lhs_contracting_dimensions", "rhs_contracting_dimensions")
    dims = [_json_integers(config, name) for name in names]
    multiply = product(shapes[:2], dims, np.float64)
    alpha, beta = _json_number(config, "alpha_real"), _json_number(config, "beta")
    epilogue = (re.findall(r'"epilogue":"(\w+)"', config) or ["DEFAULT"])[0]
    if epilogue not in ("DEFAULT", "BIAS", "RELU", "BIAS_RELU") or _json_number(config, "alpha_imag"):
        raise NotImplementedError(instruction.line)

    def run(a: Any, b: Any, *more: Any) -> Any:
        total = alpha * multiply(a, b)
        total = total + beta * more[0].astype(np.float64) if beta else total
        total = total + more[-1].astype(np.float64) if "BIAS" in epilogue else total
        total = (np.maximum(total, 0) if "RELU" in epilogue else total).astype(result.dtype)
        rest = instruction.shape[1:] if isinstance(instruction.shape, tuple) else ()
        return (total, *(np.zeros(one.dims, one.dtype) for one in rest)) if rest else total

    return run


def _json_integers(config: str, name: str) -> tuple[int, ...]:
    found = re.search(rf'"{name}":\[([^\]]*)\]', config)
    return tuple(map(int, re.findall(r"\d+", found[1]))) if found else ()


def _json_number(config: str, name: str) -> float:
    found = re.search(rf'"{name}":"?(-?[\d.eE+\-]+)', config)
    return float(found[1]) if found else 0.0
