"""What gradient clipping takes."""

import math
from typing import Any

from . import check


def read_norm(where: str, max_norm: Any, norm_type: Any) -> tuple[float, float]:
    """``max_norm`` and ``norm_type`` as floats; torch takes the string "inf", too."""
    limit = check.between(where, "max_norm", max_norm, 0.0, math.inf)
    if isinstance(norm_type, str) and norm_type == "inf":
        return limit, math.inf
    if not check.is_number(norm_type) or check.overflows(norm_type) or math.isnan(check.as_float(norm_type)):
        check.fail(where, "norm_type", "must be a number or 'inf'", norm_type)
    return limit, float(norm_type)


def read_value(where: str, clip_value: Any) -> float:
    """``clip_value`` as a float."""
    value = check.between(where, "clip_value", clip_value, 0.0, math.inf)
    return value if math.isinf(value) else check.single(where, "clip_value", value)


def not_finite(where: str, norm: Any) -> None:
    """The error of ``error_if_nonfinite``; torch's type."""
    check.fail(where, "the gradients' norm", "must be finite (error_if_nonfinite=True)", norm, RuntimeError)
