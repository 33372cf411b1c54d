"""Pairs of averages of the weights as users write them, with the conventions that differ."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from torch.optim.swa_utils import AveragedModel, get_ema_avg_fn, get_ema_multi_avg_fn, get_swa_multi_avg_fn

import lrjax
import lrtorch
from lrspec.averages import DiffusersDecay, TimmDecay


def torch_ema(decay: Any) -> Callable[[Any], Any]:
    """torch's own EMA."""
    return lambda model: AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(decay))


def growing(decay: Any) -> Callable[[Any], Any]:
    """lrtorch's, with a decay that grows."""
    return lambda model: lrtorch.AveragedModel(model, multi_avg_fn=lrtorch.get_ema_multi_avg_fn(decay))


def jax_ema(decay: Any) -> Any:
    """lrjax's EMA."""
    return lrjax.AveragedModel(multi_avg_fn=lrjax.get_ema_multi_avg_fn(decay))


def mixed(step_size: float) -> Any:
    """The loop of optax's documentation."""
    return lambda average, params, count: optax.incremental_update(params, average, step_size)


def mixed_by(decay: Callable[[Any], Any]) -> Any:
    """A loop whose decay depends on the count, from 1."""
    return lambda average, params, count: optax.incremental_update(params, average, 1 - decay(count))


def copied_at(first: int, every: int, decay: float) -> Any:
    """A loop that copies first, and then mixes every few updates."""

    def update(average: Any, params: Any, count: Any) -> Any:
        due = (count >= first) & ((count - first) % every == 0)
        share = jnp.where(count == first, 1.0, 1 - decay)
        return jax.tree.map(lambda a, p: jnp.where(due, a + share * (p - a), a), average, params)

    return update


def running_mean(ahead: int) -> Any:
    """An equal average by hand."""
    return lambda average, params, count: jax.tree.map(lambda a, p: a + (p - a) / (count + ahead), average, params)


class Pair(NamedTuple):
    """torch's average, made for a model; JAX's; the conventions that differ; what the torch loop does."""

    torch: Callable[[Any], Any] | None
    jax: Any
    causes: frozenset[str] = frozenset()
    loop: Mapping[str, Any] = MappingProxyType({})


DECAY, START, WHEN = "average_decay", "average_start", "average_when"
PAIRS = {
    # equal
    "lrjax's EMA": Pair(torch_ema(0.999), jax_ema(0.999)),
    "torch's avg_fn, lrjax's multi_avg_fn": Pair(
        lambda m: AveragedModel(m, avg_fn=get_ema_avg_fn(0.99)), jax_ema(0.99)
    ),
    "a function as torch's avg_fn": Pair(lambda m: lambda a, p, n: 0.9 * a + 0.1 * p, jax_ema(0.9)),
    "EMA that copies, by hand": Pair(torch_ema(0.995), copied_at(1, 1, 0.995)),
    "SWA": Pair(lambda m: AveragedModel(m), lrjax.AveragedModel()),
    "SWA by hand": Pair(lambda m: AveragedModel(m, multi_avg_fn=get_swa_multi_avg_fn()), running_mean(0)),
    "SWA with buffers": Pair(lambda m: AveragedModel(m, use_buffers=True), lrjax.AveragedModel()),
    "every ten updates": Pair(torch_ema(0.9), copied_at(10, 10, 0.9), loop={"average_every": 10}),
    "from update 100 on": Pair(torch_ema(0.9), copied_at(100, 1, 0.9), loop={"average_from": 100}),
    "timm's growing decay": Pair(
        growing(TimmDecay(0.9999, use_warmup=True)), jax_ema(lrjax.TimmDecay(0.9999, use_warmup=True))
    ),
    "diffusers' growing decay, reached": Pair(growing(DiffusersDecay(0.9)), jax_ema(lrjax.DiffusersDecay(0.9))),
    "timm's copies at first": Pair(
        growing(TimmDecay(0.99, update_after_step=20)), jax_ema(lrjax.TimmDecay(0.99, update_after_step=20))
    ),
    # one difference
    "fewer copies at first": Pair(
        growing(TimmDecay(0.99, use_warmup=True, update_after_step=20)),
        jax_ema(lrjax.TimmDecay(0.99, use_warmup=True, update_after_step=10)),
        frozenset({START}),
    ),
    "no copies at first": Pair(growing(TimmDecay(0.99, update_after_step=20)), jax_ema(0.99), frozenset({START})),
    "another decay": Pair(torch_ema(0.999), jax_ema(0.9999), frozenset({DECAY})),
    "nearly the same decay": Pair(torch_ema(0.999), jax_ema(0.9991), frozenset({DECAY})),
    "EMA for SWA": Pair(lambda m: AveragedModel(m), jax_ema(0.99), frozenset({DECAY})),
    "SWA for EMA": Pair(torch_ema(0.999), lrjax.AveragedModel(), frozenset({DECAY})),
    "the parameters at the start": Pair(torch_ema(0.999), mixed(1e-3), frozenset({START})),
    "optax.ema": Pair(torch_ema(0.999), optax.ema(0.999), frozenset({START})),
    "optax.ema without debias": Pair(torch_ema(0.99), optax.ema(0.99, debias=False), frozenset({START})),
    "SWA that counts the start": Pair(lambda m: AveragedModel(m), running_mean(1), frozenset({START})),
    "every update for every ten": Pair(torch_ema(0.99), jax_ema(0.99), frozenset({WHEN}), {"average_every": 10}),
    "from the start for from 50 on": Pair(torch_ema(0.99), jax_ema(0.99), frozenset({WHEN}), {"average_from": 50}),
    "no growth": Pair(growing(TimmDecay(0.999, use_warmup=True)), jax_ema(0.999), frozenset({DECAY})),
    "another growth": Pair(
        growing(TimmDecay(0.999, use_warmup=True)), jax_ema(lrjax.DiffusersDecay(0.999)), frozenset({DECAY})
    ),
    "growth to another decay": Pair(
        growing(DiffusersDecay(0.9)), jax_ema(lrjax.DiffusersDecay(0.95)), frozenset({DECAY})
    ),
    # two
    "mixed-up decay and step_size": Pair(torch_ema(0.999), mixed(0.999), frozenset({DECAY, START})),
    "another decay, and the start": Pair(torch_ema(0.999), mixed(1e-2), frozenset({DECAY, START})),
    "optax.ema of another decay": Pair(torch_ema(0.999), optax.ema(0.99), frozenset({DECAY, START})),
    "another decay, every ten": Pair(torch_ema(0.9), copied_at(10, 10, 0.99), frozenset({DECAY, WHEN})),
    "the start, every ten": Pair(torch_ema(0.99), mixed(1e-2), frozenset({START, WHEN}), {"average_every": 10}),
    "a count one ahead, from the start": Pair(
        growing(DiffusersDecay(0.99)),
        mixed_by(lambda t: jnp.minimum(0.99, (1 + t) / (10 + t))),
        frozenset({DECAY, START}),
    ),
    # one side alone, or no name
    "none in JAX": Pair(torch_ema(0.999), None, frozenset({"averaging"})),
    "none in torch": Pair(None, optax.ema(0.9), frozenset({"averaging"})),
    "a decay that swings": Pair(torch_ema(0.9), mixed_by(lambda t: 0.9 + 0.05 * jnp.sin(t)), frozenset({"averaging"})),
}
