"""The decays that grow: the originals' numbers on the host, and the same numbers in compiled code."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import lrjax
import lrtorch
from lrjax.arithmetic.exact import runtime_zero
from lrjax.arithmetic.kernels import Kernels
from lrjax.averages.functions import _grown
from parity_tests.foreign_timm import import_timm

STEPS = [*range(1, 600), 10**4, 31623, 10**5, 10**6, 123_456_789]
TIMM: list[dict[str, Any]] = [
    {},
    dict(decay=0.99, update_after_step=7),
    dict(use_warmup=True),
    dict(use_warmup=True, warmup_power=3 / 4, warmup_gamma=1.7, min_decay=0.1, update_after_step=13),
    dict(use_warmup=True, warmup_power=1, decay=1.0),
    dict(use_warmup=True, warmup_power=0.5, decay=0.9),  # of these powers XLA knows, it makes other operations
    dict(use_warmup=True, warmup_power=2, warmup_gamma=3),
    dict(use_warmup=True, warmup_power=0),
]
# What EMAModel.get_decay of diffusers 0.42.1 gives for updates 1, 2, 3, 8, 14, 1000, 31623, 10**6 and 10**8.
OF_DIFFUSERS: list[tuple[dict[str, Any], list[float]]] = [
    ({}, [0.0, 0.18181818181818182, 0.25, 0.47058823529411764, 0.6086956521739131, 0.9910802775024777]),
    (dict(decay=0.5, min_decay=0.25, update_after_step=7), [0.0, 0.0, 0.0, 0.0, 0.4375, 0.5, 0.5, 0.5, 0.5]),
    (
        dict(use_ema_warmup=True),
        [0.0, 0.3700394750525634, 0.5192501432308638, 0.75, 0.8278469811303407, 0.99, 0.9990000047096224, 0.9999],
    ),
    (
        dict(use_ema_warmup=True, inv_gamma=1.7, power=0.75, decay=0.99),
        [0.0, 0.2931718001844875, 0.44193421341310113, 0.7061015798233188, 0.8016881390417985, 0.99],
    ),
    (dict(use_ema_warmup=True, power=1), [0.0, 0.5, 0.6666666666666667, 0.875, 0.9285714285714286, 0.999, 0.9999]),
]
AT = [1, 2, 3, 8, 14, 1000, 31623, 10**6, 10**8]


@pytest.mark.parametrize("arguments", TIMM, ids=str)
def test_timms_decay_is_timms(arguments: dict[str, Any]) -> None:
    import_timm()
    from timm.utils.model_ema import ModelEmaV3

    original = ModelEmaV3(torch.nn.Linear(1, 1), **arguments)
    assert [lrjax.TimmDecay(**arguments)(s) for s in STEPS] == [original.get_decay(s) for s in STEPS]


@pytest.mark.parametrize(("arguments", "expected"), OF_DIFFUSERS, ids=lambda x: str(x) if isinstance(x, dict) else "")
def test_diffusers_decay_is_diffusers(arguments: dict[str, Any], expected: list[float]) -> None:
    """Powers are the C library's, of which another may round the last bit otherwise; quotients are equal."""
    found = [lrjax.DiffusersDecay(**arguments)(s) for s in AT[: len(expected)]]
    powers = "use_ema_warmup" in arguments and arguments.get("power") != 1
    assert np.abs(np.subtract(found, expected)).max() <= (2**-53 if powers else 0)


@pytest.mark.parametrize(
    "growing", [*(lrjax.TimmDecay(**a) for a in TIMM), *(lrjax.DiffusersDecay(**a) for a, _ in OF_DIFFUSERS)], ids=str
)
def test_compiled_code_has_the_numbers_of_python(growing: Any) -> None:
    with jax.enable_x64(True):
        grown = jax.jit(lambda zero, count: _grown(Kernels(zero), growing, count))
        one_by_one = [float(grown(runtime_zero(), jnp.int32(s))) for s in STEPS]
        at_once = np.asarray(grown(runtime_zero(), jnp.array(STEPS, jnp.int32))).tolist()
    assert one_by_one == at_once == [growing(s) for s in STEPS]


def test_an_average_starts_as_the_originals_do() -> None:
    """timm's training script and diffusers count updates from 1; the first copies, the second has the first decay."""
    import_timm()
    from timm.utils.model_ema import ModelEmaV3

    arguments: dict[str, Any] = dict(decay=0.9, use_warmup=True, update_after_step=2)
    rng, model = np.random.default_rng(0), torch.nn.Linear(3, 5)
    original: Any = ModelEmaV3(model, **arguments)
    fn = lrtorch.get_ema_multi_avg_fn(lrtorch.TimmDecay(**arguments))
    averaged: Any = lrtorch.AveragedModel(model, multi_avg_fn=fn)
    for step in range(1, 9):
        model.weight.data.copy_(torch.from_numpy(rng.normal(size=(5, 3)).astype(np.float32)))
        original.update(model, step=step)
        averaged.update_parameters(model)
        assert torch.equal(original.module.weight, averaged.module.weight)
