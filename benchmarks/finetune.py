"""The fine-tuning run: steps of the digits task, two groups with their own rates, StepLR every two epochs."""

import time
from typing import Any

import numpy as np

from .machinery.digits_task import STEPS, task
from .machinery.measurement import Case, Contender, Results, Run, Target, ratio, run_of

TITLE = "Fine-tuning run"
QUESTION = (
    "A step of the digits task (64-32-32-10 network, AdamW, a rate for the backbone and one for the head, StepLR): "
    "data, forward, backward, update. An epoch is 32 steps; JAX compiles it as one call, or one step."
)
COLUMNS: dict[str, str] = {}
XLABEL = "batch size"

DRIFT = 1e-4  # of the losses of one epoch: matrix products add up in another order


def cases(short: bool, device: str) -> list[Case]:
    """Batch sizes 16 to 1024."""
    sizes = (16,) if short else (16, 64, 256, 1024)
    return [_case(size, short, device) for size in sizes]


def _case(size: int, short: bool, device: str) -> Case:
    contenders = [Contender("torch eager", "torch")]
    if not short:
        contenders += [Contender("torch eager, fused", "torch", DRIFT)]
        compiled = "torch compiled" + (", CUDA graphs" if device == "gpu" else "")
        contenders += [Contender(compiled, "torch", DRIFT, optional=True)]
    contenders += [Contender(f"lrjax compiled {unit}", "jax", DRIFT) for unit in ("epoch", "step")]
    return Case(f"batch {size}", {"batch": size}, contenders, rounds=9, seconds=0.1, x=size)


def make(contender: str, settings: dict[str, Any], device: str) -> Run:
    """A contender in its process; its answer is the losses of the first epoch."""
    data = task(settings["batch"])
    return _torch(contender, data, device) if contender.startswith("torch") else _jax(contender, data)


def _torch(contender: str, data: Any, device: str) -> Run:
    import torch

    from lrtorch.finetune import mean_loss

    from .machinery import digits_on_torch

    began = time.perf_counter()
    model, optimizer = digits_on_torch.network_and_optimizer(data[0], fused=contender.endswith("fused"))
    arrays = digits_on_torch.on_device(*data[1:])
    loss_of = mean_loss
    if "compiled" in contender:
        loss_of = torch.compile(mean_loss, mode="reduce-overhead" if device == "gpu" else None)

    def epoch() -> np.ndarray:
        return digits_on_torch.epoch(loss_of, model, optimizer, *arrays).numpy(force=True)

    return run_of(epoch, began, STEPS)


def _jax(contender: str, data: Any) -> Run:
    import jax
    import jax.numpy as jnp

    from lrjax.finetune import network

    from .machinery import digits_on_jax

    began = time.perf_counter()
    weights, *rest = data
    images, labels, batches = (jnp.asarray(part) for part in rest)
    graph, params = network(weights)
    tx = digits_on_jax.optimizer()
    one = digits_on_jax.step_of(graph, tx)
    now = [(params, tx.init(params))]

    def scanned(carry: Any, images: Any, labels: Any, batches: Any) -> Any:
        return jax.lax.scan(lambda c, batch: one(c, images[batch], labels[batch]), carry, batches)

    whole = jax.jit(scanned, donate_argnums=0)
    single = jax.jit(lambda carry, images, labels, batch: one(carry, images[batch], labels[batch]), donate_argnums=0)

    def by_epoch() -> np.ndarray:
        now[0], losses = whole(now[0], images, labels, batches)
        return np.asarray(losses)

    def by_step() -> np.ndarray:
        losses = []
        for batch in data[3]:
            now[0], loss = single(now[0], images, labels, batch)
            losses.append(loss)
        return np.asarray(jnp.stack(losses))

    return run_of(by_epoch if contender == "lrjax compiled epoch" else by_step, began, STEPS)


def targets(results: Results) -> list[Target]:
    """At least four times torch eager at batch 64."""
    value = ratio(results, "batch 64", "torch eager", "lrjax compiled epoch")
    text = "batch 64: torch eager over the compiled epoch"
    return [Target(text, value, 4.0, True)] if "batch 64" in results else []
