"""What parameters are called: the names of a module's parameters."""

from collections.abc import Mapping
from typing import Any

import torch

from lrspec import check

Named = list[tuple[str, torch.nn.Parameter]]


def named_parameters(where: str, model: Any) -> Named:
    """The named parameters of a module, or of a mapping or iterable of (name, parameter)."""
    if isinstance(model, torch.nn.Module):
        return list(model.named_parameters())
    rule = "must be a Module or named parameters"
    try:
        named = [*(model.items() if isinstance(model, Mapping) else model)]
    except TypeError:  # a number
        named = None
    if named is None or isinstance(model, str | bytes | torch.Tensor):
        check.fail(where, "model", rule, model, TypeError)
    seen: set[Any] = set()
    for one in named:
        match one:
            case str(), torch.Tensor():
                pass
            case _:
                check.fail(where, "model", f"{rule}, pairs of a name and a tensor", one, TypeError)
        if {one[0], id(one[1])} & seen:
            check.fail(where, "model", "must hold each name and each tensor once", one[0])
        seen |= {one[0], id(one[1])}
    return [(name, tensor) for name, tensor in named]
