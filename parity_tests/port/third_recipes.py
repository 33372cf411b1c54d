"""What the pairs of the third blind set are made of: torch's groups, and rules and clippings written out in JAX."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax

from .pair import Net

NORM_WITH_HEAD = {"backbone": "body", "norm": "head", "head": "head"}
EACH = {"backbone": "backbone", "norm": "norm", "head": "head"}


def under(optimizer: Any, make: Callable[[Any], Any]) -> tuple[Any, Any]:
    """An optimizer and its scheduler."""
    return optimizer, make(optimizer)


def two(net: Net, body: dict[str, Any], head: dict[str, Any]) -> list[dict[str, Any]]:
    """The groups "body" (backbone and norm) and "head" with options of their own."""
    return [
        {"params": [*net.backbone.parameters(), *net.norm.parameters()], "name": "body", **body},
        {"params": [*net.head.parameters()], "name": "head", **head},
    ]


def three(net: Net, **options: dict[str, Any]) -> list[dict[str, Any]]:
    """A group for the backbone, one for the norm and one for the head."""
    return [{"params": [*getattr(net, key).parameters()], "name": key, **options.get(key, {})} for key in EACH]


def by_decay(net: Net, weight_decay: float) -> list[dict[str, Any]]:
    """The groups "decay" (matrices) and "no_decay" (biases and the norm), as minGPT divides them."""
    matrices = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim <= 1]
    return [
        {"params": matrices, "weight_decay": weight_decay, "name": "decay"},
        {"params": others, "weight_decay": 0.0, "name": "no_decay"},
    ]


def matrices(params: Any) -> Any:
    """A mask of the matrices."""
    return jax.tree.map(lambda p: p.ndim > 1, params)


def no_biases(params: Any) -> Any:
    """A mask of all that is not called bias, the scale of the norm among it."""
    return jax.tree_util.tree_map_with_path(lambda path, _: path[-1].key != "bias", params)


def stateless(update: Callable[[Any], Any]) -> optax.GradientTransformation:
    """A transformation that knows the gradients only."""
    return optax.stateless(lambda updates, _: update(updates))


def clip_as_torch(limit: float) -> optax.GradientTransformation:
    """Clip the norm of all gradients, with the 1e-6 that torch adds to it."""

    def clipped(grads: Any) -> Any:
        norm = jnp.sqrt(sum(jnp.sum(g**2) for g in jax.tree.leaves(grads)))
        return jax.tree.map(lambda g: g * jnp.minimum(1.0, limit / (norm + 1e-6)), grads)

    return stateless(clipped)


def by_element(names: tuple[str, ...], start: float, rule: Callable[..., Any]) -> optax.GradientTransformation:
    """A rule that keeps ``names`` for each element: ``rule(g, t, *kept)`` gives the direction and what it keeps."""

    def init(params: Any) -> Any:
        return {
            "t": jnp.zeros([], jnp.int32),
            **{n: jax.tree.map(lambda p: jnp.full_like(p, start), params) for n in names},
        }

    def update(updates: Any, state: Any, params: Any = None) -> Any:
        del params
        t = state["t"] + 1
        leaves, tree = jax.tree.flatten(updates)
        kept = zip(*[jax.tree.leaves(state[n]) for n in names], strict=True)
        new = [rule(g, t, *k) for g, k in zip(leaves, kept, strict=True)]
        columns = [jax.tree.unflatten(tree, list(column)) for column in zip(*new, strict=True)]
        return columns[0], {"t": t, **dict(zip(names, columns[1:], strict=True))}

    return optax.GradientTransformation(init, update)


def adagrad_as_torch(eps: float = 1e-10) -> optax.GradientTransformation:
    """The gradient over the root of the sum of squares, plus eps."""
    return by_element(("sum",), 0.0, lambda g, t, s: (g / (jnp.sqrt(s + g * g) + eps), s + g * g))


def adam_uncorrected(b1: float = 0.9, b2: float = 0.999, eps: float = 1e-6) -> optax.GradientTransformation:
    """BertAdam: Adam without its bias correction."""

    def rule(g: Any, t: Any, m: Any, v: Any) -> Any:
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        return m / (jnp.sqrt(v) + eps), m, v

    return by_element(("m", "v"), 0.0, rule)


def adamax_uncorrected(b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8) -> optax.GradientTransformation:
    """Adamax without the correction of its momentum."""

    def rule(g: Any, t: Any, m: Any, u: Any) -> Any:
        m, u = b1 * m + (1 - b1) * g, jnp.maximum(b2 * u, jnp.abs(g) + eps)
        return m / u, m, u

    return by_element(("m", "u"), 0.0, rule)


def nadam_as_torch(
    b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8, momentum_decay: float = 4e-3
) -> optax.GradientTransformation:
    """NAdam with the momentum that grows with the count, and the product of all of them."""

    def init(params: Any) -> Any:
        zeros = jax.tree.map(jnp.zeros_like, params)
        return {"t": jnp.zeros([], jnp.int32), "product": jnp.ones([]), "m": zeros, "v": zeros}

    def mu(t: Any) -> Any:
        return b1 * (1 - 0.5 * 0.96 ** (t * momentum_decay))

    def update(updates: Any, state: Any, params: Any = None) -> Any:
        del params
        grads, t = updates, state["t"] + 1
        now, after = mu(t), mu(t + 1)
        product = state["product"] * now
        m = jax.tree.map(lambda m, g: b1 * m + (1 - b1) * g, state["m"], grads)
        v = jax.tree.map(lambda v, g: b2 * v + (1 - b2) * g * g, state["v"], grads)
        here, there = (1 - now) / (1 - product), after / (1 - product * after)
        new = jax.tree.map(lambda g, m, v: (here * g + there * m) / (jnp.sqrt(v / (1 - b2**t)) + eps), grads, m, v)
        return new, {"t": t, "product": product, "m": m, "v": v}

    return optax.GradientTransformation(init, update)


def cosine(progress: Any) -> Any:
    """From 1 to 0 along half a cosine."""
    return 0.5 * (1 + jnp.cos(jnp.pi * progress))
