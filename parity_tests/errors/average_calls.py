"""Valid calls of what averages weights, for ``calls``; without ``update_bn``, whose model meets a wrong batch first."""

from typing import Any

import jax.numpy as jnp
import torch

import lrjax
import lrtorch

GROWING: dict[str, dict[str, Any]] = {
    "TimmDecay": dict(use_warmup=True, warmup_gamma=1.0, warmup_power=0.7),
    "DiffusersDecay": dict(use_ema_warmup=True, inv_gamma=1.0, power=0.7),
}


def calls(package: Any) -> dict[str, Any]:
    """Name -> the function and its arguments, those of one package."""
    made: dict[str, Any] = {
        name: (getattr(package, name), {"decay": 0.9}) for name in ("get_ema_avg_fn", "get_ema_multi_avg_fn")
    }
    for name, own in GROWING.items():
        arguments = dict(decay=0.9, min_decay=0.1, update_after_step=2, **own)
        made[name] = (lambda name=name, **options: getattr(package, name)(**options)(9)), arguments
    made["the step of a decay"] = package.TimmDecay(), {"step": 3}
    model = {"model": torch.nn.Linear(2, 2), "device": None} if package is lrtorch else {}
    made["AveragedModel"] = package.AveragedModel, {**model, "avg_fn": None, "multi_avg_fn": None, "use_buffers": True}
    return made | (_of_jax() if package is lrjax else {})


def _of_jax() -> dict[str, Any]:
    averaged, params = lrjax.AveragedModel(), {"fc": {"kernel": jnp.ones((3, 2)), "bias": jnp.ones(2)}}
    model = torch.nn.Module()
    model.fc = torch.nn.Linear(3, 2)
    state, theirs = averaged.init(params, params), torch.optim.swa_utils.AveragedModel(model).state_dict()
    names = lrjax.match_names(model.state_dict(), params)
    return {
        "average: init": (averaged.init, dict(params=params, buffers=params)),
        "average: update": (averaged.update, dict(state=state, params=params, buffers=params)),
        "average: params": (averaged.params, dict(state=state)),
        "average_from_torch": (
            lrjax.average_from_torch,
            dict(state_dict=theirs, params=params, mapping=None, ignore=()),
        ),
        "average_to_torch": (
            lrjax.average_to_torch,
            dict(state=averaged.init(params), mapping=names, tensor=None),
        ),
    }
