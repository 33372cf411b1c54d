"""What the fourth blind set is written with: groups in torch, and what ports write by hand in JAX."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax

from .pair import Net


def by_count(rate: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A rate as a function of the number of updates made, as a float."""
    return lambda count: rate(jnp.asarray(count, jnp.float32))


def decayed(net: Net, weight_decay: float) -> list[dict[str, Any]]:
    """The groups of nanoGPT: what has two axes decays."""
    every = [*net.parameters()]
    return [
        {"params": [p for p in every if p.dim() >= 2], "weight_decay": weight_decay, "name": "decay"},
        {"params": [p for p in every if p.dim() < 2], "weight_decay": 0.0, "name": "no_decay"},
    ]


def matrices(params: Any) -> Any:
    """The mask of the same."""
    return jax.tree.map(lambda p: p.ndim >= 2, params)


def three(net: Net, **options: tuple[Any, Any, Any]) -> list[dict[str, Any]]:
    """A group for the backbone, one for the norm, one for the head, each with its own options."""
    return [
        {"params": [*getattr(net, name).parameters()], "name": name, **{key: of[i] for key, of in options.items()}}
        for i, name in enumerate(THREE)
    ]


THREE = {"backbone": "backbone", "norm": "norm", "head": "head"}


def torch_clip(limit: float) -> optax.GradientTransformation:
    """torch's clip_grad_norm_, by hand."""

    def clip(updates: Any, _: Any = None) -> Any:
        norm = jnp.sqrt(sum(jnp.sum(g**2) for g in jax.tree.leaves(updates)))
        factor = jnp.minimum(1.0, limit / (norm + 1e-6))
        return jax.tree.map(lambda g: g * factor, updates)

    return optax.stateless(clip)


def torch_adagrad(lr: Any, eps: float = 1e-10, start: float = 0.0) -> optax.GradientTransformation:
    """torch's Adagrad, by hand: eps behind the root."""

    def init(params: Any) -> Any:
        return jax.tree.map(lambda p: jnp.full_like(p, start), params)

    def update(updates: Any, state: Any, params: Any = None) -> Any:
        del params
        total = jax.tree.map(lambda s, g: s + g * g, state, updates)
        return jax.tree.map(lambda g, s: g / (jnp.sqrt(s) + eps), updates, total), total

    return optax.chain(optax.GradientTransformation(init, update), optax.scale_by_learning_rate(lr))


def torch_nadam(lr: Any, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8) -> optax.GradientTransformation:
    """torch's NAdam with its momentum_decay of 0.004, by hand."""

    def init(params: Any) -> Any:
        zeros = jax.tree.map(jnp.zeros_like, params)
        return jnp.zeros((), jnp.int32), zeros, zeros, jax.tree.map(lambda p: jnp.ones((), p.dtype), params)

    def mu(t: Any) -> Any:
        return b1 * (1 - 0.5 * 0.96 ** (0.004 * t))

    def update(updates: Any, state: Any, params: Any = None) -> Any:
        del params
        count, m, v, product = state
        count = count + 1
        m = jax.tree.map(lambda a, g: b1 * a + (1 - b1) * g, m, updates)
        v = jax.tree.map(lambda a, g: b2 * a + (1 - b2) * g * g, v, updates)
        product = jax.tree.map(lambda a: a * mu(count.astype(a.dtype)), product)

        def one(g: Any, m: Any, v: Any, product: Any) -> Any:
            t = count.astype(g.dtype)
            of_g = (1 - mu(t)) / (1 - product)
            of_m = mu(t + 1) / (1 - product * mu(t + 1))
            return (of_g * g + of_m * m) / (jnp.sqrt(v / (1 - b2**t)) + eps)

        return jax.tree.map(one, updates, m, v, product), (count, m, v, product)

    return optax.chain(optax.GradientTransformation(init, update), optax.scale_by_learning_rate(lr))
