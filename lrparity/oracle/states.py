"""The states of torch's optimizers, by the names of the parameters."""

from collections.abc import Mapping
from typing import Any

import torch


def states_by_name(optimizer: torch.optim.Optimizer, model: Mapping[str, torch.Tensor]) -> dict[str, dict[str, Any]]:
    """The tensors in an optimizer's state: torch's name of the state -> the parameter's name -> tensor."""
    states: dict[str, dict[str, Any]] = {}
    for name, p in model.items():
        for slot, value in optimizer.state[p].items():
            if isinstance(value, torch.Tensor):
                states.setdefault(slot, {})[name] = value
    return states
