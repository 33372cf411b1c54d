"""Making and calling optimizers in JAX, as a user would: one compiled step, its buffers donated."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

import lrjax

from .measurement import Run
from .parameter_trees import arrays, sample

STEPS = 3  # before the answer is read


def tensors(layout: str, size: int, seed: int) -> dict[str, jax.Array]:
    """``parameter_trees.arrays`` on the device."""
    return {path: jnp.array(value) for path, value in arrays(layout, size, seed).items()}


def step_of(tx: Any, form: str) -> Callable[[Any, Any, Any], Any]:
    """(params, grads, state) -> (params, state): ``lrjax.step``, or optax's update and apply_updates."""
    if form == "step":
        return lambda params, grads, state: lrjax.step(tx, grads, state, params)

    def update(params: Any, grads: Any, state: Any) -> Any:
        updates, state = tx.update(grads, state, params)
        return optax.apply_updates(params, updates), state

    return update


def optimizer_run(tx: Any, form: str, settings: Mapping[str, Any], shared: list[Any] | None = None) -> Run:
    """An optimizer over the parameters that ``settings`` ask for.

    Args:
        tx: the transformation.
        form: "step" or "update".
        settings: "layout" and "size", see ``parameter_trees.shapes``.
        shared: the ``buffers`` of another run with the same state, to be timed on those: where in memory arrays lie
            changes a step's time by more than some differences one wants to see.
    """
    params = tensors(settings["layout"], settings["size"], seed=0)
    grads = tensors(settings["layout"], settings["size"], seed=1)
    jax.block_until_ready((params, grads))
    step = jax.jit(step_of(tx, form), donate_argnums=(0, 2))
    begin = time.perf_counter()
    state = tx.init(params)
    compiled = step.lower(params, grads, state).compile()
    params, state = jax.block_until_ready(compiled(params, grads, state))
    first_call = time.perf_counter() - begin
    now = [params, grads, state]

    def call() -> None:
        now[0], now[2] = jax.block_until_ready(compiled(*now))

    for _ in range(STEPS - 1):
        call()
    result = answer(now[0])
    facts = {"leaves": len(jax.tree.leaves(now[2])), **memory_facts(compiled, settings["size"])}
    now = now if shared is None else shared
    return Run(call, result, first_call=first_call, facts=facts, buffers=now)


def copy_run(settings: Mapping[str, Any]) -> Run:
    """What memory gives: one tensor of the same size copied to a new one."""
    source = jax.block_until_ready(tensors("tensor", settings["size"], seed=0)["w"])
    copy = jax.jit(jnp.copy)
    held = [jax.block_until_ready(copy(source))]

    def call() -> None:
        held[0] = jax.block_until_ready(copy(source))

    return Run(call, answer(tensors(settings["layout"], settings["size"], seed=0)))


def memory_facts(compiled: Any, size: int) -> dict[str, float]:
    """How many copies of the parameters the compiled step needs beside its arguments."""
    analysis = compiled.memory_analysis()
    return {} if analysis is None else {"temporaries": round(analysis.temp_size_in_bytes / (4 * size), 2)}


def answer(params: Mapping[str, Any]) -> np.ndarray:
    """What is compared with the other contenders."""
    return sample({path: np.asarray(value) for path, value in params.items()})
