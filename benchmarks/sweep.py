"""A sweep: the whole fine-tuning from each of 64 initial rates."""

import time
from typing import Any

import numpy as np

from .machinery.digits_task import task
from .machinery.measurement import Case, Contender, Results, Run, Target, ratio, run_of

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
    return [Case(f"{rates} rates x {epochs} epochs", settings, contenders, rounds=2, seconds=0.0, unit="sweep")]


def make(contender: str, settings: dict[str, Any], device: str) -> Run:
    """A contender in its process; compiled once, before the timing."""
    del device
    weights, images, labels, batches = task(16)
    batches = np.tile(batches, (settings["epochs"], 1))
    rates = np.geomspace(1e-4, 1e-2, settings["rates"]).tolist()
    route = _torch if contender.startswith("torch") else _vmapped if contender.endswith("vmapped") else _in_turn
    return route(weights, (images, labels, batches), rates)


def _torch(weights: Any, arrays: Any, rates: list[float]) -> Run:
    import torch

    from lrtorch.finetune import mean_loss

    from .machinery import digits_on_torch

    began = time.perf_counter()
    tensors = digits_on_torch.on_device(*arrays)

    def run(lr: float) -> Any:
        model, optimizer = digits_on_torch.network_and_optimizer(weights, lr=lr)
        return digits_on_torch.epoch(mean_loss, model, optimizer, *tensors)

    return run_of(lambda: torch.stack([run(lr) for lr in rates]).numpy(force=True), began)


def _vmapped(weights: Any, arrays: Any, rates: list[float]) -> Run:
    import jax

    losses, start, device_arrays, began = _train(weights, arrays)
    trained = jax.jit(jax.vmap(losses, in_axes=(0, None, None, None)))

    def call() -> np.ndarray:
        states = [start(lr) for lr in rates]
        stacked = jax.tree.map(lambda *leaves: np.stack(leaves), *states)
        return np.asarray(trained(stacked, *device_arrays))

    return run_of(call, began)


def _in_turn(weights: Any, arrays: Any, rates: list[float]) -> Run:
    import jax

    losses, start, device_arrays, began = _train(weights, arrays)
    trained = jax.jit(losses)
    return run_of(lambda: np.stack([trained(start(lr), *device_arrays) for lr in rates]), began)


def _train(weights: Any, arrays: Any) -> tuple[Any, Any, list[Any], float]:
    """(state, images, labels, batches) -> losses; rate -> state; the arrays in JAX; and when it was begun."""
    import jax
    import jax.numpy as jnp

    from lrjax.finetune import network

    from .machinery import digits_on_jax

    began = time.perf_counter()
    graph, params = network(weights)
    one = digits_on_jax.step_of(graph, digits_on_jax.optimizer())

    def losses(state: Any, images: Any, labels: Any, batches: Any) -> Any:
        step = lambda carry, batch: one(carry, images[batch], labels[batch])  # noqa: E731
        return jax.lax.scan(step, (params, state), batches)[1]

    return losses, lambda lr: digits_on_jax.optimizer(lr).init(params), [jnp.asarray(a) for a in arrays], began


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
