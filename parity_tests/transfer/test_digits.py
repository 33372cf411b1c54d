"""The digits run changes over between two epochs and within one, in both directions, in float64."""

from collections.abc import Iterator
from typing import Any

import jax
import numpy as np
import pytest
import torch

import lrjax
import lrjax.finetune
import lrtorch
import lrtorch.finetune
from lrparity.digits import layout, task

EPOCHS, STEPS, BATCH = 2, 6, 20
GROUPS: Any = [{"params": "backbone/**", "name": "backbone", "lr": 1e-3}, {"params": "head", "name": "head"}]
OPTIONS: dict[str, Any] = dict(lr=1e-2, weight_decay=0.1)
RNG = np.random.default_rng(11)
DATA = task.load(task.SOURCE, STEPS * BATCH, RNG, "float64")
WEIGHTS = task.first_weights(RNG, "float64")
BATCHES = task.batches(RNG, STEPS * BATCH, EPOCHS, BATCH)


@pytest.fixture(autouse=True)
def in_float64() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


class Torch:
    """The run in PyTorch; its loop steps the scheduler after each epoch, as torch's users do."""

    def __init__(self, weights: Any) -> None:
        scheduler = lrtorch.CosineAnnealingLR(T_max=3, every=None)
        finetuner = lrtorch.finetune.FineTuner
        self.tuner = finetuner(layout.to_torch(weights), GROUPS, lrtorch.AdamW, scheduler=scheduler, **OPTIONS)
        names = {id(p): name for name, p in self.tuner.model.named_parameters()}
        self.names = [[names[id(p)] for p in group["params"]] for group in self.tuner.optimizer.param_groups]

    def run(self, begin: int, end: int) -> "Torch":
        """Steps ``begin`` to ``end``."""
        for t in range(begin, end):
            self.tuner.epoch(DATA.train_images, DATA.train_labels, BATCHES[t // STEPS, t % STEPS : t % STEPS + 1])
            if t % STEPS == STEPS - 1:
                lrtorch.step_scheduler(self.tuner.optimizer)
        return self

    def weights(self) -> Any:
        """The weights in flax's layout."""
        return layout.to_jax(self.tuner.weights())


def jax_run(tuner: Any, begin: int, end: int) -> Any:
    """Steps of the run in JAX; the optimizer's ``every`` knows where the epochs end."""
    for t in range(begin, end):
        tuner.epoch(DATA.train_images, DATA.train_labels, BATCHES[t // STEPS, t % STEPS : t % STEPS + 1])
    return tuner


# One transformation for both groups; the fine-tuner's own is one per group, in optax.multi_transform.
TX = lrjax.AdamW(GROUPS, scheduler=lrjax.CosineAnnealingLR(T_max=3, every=STEPS), **OPTIONS)


def jax_tuner(weights: Any) -> Any:
    tuner = lrjax.finetune.FineTuner(weights, GROUPS, lrjax.AdamW, **OPTIONS)
    tuner.tx = TX
    tuner.opt_state = tuner.tx.init(tuner.params)
    return tuner


def assert_close(ours: Any, theirs: Any) -> None:
    """float64: the same algorithm, other orders of summation in the matrix products."""
    for name, expected in theirs.items():
        np.testing.assert_allclose(ours[name], expected, rtol=1e-9, atol=1e-12, err_msg=name)


WHEN = pytest.mark.parametrize("when", [STEPS, STEPS + 2], ids=["between epochs", "within one"])


@WHEN
def test_from_torch_to_jax(when: int) -> None:
    half, whole = Torch(WEIGHTS).run(0, when), Torch(WEIGHTS).run(0, EPOCHS * STEPS)
    tuner = jax_tuner(half.weights())
    optimizer = half.tuner.optimizer
    tuner.tx, tuner.opt_state = lrjax.from_torch(
        optimizer.state_dict(),
        lrtorch.scheduler_state_dict(optimizer),
        tuner.params,
        names=half.names,
        every=STEPS,
    )
    assert lrjax.get_lr(tuner.opt_state) == lrtorch.get_lr(optimizer)
    jax_run(tuner, when, EPOCHS * STEPS)
    assert_close(tuner.weights(), whole.weights())
    assert tuner.get_lr() == pytest.approx(whole.tuner.get_lr(), rel=1e-13)


@WHEN
def test_from_jax_to_torch(when: int) -> None:
    whole = jax_run(jax_tuner(WEIGHTS), 0, EPOCHS * STEPS)
    half = jax_run(jax_tuner(WEIGHTS), 0, when)
    run = Torch(half.weights())
    optimizer_state, scheduler_state = lrjax.to_torch(
        half.opt_state, like=run.tuner.optimizer.state_dict(), names=run.names, tensor=torch.from_numpy
    )
    run.tuner.optimizer.load_state_dict(optimizer_state)
    lrtorch.load_scheduler_state_dict(run.tuner.optimizer, scheduler_state)
    assert lrjax.get_lr(half.opt_state) == run.tuner.get_lr()
    run.run(when, EPOCHS * STEPS)
    assert_close(run.weights(), whole.weights())
    assert run.tuner.get_lr() == pytest.approx(whole.get_lr(), rel=1e-13)
