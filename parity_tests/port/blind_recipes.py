"""What the blind pairs share: schedules, groups and transformations as people write them in their own code."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from .pair import LABELS, Net

NORM_AS_HEAD = {**LABELS, "norm": "head"}  # the slip of whoever thinks of the norm as part of the head


class Moments(NamedTuple):
    """What the hand-written transformations below carry along."""

    count: Any
    mu: Any
    nu: Any
    product: Any


def _moments(nu: float = 0.0) -> Any:
    def init(params: Any) -> Moments:
        zeros = jax.tree.map(jnp.zeros_like, params)
        return Moments(
            jnp.zeros([], jnp.int32), zeros, jax.tree.map(lambda p: jnp.full_like(p, nu), params), jnp.ones([])
        )

    return init


def torch_clip(max_norm: float, eps: float = 1e-6) -> optax.GradientTransformation:
    """``clip_grad_norm_`` as spd wrote it for its port."""

    def clip(updates: Any, params: Any) -> Any:
        del params
        norm = jnp.sqrt(sum(jnp.sum(leaf**2) for leaf in jax.tree.leaves(updates)))
        factor = jnp.minimum(1.0, max_norm / (norm + eps))
        return jax.tree.map(lambda leaf: leaf * factor, updates)

    return optax.stateless(clip)


def scale_by_torch_rmsprop(alpha: float, eps: float) -> optax.GradientTransformation:
    """RMSprop with eps outside the root, as torchbeast's users port it."""

    def update(updates: Any, state: Any, params: Any = None) -> Any:
        del params
        nu = jax.tree.map(lambda v, g: alpha * v + (1 - alpha) * g * g, state.nu, updates)
        return jax.tree.map(lambda g, v: g / (jnp.sqrt(v) + eps), updates, nu), state._replace(nu=nu)

    return optax.GradientTransformation(_moments(), update)


def scale_by_torch_nadam(
    b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8, momentum_decay: float = 0.004
) -> optax.GradientTransformation:
    """NAdam with the momentum that changes from step to step, read off torch's documentation."""

    def update(updates: Any, state: Any, params: Any = None) -> Any:
        del params
        t = state.count + 1
        now = b1 * (1 - 0.5 * 0.96 ** (t * momentum_decay))
        then = b1 * (1 - 0.5 * 0.96 ** ((t + 1) * momentum_decay))
        product = state.product * now
        mu = jax.tree.map(lambda m, g: b1 * m + (1 - b1) * g, state.mu, updates)
        nu = jax.tree.map(lambda v, g: b2 * v + (1 - b2) * g * g, state.nu, updates)

        def step(m: Any, v: Any, g: Any) -> Any:
            top = then * m / (1 - product * then) + (1 - now) * g / (1 - product)
            return top / (jnp.sqrt(v / (1 - b2**t)) + eps)

        return jax.tree.map(step, mu, nu, updates), Moments(t, mu, nu, product)

    return optax.GradientTransformation(_moments(), update)


def scale_by_plain_adagrad(initial: float = 0.0, eps: float = 1e-10) -> optax.GradientTransformation:
    """Adagrad with eps outside the root."""

    def update(updates: Any, state: Any, params: Any = None) -> Any:
        del params
        nu = jax.tree.map(lambda v, g: v + g * g, state.nu, updates)
        return jax.tree.map(lambda g, v: g / (jnp.sqrt(v) + eps), updates, nu), state._replace(nu=nu)

    return optax.GradientTransformation(_moments(initial), update)


def scale_by_uncorrected_adam(b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8) -> optax.GradientTransformation:
    """Adam out of the head: somebody forgot that the moments start at 0."""

    def update(updates: Any, state: Any, params: Any = None) -> Any:
        del params
        mu = jax.tree.map(lambda m, g: m + (1 - b1) * (g - m), state.mu, updates)
        nu = jax.tree.map(lambda v, g: v + (1 - b2) * (jnp.square(g) - v), state.nu, updates)
        return jax.tree.map(lambda m, v: m / (jnp.sqrt(v) + eps), mu, nu), state._replace(mu=mu, nu=nu)

    return optax.GradientTransformation(_moments(), update)


