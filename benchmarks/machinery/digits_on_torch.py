"""The digits task in torch: its network, its optimizer and an eager epoch."""

from collections.abc import Callable
from typing import Any

import torch

import lrtorch
from lrparity.digits.layout import to_torch
from lrtorch.finetune import network

from . import optimizers_on_torch
from .digits_task import SCHEDULE, groups


def on_device(*arrays: Any) -> list[torch.Tensor]:
    """NumPy arrays as tensors on the device."""
    return [torch.as_tensor(array, device=optimizers_on_torch.DEVICE) for array in arrays]


def network_and_optimizer(weights: Any, *, fused: bool = False, lr: float | None = None) -> tuple[Any, Any]:
    """The network with its first weights, and AdamW with StepLR; ``lr`` for all groups in place of their own."""
    with optimizers_on_torch.DEVICE:
        model = network(to_torch(weights))
    return model, lrtorch.AdamW(model, groups(lr), scheduler=lrtorch.StepLR(**SCHEDULE), fused=fused or None)


def epoch(
    loss_of: Callable[..., torch.Tensor], model: Any, optimizer: Any, images: Any, labels: Any, batches: Any
) -> torch.Tensor:
    """An eager step for each batch; the losses, which stay on the device until the end."""
    losses = []
    for batch in batches:
        optimizer.zero_grad()
        loss = loss_of(model, images[batch], labels[batch])
        loss.backward()
        optimizer.step()
        losses.append(loss.detach().clone())
    return torch.stack(losses)
