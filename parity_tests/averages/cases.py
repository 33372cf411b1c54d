"""The forms of an average, and the same numbers for both frameworks."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
import torch
from torch.optim import swa_utils

import lrjax
from parity_tests.optimizers.halves import to_numpy, to_torch

DTYPES = ("float32", "float64", "bfloat16", "float16")
# One row of vector code and its rests: torch computes the last n % 16 or n % 32 numbers of a tensor by other code.
SHAPES: tuple[tuple[int, ...], ...] = ((0,), (), (1,), (7,), (16,), (17,), (33,), (1000,), (3, 5, 7), (64, 33))
DECAYS = (0.0, 0.3, 0.5, 0.999, 1.0)  # lerp changes its form at 0.5
GROWING: dict[str, Any] = {
    "timm": lrjax.TimmDecay(use_warmup=True),
    "timm later": lrjax.TimmDecay(decay=0.7, update_after_step=3, use_warmup=True, warmup_power=0.75),
    "diffusers": lrjax.DiffusersDecay(),
    "diffusers warm-up": lrjax.DiffusersDecay(use_ema_warmup=True, inv_gamma=2.0, power=0.75, min_decay=0.2),
}


class Case(NamedTuple):
    """A form of an average.

    Attributes:
        id: what the test is called.
        argument: of AveragedModel: "avg_fn", "multi_avg_fn", or "" for torch's own choice.
        name: of the function that makes it.
        decay: of an EMA: a number, or a growing decay.
    """

    id: str
    argument: str = ""
    name: str = ""
    decay: Any = None

    def of(self, package: Any) -> dict[str, Any]:
        """The argument of ``package.AveragedModel``; torch itself has numbers for decays only."""
        if not self.name:
            return {}
        return {self.argument: getattr(package, self.name)(*([] if self.decay is None else [self.decay]))}


def _forms() -> list[tuple[str, str]]:
    return [("avg_fn", "avg_fn"), ("multi_avg_fn", "multi_avg_fn")]


CASES = [
    Case("torch's choice"),
    *(Case(f"swa, {argument}", argument, f"get_swa_{name}") for argument, name in _forms()),
    *(
        Case(f"ema {decay}, {argument}", argument, f"get_ema_{name}", decay)
        for argument, name in _forms()
        for decay in DECAYS
    ),
]
GROWING_CASES = [
    Case(f"{label}, {argument}", argument, f"get_ema_{name}", decay)
    for argument, name in _forms()
    for label, decay in GROWING.items()
]


def draw(seed: int, dtype: str, shapes: Any = SHAPES) -> dict[str, np.ndarray]:
    """Parameters of mixed magnitude, the same for each seed."""
    rng = np.random.default_rng(seed)
    return {
        f"p{i:02d}": np.asarray(rng.normal(size=n) * 10.0 ** rng.uniform(-3, 2, size=n)).astype(jnp.dtype(dtype))
        for i, n in enumerate(shapes)
    }


def module(params: dict[str, Any], buffers: dict[str, Any] | None = None) -> torch.nn.Module:
    """A module of torch that holds nothing but these."""
    made = torch.nn.Module()
    for name, x in params.items():
        made.register_parameter(name, torch.nn.Parameter(to_torch(x).clone(), requires_grad=False))
    for name, x in (buffers or {}).items():
        made.register_buffer(name, to_torch(x).clone())
    return made


def fill(model: torch.nn.Module, arrays: dict[str, Any]) -> None:
    """Other numbers for some of its parameters and buffers."""
    for name, x in arrays.items():
        getattr(model, name).data.copy_(to_torch(x))


def run_torch(
    arguments: dict[str, Any], dtype: str, steps: int, make: Callable[..., Any] = swa_utils.AveragedModel
) -> Any:
    """torch's average over ``steps`` models, as arrays after each."""
    model = module(draw(0, dtype))
    averaged = make(model, **arguments)
    for t in range(steps):
        fill(model, draw(t, dtype))
        averaged.update_parameters(model)
        yield {name: to_numpy(p.clone()) for name, p in averaged.module.named_parameters()}
