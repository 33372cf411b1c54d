"""Which kernels a program takes: those of the platform that it is compiled for."""

import warnings
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from .cuda_kernels import CudaKernels
from .derivatives import in_64_bit
from .kernels import Kernels
from .smooth import SmoothKernels

Function = Callable[..., Any]  # (kernels, *args) -> a tree of arrays


def on_cpu(function: Function, zero: jax.Array, *args: Any) -> Any:
    """``function(kernels, *args)`` in 64 bits with a CPU's kernels, as torch computes its Python floats everywhere.

    Args:
        function: closes over no tracer; its results have types of 32 bits, or those of ``args``.
        zero: see ``exact.runtime_zero``.
        args: trees of arrays. The result can be differentiated by what is of floating point in them.
    """
    return in_64_bit(lambda zero, *args: function(Kernels(zero), *args), _smooth(function), zero, *args)


def by_platform(function: Function, zero: jax.Array, *args: Any) -> Any:
    """The same with the kernels of the platform that the program is compiled for."""
    return in_64_bit(lambda *args: _by_platform(function, *args), _smooth(function), zero, *args)


def _smooth(function: Function) -> Function:
    return lambda _, *args: function(SmoothKernels(jnp.zeros((), jnp.int32)), *args)


def _by_platform(function: Function, zero: jax.Array, *args: Any) -> Any:
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
