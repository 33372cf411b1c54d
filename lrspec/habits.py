"""What people who know torch or optax try first, and the sentence that says what to type here instead."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

NOT_HERE = {  # what torch or optax has -> why it is not here, or its name here
    "LBFGS": "torch's needs a closure and has no groups: use optax.lbfgs with scheduler.schedule(lr)",
    "SparseAdam": "JAX's gradients are dense: use Adam",
    "Lion": "torch has none: use optax.lion(scheduler.schedule(lr))",
    "Lamb": "torch has none: use optax.lamb(scheduler.schedule(lr))",
    "CosineLR": "use CosineAnnealingLR(T_max=...)",
    "WarmupCosine": "use CurveLR(curves.sequence(curves.linear(100, 0.0, 1.0), curves.cosine(900)))",
    "get_scheduler": "use CurveLR(curves.transformers.get_scheduler(name, ...))",
    "get_linear_schedule_with_warmup": "use CurveLR(curves.transformers.linear(...))",
    "get_cosine_schedule_with_warmup": "use CurveLR(curves.transformers.cosine(...))",
    "get_constant_schedule_with_warmup": "use CurveLR(curves.transformers.constant_with_warmup(...))",
    "create_scheduler": "use CurveLR(curves.timm.create_scheduler(...))",
    "cosine_decay_schedule": "use CurveLR(curves.optax.cosine_decay_schedule(...))",
    "warmup_cosine_decay_schedule": "use CurveLR(curves.optax.warmup_cosine_decay_schedule(...))",
    "join_schedules": "use curves.sequence(...), or curves.optax.join_schedules(...)",
    "get_last_lr": "use get_lr",
    "ReduceOnPlateau": "use ReduceLROnPlateau",
    "apply_updates": "use step(tx, grads, opt_state, params), or optax.apply_updates",
}


def meant(value: Any, known: Iterable[str]) -> str:
    """``; did you mean 'x'?``, where one of the known names is like the value; else nothing."""
    if not isinstance(value, str) or len(value) > 100:
        return ""
    names = {name.lower(): name for name in known}
    close = difflib.get_close_matches(value.lower(), names, n=1, cutoff=0.65)
    return f"; did you mean {repr(names[close[0]])[:80]}?" if close else ""


def is_optimizer(value: Any) -> bool:
    """Whether it is an optimizer of torch, or a transformation of optax or lrjax."""
    if isinstance(value, type):
        return False
    return hasattr(value, "param_groups") or (hasattr(value, "init") and hasattr(value, "update"))


def _is_description(value: Any) -> bool:
    """Whether it is a scheduler of lrjax or lrtorch, or its class."""
    return hasattr(value, "every") and hasattr(value, "last_epoch")


def _is_curve(value: Any) -> bool:
    return hasattr(value, "captures") and hasattr(value, "is_relative")


def not_a_scheduler(value: Any) -> str:
    """What to give an optimizer as ``scheduler`` instead."""
    if isinstance(value, type) or isinstance(value, str):
        return "; give an object: StepLR(step_size=30, every=1)"
    if _is_description(value):
        return "; it is the other package's"
    if hasattr(value, "last_epoch") or hasattr(value, "get_last_lr"):
        return "; a live torch scheduler goes on as TableLR(lrtorch.tabulate(scheduler, num_steps), every=1)"
    if _is_curve(value):
        return "; a curve becomes one as CurveLR(curve, every=1)"
    if callable(value):
        return "; a schedule of optax goes on as TableLR(lrjax.tabulate(schedule, num_steps), every=1)"
    return ""


def not_groups(value: Any) -> str:
    """What to give an optimizer as ``groups`` instead."""
    if isinstance(value, float) or (isinstance(value, int) and 0 <= value < 100):
        return f"; a rate is given by name: lr={value!r}"
    if isinstance(value, Mapping) and value and all(isinstance(one, int | float) for one in value.values()):
        name, lr = next(iter(value.items()))
        return f"; write [{{'params': {repr(name)[:40]}, 'lr': {lr!r}}}, ...]"
    if isinstance(value, Mapping) and isinstance(value.get("params"), str | list | tuple):
        return "; a single group stands in a list, too: [{'params': ...}]"
    if isinstance(value, Mapping) or hasattr(value, "shape"):
        return "; the parameters are given to tx.init(params) in lrjax, and come first in lrtorch: AdamW(model, groups)"
    return ""


def not_a_rate(value: Any) -> str:
    """What to give as ``lr`` instead."""
    if _is_description(value):
        return "; a scheduler is given by name: scheduler=..., and lr is the rate that it begins from"
    if _is_curve(value):
        return "; a curve is given as scheduler=CurveLR(curve, every=1), and lr is the rate that it multiplies"
    if callable(value) and not isinstance(value, type) and not hasattr(value, "parameters"):  # a module is no schedule
        return "; a schedule goes into scheduler=TableLR(lrjax.tabulate(schedule, num_steps), every=1)"
    if isinstance(value, list | tuple):
        return "; rates of several groups stand in the groups: [{'params': pattern, 'lr': rate}, ...]"
    return ""


def no_attribute(owner: str, name: str, instead: Mapping[str, str], known: Iterable[str] = ()) -> NoReturn:
    """Raise AttributeError, with what to type instead where that is known."""
    hint = f"; {instead[name]}" if name in instead else meant(name, known)
    raise AttributeError(f"{owner} has no attribute {name!r}{hint}")
