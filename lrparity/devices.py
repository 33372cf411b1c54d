"""One device for both frameworks, with the same full precision."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import jax
import torch


@contextmanager
def on_device(device: str) -> Iterator[None]:
    """Both frameworks on "cpu" or "gpu", with full float32 matrix products."""
    torch.set_float32_matmul_precision("highest")  # no TF32
    with (
        jax.default_device(jax.devices(device)[0]),
        torch.device("cuda" if device == "gpu" else "cpu"),
        jax.default_matmul_precision("highest"),
    ):
        yield


def missing(device: str) -> list[str]:
    """The frameworks that have no such device."""
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # JAX would take most of the memory they share
    try:
        jax.devices(device)
        without = []
    except RuntimeError:
        without = ["JAX"]
    return without + ["PyTorch"] * (device == "gpu" and not torch.cuda.is_available())
