"""The fine-tuning run: steps of the digits task, two groups with their own rates, StepLR every two epochs."""

import time
from typing import Any

import numpy as np

from .plan import Case, Contender, Results, Run, Target, ratio

TITLE = "Fine-tuning run"
QUESTION = (
    "A step of the digits task (64-32-32-10 network, AdamW, a rate for the backbone and one for the head, StepLR): "
    "data, forward, backward, update. An epoch is 32 steps; JAX compiles it as one call, or one step."
)
COLUMNS: dict[str, str] = {}
XLABEL = "batch size"

STEPS = 32  # per epoch
GROUPS = [{"params": "backbone/**", "name": "backbone", "lr": 1e-4}, {"params": "head/**", "name": "head", "lr": 1e-3}]
SHAPES = {"backbone/dense1": (64, 32), "backbone/dense2": (32, 32), "head": (32, 10)}
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
    rounds, seconds = (1, 0.0) if short else (9, 0.1)
    return Case(f"batch {size}", {"batch": size}, contenders, rounds, seconds, x=size)


def task(batch: int) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray, np.ndarray]:
    """First weights in Flax's layout, images, labels, and which images each step takes: shape=(STEPS, batch)."""
    from sklearn.datasets import load_digits

    rng = np.random.default_rng(0)
    images, labels = load_digits(return_X_y=True)
    weights = {}
    for layer, (inputs, outputs) in SHAPES.items():
        for kind, shape in (("kernel", (inputs, outputs)), ("bias", (outputs,))):
            weights[f"{layer}/{kind}"] = rng.uniform(-1, 1, shape).astype(np.float32) / np.float32(inputs**0.5)
    batches = rng.integers(0, len(images), (STEPS, batch))
    return weights, (images / 16).astype(np.float32), labels.astype(np.int64), batches


def make(contender: str, settings: dict[str, Any], device: str) -> Run:
    """A contender in its process; its answer is the losses of the first epoch."""
    data = task(settings["batch"])
    begin = time.perf_counter()
    epoch = _torch(contender, data, device) if contender.startswith("torch") else _jax(contender, data)
    losses = np.asarray(epoch(), np.float64)
    return Run(epoch, losses, units=STEPS, first_call=time.perf_counter() - begin)


def _torch(contender: str, data: Any, device: str) -> Any:
    import torch

    from lrtorch.finetune import mean_loss

    from . import on_torch

    model, optimizer = torch_task(data[0], fused=contender.endswith("fused"))
    images, labels, batches = (torch.as_tensor(part, device=on_torch.DEVICE) for part in data[1:])
    loss_of = mean_loss
    if "compiled" in contender:
        loss_of = torch.compile(mean_loss, mode="reduce-overhead" if device == "gpu" else None)

    def epoch() -> np.ndarray:
        return torch_epoch(loss_of, model, optimizer, images, labels, batches).numpy(force=True)

    return epoch


def torch_task(weights: Any, *, fused: bool = False, lr: float | None = None) -> tuple[Any, Any]:
    """The network and its optimizer; ``lr`` for all groups in place of their own."""
    import lrtorch
    from lrtorch.finetune import network
    from parity_tests.layout import to_torch

    from . import on_torch

    with on_torch.DEVICE:
        model = network(to_torch(weights))
    groups = GROUPS if lr is None else [{**group, "lr": lr} for group in GROUPS]
    scheduler = lrtorch.StepLR(step_size=2, gamma=0.5, every=STEPS)
    return model, lrtorch.AdamW(model, groups, scheduler=scheduler, fused=fused or None)


def torch_epoch(loss_of: Any, model: Any, optimizer: Any, images: Any, labels: Any, batches: Any) -> Any:
    """An eager epoch; the losses stay on the device until its end."""
    import torch

    losses = []
    for batch in batches:
        optimizer.zero_grad()
        loss = loss_of(model, images[batch], labels[batch])
        loss.backward()
        optimizer.step()
        losses.append(loss.detach().clone())
    return torch.stack(losses)


def jax_optimizer(lr: float | None = None) -> Any:
    """The same optimizer in JAX; ``lr`` for all groups in place of their own."""
    import lrjax

    groups = GROUPS if lr is None else [{**group, "lr": lr} for group in GROUPS]
    return lrjax.AdamW(groups, scheduler=lrjax.StepLR(step_size=2, gamma=0.5, every=STEPS))


def jax_step(graph: Any, tx: Any) -> Any:
    """(params, state), images, labels -> (params, state), loss."""
    import jax

    import lrjax
    from lrjax.finetune import mean_loss

    def one(carry: Any, images: Any, labels: Any) -> Any:
        loss, grads = jax.value_and_grad(mean_loss)(carry[0], graph, images, labels)
        return lrjax.step(tx, grads, carry[1], carry[0]), loss

    return one


def _jax(contender: str, data: Any) -> Any:
    import jax
    import jax.numpy as jnp

    from lrjax.finetune import network

    weights, *rest = data
    images, labels, batches = (jnp.asarray(part) for part in rest)
    graph, params = network(weights)
    tx = jax_optimizer()
    one = jax_step(graph, tx)
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

    return by_epoch if contender == "lrjax compiled epoch" else by_step


def targets(results: Results) -> list[Target]:
    """At least four times torch eager at batch 64."""
    value = ratio(results, "batch 64", "torch eager", "lrjax compiled epoch")
    text = "batch 64: torch eager over the compiled epoch"
    return [Target(text, value, 4.0, True)] if "batch 64" in results else []
