"""The metric of ReduceLROnPlateau: torch's 64 bits, and refused where it is no number."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import lrjax
import lrtorch

FINE = [  # (arguments, metrics) that float32 does not tell apart
    ({"patience": 0}, [123456.789, 123456.789 * (1 - 1.0001e-4)]),
    ({"patience": 0, "threshold": 0.0}, [1.0, 1 - 1e-9, 1 - 1e-9, 1 - 2e-9]),
    ({"patience": 0, "threshold": 1e-12, "threshold_mode": "abs"}, [0.1, 0.1 - 2e-12, 0.1 - 2e-12]),
    ({"patience": 0, "threshold": 0.0, "mode": "max"}, [1.0, 1 + 1e-15, 1 + 1e-15, -1e30, 3e38]),
    ({"patience": 0}, [float("inf"), 1.9e-37, float("nan"), -float("inf")]),
]


@pytest.mark.parametrize("kind", [float, np.float64, np.asarray, lambda x: torch.tensor(x, dtype=torch.float64)])
@pytest.mark.parametrize(("arguments", "metrics"), FINE)
def test_metrics_that_float32_does_not_tell_apart(arguments: Any, metrics: list[float], kind: Any) -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(2))], lr=0.1)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, **arguments)
    tx = lrjax.SGD(lr=0.1, scheduler=lrjax.ReduceLROnPlateau(**arguments))
    state = tx.init({"w": jnp.ones(2)})
    for metric in metrics:
        theirs.step(metric)
        state = lrjax.step_scheduler(tx, state, kind(metric))
        assert lrjax.get_lr(state)["**"] == optimizer.param_groups[0]["lr"]
        assert lrjax.scheduler_state_dict(state)["best"] == theirs.best


def test_a_float64_scalar_of_jax_keeps_its_bits() -> None:
    tx = lrjax.SGD(lr=0.1, scheduler=lrjax.ReduceLROnPlateau(patience=0, threshold=0.0))
    state = tx.init({"w": jnp.ones(2)})
    for metric in (1.0, 1 - 1e-9):
        with jax.enable_x64(True):
            scalar = jnp.asarray(metric)
        state = lrjax.step_scheduler(tx, state, scalar)
    assert lrjax.get_lr(state) == {"**": 0.1}
    assert lrjax.scheduler_state_dict(state)["best"] == 1 - 1e-9


@pytest.mark.parametrize(
    ("metric", "error", "message"),
    [
        ([1.0, 2.0], ValueError, "must be one number, got \\[1.0, 2.0\\]"),
        (np.ones(1), ValueError, "must be one number"),
        (jnp.ones((2, 2)), ValueError, "must be one number"),
        (torch.ones(3), ValueError, "must be one number"),
        ("0.5", TypeError, "must be a real number, got '0.5'"),
        (b"1", TypeError, "must be a real number"),
        (1j, TypeError, "must be a real number"),
        (jnp.complex64(1), TypeError, "must be a real number"),
        (np.complex128(1), TypeError, "must be a real number"),
        ({}, TypeError, "must be a real number"),
        (object(), TypeError, "must be a real number"),
        (1e39, ValueError, "must be at most 3.4e38, the largest float32, got 1e\\+39"),
    ],
)
def test_what_is_no_number_is_refused(metric: Any, error: type[Exception], message: str) -> None:
    tx = lrjax.SGD(lr=0.1, scheduler=lrjax.ReduceLROnPlateau())
    state = tx.init({"w": jnp.ones(2)})
    with pytest.raises(error, match=f"^step_scheduler: metric {message}"):
        lrjax.step_scheduler(tx, state, metric)
    if "largest float32" not in message:  # torch's rates and metrics are float64
        optimizer = lrtorch.SGD([("w", torch.ones(2))], lr=0.1, scheduler=lrtorch.ReduceLROnPlateau())
        with pytest.raises(error, match=f"^step_scheduler: metric {message}"):
            lrtorch.step_scheduler(optimizer, metric)
    if isinstance(metric, jax.Array):
        with pytest.raises(error, match=f"^step_scheduler: metric {message}"):
            jax.jit(lambda state, metric: lrjax.step_scheduler(tx, state, metric))(state, metric)
