"""A valid call of every public function of both packages, each argument by its name, for tests that spoil one."""

import functools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import torch

import lrjax
import lrtorch
from parity_tests.by_hand import by_hand

from . import average_calls, finder_calls
from .messages import build

Call = tuple[Callable[..., Any], dict[str, Any]]  # the function and its arguments
SHAPES = {"backbone.w": (2, 2), "head.w": (2, 2)}
GROUPS: Any = [{"params": "backbone/**"}, {"params": "head/**"}]

OPTIMIZERS: dict[str, dict[str, Any]] = {
    "SGD": dict(lr=0.1, momentum=0.9, dampening=0.0, weight_decay=0.1, nesterov=True, maximize=False),
    **{
        name: dict(lr=0.1, betas=(0.9, 0.99), eps=1e-8, weight_decay=0.1, maximize=False, **more)
        for name, more in {
            "Adam": dict(amsgrad=False, decoupled_weight_decay=False),
            "AdamW": dict(amsgrad=True),
            "NAdam": dict(momentum_decay=4e-3, decoupled_weight_decay=False),
            "RAdam": dict(decoupled_weight_decay=False),
            "Adamax": {},
        }.items()
    },
    "Adagrad": dict(lr=0.1, lr_decay=0.1, weight_decay=0.1, initial_accumulator_value=0.1, eps=1e-8, maximize=False),
    "Adadelta": dict(lr=0.1, rho=0.9, eps=1e-8, weight_decay=0.1, maximize=False),
    "RMSprop": dict(lr=0.1, alpha=0.9, eps=1e-8, weight_decay=0.1, momentum=0.9, centered=False, maximize=False),
    "Rprop": dict(lr=0.1, etas=(0.5, 1.2), step_sizes=(1e-6, 50.0), maximize=False),
    "ASGD": dict(lr=0.1, lambd=1e-4, alpha=0.75, t0=1e6, weight_decay=0.1, maximize=False),
    "Adafactor": dict(lr=0.1, beta2_decay=-0.8, eps=(None, 1e-3), d=1.0, weight_decay=0.1, maximize=False),
    "Muon": dict(
        **dict(lr=0.1, weight_decay=0.1, momentum=0.9, nesterov=True, ns_coefficients=(3.4, -4.7, 2.0), eps=1e-7),
        **dict(ns_steps=5, adjust_lr_fn=None),
    ),
}
_METRIC = dict(mode="min", factor=0.1, patience=0, threshold=1e-4, threshold_mode="rel", cooldown=0, min_lr=0)
_METRIC |= dict(eps=1e-8, every=None, last_epoch=-1)
SCHEDULERS: dict[str, dict[str, Any]] = {
    "LambdaLR": dict(lr_lambda=[abs]),
    "MultiplicativeLR": dict(lr_lambda=[abs]),
    "StepLR": dict(step_size=2, gamma=0.1, every=1, last_epoch=-1),
    "MultiStepLR": dict(milestones=[1], gamma=0.1),
    "ConstantLR": dict(factor=0.5, total_iters=2),
    "LinearLR": dict(start_factor=0.5, end_factor=1.0, total_iters=2),
    "ExponentialLR": dict(gamma=0.9),
    "PolynomialLR": dict(total_iters=2, power=2.0),
    "CosineAnnealingLR": dict(T_max=2, eta_min=0.01),
    "CosineAnnealingWarmRestarts": dict(T_0=2, T_mult=1, eta_min=0.01),
    "CyclicLR": dict(
        **dict(base_lr=[0.1], max_lr=0.2, step_size_up=2, step_size_down=2.5, mode="triangular", gamma=1.0),
        **dict(scale_fn=None, scale_mode="cycle", cycle_momentum=True, base_momentum=0.8, max_momentum=[0.9]),
    ),
    "OneCycleLR": dict(
        **dict(max_lr=0.1, total_steps=9, epochs=None, steps_per_epoch=None, pct_start=0.3, anneal_strategy="cos"),
        **dict(cycle_momentum=True, base_momentum=0.8, max_momentum=0.9, div_factor=25.0, final_div_factor=1e4),
        three_phase=True,
    ),
    "ReduceLROnPlateau": _METRIC,
    "GreedyLR": {**_METRIC, "warmup": 0, "max_lr": [1.0], "smooth": True, "window_size": 3, "reset_start": 5},
    "SWALR": dict(swa_lr=0.05, anneal_epochs=2, anneal_strategy="cos"),
    "StepDecay": dict(lr_decay=2, gamma=0.1, mode="rate", lr0=0.1),
    "EpochTable": dict(table=[[1, 0.1], [2, 0.01]], mode="factor"),
    "TableLR": dict(table={"lr": [[2, 0.1], [2, 0.01]]}),
}


