"""What torch keeps per parameter, and what a transposed layout makes of it."""

from collections.abc import Mapping
from typing import Any

from lrspec import check

# Tensors that torch has for some parameters only: name -> (the group's options, dimensions) -> whether.
_CONDITIONS = {
    ("SGD", "momentum_buffer"): lambda group, ndim: False,  # None before the first step with momentum
    ("RMSprop", "momentum_buffer"): lambda group, ndim: group["momentum"] > 0,
    ("RMSprop", "grad_avg"): lambda group, ndim: group["centered"],
    ("Adam", "max_exp_avg_sq"): lambda group, ndim: group["amsgrad"],
    ("AdamW", "max_exp_avg_sq"): lambda group, ndim: group["amsgrad"],
    ("Adafactor", "row_var"): lambda group, ndim: ndim > 1,
    ("Adafactor", "col_var"): lambda group, ndim: ndim > 1,
    ("Adafactor", "variance"): lambda group, ndim: ndim < 2,
}
NUMBERS = ("step", "mu_product", "eta", "mu")  # one number per parameter, in torch a tensor without dimensions
FACTORS = ("row_var", "col_var")  # torch's means over the last dimension and over the one before it


def expected(rule: str, slot: str, group: Mapping[str, Any], ndim: int) -> bool:
    """Whether torch has the slot for every parameter of the group that has a state at all."""
    condition = _CONDITIONS.get((rule, slot))
    return condition is None or bool(condition(group, ndim))


def torchs_slot(where: str, slot: str, path: str, axes: tuple[int, ...]) -> str:
    """The slot of torch's parameter that is this slot of JAX's: a transposed matrix has its rows as columns."""
    n = len(axes)
    if slot not in FACTORS or n < 2 or axes[-2:] == (n - 2, n - 1):
        return slot
    if axes[-2:] != (n - 1, n - 2):
        rule = f"must keep the last two of torch's axes last: Adafactor's state of {path} is made of means over them"
        check.fail(where, "axes", rule, axes)
    return FACTORS[1 - FACTORS.index(slot)]


def require_orientation(
    where: str, rule: str, group: Mapping[str, Any], path: str, axes: tuple[int, ...], shape: tuple[int, ...]
) -> None:
    """Muon's step depends on which side is longer, unless it is told otherwise."""
    if rule == "Muon" and group["adjust_lr_fn"] != "match_rms_adamw" and axes != (0, 1) and shape[0] != shape[1]:
        what = "must be as in torch (out, in): Muon(adjust_lr_fn='original') takes other steps for a transposed matrix"
        check.fail(where, f"the layout of {path}", what, shape)


def numbers_of(state: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers among what torch keeps for one parameter."""
    return {name: state[name] for name in NUMBERS if state.get(name) is not None}


def tensors_of(state: Mapping[str, Any]) -> dict[str, Any]:
    """The tensors among what torch keeps for one parameter."""
    return {name: value for name, value in state.items() if name not in NUMBERS and value is not None}


def shape_from(where: str, name: str, tensors: Mapping[str, Any]) -> tuple[int, ...] | None:
    """The shape of the parameter that torch keeps ``tensors`` for; None without tensors.

    Raises:
        TypeError: something that is no tensor.
    """
    for slot, value in tensors.items():
        if not hasattr(value, "shape"):
            rule = f"must be a tensor or an array (parameter {name})"
            check.fail(where, f"optimizer_state: {slot!r}", rule, type(value).__name__, TypeError)
    if set(FACTORS) <= set(tensors):
        return (*tuple(tensors["row_var"].shape)[:-1], tuple(tensors["col_var"].shape)[-1])
    return next((tuple(value.shape) for slot, value in tensors.items() if slot not in FACTORS), None)
