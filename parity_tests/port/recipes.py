"""Programs that several pairs begin with."""

from typing import Any

import jax
import jax.numpy as jnp
import optax
import torch
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    LinearLR,
    SequentialLR,
)

from .pair import LABELS, Net

chain = optax.chain
C = optax.scale_by_learning_rate


def adamw(net: Net, lr: float = 1e-3, **options: Any) -> torch.optim.Optimizer:
    """torch's AdamW over one group."""
    return torch.optim.AdamW(net.parameters(), lr=lr, **options)


def cosine_to(steps: int, floor: float = 0.0, lr: float = 1e-3) -> Any:
    """torch's cosine as an optax schedule, held at its end."""
    return lambda count: floor + (lr - floor) * (1 + jnp.cos(jnp.pi * jnp.minimum(count, steps) / steps)) / 2


def warm(n: int, start: float, lr: float, then: Any) -> Any:
    """A linear warm-up over ``n`` counts, then another schedule."""
    return lambda count: jnp.where(count < n, start + (lr - start) * count / n, then(count - n))


def two(make: Any) -> Any:
    """The two groups of ``both``."""
    return optax.multi_transform({"body": make(1e-4), "head": make(1e-3)}, LABELS)


def sequential(optimizer: Any, warm_up: int, total: int) -> Any:
    """torch's linear warm-up and cosine."""
    parts = [LinearLR(optimizer, 1 / warm_up, 1.0, warm_up), CosineAnnealingLR(optimizer, total - warm_up)]
    return SequentialLR(optimizer, parts, [warm_up])


def with_(make: Any, optimizer: torch.optim.Optimizer) -> tuple[torch.optim.Optimizer, Any]:
    """An optimizer and its scheduler."""
    return optimizer, make(optimizer)


SHORT = {"rate_steps": 200}


def uncorrected_adam() -> optax.GradientTransformation:
    """Adam without bias correction, as a user writes it."""

    def init(params: Any) -> Any:
        zeros = {name: {k: jnp.zeros_like(v) for k, v in tree.items()} for name, tree in params.items()}
        return optax.ScaleByAdamState(jnp.zeros((), jnp.int32), zeros, zeros)

    def update(updates: Any, state: Any, params: Any = None, **extra: Any) -> Any:
        del params, extra
        g = updates
        mu = optax.tree.update_moment(g, state.mu, 0.9, 1)
        nu = optax.tree.update_moment(g, state.nu, 0.999, 2)
        out = jax.tree.map(lambda m, v: m / (jnp.sqrt(v) + 1e-8), mu, nu)
        return out, optax.ScaleByAdamState(state.count + 1, mu, nu)

    return optax.GradientTransformation(init, update)


def rss(initial: float, eps: float) -> optax.GradientTransformation:
    """Adagrad with torch's epsilon and an initial value."""

    def init(params: Any) -> Any:
        return optax.ScaleByRssState(optax.tree.full_like(params, initial))

    def update(updates: Any, state: Any, params: Any = None, **extra: Any) -> Any:
        del params, extra
        g = updates
        total = jax.tree.map(lambda a, b: a * a + b, g, state.sum_of_squares)
        return jax.tree.map(lambda a, b: a / (jnp.sqrt(b) + eps), g, total), optax.ScaleByRssState(total)

    return optax.GradientTransformation(init, update)


def kernels(params: Any) -> Any:
    """A mask of what is called a kernel."""
    return {module: {name: name == "kernel" for name in tree} for module, tree in params.items()}
