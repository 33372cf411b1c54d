"""An epoch of the digits task as one program, to be compiled for a GPU."""

from typing import Any

import jax
import numpy as np

import lrjax
import lrjax.finetune

from ..gpu.target import Source
from .choices import Made, Settings, make
from .run import STEPS, prepare

TASK = Settings(optimizer="adamw", epochs=1)


def made_in(package: Any) -> Made:
    """The groups, the optimizer and its options, from ``lrjax`` or ``lrtorch``."""
    return make(package, TASK.rule, TASK.optimizer, TASK.epochs, STEPS)


def source() -> Source:
    """Forward, backward and AdamW in groups, in a scan; it returns all gradients."""
    job, made = prepare(TASK, "float32"), made_in(lrjax)
    tx = made.optimizer(made.groups, **made.options)
    graph, params = lrjax.finetune.network(job.weights)

    def epoch(params: Any, state: Any, images: Any, labels: Any, batches: Any) -> Any:
        with jax.default_matmul_precision("highest"):  # no TF32
            return lrjax.finetune.train_epoch(graph, tx, params, state, images, labels, batches)

    data = (job.target.train_images, job.target.train_labels.astype(np.int32), job.target_batches[0].astype(np.int32))
    return Source(epoch, (params, tx.init(params), *data), (0, 1))