def parameters(package: Any) -> Any:
    """The parameters of a small model: a tree, or named parameters."""
    if package is lrtorch:
        return {name: torch.nn.Parameter(torch.ones(shape)) for name, shape in SHAPES.items()}
    return {name.split(".")[0]: {"w": jnp.ones(shape)} for name, shape in SHAPES.items()}


def started(package: Any, scheduler: Any = None, **options: Any) -> Any:
    """What a user holds of a run: lrjax's state, lrtorch's optimizer."""
    made, params = package.SGD, parameters(package)
    if package is lrtorch:
        return made(params, GROUPS, scheduler=by_hand(scheduler), **options)
    return made(GROUPS, scheduler=by_hand(scheduler), **options).init(params)


def calls(package: Any) -> dict[str, Call]:
    """Name -> the function and its arguments, those of one package."""
    made = {**_made(package), **_on_states(package), **average_calls.calls(package)}
    made |= finder_calls.calls(package)
    return made | (_of_jax() if package is lrjax else _of_torch())


def _made(package: Any) -> dict[str, Call]:
    """What makes optimizers, schedulers and groups: the same arguments in both packages."""
    model = {"model": parameters(package)} if package is lrtorch else {}
    made: dict[str, Call] = {}
    for name, options in OPTIMIZERS.items():
        run = functools.partial(_optimizer, package, name)
        made[name] = run, {**model, "groups": None, **options, "scheduler": None}
        own = {k: v for k, v in options.items() if k != "initial_accumulator_value"}
        made[f"a group of {name}"] = functools.partial(_group, package, name), {**own, "params": "**"}
    for name, arguments in SCHEDULERS.items():
        made[name] = functools.partial(_scheduler, package, name), arguments
    rules = {"schedulers": [package.StepLR(1), package.StepLR(1)]}
    made["SequentialLR"] = functools.partial(_scheduler, package, "SequentialLR"), {**rules, "milestones": [1]}
    made["ChainedScheduler"] = functools.partial(_scheduler, package, "ChainedScheduler"), rules
    step = package.StepLR(1)
    shown = dict(scheduler=step, base_lrs=[0.1, 0.2], num_steps=2, edits={1: {0: 0.3}}, metrics=None)
    made["simulate"] = package.simulate, {**shown, "momentum": False}
    made["plot"] = package.plot, {**shown, "labels": ["a", "b"]}
    made["discriminative"] = package.discriminative, dict(groups=["a", "b"], lr=0.1, factor=2.0)
    made["discriminative with a slice"] = (
        lambda start, stop: package.discriminative(["a", "b"], slice(start, stop)),
        dict(start=0.1, stop=0.2),
    )
    made["layer_decay"] = package.layer_decay, _layer_decay(package)
    made["labels"] = (
        lambda groups, params: package.param_groups.labels(groups)(params),
        {"groups": GROUPS, "params": parameters(package)},
    )
    return made


def _optimizer(package: Any, name: str, model: Any = None, **options: Any) -> Any:
    if package is lrtorch:
        return getattr(package, name)(model, **options)
    tx = getattr(package, name)(**options)
    return tx, tx.init(parameters(package))


def _group(package: Any, name: str, **group: Any) -> Any:
    return _optimizer(package, name, parameters(package), groups=[group])


def _scheduler(package: Any, name: str, **arguments: Any) -> Any:
    """The scheduler at work: it is attached to an optimizer and stepped; lrjax's code is traced, not compiled."""
    made, metric = getattr(package, name)(**arguments), 1.0 if name in ("ReduceLROnPlateau", "GreedyLR") else None
    params, index = parameters(package), 0
    if package is lrtorch:
        return package.step_scheduler(package.SGD(params, momentum=0.9, scheduler=by_hand(made)), metric, index)
    tx = package.SGD(momentum=0.9, scheduler=by_hand(made))
    return jax.eval_shape(lambda params: package.step_scheduler(tx, tx.init(params), metric, index), params)


