"""The PyTorch side, written down: ``record`` needs torch and no JAX."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lrspec import check

from . import identify
from . import machine as made
from .program import Accumulation, Clip, Program
from .rule import FAMILIES
from .sides import Say, TorchRecord, with_decay
from .torch_loop import Loop
from .torch_side import TorchSide, plain

WHERE = "compare"


def record(
    optimizer: Any,
    schedulers: Any = None,
    *,
    grads: Any = None,
    steps: int = 200,
    names: Any = None,
    clip_grad_norm: float | None = None,
    clip_grad_value: float | None = None,
    accumulate: int = 1,
    accumulate_by: str = "mean",
    scheduler_every: int | str = 1,
    rate_steps: int = 1000,
    averaged_model: Any = None,
    average_every: int = 1,
    average_from: int | None = None,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    path: str | Path | None = None,
    say: Say = lambda text: None,
) -> TorchRecord:
    """Write down a PyTorch training program, for a comparison here or in another environment.

    Nothing of the user's is changed: optimizer and schedulers are copied, and the copies step.

    Args:
        optimizer: a live ``torch.optim.Optimizer`` at its first step, or what its ``state_dict()`` gave.
        schedulers: the live scheduler that belongs to it, or a list of them in the order in which they step.
        grads: recorded gradients, a list of dicts from torch's name to array, one per micro-step; None: made ones.
        steps: updates to compare; with ``grads`` as many as there are.
        names: the model, or torch's names of the parameters in the optimizer's order; None: the optimizer's own.
        clip_grad_norm: ``max_norm`` of the loop's ``clip_grad_norm_``; None: the loop does not clip.
        clip_grad_value: ``clip_value`` of the loop's ``clip_grad_value_``.
        accumulate: micro-steps (``backward()`` calls) per ``optimizer.step()``.
        accumulate_by: "mean" where the loop divides the loss by ``accumulate``, otherwise "sum".
        scheduler_every: the schedulers step after so many updates (of an epoch: the number of updates in it), or
            "micro-step".
        rate_steps: updates over which the rates, and the average, are compared.
        averaged_model: the average of the weights that the loop keeps, not updated yet: torch's (or lrtorch's)
            ``AveragedModel``, timm's ``ModelEmaV2`` or ``ModelEmaV3``, diffusers' ``EMAModel``, or a function
            ``(average, parameter, num_averaged)`` as ``avg_fn``.
        average_every: the loop updates it after so many updates of the optimizer.
        average_from: the first after which it does, from 1; None: ``average_every``.
        shapes: of the parameters, by name, for a state dict that does not tell them.
        path: a file to write, ``.npz``.
        say: called with a line before each stage.

    Returns:
        The record, which ``compare`` takes in place of the optimizer.

    Raises:
        TypeError, ValueError: an argument that is none of these, a scheduler of another optimizer, LBFGS.
    """
    loop = _loop(clip_grad_norm, clip_grad_value, accumulate, accumulate_by, scheduler_every)
    steps = check.integer(WHERE, "steps", steps, 1)
    rate_steps = max(check.integer(WHERE, "rate_steps", rate_steps, 1), steps)
    if isinstance(optimizer, Mapping):
        optimizer, names = rebuilt(optimizer, names, shapes or {})
    side = TorchSide(optimizer, schedulers, loop, names)
    say("torch: rates")
    program = side.program(rate_steps)
    given = None if grads is None else _given(side, grads)
    if given is not None:
        steps = len(next(iter(given.values()))) // loop.accumulation.steps
    made_by = TorchRecord(
        side.class_name(), program, side.shapes, side.dtype, _options(side), _defaults(side), {}, {}, steps, side.notes,
        given, None if given is None else _start(side, given),
    )  # fmt: skip
    periods = set(side.periods) or {1}
    made_by.still, made_by.heard = side.still, side.heard
    made_by.average = _average(averaged_model, rate_steps, average_every, average_from)
    made_by.every = 0 if loop.every_micro_step or len(periods) > 1 else periods.pop()
    if "." in side.class_name() and any(rule.family not in FAMILIES for rule in program.rules):
        say("torch: rules")
        _identified(side, program, made_by)
    say("torch: updates")
    start, fed = made_by.fed
    ran = side.run(start, fed, "float64", hold=False)
    made_by.runs, made_by.moments = {"float64": ran.params}, ran.moments
    if side.dtype != "float64":
        made_by.runs[side.dtype] = side.run(start, fed, side.dtype, hold=False).params
    if path is not None:
        made_by.save(path)
    return made_by


def _average(averaged_model: Any, updates: int, every: Any, first: Any) -> np.ndarray | None:
    """What the average makes of the probe."""
    from .averages.in_torch import measured

    every = check.integer(WHERE, "average_every", every, 1)
    first = every if first is None else check.integer(WHERE, "average_from", first, 1)
    if averaged_model is not None:
        return measured(averaged_model, updates, every, first)
    if (every, first) != (1, 1):
        check.fail(WHERE, "averaged_model", "must be given with average_every or average_from", None, TypeError)
    return None


def _loop(norm: Any, value: Any, accumulate: Any, by: Any, every: Any) -> Loop:
    if norm is not None and value is not None:
        check.fail(WHERE, "clip_grad_value", "must not be given together with clip_grad_norm", value)
    clip = Clip()
    if norm is not None:
        clip = Clip("norm", check.at_least(WHERE, "clip_grad_norm", norm, 0.0), 1e-6)
    if value is not None:
        clip = Clip("value", check.at_least(WHERE, "clip_grad_value", value, 0.0))
    if by not in ("mean", "sum"):
        check.fail(WHERE, "accumulate_by", "must be 'mean' or 'sum'", by)
    how = Accumulation(check.integer(WHERE, "accumulate", accumulate, 1), by == "mean")
    if every == "micro-step":
        return Loop(clip, how, 1, True)
    return Loop(clip, how, check.integer(WHERE, "scheduler_every", every, 1))


def _options(side: TorchSide) -> list[dict[str, Any]]:
    out = []
    for name, group in zip(side.group_names(), side.optimizer.param_groups, strict=True):
        kept = {k: plain(v) for k, v in group.items() if k not in ("params", "param_names")}
        out.append({**{k: v for k, v in kept.items() if not isinstance(v, torch.Tensor)}, "name": name})
    return out


def _defaults(side: TorchSide) -> dict[str, Any]:
    """The defaults of the class, whatever this optimizer was made with."""
    import inspect

    parameters = inspect.signature(type(side.optimizer).__init__).parameters.values()
    found = {p.name: p.default for p in parameters if p.default is not inspect.Parameter.empty}
    return {k: plain(v) for k, v in found.items() if isinstance(v, bool | int | float | tuple | str)}


def _identified(side: TorchSide, program: Program, record: TorchRecord) -> None:
    """Rules of a class that is not torch's own, by probing; what is not found stays with the class's name."""
    shapes, how = made.small(side.shapes), Accumulation()
    plain_loop, side.loop = side.loop, Loop()
    try:
        found = identify.rules_of(side, shapes, (), lambda name: (), how)
        rates = identify.rates_of(side, shapes, found, how, 8)
        decays = identify.decays_of(side, shapes, found, rates, lambda name: (), how)
    except (RuntimeError, ValueError, TypeError) as error:
        record.notes.append(f"{side.class_name()} could not be probed: {str(error).splitlines()[0][:100]}.")
        return
    finally:
        side.loop = plain_loop
    for i, name in enumerate(program.names):
        rule, decay = found[name].rule, decays[name]
        if rule is not None and rule.family != "frozen" and decay.form != "unknown":
            program.rules[i] = with_decay(rule, decay)
            scale = float(rates[name][0]) / program.rates[0, i] if program.rates[0, i] else 1.0
            program.rates[:, i] *= scale


def _given(side: TorchSide, grads: Any) -> dict[str, np.ndarray]:
    """The user's gradients, checked."""
    if not isinstance(grads, Sequence) or not grads or not all(isinstance(one, Mapping) for one in grads):
        check.fail(
            WHERE, "grads", "must be a list of dicts from torch's names to arrays", type(grads).__name__, TypeError
        )
    out: dict[str, list[np.ndarray]] = {name: [] for name in side.names}
    width = _width(side.shapes, len(grads))
    if any(n > width for shape in side.shapes.values() for n in shape):
        side.notes.append(f"The recorded gradients are cut to {width} elements an axis, and norms are of what is left.")
    for t, one in enumerate(grads):
        if missing := [name for name in side.names if name not in one]:
            check.fail(WHERE, f"grads[{t}]", "must have the gradient of every parameter", f"none of {missing[0]}")
        for name in side.names:
            g = one[name]
            if tuple(np.shape(g)) != side.shapes[name]:
                check.fail(WHERE, f"grads[{t}][{name!r}]", f"must have the shape {side.shapes[name]}", np.shape(g))
            g = g[tuple(slice(width) for _ in side.shapes[name])]
            out[name].append(np.array(g.detach().cpu().double().numpy() if hasattr(g, "detach") else g, np.float64))
    bad = [(t, n) for n, rows in out.items() for t, g in enumerate(rows) if not np.isfinite(g).all()]
    if bad:
        t, name = min(bad)
        side.notes.append(f"The gradients are not finite from step {t} on ({name}): the comparison stops before.")
        if t == 0:
            check.fail(WHERE, f"grads[0][{name!r}]", "must be finite", "NaN or infinity")
        out = {n: rows[:t] for n, rows in out.items()}
    return {name: np.stack(rows)[:, None] for name, rows in out.items()}


