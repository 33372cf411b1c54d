"""State dicts, and the bits of rates and of updates."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch

import lrjax
import lrtorch
from parity_tests.by_hand import by_hand
from parity_tests.schedulers.cases import FROM_METRIC

from . import borrowed, cases
from .cases import BASE_LRS, METRICS, OPTIMIZERS, SCHEDULERS
from .comparing import Entries, plain_text, sha256

PACKAGES = {"lrjax": lrjax, "lrtorch": lrtorch}
SCHEDULER_STEPS = 5
RATES = 200
# Of rates that powers and cosines make, a few: the C library rounds their last bit as its version likes, so that a
# rounded one may be the neighbour now and then.
SOME = (0, 1, 2, 5, 10, 20, 49, 50, 99, 100, 150, 199)
NORMS = (0.0, 1.0, 2.0, float("inf"))


def state_dicts() -> Entries:
    """What is saved of schedulers and optimizers: the keys, and the values or their types."""
    made: Entries = {}
    for label in (label for label in SCHEDULERS if "," not in label):  # the others are of the same classes
        made[f"lrjax.scheduler_state_dict {label}"] = partial(_scheduler_jax, label)
        made[f"lrtorch.scheduler_state_dict {label}"] = partial(_scheduler_torch, label)
    for name in OPTIMIZERS:
        made[f"lrjax.state_dict {name}"] = partial(_state_dict, name)
        made[f"lrjax.to_torch {name}"] = partial(_to_torch, name)
        made[f"lrjax.OptState {name}"] = partial(_opt_state, name)
        made[f"lrtorch state_dict {name}"] = partial(_torch_groups, name)
    return made


def _scheduler_jax(label: str) -> dict[str, str]:
    scheduler = SCHEDULERS[label]
    groups: Any = [{"params": path, "lr": lr} for path, lr in zip("ab", BASE_LRS, strict=True)]
    tx = lrjax.SGD(groups, momentum=0.9, scheduler=by_hand(borrowed.make(lrjax, scheduler.spec)))
    state = tx.init({"a": jnp.ones(2), "b": jnp.ones(2)})
    for t in range(SCHEDULER_STEPS):
        state = lrjax.step_scheduler(tx, state, *_metric(label, t))
    return shown(lrjax.scheduler_state_dict(state), scheduler.exact)


def _scheduler_torch(label: str) -> dict[str, str]:
    scheduler = SCHEDULERS[label]
    model = {path: torch.nn.Parameter(torch.ones(2)) for path in "ab"}
    groups: Any = [{"params": path, "lr": lr} for path, lr in zip("ab", BASE_LRS, strict=True)]
    optimizer = lrtorch.SGD(model, groups, momentum=0.9, scheduler=by_hand(borrowed.make(lrtorch, scheduler.spec)))
    optimizer.step()  # nothing has a gradient; torch warns of a scheduler that steps first
    for t in range(SCHEDULER_STEPS):
        lrtorch.step_scheduler(optimizer, *_metric(label, t))
    return shown(lrtorch.scheduler_state_dict(optimizer), scheduler.exact)


def _metric(label: str, t: int) -> tuple[Any, ...]:
    return (METRICS[t],) if label in FROM_METRIC else ()


def shown(state: Mapping[str, Any], exact: bool = True) -> dict[str, str]:
    """The entries as text; where powers and cosines are in them, numbers have 12 digits."""
    return {str(key): plain_text(repr(value if exact else _rounded(value))) for key, value in state.items()}


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(x) for key, x in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(_rounded, value))
    return float(f"{value:.12g}") if isinstance(value, float) else value


def kinds(state: Any) -> Any:
    """A nest of dicts, lists and arrays, with type and shape for each array, and the type for other values."""
    if isinstance(state, Mapping):
        return {str(key): kinds(value) for key, value in state.items()}
    if isinstance(state, list):
        return {str(i): kinds(value) for i, value in enumerate(state)} if _has_arrays(state) else repr(state)
    return f"{state.dtype} {tuple(state.shape)}" if hasattr(state, "dtype") else type(state).__name__


def _has_arrays(state: Any) -> bool:
    if isinstance(state, Mapping):
        return True
    return (isinstance(state, list) and any(map(_has_arrays, state))) or hasattr(state, "dtype")


def _state_dict(name: str) -> Any:
    return kinds(lrjax.state_dict(cases.run_jax(name).early))


def _to_torch(name: str) -> Any:
    optimizer, scheduler = to_torch(name)
    return {"optimizer": kinds(optimizer), "scheduler": kinds(scheduler)}


def to_torch(name: str) -> tuple[dict[str, Any], Any]:
    """The early state of an optimizer of lrjax for torch."""
    return lrjax.to_torch(cases.run_jax(name).early, names=cases.names_of(name), mapping=cases.mapping_of(name))


def _opt_state(name: str) -> list[str]:
    """The paths of the leaves, as orbax writes them, in their order, with their types."""
    leaves, _ = jax.tree_util.tree_flatten_with_path(cases.run_jax(name).early)
    return [f"{jax.tree_util.keystr(path)}: {leaf.dtype} {tuple(leaf.shape)}" for path, leaf in leaves]


def _torch_groups(name: str) -> dict[str, Any]:
    state = cases.run_torch(name)[0].state_dict()
    return {
        "param_groups": [sorted(group) for group in state["param_groups"]],
        "state": {str(i): kinds(own) for i, own in state["state"].items()},
    }


def rates() -> Entries:
    """The float32 rates of every scheduler over 200 steps: all bits, or some of them where they are not certain."""
    made: Entries = {}
    for label in SCHEDULERS:
        made[f"lrjax.simulate {label}"] = partial(_simulated, "lrjax", label)
        made[f"lrtorch.simulate {label}"] = partial(_simulated, "lrtorch", label)
        if borrowed.make(lrjax, SCHEDULERS[label].spec).has_schedule:
            made[f"lrjax.schedule {label}"] = partial(_scheduled, label)
    return made


def _simulated(package: str, label: str) -> dict[str, Any]:
    own = PACKAGES[package]
    metrics = METRICS if label in FROM_METRIC else None
    scheduler = borrowed.make(own, SCHEDULERS[label].spec)
    lr, momentum = own.simulate(scheduler, BASE_LRS, RATES, metrics=metrics, momentum=True)
    exact = SCHEDULERS[label].exact
    made = {"lr": _stated(lr, exact), **({"momentum": _stated(momentum, exact)} if momentum.any() else {})}
    return made | ({"before rounding to float32": f"sha256 {sha256([lr, momentum])}"} if exact else {})


def _scheduled(label: str) -> dict[str, Any]:
    scheduler = borrowed.make(lrjax, SCHEDULERS[label].spec)
    return {"lr": _stated(scheduler.schedule(BASE_LRS[0])(np.arange(RATES)), SCHEDULERS[label].exact_closed)}


def _stated(values: Any, exact: bool) -> Any:
    """The digest of all, or some numbers, of alternate groups."""
    values = np.asarray(values, np.float32).reshape(RATES, -1)
    return f"sha256 {sha256([values])}" if exact else [_short(values[t, t % values.shape[1]]) for t in SOME]


def _short(number: Any) -> float:
    """The shortest decimal that is this float32."""
    return float(str(np.float32(number)))


def bits() -> Entries:
    """The bits of parameters and state after 20 updates of each elementwise optimizer, and those of clipping."""
    made: Entries = {name: partial(_bits, name) for name in OPTIMIZERS if name not in cases.INEXACT}
    return made | {"lrjax.clip_grad_norm_": _clipped, "lrjax.clip_grad_value_": _clipped_values}


def _bits(name: str) -> dict[str, Any]:
    run = cases.run_jax(name)
    digests = {"parameters": sha256(jax.tree.leaves(run.params))}
    digests |= {f"state {slot}": sha256(jax.tree.leaves(tree)) for slot, tree in run.state.slots.items()}
    digests |= {f"memory {key}": sha256([value]) for key, value in run.state.memory.items()}
    return {**digests, "rates": repr(lrjax.get_lr(run.state))}


def _clipped() -> dict[str, Any]:
    made = {}
    for norm in NORMS:
        grads, total = lrjax.clip_grad_norm_(cases.tree(cases.arrays("SGD", 1)), 0.5, norm)
        made[f"norm_type {norm}"] = {"norm": str(np.float32(total)), "gradients": sha256(jax.tree.leaves(grads))}
    return made


def _clipped_values() -> str:
    return sha256(jax.tree.leaves(lrjax.clip_grad_value_(cases.tree(cases.arrays("SGD", 1)), 0.25)))


def near() -> Entries:
    """Numbers whose sums run in an order that is the processor's: Adafactor's, and torch's norms."""
    return {"Adafactor": partial(_near, "Adafactor"), "lrtorch.clip_grad_norm_": _clipped_torch}


def muon() -> Entries:
    """Muon's numbers: sums in the processor's order, rounded to bfloat16, where a neighbour is 0.4 % away."""
    return {"Muon": partial(_near, "Muon")}


def _near(name: str) -> dict[str, list[float]]:
    run = cases.run_jax(name)
    leaves = dict(jax.tree_util.tree_flatten_with_path({"parameters": run.params, "state": run.state.slots})[0])
    return {jax.tree_util.keystr(path): _digits(leaf) for path, leaf in leaves.items()}


def _digits(x: Any) -> list[float]:
    return [float(f"{value:.5g}") for value in np.asarray(x, np.float64).ravel().tolist()]


def _clipped_torch() -> dict[str, Any]:
    made = {}
    for norm in NORMS:
        several = [torch.nn.Parameter(torch.from_numpy(x)) for x in cases.arrays("SGD", 0).values()]
        for p, g in zip(several, cases.arrays("SGD", 1).values(), strict=True):
            p.grad = torch.from_numpy(g)
        total = lrtorch.clip_grad_norm_(several, 0.5, norm)
        made[f"norm_type {norm}"] = {"norm": _digits(total), "gradients": _digits(several[0].grad)}
    return made