def _layer_decay(package: Any) -> dict[str, Any]:
    names = [f"{name}.w" for name in ("pos_embed", "blocks.0", "blocks.1", "norm", "head")]
    named = {name: torch.nn.Parameter(torch.ones(2)) for name in names}
    params = {name.replace(".", "/"): jnp.ones(2) for name in names}
    one = {"model": named} if package is lrtorch else {"params": params}
    numbers = dict(decay=0.5, lr=0.1, weight_decay=0.1, min_scale=0.1, no_opt_scale=0.1)
    names_ = dict(convention="timm", no_weight_decay="timm", no_weight_decay_list=["head"], blocks="blocks")
    return {**one, **numbers, **names_, "embeddings": "pos_embed", "norm": "norm", "head": "head"}


def _on_states(package: Any) -> dict[str, Call]:
    """What reads or changes a state, or an optimizer."""
    one = "optimizer" if package is lrtorch else "opt_state"
    state, stepped = started(package), started(package, package.StepLR(1))
    watched = started(package, package.ReduceLROnPlateau())
    tx = {} if package is lrtorch else {"tx": None}
    edited: dict[str, Call] = {
        "get_lr": (package.get_lr, {one: state}),
        "set_lr": (package.set_lr, {one: state, "lr": {"head/**": 0.1}}),
        "set_lr of all": (lambda lr: package.set_lr(state, lr), {"lr": 0.1}),
        "set_lr of one": (lambda lr: package.set_lr(state, {"head/**": lr}), {"lr": 0.1}),
        "scale_lr": (package.scale_lr, {one: state, "factor": 0.5}),
        "scale_lr of one": (lambda factor: package.scale_lr(state, {"head/**": factor}), {"factor": 0.5}),
        "get_hyper": (package.get_hyper, {one: state, "name": "lr"}),
        "set_hyper": (package.set_hyper, {one: state, "name": "weight_decay", "value": 0.1}),
        "set_hyper of betas": (
            lambda value: package.set_hyper(started_adam(package), "betas", value),
            {"value": (0.9, 0.99)},
        ),
        "freeze": (package.freeze, {one: started(package), "groups": "head/**"}),
        "scheduler_state_dict": (package.scheduler_state_dict, {one: stepped, "index": 0}),
        "load_scheduler_state_dict": (
            package.load_scheduler_state_dict,
            {one: stepped, "state_dict": package.scheduler_state_dict(stepped), "index": 0},
        ),
        "step_scheduler": (package.step_scheduler, {**tx, one: stepped, "index": 0}),
        "step_scheduler with a metric": (
            lambda metric: package.step_scheduler(*(tx.values()), watched, metric),
            {"metric": 1.0},
        ),
    }
    return edited


def started_adam(package: Any) -> Any:
    """The same of an optimizer with betas."""
    made = build(package, name="Adam")
    return made if package is lrtorch else made[1]


def _of_torch() -> dict[str, Call]:
    """What only lrtorch has, or has with other arguments."""
    new = {**parameters(lrtorch), "new.w": torch.nn.Parameter(torch.ones(2, 2))}
    live = torch.optim.lr_scheduler.StepLR(torch.optim.SGD([torch.zeros(1)], lr=1.0), 1)
    return {
        "thaw": (lrtorch.thaw, {"optimizer": started(lrtorch), "groups": "head/**", "lr": 0.1}),
        "add_param_group": (
            lambda group: lrtorch.add_param_group(lrtorch.SGD({"a": new["head.w"]}), new, group),
            {"group": {"params": ["new", "backbone"]}},
        ),
        "add_param_group, its optimizer": (
            lambda optimizer: lrtorch.add_param_group(optimizer, new, {"params": "**"}),
            {"optimizer": torch.optim.SGD([new["head.w"]])},
        ),
        "add_param_group, its model": (
            lambda model: lrtorch.add_param_group(torch.optim.SGD([new["head.w"]]), model, {"params": "**"}),
            {"model": new},
        ),
        "describe": (lrtorch.describe, {"optimizer": started(lrtorch)}),
        "clip_grad_norm_": (
            lrtorch.clip_grad_norm_,
            dict(parameters=_with_grad(), max_norm=1.0, norm_type=2.0, error_if_nonfinite=False, foreach=None),
        ),
        "clip_grad_value_": (lrtorch.clip_grad_value_, dict(parameters=_with_grad(), clip_value=1.0, foreach=None)),
        "tabulate": (lrtorch.tabulate, dict(scheduler=live, num_steps=2, step=None, optimizer=None)),
        "forms": (
            lambda foreach, fused: lrtorch.SGD(new, foreach=foreach, fused=fused),
            dict(foreach=None, fused=None),
        ),
    }


