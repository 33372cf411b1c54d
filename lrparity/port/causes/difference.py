"""A difference between two programs, and the words for it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Difference:
    """A field in which they differ, for the parameters of one torch group."""

    convention: str
    group: str
    parameters: tuple[str, ...]
    torch: str
    jax: str
    sentence: str
    mend: str
    default: str = ""
    rule: tuple[tuple[str, Any], ...] = ()  # fields of JAX's rule as torch has them
    rates: bool = False  # JAX's rates are to be torch's
    clip: bool = False
    accumulation: bool = False


# Field of ``Rule`` -> convention.
CONVENTIONS = {
    "momentum": "momentum",
    "nesterov": "nesterov",
    "debias": "first_moment",
    "first": "first_moment",
    "dampening": "dampening",
    "rate_inside": "rate_inside",
    "b1": "betas",
    "b2": "betas",
    "alpha": "alpha",
    "rho": "rho",
    "eps": "eps",
    "eps_place": "eps_place",
    "bias2": "bias_correction",
    "bias1": "bias_correction",
    "amsgrad": "amsgrad",
    "centered": "centered",
    "initial": "initial_accumulator",
    "weight_decay": "weight_decay",
    "decay_form": "decay_form",
    "maximize": "maximize",
    "momentum_decay": "rule",
}


_WORDS = {
    "eps_place": {"outside": "outside the root", "inside": "inside the root", "uncorrected": "before bias correction"},
    "decay_form": {
        "none": "none",
        "l2": "L2: added to the gradient",
        "decoupled": "decoupled, times the rate",
        "fixed": "decoupled, not times the rate",
    },
    "amsgrad": {
        "": "off",
        "uncorrected": "maximum of the uncorrected moment",
        "corrected": "maximum of the corrected moment",
    },
}


FIELD_NAMES = {
    "b1": "beta1",
    "b2": "beta2",
    "bias1": "bias correction",
    "bias2": "bias correction",
    "eps_place": "the place of eps",
    "decay_form": "weight decay's form",
    "weight_decay": "weight decay",
    "initial": "the accumulator's initial value",
    "rate_inside": "the rate's place",
    "first": "the momentum buffer's first value",
    "debias": "the correction of the moving average",
    "amsgrad": "AMSGrad",
}


def text_of(name: str, value: Any) -> str:
    """A field's value as a reader wants it."""
    if name in _WORDS:
        return _WORDS[name][value]
    if name == "rate_inside":
        return "inside the momentum buffer" if value else "outside the momentum buffer"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.8g}" if isinstance(value, float | int) else str(value)


def listed(names: tuple[str, ...]) -> str:
    """Names, the first three written out."""
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def same(a: Any, b: Any) -> bool:
    """Whether two values are the same, numbers to six digits."""
    return abs(a - b) <= 1e-6 * max(abs(a), abs(b)) if isinstance(a, float) and isinstance(b, float) else a == b
