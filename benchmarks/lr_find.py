"""The learning rate range test: fastai's, and this project's in both frameworks."""

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from .machinery.digits_task import groups, task
from .machinery.measurement import Case, Contender, Results, Run, Target, ratio, run_of

TITLE = "Learning rate range test"
QUESTION = (
    "The range test of 100 rates from 1e-7 to 10 with fastai's grid, smoothing, stop and suggestion, on the digits "
    "network with AdamW (batch 32, 32 batches): fastai's own `lr_find`, lrtorch's loop, lrjax's compiled scan. The "
    "answers that are compared are the smoothed losses of the first 80 rates and the suggested one. fastai writes the "
    "model to a file and reads it back."
)
COLUMNS: dict[str, str] = {}
ORIGINALS = Path(__file__).parents[1] / ".originals" / "wheels"  # what ``make .originals/tried`` installs
BATCH, COMPARED = 32, 80
ROUNDING = 1e-4  # of smoothed losses of 2.3, after 80 updates in float32
FASTAI, LOOP = "fastai's lr_find", "lrtorch.lr_find"
SCAN, ALONE = "lrjax.lr_find", "lrjax.lr_find, parallel=1"


def cases(short: bool, device: str) -> list[Case]:
    """One test of 100 rates."""
    contenders = [
        Contender(LOOP, "torch"),
        Contender(SCAN, "jax", ROUNDING),
        Contender(ALONE, "jax", None),
    ]
    if device == "cpu":
        contenders.append(Contender(FASTAI, "torch, fastai", ROUNDING, optional=True))
    del short
    return [Case("100 rates", {}, contenders, rounds=7, seconds=0.1, unit="test")]


def make(contender: str, settings: dict[str, Any], device: str) -> Run:
    """A contender in its process."""
    del settings, device
    weights, images, labels, order = task(BATCH)
    batches = images[order], labels[order]
    if contender == FASTAI:
        return _fastai(weights, batches)
    return _loop(weights, batches) if contender == LOOP else _compiled(weights, batches, contender == ALONE)


def _answer(smoothed: Any, lr: float) -> np.ndarray:
    return np.array([*smoothed[:COMPARED], lr])


def _loop(weights: Any, batches: Any) -> Run:
    import lrtorch
    from lrparity.digits.layout import to_torch
    from lrtorch.finetune import mean_loss, network

    from .machinery import digits_on_torch

    began = time.perf_counter()
    tensors = tuple(digits_on_torch.on_device(*batches))
    model = network(to_torch(weights))
    optimizer = lrtorch.AdamW(model, groups(1e-3))

    def call() -> np.ndarray:
        test = lrtorch.lr_find(model, optimizer, lambda model, batch: mean_loss(model, *batch), tensors)
        return _answer(test.smoothed, test.lr)

    return run_of(call, began)


def _compiled(weights: Any, batches: Any, alone: bool) -> Run:
    import jax.numpy as jnp

    import lrjax
    from lrjax.finetune import mean_loss, network

    began = time.perf_counter()
    graph, params = network(weights)
    tx, arrays = lrjax.AdamW(groups(1e-3)), tuple(map(jnp.asarray, batches))
    loss = lambda params, batch: mean_loss(params, graph, *batch)  # noqa: E731

    def call() -> np.ndarray:
        test = lrjax.lr_find(tx, params, loss, arrays, parallel=1 if alone else None)
        return _answer(test.smoothed, test.lr)

    return run_of(call, began)


def _fastai(weights: Any, batches: Any) -> Run:
    sys.path.append(str(ORIGINALS))  # its process is its own
    import torch
    from fastai.callback.schedule import valley  # pyright: ignore[reportMissingImports]
    from fastai.data.core import DataLoaders  # pyright: ignore[reportMissingImports]
    from fastai.learner import Learner  # pyright: ignore[reportMissingImports]
    from fastai.optimizer import OptimWrapper  # pyright: ignore[reportMissingImports]

    from lrparity.digits.layout import to_torch
    from lrtorch.finetune import network

    began = time.perf_counter()
    rows: Any = list(zip(*map(torch.as_tensor, batches), strict=True))
    loader = torch.utils.data.DataLoader(rows, batch_size=None)
    learner = Learner(
        DataLoaders(loader, loader),
        network(to_torch(weights)),
        loss_func=torch.nn.functional.cross_entropy,
        opt_func=lambda parameters, **given: OptimWrapper(parameters, torch.optim.AdamW, **given),
        wd=0.01,
        path=tempfile.mkdtemp(),
    )

    def call() -> np.ndarray:
        with learner.no_bar():
            found = learner.lr_find(show_plot=False, suggest_funcs=valley)
        return _answer([float(x) for x in learner.recorder.losses], found.valley)

    return run_of(call, began)


def targets(results: Results) -> list[Target]:
    """Ten times the speed of fastai's."""
    return [
        Target(f"{case}: fastai's over lrjax's", ratio(results, case, FASTAI, SCAN), 10.0, True) for case in results
    ]
