"""What parameters are called: the names of a module's parameters."""

from collections.abc import Mapping
from typing import Any, cast

import torch

from lrspec import check

Named = list[tuple[str, torch.nn.Parameter]]


def named_parameters(where: str, model: Any) -> Named:
    """The named parameters of a module, of a mapping or iterable of (name, parameter), or of ``model.parameters()``.

    Parameters without names are called by their place: "0", "1", ...
    """
    if isinstance(model, torch.nn.Module):
        return list(model.named_parameters())
    rule, named = "must be a Module or named parameters", None
    try:
        named = [*(model.items() if isinstance(model, Mapping) else model)]
    except TypeError:  # a number
        pass
    if named is None or isinstance(model, str | bytes | torch.Tensor):
        check.fail(where, "model", rule, model, TypeError)
    if named and all(isinstance(one, torch.Tensor) for one in named):
        named = [*zip(map(str, range(len(named))), named, strict=True)]
    seen: set[Any] = set()
    for one in named:
        match one:
            case str(), torch.Tensor():
                pass
            case _:
                second = "; groups come second: AdamW(model, [{'params': 'head'}, ...])"
                hint = second if isinstance(one, Mapping) else ""
                check.fail(where, "model", f"{rule}, pairs of a name and a tensor", one, TypeError, hint=hint)
        if {one[0], id(one[1])} & seen:
            check.fail(where, "model", "must hold each name and each tensor once", one[0])
        seen |= {one[0], id(one[1])}
    return [(name, tensor) for name, tensor in cast(Any, named)]