def _width(shapes: Mapping[str, tuple[int, ...]], steps: int) -> int:
    """How many elements an axis may have, so that all of it fits into memory several times."""
    width = 1 << 20
    while width > 3 and steps * sum(np.prod([min(n, width) for n in shape]) for shape in shapes.values()) > 2e6:
        width //= 2
    return width


def _start(side: TorchSide, given: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The user's parameters, cut as the gradients are."""
    cut = {name: tuple(slice(n) for n in g.shape[2:]) for name, g in given.items()}
    return {name: p.detach().cpu()[cut[name]].double().numpy()[None].copy() for name, p in side.values.items()}


def rebuilt(
    state_dict: Mapping[str, Any], names: Any, shapes: Mapping[str, Any]
) -> tuple[torch.optim.Optimizer, list[str]]:
    """An optimizer with the groups of a state dict, at its first step.

    Args:
        state_dict: what ``optimizer.state_dict()`` gave.
        names: the model, or the names of the parameters in the optimizer's order, where the state has none.
        shapes: of the parameters, by name, where neither the model nor the state tells.
    """
    groups = state_dict.get("param_groups")
    if not isinstance(groups, list) or not groups:
        check.fail(
            WHERE, "optimizer", "must have 'param_groups', as optimizer.state_dict() has", sorted(map(str, state_dict))
        )
    ids = [i for group in groups for i in group["params"]]
    given = [name for group in groups for name in group.get("param_names", ())]
    if names is not None and not isinstance(names, torch.nn.Module):
        given = made.flat_names(names)
    elif isinstance(names, torch.nn.Module):
        given = [name for name, _ in names.named_parameters()]
        shapes = {name: tuple(p.shape) for name, p in names.named_parameters()}
    if len(given) != len(ids):
        check.fail(WHERE, "names", f"must name each of the optimizer's {len(ids)} parameters once", given)
    kind = _class(groups[0])
    accepted = set(kind.__init__.__code__.co_varnames)
    made_groups, at = [], 0
    for group in groups:
        options = {k: v for k, v in group.items() if k in accepted and k != "params"}
        options["lr"] = group.get("initial_lr", group["lr"])
        params = []
        for i in group["params"]:
            state = state_dict.get("state", {}).get(i, {})
            held = [tuple(v.shape) for v in state.values() if isinstance(v, torch.Tensor) and v.dim() > 0]
            shape = held[0] if held else shapes.get(given[at])
            if shape is None:
                rule = "must tell the shapes, by its state or by names=model"
                check.fail(WHERE, "optimizer", rule, f"none of {given[at]}")
            params.append(torch.nn.Parameter(torch.zeros(shape)))
            at += 1
        made_groups.append({"params": params, **options, **({"name": group["name"]} if "name" in group else {})})
    return kind(made_groups), given


def _class(group: Mapping[str, Any]) -> Any:
    """torch's class whose options a group has."""
    marks = {
        "SGD": ("dampening", "nesterov"), "RMSprop": ("alpha", "centered"), "Adagrad": ("lr_decay",),
        "Adadelta": ("rho",), "NAdam": ("momentum_decay",), "AdamW": ("amsgrad",),
    }  # fmt: skip
    for name, keys in marks.items():
        if all(key in group for key in keys):
            if name == "AdamW" and not group.get("decoupled_weight_decay", False):
                return torch.optim.Adam
            return getattr(torch.optim, name)
    if "betas" in group:
        return torch.optim.RAdam if "decoupled_weight_decay" in group else torch.optim.Adamax
    check.fail(WHERE, "optimizer", "must be a state dict of one of torch's optimizers", sorted(map(str, group)))
