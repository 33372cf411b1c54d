"""A sweep: the whole fine-tuning from each of 64 initial rates."""

import time
from typing import Any

import numpy as np

from . import finetune
from .plan import Case, Contender, Results, Run, Target, ratio

TITLE = "Sweep over initial rates"
QUESTION = (
    "The whole fine-tuning (batch 16, 32 steps an epoch) from each of many initial rates: all at once under `vmap`, or "
    "one after another. The answers that are compared are the losses of every step of every run."
)
COLUMNS: dict[str, str] = {}
DRIFT = 2e-3  # of losses over several epochs at rates up to 1e-2, where rounding is amplified


def cases(short: bool, device: str) -> list[Case]:
    """64 rates, 8 epochs."""
    del device
    rates, epochs = (2, 1) if short else (64, 8)
    contenders = [
        Contender("torch, one after another", "torch"),
        Contender("lrjax, vmapped", "jax", DRIFT),
        Contender("lrjax, one after another", "jax", DRIFT),
    ]
    settings = {"rates": rates, "epochs": epochs}
    rounds = 1 if short else 2
    return [Case(f"{rates} rates x {epochs} epochs", settings, contenders, rounds, seconds=0.0, unit="sweep")]


def make(contender: str, settings: dict[str, Any], device: str) -> Run:
    """A contender in its process; compiled once, before the timing."""
    del device
    weights, images, labels, batches = finetune.task(16)
    batches = np.tile(batches, (settings["epochs"], 1))
    rates = np.geomspace(1e-4, 1e-2, settings["rates"]).tolist()
    begin = time.perf_counter()
    route = _torch if contender.startswith("torch") else _vmapped if contender.endswith("vmapped") else _in_turn
    call = route(weights, images, labels, batches, rates)
    answer = np.asarray(call(), np.float64).ravel()
    return Run(call, answer, first_call=time.perf_counter() - begin)


def _torch(weights: Any, images: Any, labels: Any, batches: Any, rates: list[float]) -> Any:
    import torch

    from lrtorch.finetune import mean_loss

    from . import on_torch

    images, labels, batches = (torch.as_tensor(part, device=on_torch.DEVICE) for part in (images, labels, batches))

    def run(lr: float) -> Any:
        model, optimizer = finetune.torch_task(weights, lr=lr)
        return finetune.torch_epoch(mean_loss, model, optimizer, images, labels, batches)

    return lambda: torch.stack([run(lr) for lr in rates]).numpy(force=True)


def _train(weights: Any) -> Any:
    """(state, images, labels, batches) -> losses; and the parameters and the state for a rate."""
    import jax

    from lrjax.finetune import network

    graph, params = network(weights)
    one = finetune.jax_step(graph, finetune.jax_optimizer())

    def losses(state: Any, images: Any, labels: Any, batches: Any) -> Any:
        step = lambda carry, batch: one(carry, images[batch], labels[batch])  # noqa: E731
        return jax.lax.scan(step, (params, state), batches)[1]

    return losses, lambda lr: finetune.jax_optimizer(lr).init(params)


def _vmapped(weights: Any, images: Any, labels: Any, batches: Any, rates: list[float]) -> Any:
    import jax
    import jax.numpy as jnp

    losses, start = _train(weights)
    trained = jax.jit(jax.vmap(losses, in_axes=(0, None, None, None)))
    images, labels, batches = (jnp.asarray(part) for part in (images, labels, batches))

    def call() -> np.ndarray:
        states = [start(lr) for lr in rates]
        stacked = jax.tree.map(lambda *leaves: np.stack(leaves), *states)
        return np.asarray(trained(stacked, images, labels, batches))

    return call


def _in_turn(weights: Any, images: Any, labels: Any, batches: Any, rates: list[float]) -> Any:
    import jax
    import jax.numpy as jnp

    losses, start = _train(weights)
    trained = jax.jit(losses)
    images, labels, batches = (jnp.asarray(part) for part in (images, labels, batches))
    return lambda: np.stack([trained(start(lr), images, labels, batches) for lr in rates])


def targets(results: Results) -> list[Target]:
    """Ten times faster than torch's."""
    return [
        Target(
            f"{case}: torch over lrjax vmapped",
            ratio(results, case, "torch, one after another", "lrjax, vmapped"),
            10.0,
            True,
        )
        for case in results
    ]