def _with_grad() -> list[torch.Tensor]:
    p = torch.nn.Parameter(torch.ones(3))
    p.grad = torch.ones(3)
    return [p]


def _of_jax() -> dict[str, Call]:
    """What only lrjax has, or has with other arguments."""
    params = parameters(lrjax)
    tx = lrjax.SGD(GROUPS, scheduler=by_hand(lrjax.StepLR(1)))
    state = tx.init(params)
    new = {**params, "new": {"w": jnp.ones((2, 2))}}
    grads = dict(grads=params, max_norm=1.0, norm_type=2.0)
    schedule = lambda base_lr, num_steps, count: lrjax.StepLR(1).schedule(base_lr, num_steps)(count)  # noqa: E731
    made: dict[str, Call] = {
        "thaw": (lrjax.thaw, {"opt_state": state, "params": params, "groups": "head/**", "lr": 0.1}),
        "add_param_group": (
            lrjax.add_param_group,
            {"opt_state": started(lrjax), "params": new, "group": {"params": "new/**"}},
        ),
        "describe": (lrjax.describe, {"opt_state": state, "params": params}),
        "trainable": (lrjax.trainable, {"opt_state": state, "params": params}),
        "clip_grad_norm_": (lrjax.clip_grad_norm_, {**grads, "error_if_nonfinite": False}),
        "clip_grad_value_": (lrjax.clip_grad_value_, dict(grads=params, clip_value=1.0)),
        "ClipGradNorm": (lrjax.ClipGradNorm, dict(max_norm=1.0, norm_type=2.0)),
        "ClipGradValue": (lrjax.ClipGradValue, dict(clip_value=1.0)),
        "tabulate": (lrjax.tabulate, dict(scheduler=optax.constant_schedule(0.1), num_steps=2)),
        "Tabulated": (lrjax.Tabulated, dict(function=abs, num_steps=2)),
        "schedule": (schedule, dict(base_lr=0.1, num_steps=2, count=1)),
        "init": (tx.init, dict(params=params)),
        "step": (lrjax.step, dict(tx=tx, grads=params, opt_state=state, params=params)),
        "update": (lambda grads, opt_state, params: tx.update(grads, opt_state, params), {}),
        "state_dict": (lrjax.state_dict, dict(opt_state=state)),
        "load_state_dict": (lrjax.load_state_dict, dict(opt_state=state, state_dict=lrjax.state_dict(state))),
    }
    made["update"] = made["update"][0], dict(grads=params, opt_state=state, params=params)
    return made | _of_transfer()


def _of_transfer() -> dict[str, Call]:
    params = {"fc": {"kernel": jnp.ones((3, 2)), "bias": jnp.ones(2)}}
    weights = {"fc.weight": torch.ones(2, 3), "fc.bias": torch.ones(2)}
    named = [(name, torch.nn.Parameter(w)) for name, w in weights.items()]
    optimizer = torch.optim.SGD(named, lr=0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2)
    mapping = lrjax.match_names(weights, params)
    file = Path(tempfile.mkdtemp()) / "checkpoint.pt"
    lrjax.save_checkpoint(file, {"a": np.ones(2)})
    states = dict(optimizer_state=optimizer.state_dict(), scheduler_state=scheduler.state_dict(), params=params)
    more = dict(optimizer=None, scheduler=None, every=None, tx=None, names=None, mapping=None, count=None)
    return {
        "from_torch": (lrjax.from_torch, {**states, **more}),
        "to_torch": (
            lrjax.to_torch,
            dict(opt_state=lrjax.SGD().init(params), names=None, like=None, mapping=mapping, tensor=None),
        ),
        "match_names": (lrjax.match_names, dict(weights=weights, params=params, mapping=None, ignore=())),
        "params_from_torch": (
            lrjax.params_from_torch,
            dict(weights=weights, params=params, mapping=None, ignore=()),
        ),
        "params_to_torch": (lrjax.params_to_torch, dict(params=params, mapping=mapping, tensor=None)),
        "load_checkpoint": (lrjax.load_checkpoint, dict(file=str(file))),
        "save_checkpoint": (lrjax.save_checkpoint, dict(file=str(file.with_suffix(".2")), data={"a": 1})),
    }
