"""What the pairs written after the tool share: schedules, groups and masks as recipes write them."""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax
import torch

from .pair import Net


def scheduled(optimizer: torch.optim.Optimizer, make: Callable[..., Any]) -> tuple[Any, Any]:
    """The optimizer with the scheduler that ``make`` puts on it."""
    return optimizer, make(optimizer)


def factor(function: Callable[[int], float]) -> Callable[..., Any]:
    """A ``LambdaLR`` of this factor, to be put on an optimizer."""
    return lambda optimizer: torch.optim.lr_scheduler.LambdaLR(optimizer, function)


def hugging_face(name: str, *arguments: Any, **options: Any) -> Callable[..., Any]:
    """A schedule of transformers, to be put on an optimizer."""

    def make(optimizer: torch.optim.Optimizer) -> Any:
        from transformers import optimization

        return getattr(optimization, name)(optimizer, *arguments, **options)

    return make


def torchvision_warmup_cosine(warmup: int, total: int, start: float) -> Callable[..., Any]:
    """``LinearLR`` and then ``CosineAnnealingLR``, as torchvision's references have it."""

    def make(optimizer: torch.optim.Optimizer) -> Any:
        rules = torch.optim.lr_scheduler
        first = rules.LinearLR(optimizer, start_factor=start, total_iters=warmup)
        second = rules.CosineAnnealingLR(optimizer, T_max=total - warmup)
        return rules.SequentialLR(optimizer, [first, second], milestones=[warmup])

    return make


def nanogpt_factor(step: int, warmup: int = 100, total: int = 1000, floor: float = 0.1) -> float:
    """``get_lr`` of nanoGPT, over the base rate."""
    if step < warmup:
        return (step + 1) / (warmup + 1)
    if step > total:
        return floor
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * (step - warmup) / (total - warmup)))


def spd_factor(step: int, total: int = 1000, floor: float = 0.0) -> float:
    """A cosine that is at its floor in the last update: the length is total - 1."""
    progress = min(step / (total - 1), 1.0)
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * progress))


def epoch_factor(step: int, updates: int = 20, epochs: int = 50) -> float:
    """A cosine that moves once an epoch, as timm's and most image recipes do."""
    return 0.5 * (1 + math.cos(math.pi * (step // updates) / epochs))


def decay_groups(net: Net, weight_decay: float) -> list[dict[str, Any]]:
    """nanoGPT's two groups: matrices decay, vectors do not."""
    parameters = list(net.parameters())
    return [
        {"params": [p for p in parameters if p.dim() >= 2], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0},
    ]


def matrices(params: Any) -> Any:
    """The mask of what decays in most JAX code bases."""
    return jax.tree.map(lambda leaf: leaf.ndim > 1, params)


def linear_warmup_decay(lr: float, warmup: int, total: int) -> optax.Schedule:
    """BERT's schedule in optax."""
    up, down = optax.linear_schedule(0.0, lr, warmup), optax.linear_schedule(lr, 0.0, total - warmup)
    return optax.join_schedules([up, down], [warmup])


def decay_without_rate(weight_decay: float) -> optax.GradientTransformation:
    """Decay behind the learning rate: what is taken away is weight_decay * p, whatever the rate."""
    return optax.add_decayed_weights(-weight_decay)


def scale_by_bert_adam(b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8) -> optax.GradientTransformation:
    """Adam of the first BERT release: the moments are not corrected."""

    def init(params: Any) -> Any:
        return jax.tree.map(jnp.zeros_like, params), jax.tree.map(jnp.zeros_like, params)

    def update(updates: Any, state: Any, params: Any = None) -> Any:
        del params
        mu = jax.tree.map(lambda m, g: b1 * m + (1 - b1) * g, state[0], updates)
        nu = jax.tree.map(lambda v, g: b2 * v + (1 - b2) * g * g, state[1], updates)
        return jax.tree.map(lambda m, v: m / (jnp.sqrt(v) + eps), mu, nu), (mu, nu)

    return optax.GradientTransformation(init, update)
