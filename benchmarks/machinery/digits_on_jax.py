"""The digits task in JAX: its optimizer and its step."""

from collections.abc import Callable
from typing import Any

import jax

import lrjax
from lrjax.finetune import mean_loss

from .digits_task import SCHEDULE, groups


def optimizer(lr: float | None = None) -> Any:
    """AdamW with StepLR; ``lr`` for all groups in place of their own."""
    return lrjax.AdamW(groups(lr), scheduler=lrjax.StepLR(**SCHEDULE))


def step_of(graph: Any, tx: Any) -> Callable[[Any, Any, Any], Any]:
    """(params, state), images, labels -> (params, state), loss; ``graph`` as ``lrjax.finetune.network`` gives it."""

    def step(carry: Any, images: Any, labels: Any) -> Any:
        loss, grads = jax.value_and_grad(mean_loss)(carry[0], graph, images, labels)
        return lrjax.step(tx, grads, carry[1], carry[0]), loss

    return step
