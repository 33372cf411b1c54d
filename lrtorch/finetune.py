"""Fine-tuning with per-layer rates: a PyTorch network, a rate per group, an eager loop.

``lrjax/finetune.py`` is the same task on JAX, function by function. Neither knows of the other:
weights, images and batch orders come in as NumPy arrays, in the framework's own layout (here
``backbone.dense1.weight`` with shape (out, in)).

Tensors are made on torch's default device: ``with torch.device("cuda"):`` around the calls moves all to a GPU.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from lrspec import check, finetune
from lrspec.finetune import Trace as Trace
from lrspec.finetune import replace_head as replace_head

from .control import get_lr, set_lr

LAYERS = ("backbone.dense1", "backbone.dense2", "head")


class Backbone(nn.Module):
    """Two hidden layers with ReLU, which is exact in every framework and so adds no rounding of its own."""

    def __init__(self, sizes: Sequence[int]) -> None:
        super().__init__()
        self.dense1 = nn.Linear(sizes[0], sizes[1])  # the values are never used: ``network`` puts the caller's in
        self.dense2 = nn.Linear(sizes[1], sizes[2])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Features, shape=(batch, sizes[2])."""
        return torch.relu(self.dense2(torch.relu(self.dense1(x))))


class Network(nn.Module):
    """A backbone to pretrain and a linear head to replace.

    Args:
        sizes: inputs, first hidden layer, second hidden layer, classes.
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        super().__init__()
        self.backbone = Backbone(sizes[:3])
        self.head = nn.Linear(sizes[2], sizes[3])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits, shape=(batch, classes)."""
        return self.head(self.backbone(x))


def network(weights: Mapping[str, Any]) -> Network:
    """The network that holds ``weights``.

    Args:
        weights: name -> array, such as ``head.weight``: shape=(out, in). The sizes of the layers are read from them.

    Returns:
        The module, with parameters of the arrays' dtype.

    Raises:
        ValueError: a weight is missing or unknown.
    """
    expected = sorted(f"{layer}.{kind}" for layer in LAYERS for kind in ("weight", "bias"))
    if sorted(weights) != expected:
        check.fail("network", "weights", f"must have exactly the names {', '.join(expected)}", sorted(weights))
    sizes = (weights[f"{LAYERS[0]}.weight"].shape[1], *(weights[f"{layer}.bias"].shape[0] for layer in LAYERS))
    with torch.device("meta"):
        model = Network(sizes)
    # A copy: training must not write into the caller's arrays.
    values = {name: torch.as_tensor(value).clone() for name, value in weights.items()}
    model.load_state_dict(values, assign=True)
    return model.requires_grad_()


class FineTuner(finetune.FineTuner):
    """The fine-tuner of ``lrspec.finetune`` on PyTorch: an eager loop."""

    def __init__(
        self,
        weights: Mapping[str, np.ndarray],
        groups: Sequence[Mapping[str, Any]],
        optimizer: Callable[..., Any],
        **options: Any,
    ) -> None:
        self.model = network(weights)
        self.optimizer = optimizer(self.model, groups, **options)

    def epoch(self, images: np.ndarray, labels: np.ndarray, batches: np.ndarray) -> Trace:
        """Train once over ``batches``, see ``lrspec.finetune``."""
        x, y, order = torch.as_tensor(images), torch.as_tensor(labels), torch.as_tensor(batches)
        steps = [self._step(x[batch], y[batch]) for batch in order]
        losses, rates, grads = zip(*steps, strict=True)
        return Trace(
            np.array(losses),
            {name: np.array([rate[name] for rate in rates]) for name in rates[0]},
            {name: np.stack([grad[name] for grad in grads]) for name in grads[0]},
        )

    def _step(self, images: torch.Tensor, labels: torch.Tensor) -> tuple[Any, dict[str, float], dict[str, np.ndarray]]:
        self.optimizer.zero_grad()
        loss = mean_loss(self.model, images, labels)
        loss.backward()
        rates = get_lr(self.optimizer)
        self.optimizer.step()
        grads = {name: p.grad.numpy(force=True) for name, p in self.model.named_parameters() if p.grad is not None}
        return loss.numpy(force=True), rates, grads

    def evaluate(self, images: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
        """Mean loss and accuracy (0 to 1) over all images."""
        loss, right = evaluate(self.model, images, labels)
        return float(loss), int(right) / len(labels)

    def weights(self) -> dict[str, np.ndarray]:
        """A copy of the parameters: name -> NumPy array."""
        return {name: p.numpy(force=True).copy() for name, p in self.model.named_parameters()}

    def get_lr(self) -> dict[str, float]:
        """The rate of each group that the next update will use."""
        return get_lr(self.optimizer)

    def set_lr(self, lr: float | Mapping[str, float]) -> None:
        """Set rates by hand, between two epochs: one for all groups, or group -> rate."""
        set_lr(self.optimizer, lr)


@torch.no_grad()
def evaluate(model: nn.Module, images: Any, labels: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean loss over all images, and how many are classified right."""
    x, y = torch.as_tensor(images), torch.as_tensor(labels)
    right = model(x).argmax(dim=-1) == y
    return mean_loss(model, x, y), right.sum()


def mean_loss(model: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The mean cross entropy over a batch."""
    return nn.functional.cross_entropy(model(images), labels)
