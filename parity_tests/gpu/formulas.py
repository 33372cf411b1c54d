"""The kernels of torch's optimizers on CUDA: for each its exact formula, and how torch calls it."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import torch

from .fractions import nearest, root

tch: Any = torch  # its functions on lists are not declared
R = nearest
Exact = Callable[..., Fraction]
HALF = Fraction(1, 2)
# Operation -> tensors that it takes, the exact formula of its CUDA kernel: of tensors, then of the number.
FORMULAS: dict[str, tuple[int, Exact]] = {
    "add alpha": (2, lambda a, b, s: R(s * b + a)),
    "sub alpha": (2, lambda a, b, s: R(a - s * b)),
    "add number": (1, lambda a, s: R(a + s)),
    "sub number": (1, lambda a, s: R(a - s)),
    "mul number": (1, lambda a, s: R(a * s)),
    "add": (2, lambda a, b, s: R(a + b)),
    "sub": (2, lambda a, b, s: R(a - b)),
    "mul": (2, lambda a, b, s: R(a * b)),
    "div": (2, lambda a, b, s: R(a / b)),
    "div numbers": (1, lambda a, s: R(a / s)),
    "reciprocal": (1, lambda a, s: R(1 / a)),
    "neg": (1, lambda a, s: -a),
    "abs": (1, lambda a, s: abs(a)),
    "sign": (1, lambda a, s: Fraction((a > 0) - (a < 0))),
    "sqrt": (1, lambda a, s: R(root(a))),
    "addcmul": (3, lambda a, b, c, s: R(b * c + a) if s == 1 else R(s * R(b * c) + a)),
    "addcdiv": (3, lambda a, b, c, s: R(a + R(b / c)) if s == 1 else R(s * R(b / c) + a)),
    "lerp": (2, lambda a, b, s: R(s * R(b - a) + a) if abs(s) < HALF else R(b - R(b - a) * R(1 - s))),
    "maximum": (2, lambda a, b, s: max(a, b)),
    "clamp_min": (1, lambda a, s: max(a, s)),
    "copy": (2, lambda a, b, s: b),
}
# The call on lists: of tensors, then the number.
ON_LISTS: dict[str, Callable[..., Any]] = {
    "add alpha": lambda a, b, s: tch._foreach_add(a, b, alpha=s),
    "sub alpha": lambda a, b, s: tch._foreach_sub(a, b, alpha=s),
    "add number": lambda a, s: tch._foreach_add(a, s),
    "sub number": lambda a, s: tch._foreach_sub(a, s),
    "mul number": lambda a, s: tch._foreach_mul(a, s),
    "add": lambda a, b, s: tch._foreach_add(a, b),
    "sub": lambda a, b, s: tch._foreach_sub(a, b),
    "mul": lambda a, b, s: tch._foreach_mul(a, b),
    "div": lambda a, b, s: tch._foreach_div(a, b),
    "div numbers": lambda a, s: tch._foreach_div(a, [s] * len(a)),
    "reciprocal": lambda a, s: tch._foreach_reciprocal(a),
    "neg": lambda a, s: tch._foreach_neg(a),
    "abs": lambda a, s: tch._foreach_abs(a),
    "sign": lambda a, s: tch._foreach_sign(a),
    "sqrt": lambda a, s: tch._foreach_sqrt(a),
    "addcmul": lambda a, b, c, s: tch._foreach_addcmul(a, b, c, value=s),
    "addcdiv": lambda a, b, c, s: tch._foreach_addcdiv(a, b, c, [s] * len(a)),
    "lerp": lambda a, b, s: tch._foreach_lerp(a, b, s),
    "maximum": lambda a, b, s: tch._foreach_maximum(a, b),
    "clamp_min": lambda a, s: tch._foreach_clamp_min(a, s),
    "copy": lambda a, b, s: _copied(a, b),
}
# The call on single tensors, where it is another function than torch's of the same name.
ON_TENSORS: dict[str, Callable[..., Any]] = {
    "add alpha": lambda a, b, s: torch.add(a, b, alpha=s),
    "sub alpha": lambda a, b, s: torch.sub(a, b, alpha=s),
    "add number": lambda a, s: a + s,
    "sub number": lambda a, s: a - s,
    "mul number": lambda a, s: a * s,
    "addcmul": lambda a, b, c, s: a.clone().addcmul_(b, c, value=s),
    "addcdiv": lambda a, b, c, s: torch.addcdiv(a, b, c, value=s),
    "lerp": lambda a, b, s: torch.lerp(a, b, s),
    "clamp_min": lambda a, s: torch.clamp(a, min=s),
    "copy": lambda a, b, s: a.clone().copy_(b),
}
ONE_ON_LISTS_ONLY = {"div numbers"}


def _copied(a: list[torch.Tensor], b: list[torch.Tensor]) -> list[torch.Tensor]:
    result = [x.clone() for x in a]
    tch._foreach_copy_(result, b)
    return result
