"""What an average of the PyTorch side makes of the probe. Nothing of the user's is changed: copies are updated."""

import copy
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.optim.swa_utils import AveragedModel

from lrspec import check

from .probe import probe

WHERE = "compare"


class _Probe(torch.nn.Module):
    def __init__(self, numbers: np.ndarray) -> None:
        super().__init__()
        self.w = torch.nn.Parameter(torch.from_numpy(numbers.copy()))


def measured(average: Any, updates: int, every: int, first: int) -> np.ndarray:
    """The average after each update, shape=(updates + 1, NUMBERS).

    Args:
        average: an ``AveragedModel``, timm's ``ModelEmaV2`` or ``ModelEmaV3``, diffusers' ``EMAModel``, or a function
            ``(average, parameter, num_averaged)`` as torch's ``avg_fn``.
        updates: of the optimizer.
        every: the loop updates the average after so many of them.
        first: the first after which it does.

    Raises:
        TypeError: none of these.
        ValueError: an average that has been updated; one that does not come out as finite numbers.
    """
    seen = probe(updates)
    model = _Probe(seen[0])
    update, read = _parts(average, model)
    out = [seen[0]]
    for t in range(1, updates + 1):
        with torch.no_grad():
            model.w.copy_(torch.from_numpy(seen[t]))
        if t >= first and (t - first) % every == 0:
            try:
                update(model, t)
            except (RuntimeError, TypeError, ValueError, AttributeError) as error:
                rule = f"must average a parameter ({str(error).splitlines()[0][:100]})"
                raise ValueError(check.message(WHERE, "averaged_model", rule, type(average).__name__)) from error
        out.append(read().detach().numpy().copy())
    table = np.stack(out)
    if table.shape != seen.shape or not np.isfinite(table).all():
        check.fail(WHERE, "averaged_model", "must give finite numbers", type(average).__name__)
    return table


def _parts(average: Any, model: _Probe) -> tuple[Callable[[_Probe, int], Any], Callable[[], torch.Tensor]]:
    """How a copy of the average is updated, and where its parameter is."""
    if isinstance(average, AveragedModel):
        if int(average.n_averaged):
            check.fail(
                WHERE, "averaged_model", "must not have been updated yet", f"n_averaged {int(average.n_averaged)}"
            )
        one = AveragedModel(model, avg_fn=average.avg_fn, multi_avg_fn=average.multi_avg_fn)
        update = type(average).update_parameters
        return (lambda model, t: update(one, model)), lambda: one.module.w  # type: ignore[return-value]
    if hasattr(average, "shadow_params") and hasattr(average, "step"):
        ema: Any = copy.copy(average)
        ema.shadow_params, ema.optimization_step = [model.w.detach().clone()], 0
        return (lambda model, t: ema.step([model.w])), lambda: ema.shadow_params[0]
    if isinstance(average, torch.nn.Module) and hasattr(average, "update") and hasattr(average, "module"):
        return _of_timm(average, model)
    if callable(average) and not isinstance(average, torch.nn.Module | type):
        held = [model.w.detach().clone(), 0]

        def mix(model: _Probe, t: int) -> None:
            held[0] = average(held[0], model.w.detach(), torch.tensor(held[1])) if held[1] else model.w.detach().clone()
            held[1] += 1

        return mix, lambda: held[0]
    rule = "must be an AveragedModel, timm's or diffusers' average, or a function (average, parameter, num_averaged)"
    check.fail(WHERE, "averaged_model", rule, type(average).__name__, TypeError)


def _of_timm(average: Any, model: _Probe) -> tuple[Callable[[_Probe, int], Any], Callable[[], torch.Tensor]]:
    """The average with the probe in the place of its module; timm's script gives the number of the update."""
    ema = object.__new__(type(average))
    ema.__dict__ = {**vars(average), "_modules": {"module": copy.deepcopy(model).requires_grad_(False)}}
    numbered = "step" in inspect.signature(average.update).parameters
    return (lambda model, t: ema.update(model, step=t) if numbered else ema.update(model)), lambda: ema.module.w
