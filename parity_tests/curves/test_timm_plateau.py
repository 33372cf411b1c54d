"""timm's "plateau", which is no curve: its warm-up set by hand, and torch's ReduceLROnPlateau after it."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import torch

import lrjax
import lrtorch
from parity_tests.by_hand import by_hand
from parity_tests.originals import ask

from .rows import BASE_LRS

EPOCHS, WARM = 80, 7
METRICS = [float(x) for x in np.minimum(np.arange(EPOCHS) // 3 / 10, 1.5) + 0.01 * np.cos(np.arange(EPOCHS))]


def test_by_hand() -> None:
    row = {"sched": "plateau", "warmup_epochs": WARM, "warmup_lr": 1e-5, "patience_epochs": 3, "decay_rate": 0.5}
    (theirs,) = ask("timm", {"rows": [row], "base_lrs": BASE_LRS, "steps": EPOCHS, "metrics": METRICS})
    assert np.unique(theirs).size > 40  # three warm-ups, and cuts
    for package in (lrjax, lrtorch):
        np.testing.assert_array_equal(_rates(package), theirs)


def _rates(package: Any) -> list[list[float]]:
    groups: Any = [{"params": str(i), "lr": lr} for i, lr in enumerate(BASE_LRS)]
    plateau = by_hand(package.ReduceLROnPlateau("max", factor=0.5, patience=3))
    if package is lrjax:
        tx = lrjax.SGD(groups, scheduler=plateau)
        state: Any = tx.init({str(i): jnp.ones(2) for i in range(3)})
    else:
        tx, named = None, [(str(i), torch.nn.Parameter(torch.ones(2))) for i in range(3)]
        state = lrtorch.SGD(named, groups, scheduler=plateau)
    rates = []
    for epoch in range(EPOCHS):
        if epoch <= WARM:
            rise = {str(i): 1e-5 + epoch * ((lr - 1e-5) / WARM) for i, lr in enumerate(BASE_LRS)}
            state = package.set_lr(state, rise)
        elif package is lrjax:
            state = lrjax.step_scheduler(tx, state, METRICS[epoch - 1])
        else:
            state = lrtorch.step_scheduler(state, METRICS[epoch - 1])
        rates.append(list(package.get_lr(state).values()))
    return rates
