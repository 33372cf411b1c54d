"""What parameters are called: the names of a module's parameters."""

from collections.abc import Iterable, Mapping
from typing import Any

import torch

Named = list[tuple[str, torch.nn.Parameter]]


def named_parameters(where: str, model: Any) -> Named:
    """The named parameters of a module, or of a mapping or iterable of (name, parameter)."""
    if isinstance(model, torch.nn.Module):
        return list(model.named_parameters())
    if isinstance(model, Mapping):
        return list(model.items())
    if isinstance(model, Iterable):
        return list(model)
    raise TypeError(f"{where}: model must be a Module or named parameters, got {type(model).__name__}")
