"""Averages of weights: ``torch.optim.swa_utils``, with lrjax's names, argument checks and growing decays."""

from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Any

import torch
from torch.optim import swa_utils

from lrspec import check
from lrspec.averages import Average, GrowingDecay, check_integers, read_decay, read_functions
from lrspec.averages import DiffusersDecay as DiffusersDecay
from lrspec.averages import TimmDecay as TimmDecay


class AveragingFunction(Average):
    """One of torch's averaging functions: ``(averaged, current, num_averaged)``, torch's own. It can be pickled."""

    def __call__(self, averaged: Any, current: Any, num_averaged: Any) -> Any:
        """What torch's function of this name does; a growing decay waits for the count, where that is on a GPU."""
        decay = self.decay(int(num_averaged) + 1) if isinstance(self.decay, GrowingDecay) else self.decay
        return getattr(swa_utils, self.name)(*([] if decay is None else [decay]))(averaged, current, num_averaged)


def get_swa_avg_fn() -> AveragingFunction:
    """``torch.optim.swa_utils.get_swa_avg_fn``: all models weigh the same, a + (p - a) / (n + 1).

    Returns:
        What ``AveragedModel`` takes as ``avg_fn``.
    """
    return AveragingFunction("swa", multi=False)


def get_swa_multi_avg_fn() -> AveragingFunction:
    """``torch.optim.swa_utils.get_swa_multi_avg_fn``: all models weigh the same, lerp(a, p, 1 / (n + 1)).

    Returns:
        What ``AveragedModel`` takes as ``multi_avg_fn``.
    """
    return AveragingFunction("swa", multi=True)


def get_ema_avg_fn(decay: Any = 0.999) -> AveragingFunction:
    """``torch.optim.swa_utils.get_ema_avg_fn``: decay * a + (1 - decay) * p.

    Args:
        decay: a number in [0, 1], or ``TimmDecay(...)``, ``DiffusersDecay(...)``.

    Returns:
        What ``AveragedModel`` takes as ``avg_fn``.

    Raises:
        ValueError: a decay that is no number in [0, 1].
    """
    return AveragingFunction("ema", multi=False, decay=read_decay("get_ema_avg_fn", decay))


def get_ema_multi_avg_fn(decay: Any = 0.999) -> AveragingFunction:
    """``torch.optim.swa_utils.get_ema_multi_avg_fn``: lerp(a, p, 1 - decay).

    Args:
        decay: a number in [0, 1], or ``TimmDecay(...)``, ``DiffusersDecay(...)``.

    Returns:
        What ``AveragedModel`` takes as ``multi_avg_fn``.

    Raises:
        ValueError: a decay that is no number in [0, 1].
    """
    return AveragingFunction("ema", multi=True, decay=read_decay("get_ema_multi_avg_fn", decay))


class AveragedModel(swa_utils.AveragedModel):
    """``torch.optim.swa_utils.AveragedModel`` with its arguments checked; lrjax's class of this name tells the rules.

    Args:
        model: the module; the average is ``.module``, a copy of it.
        device: where the average is kept.
        avg_fn: ``get_swa_avg_fn()``, ``get_ema_avg_fn(0.999)``, or a function of two tensors and the count.
        multi_avg_fn: ``get_swa_multi_avg_fn()``, ``get_ema_multi_avg_fn(0.999)``, or a function of two lists and the
            count that changes the first list's tensors. Without a function: an equal average, torch's choice.
        use_buffers: average the buffers, too, instead of keeping the latest.

    Raises:
        ValueError: both functions, or an unknown device.
        TypeError: what is no module, device or function; integers or bools that torch cannot average equally.
    """

    def __init__(
        self,
        model: torch.nn.Module,
        device: Any = None,
        avg_fn: Callable[..., Any] | None = None,
        multi_avg_fn: Callable[..., Any] | None = None,
        use_buffers: bool = False,
    ) -> None:
        where = "AveragedModel"
        _check_module(where, model)
        _check_device(where, device)
        read_functions(where, avg_fn, multi_avg_fn, use_buffers)
        average = AveragingFunction("swa", multi=None) if avg_fn is None and multi_avg_fn is None else None
        for argument, named in (("params", model.named_parameters()), ("buffers", model.named_buffers())):
            if argument == "params" or use_buffers:
                dtypes = {name: str(x.dtype).removeprefix("torch.") for name, x in named}
                check_integers(f"{where}.init", argument, average or avg_fn or multi_avg_fn, dtypes)
        super().__init__(model, device, avg_fn, multi_avg_fn, use_buffers)


@torch.no_grad()
def update_bn(loader: Iterable[Any], model: torch.nn.Module, device: Any = None) -> None:
    """``torch.optim.swa_utils.update_bn``: measure the statistics of every BatchNorm anew, as the mean over batches.

    Args:
        loader: batches; of a list or tuple the first element is taken.
        model: the module, such as an ``AveragedModel``, which is changed in place.
        device: where the batches are moved to.

    Raises:
        TypeError: what is no module, or a loader that cannot be iterated over.
        ValueError: no batch.
    """
    _check_module("update_bn", model)
    _check_device("update_bn", device)
    if isinstance(loader, str | bytes | Mapping) or not isinstance(loader, Iterable):
        check.fail("update_bn", "loader", "must be batches to iterate over", loader, TypeError)
    batches = iter(loader)
    for first in batches:
        return swa_utils.update_bn(chain([first], batches), model, device)
    check.fail("update_bn", "loader", "must have at least one batch", loader)


def _check_module(where: str, model: Any) -> None:
    if not isinstance(model, torch.nn.Module):
        check.fail(where, "model", "must be a torch.nn.Module", model, TypeError)


def _check_device(where: str, device: Any) -> None:
    if isinstance(device, bool) or not isinstance(device, int | str | torch.device | None):
        check.fail(where, "device", "must be a device (functions are avg_fn= or multi_avg_fn=)", device, TypeError)
    try:
        torch.empty(0, device=device)
    except (RuntimeError, ValueError, AssertionError):  # the last one: torch without CUDA
        check.fail(where, "device", "must be a device that torch can use here", device)
