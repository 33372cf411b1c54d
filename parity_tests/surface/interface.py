"""Names, signatures and errors of both packages."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields, is_dataclass
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import Any, is_typeddict

import jax.numpy as jnp
import numpy as np
import torch
from flax import nnx

import lrjax
import lrtorch
from parity_tests.by_hand import by_hand

from . import borrowed
from .comparing import Entries, plain_text, stored

PACKAGES = {"lrjax": lrjax, "lrtorch": lrtorch}
MODULES = (
    *("lr_scheduler", "optim", "manual", "param_groups", "finetune", "control", "checkpoint", "clip_grad"),
    *("regroup", "stepping", "layer_rates", "simulation", "plotting", "tabulation", "averages"),
)
HOMES = [
    *(f"{package}{module}" for package in PACKAGES for module in ("", *(f".{name}" for name in MODULES))),
    "lrjax.transfer",
]
# What modules of a package define for one another: nobody's business outside.
INNER = {
    "lrjax.regroup": {"options_of"},
    "lrtorch.control": {"groups_by_name", "is_hyper", "options_of", "plain"},
    "lrtorch.param_groups": {"named_parameters", "param_groups"},
    "lrtorch.stepping": {"attach", "schedulers_of"},
}
METHODS = {"lrjax": ("schedule",), "lrtorch": ("build",)}  # of schedulers; the others serve the packages alone
MODEL = ["backbone.a.weight", "backbone.a.bias", "head.weight"]
TWO_GROUPS = [{"params": "backbone/**"}, {"params": "head/**"}]


def names() -> Entries:
    """Module -> its public names, each with what it is."""
    return {home: partial(_names, home) for home in HOMES}


def _names(home: str) -> dict[str, str]:
    return {name: _kind(value) for name, value in _public(home)}


def _public(home: str) -> Iterator[tuple[str, Any]]:
    """What a user would import from a module: not what it imports for its own use, unless it once was public."""
    try:
        module = import_module(home)
    except ModuleNotFoundError as error:
        if error.name == home:
            return  # with all its names
        raise
    known = stored("names").get(home, {})
    for name in sorted({*dir(module), *known}):
        if hasattr(module, name) and (name in known or _is_public(module, name)):
            yield name, getattr(module, name)


def _is_public(module: ModuleType, name: str) -> bool:
    value, package = getattr(module, name), PACKAGES[module.__name__.split(".")[0]]
    if name.startswith("_") or name in INNER.get(module.__name__, ()):
        return name == "__version__"
    if inspect.ismodule(value):
        return module is package and value.__name__ in HOMES and f" as {name}\n" in inspect.getsource(module)
    home = getattr(value, "__module__", None) or ""
    if not callable(value) or home.split(".")[0] not in (*PACKAGES, "lrspec"):
        return False
    if hasattr(module, "__path__") or home == module.__name__:
        return True
    hidden = home.startswith("lrspec") or any(part.startswith("_") for part in home.split("."))
    return hidden and getattr(package, name, None) is value and not hasattr(package.lr_scheduler, name)


def _kind(value: Any) -> str:
    if inspect.ismodule(value):
        return "module"
    return "class" if inspect.isclass(value) else "function" if callable(value) else "value"


def signatures() -> Entries:
    """Every public callable -> its parameters, and the fields of a dataclass."""
    made: Entries = {}
    seen = set()
    for home in HOMES:
        for name, value in _public(home):
            one = home.split(".")[0], id(value)
            if callable(value) and one not in seen:
                seen.add(one)
                made[f"{home}.{name}"] = partial(_signature, home, name)
    once = [entry.rpartition(".") for entry in stored("signatures") if entry not in made]
    return made | {f"{h}.{n}": partial(_signature, h, n) for h, _, n in once if n in dict(_public(h))}


def _signature(home: str, name: str) -> dict[str, Any]:
    value = getattr(import_module(home), name)
    if is_typeddict(value):
        return {"fields": sorted(value.__annotations__)}
    shown: dict[str, Any] = {"parameters": parameters(value)}
    if inspect.isclass(value) and is_dataclass(value):
        shown["fields"] = [f"{f.name}{_default(_field_default(f))}" for f in fields(value)]
    package = home.split(".")[0]
    if inspect.isclass(value) and issubclass(value, PACKAGES[package].LRScheduler):
        shown |= {method: parameters(getattr(value, method)) for method in METHODS[package]}
    return shown


def parameters(function: Any) -> list[str]:
    """The parameters with their defaults and what follows ``/`` and ``*``, as in the source but for the types."""
    shown: list[str] = []
    kinds = [p.kind for p in inspect.signature(function).parameters.values()]
    for i, p in enumerate(inspect.signature(function).parameters.values()):
        if p.kind is p.KEYWORD_ONLY and not {p.KEYWORD_ONLY, p.VAR_POSITIONAL} & set(kinds[:i]):
            shown.append("*")
        stars = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
        shown.append(f"{stars}{p.name}{_default(p.default)}")
        if p.kind is p.POSITIONAL_ONLY and p.POSITIONAL_ONLY not in kinds[i + 1 :]:
            shown.append("/")
    return shown


def _default(value: Any) -> str:
    return "" if value is inspect.Parameter.empty or value is MISSING else f"={plain_text(repr(value))}"


def _field_default(f: Any) -> Any:
    return f.default if f.default_factory is MISSING else f"made by {f.default_factory.__name__}"


def errors() -> Entries:
    """Every mistake of the tables, and a few more -> the type and the text of its error in each package."""
    made: Entries = {f"groups: {row[0]}": partial(_both, build, row[1]) for row in borrowed.GROUPS}
    for name, options, _ in borrowed.OPTIONS:
        made[f"options: {name} {options}"] = partial(_both, build, name=name, **options)
    for spec, *_ in borrowed.SCHEDULERS:
        made[f"scheduler: {plain_text(spec)}"] = partial(_both, _attach, spec)
    for arguments, _ in borrowed.SIMULATIONS:
        made[f"simulate: {arguments}"] = partial(_both, _simulate, arguments)
    for lr, _ in borrowed.EDITS:
        made[f"set_lr: {lr!r}"] = partial(_both, lambda p, lr=lr: p.set_lr(started(p, TWO_GROUPS, lr=0.5), lr))
    for parameters_, arguments, *_ in borrowed.LAYER_DECAY:
        own = ("lrjax",) if "stacked" in arguments else tuple(PACKAGES)  # lrtorch has no stacked parameters
        label = f"layer_decay: {parameters_}, {plain_text(arguments)}"
        made[label] = partial(_both, _layer_decay, parameters_, arguments, packages=own)
    for groups, arguments, *_ in borrowed.DISCRIMINATIVE:
        made[f"discriminative: {groups!r}, {arguments}"] = partial(
            _both, lambda p, g=groups, a=arguments: p.discriminative(g, **a)
        )
    for label, action in MORE.items():
        made[label] = partial(_both, action)
    return made


def _both(action: Any, *arguments: Any, packages: tuple[str, ...] = tuple(PACKAGES), **options: Any) -> dict[str, str]:
    return {name: caught(lambda n=name: action(PACKAGES[n], *arguments, **options)) for name in packages}


def caught(action: Callable[[], Any]) -> str:
    """The type and text of the error that a call raises."""
    try:
        action()
    except Exception as error:
        return plain_text(f"{type(error).__name__}: {error}")
    return "no error"


def build(package: Any, groups: Any = None, name: str = "SGD", **options: Any) -> Any:
    """An optimizer of either package over the same three parameters; of lrjax with its state."""
    if package is lrtorch:
        return getattr(package, name)([(path, torch.nn.Parameter(torch.ones(2))) for path in MODEL], groups, **options)
    tx = getattr(package, name)(groups, **options)
    return tx, tx.init(_parameters())


def _parameters() -> Any:
    return {"backbone": {"a": {"bias": jnp.ones(2), "weight": jnp.ones(2)}}, "head": {"weight": jnp.ones(2)}}


def started(package: Any, groups: Any = None, **options: Any) -> Any:
    """What a user holds of a run: lrjax's state, lrtorch's optimizer."""
    made = build(package, groups, **options)
    return made if package is lrtorch else made[1]


def _attach(package: Any, spec: borrowed.Spec) -> Any:
    return build(package, TWO_GROUPS, momentum=0.9, scheduler=by_hand(borrowed.make(package, spec)))


def _simulate(package: Any, arguments: dict[str, Any]) -> Any:
    return package.simulate(package.ExponentialLR(0.9), **arguments)


def _layer_decay(package: Any, parameters_: str, arguments: dict[str, Any]) -> Any:
    pairs = [(name, np.ones((2, 2), np.float32)) for name in parameters_.split()]
    if package is lrjax:
        return package.layer_decay({name.replace(".", "/"): x for name, x in pairs}, **{"lr": 1.0, **arguments})
    model = [(name, torch.nn.Parameter(torch.from_numpy(x))) for name, x in pairs]
    return package.layer_decay(model, **{"lr": 1.0, **arguments})


def _others(package: Any) -> Any:
    """A scheduler of the other package."""
    return (lrtorch if package is lrjax else lrjax).StepLR(3)


def _step_scheduler(package: Any, scheduler: Any, **options: Any) -> Any:
    made = build(package, scheduler=by_hand(scheduler))
    return package.step_scheduler(*(made if package is lrjax else (made,)), **options)


def _clip(package: Any, *arguments: Any, value: float = 1.0, **options: Any) -> Any:
    p = torch.nn.Parameter(torch.ones(3))
    p.grad = torch.full((3,), value)
    return package.clip_grad_norm_({"a": jnp.full(3, value)} if package is lrjax else [p], *arguments, **options)


def _average(package: Any, **functions: Any) -> Any:
    return package.AveragedModel(*([_linear(package)] if package is lrtorch else []), **functions)


def _linear(package: Any) -> Any:
    return torch.nn.Linear(2, 2) if package is lrtorch else nnx.Linear(2, 2, rngs=nnx.Rngs(0))


MORE: dict[str, Callable[[Any], Any]] = {
    "the other package's scheduler: optimizer": lambda p: build(p, scheduler=by_hand(_others(p))),
    "the other package's scheduler: optimizer, in a list": lambda p: build(
        p, scheduler=by_hand([p.StepLR(2), _others(p)])
    ),
    "the other package's scheduler: SequentialLR": lambda p: p.SequentialLR([p.StepLR(2), _others(p)], [1]),
    "the other package's scheduler: ChainedScheduler": lambda p: p.ChainedScheduler([_others(p)]),
    "the other package's scheduler: simulate": lambda p: p.simulate(_others(p), 0.1, 3),
    "more: no scheduler": lambda p: build(p, scheduler=3),
    "more: step_scheduler without one": lambda p: _step_scheduler(p, None),
    "more: step_scheduler without a metric": lambda p: _step_scheduler(p, p.ReduceLROnPlateau()),
    "more: step_scheduler of a third": lambda p: _step_scheduler(p, p.StepLR(2), index=2),
    "more: step_scheduler where all step by themselves": lambda p: _step_scheduler(p, p.StepLR(2, every=1)),
    "more: a metric that is no number": lambda p: p.simulate(p.ReduceLROnPlateau(), 0.1, 2, metrics=[1.0, "a"]),
    "more: no metrics": lambda p: p.simulate(p.ReduceLROnPlateau(), 0.1, 2),
    "more: past the end of OneCycleLR": lambda p: p.simulate(p.OneCycleLR(0.1, total_steps=3, every=1), 0.1, 9),
    "more: past the end of TableLR": lambda p: p.simulate(p.TableLR([[3, 0.1]]), 0.1, 9),
    "more: cycle_momentum without momentum": lambda p: build(
        p, name="Adagrad", scheduler=p.OneCycleLR(0.1, total_steps=3, every=1)
    ),
    "more: get_hyper of an unknown name": lambda p: p.get_hyper(started(p), "beta"),
    "more: set_hyper of an unknown name": lambda p: p.set_hyper(started(p), "beta", 1),
    "more: set_hyper out of range": lambda p: p.set_hyper(started(p, name="Adam"), "betas", (0.9, 1.0)),
    "more: momentum without a buffer": lambda p: p.set_hyper(started(p), "momentum", 0.9),
    "more: scale_lr by a negative number": lambda p: p.scale_lr(started(p), -1),
    "more: scale_lr of an unknown group": lambda p: p.scale_lr(started(p), {"nose": 1.0}),
    "more: freeze an unknown group": lambda p: p.freeze(started(p, TWO_GROUPS), "nose"),
    "more: clip to a negative norm": lambda p: _clip(p, -1.0),
    "more: clip by an unknown norm": lambda p: _clip(p, 1.0, "two"),
    "more: clip what is not finite": lambda p: _clip(p, 1.0, value=float("inf"), error_if_nonfinite=True),
    "more: clip to a negative value": lambda p: p.clip_grad_value_([], -1.0),
    "more: scheduler_state_dict of a third": lambda p: p.scheduler_state_dict(
        started(p, scheduler=by_hand(p.StepLR(2))), 2
    ),
    "averages: a decay beyond 1": lambda p: p.get_ema_multi_avg_fn(1.5),
    "averages: both functions": lambda p: _average(p, avg_fn=p.get_ema_avg_fn(), multi_avg_fn=p.get_ema_multi_avg_fn()),
    "averages: a function of lists for one": lambda p: _average(p, avg_fn=p.get_swa_multi_avg_fn()),
    "averages: timm's power": lambda p: p.TimmDecay(warmup_power=-1),
    "averages: no batch": lambda p: p.update_bn([], _linear(p)),
    "more: matrices for Muon": lambda p: build(p, name="Muon"),
}