def by_size(params: Any) -> Any:
    """Labels by the number of axes, for ``optax.multi_transform``."""
    return jax.tree.map(lambda leaf: "decay" if leaf.ndim > 1 else "no_decay", params)


def not_biases(params: Any) -> Any:
    """A mask by name that exempts biases only, and forgets the norm's scale."""
    return jax.tree_util.tree_map_with_path(lambda path, _: path[-1].key != "bias", params)


def named_decay_groups(net: Net, weight_decay: float) -> list[dict[str, Any]]:
    """Hugging Face's two groups: biases and norms do not decay."""
    matrices = [p for p in net.parameters() if p.dim() > 1]
    vectors = [p for p in net.parameters() if p.dim() <= 1]
    return [
        {"params": matrices, "weight_decay": weight_decay, "name": "decay"},
        {"params": vectors, "weight_decay": 0.0, "name": "no_decay"},
    ]


def norm_groups(net: Net, weight_decay: float) -> list[dict[str, Any]]:
    """torchvision's two groups with --norm-weight-decay 0: biases of layers do decay."""
    return [
        {"params": [*net.backbone.parameters(), *net.head.parameters()], "weight_decay": weight_decay, "name": "other"},
        {"params": [*net.norm.parameters()], "weight_decay": 0.0, "name": "norm"},
    ]


def timm_cosine(step: int, total: int, lr_min: float) -> float:
    """``_get_lr`` of timm's ``CosineLRScheduler`` with one cycle and no warm-up, over the base rate."""
    return lr_min + 0.5 * (1 - lr_min) * (1 + math.cos(math.pi * step / total)) if step < total else lr_min


def one_cycle(peak: float, total: int, start: float = 0.3, div: float = 25.0, final: float = 1e4) -> Any:
    """The formula of torch's ``OneCycleLR``, peak at ``start * total - 1``."""
    first, last = peak / div, peak / div / final

    def rate(count: Any) -> Any:
        top = start * total - 1
        up = first + (peak - first) * 0.5 * (1 - jnp.cos(jnp.pi * count / top))
        down = last + (peak - last) * 0.5 * (1 + jnp.cos(jnp.pi * (count - top) / (total - 1 - top)))
        return jnp.where(count <= top, up, down)

    return rate


def triangle(low: float, high: float, half: int) -> Any:
    """Smith's triangular policy."""

    def rate(count: Any) -> Any:
        cycle = count // (2 * half)
        return low + (high - low) * (1 - jnp.abs((count - 2 * half * cycle) * (1 / half) - 1))

    return rate


def warm_restarts(peak: float, first: int, mult: int, cycles: int) -> Any:
    """SGDR by ``join_schedules``: each cosine ``mult`` times as long as the last."""
    lengths = [first * mult**i for i in range(cycles)]
    ends = [sum(lengths[: i + 1]) for i in range(cycles - 1)]
    return optax.join_schedules([optax.cosine_decay_schedule(peak, n) for n in lengths], ends)


def ramp(start: float, end: float, updates: int) -> Any:
    """A straight line, level behind its end, in one expression instead of ``optax.linear_schedule``."""
    return of_count(lambda count: start + (end - start) * jnp.minimum(count * (1 / updates), 1.0))


def float32_cosine(peak: float, total: int) -> Any:
    """A cosine that is cast to float32, as big_vision's and Scenic's are."""

    def rate(count: Any) -> Any:
        progress = jnp.asarray(count, jnp.float32) / jnp.float32(total)
        return jnp.float32(peak) * jnp.float32(0.5) * (1 + jnp.cos(jnp.float32(math.pi) * progress))

    return rate


def of_count(function: Callable[[Any], Any]) -> Any:
    """A schedule that is a lambda in the code of its users."""
    return function


def every(updates: int, schedule: Callable[[Any], Any]) -> Any:
    """A schedule by epochs of so many updates."""
    return of_count(lambda count: schedule(count // updates))


def accumulated(tx: optax.GradientTransformation, steps: int, mean: bool = True) -> optax.GradientTransformation:
    """``optax.MultiSteps`` as a transformation."""
    return optax.MultiSteps(tx, every_k_schedule=steps, use_grad_mean=mean).gradient_transformation()
