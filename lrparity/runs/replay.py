"""The same gradients into both optimizers, at every step: what is left to differ is the optimizer alone."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import torch

import lrjax
import lrtorch

from ..oracle.cpu import CorrectSqrt
from .records import Layout, Weights

ByHand = Mapping[int, Mapping[str, float]]  # epoch -> rates set before it


class Replay(NamedTuple):
    """What an optimizer made of the gradients."""

    weights: Weights  # parameter -> shape=(steps, *its shape): after each step, Flax's layout
    rates: dict[str, np.ndarray]  # group -> shape=(steps,), float64: of each update


def replay_jax(tx: Any, start: Weights, grads: Sequence[Weights], by_hand: ByHand) -> Replay:
    """Feed ``grads`` to ``tx`` through ``lrjax.step``, an epoch in one compiled call.

    Args:
        tx: an lrjax optimizer, alone or in ``optax.multi_transform``.
        start: the weights to begin with, Flax's layout.
        grads: one element per epoch, shapes (steps, ...), Flax's layout; of the parameters in ``start``.
        by_hand: epoch -> rates set before it.
    """
    params = {path: jnp.asarray(w) for path, w in start.items()}
    opt_state = tx.init(params)
    weights, rates = [], []
    for epoch, grad in enumerate(grads):
        if epoch in by_hand:
            opt_state = lrjax.set_lr(opt_state, by_hand[epoch])
        (params, opt_state), (states, trace) = _replay_epoch(
            tx, params, opt_state, {path: grad[path] for path in start}
        )
        rates.append({name: np.asarray(lr) for name, lr in lrjax.get_lr(states).items()})
        weights.append({path: np.asarray(w) for path, w in trace.items()})
    return Replay(_join(weights), _join(rates))


@partial(jax.jit, static_argnums=0)
def _replay_epoch(tx: Any, params: Any, opt_state: Any, grads: Any) -> Any:
    def one(carry: Any, g: Any) -> Any:
        params, opt_state = carry
        new_params, new_state = lrjax.step(tx, g, opt_state, params)
        return (new_params, new_state), (opt_state, new_params)

    return jax.lax.scan(one, (params, opt_state), grads)


def replay_torch(
    make: Callable[[dict[str, torch.nn.Parameter]], torch.optim.Optimizer],
    start: Weights,
    grads: Sequence[Weights],
    by_hand: ByHand,
    *,
    layout: Layout,
    oracle: bool,
) -> Replay:
    """Feed ``grads`` to PyTorch's optimizer in its default form, step by step: single-tensor on a CPU, else foreach.

    Args:
        make: the parameters, by PyTorch's names -> an optimizer of lrtorch.
        start: the weights to begin with, Flax's layout.
        grads: one element per epoch, shapes (steps, ...), Flax's layout; of the parameters in ``start``.
        by_hand: epoch -> rates set before it.
        layout: between Flax's layout and PyTorch's.
        oracle: with a correctly rounded square root, see ``oracle/cpu.py``; False: plain PyTorch.
    """
    params = {name: torch.nn.Parameter(torch.as_tensor(w)) for name, w in layout.to_torch(start).items()}
    optimizer = make(params)
    weights, rates = [], []
    with CorrectSqrt() if oracle else nullcontext():
        for epoch, grad in enumerate(grads):
            if epoch in by_hand:
                lrtorch.set_lr(optimizer, by_hand[epoch])
            for g in _steps(layout.to_torch({path: grad[path] for path in start})):
                rates.append(lrtorch.get_lr(optimizer))
                _step(optimizer, params, g)
                weights.append({name: p.numpy(force=True).copy() for name, p in params.items()})
    return Replay(layout.to_jax(_stack(weights)), _stack(rates))


def _step(optimizer: torch.optim.Optimizer, params: Mapping[str, torch.nn.Parameter], grads: Weights) -> None:
    for name, p in params.items():
        p.grad = torch.as_tensor(grads[name])
    optimizer.step()


def _steps(grads: Weights) -> list[Weights]:
    steps = len(next(iter(grads.values())))
    return [{name: g[t] for name, g in grads.items()} for t in range(steps)]


def _join(epochs: Sequence[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    return {name: np.concatenate([epoch[name] for epoch in epochs]) for name in epochs[0]}


def _stack(steps: Sequence[Mapping[str, Any]]) -> dict[str, np.ndarray]:
    return {name: np.stack([step[name] for step in steps]) for name in steps[0]}
