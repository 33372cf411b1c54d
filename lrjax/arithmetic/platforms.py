"""Which kernels a program takes: those of the platform that it is compiled for."""

import warnings
from collections.abc import Callable
from typing import Any

import jax
from jax import lax

from .cuda_kernels import CudaKernels
from .kernels import Kernels


def by_platform(function: Callable[..., Any], zero: jax.Array, *args: Any) -> Any:
    """``function(kernels, *args)`` with the kernels of the platform that the program is compiled for."""
    _warn_of_unknown_platforms()
    return lax.platform_dependent(
        zero,
        *args,
        cuda=lambda zero, *args: function(CudaKernels(zero), *args),
        default=lambda zero, *args: function(Kernels(zero), *args),
    )


_warned: set[str] = set()


def _warn_of_unknown_platforms() -> None:
    """Once for each: bits are promised where torch's kernels are known."""
    platform = jax.default_backend()
    if platform == "gpu" and "rocm" in jax.devices()[0].client.platform_version.lower():
        platform = "rocm"
    if platform not in ("cpu", "gpu", "cuda", *_warned):
        _warned.add(platform)
        warnings.warn(
            f"lrjax: on platform {platform!r} the arithmetic is that of torch's CPU kernels, and equal bits are not "
            "promised: how this platform rounds is not known",
            stacklevel=2,
        )
