"""The engine all optimizers share: one pass over the tree, whatever the number of groups.

An optimizer is a ``Rule``. Its ``scalars`` is what torch computes in Python floats (step sizes, bias
corrections), done for all parameters at once in float64; its ``update`` is what torch computes in
tensors, one parameter at a time, in terms of ``lrjax.kernels``. Hyperparameters are vectors over the
groups in the state, and a static table says which group each parameter belongs to, so a hundred
groups cost what one costs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.core import Tracer

from .._float64 import Float64, constant, pack_tree, unpack_tree
from .._patterns import assign, read_groups
from ..kernels import Kernels, unprovable_zero
from ..lr_scheduler._arguments import read_schedulers
from ..lr_scheduler._base import LRScheduler
from ..param_groups import paths
from ._options import Options


class Rule(NamedTuple):
    """One optimizer: its options and its arithmetic.

    Attributes:
        options: its names and their checks.
        init: ``(params, options of each, whether a scheduler cycles the momentum) -> slots``: name -> list with
            one array per parameter.
        memory: ``(number of parameters) -> name -> vector over parameters``, what torch keeps per parameter
            as a number.
        scalars: ``(k, h, memory) -> (c, memory)``: float64 vectors over parameters; h holds the
            hyperparameters, c what ``update`` needs.
        update: ``(k, p, g, slots, c, flags) -> (p, slots)`` for one parameter.
    """

    options: Options
    init: Callable[[Sequence[Any], Sequence[Mapping[str, Any]], bool], dict[str, list[Any]]]
    memory: Callable[[int], dict[str, jax.Array]]
    scalars: Callable[[Kernels, dict[str, Any], dict[str, Any]], tuple[dict[str, Any], dict[str, Any]]]
    update: Callable[..., tuple[jax.Array, dict[str, jax.Array]]]


@dataclass(frozen=True, eq=False)
class Layout:
    """What a state knows of its parameters at compile time; equal layouts compare equal.

    Attributes:
        rule: torch's class name.
        names: the groups' names, in order.
        group_of: the group's index of each parameter, in leaf order.
        paths: the path of each parameter, in leaf order.
        flags: the fixed options of each group, as sorted items.
        schedulers: the schedulers, in order.
    """

    rule: str
    names: tuple[str, ...]
    group_of: tuple[int, ...]
    paths: tuple[str, ...]
    flags: tuple[tuple[tuple[str, Any], ...], ...]
    schedulers: tuple[LRScheduler, ...]
    _key: tuple[Any, ...] = field(init=False, repr=False)
    _hash: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        key = (self.rule, self.names, self.group_of, self.paths, self.flags, self.schedulers)
        object.__setattr__(self, "_key", key)
        object.__setattr__(self, "_hash", hash(key))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Layout) and self._key == other._key)


@partial(
    jax.tree_util.register_dataclass,
    data_fields=["count", "memory", "hyper", "scheduler", "slots"],
    meta_fields=["layout"],
)
@dataclass(frozen=True)
class OptState:
    """The state of an lrjax optimizer: what torch keeps in ``param_groups`` and ``state``.

    G groups, N parameter tensors.
    """

    count: Any  # shape=(), dtype=int32: updates taken
    memory: dict[str, Any]  # name -> shape=(N,): torch's numbers per parameter ("step", int32)
    hyper: dict[str, Float64]  # name -> shape=(G,) or (G, 2) for betas: rates and other hyperparameters
    scheduler: tuple[Any, ...]  # the memory of each scheduler
    slots: dict[str, Any]  # torch's tensors per parameter ("momentum_buffer", ...), trees like params
    layout: Layout


class Optimizer(optax.GradientTransformationExtraArgs):
    """An ``optax.GradientTransformation`` that prints as what it is."""

    described: str

    def __repr__(self) -> str:
        return self.described


class NewParameter:
    """A new parameter on its way from ``update`` to ``lrjax.step``.

    Not a number on purpose: a transformation placed after the optimizer, which would take it for an
    update, fails instead of scaling a parameter.
    """

    def __init__(self, array: jax.Array) -> None:
        self.array = array


def build(rule: Rule, groups: Any, defaults: Mapping[str, Any], scheduler: Any) -> Optimizer:
    """The transformation of ``rule`` over ``groups``; all arguments are checked here."""
    rule.options.check(rule.options.name, defaults)
    read = read_groups(rule.options.name, groups, (*rule.options.numbers, *rule.options.flags))
    options = [{**defaults, **group} for group in read]
    for group in options:
        rule.options.check(f"{rule.options.name}: group {group['name']!r}", group)
    schedulers = read_schedulers(rule.options.name, scheduler)
    for one in schedulers:
        one.check_groups(options)

    def init(params: Any) -> Any:
        return _init(rule, options, schedulers, params)

    def update(updates: Any, state: Any, params: Any = None, *, torch_step: bool = False, **extra: Any) -> Any:
        del extra
        if params is None:
            raise ValueError(f"{rule.options.name}.update: params must be given (torch's rules read them), got None")
        leaves, treedef = jax.tree.flatten(params)
        grads = _leaves_up_to(rule, treedef, updates)
        zero = _zero(state, grads)
        new, state = _run(rule, leaves, grads, state, zero, new_params=torch_step)
        out = [NewParameter(n) for n in new] if torch_step else new
        return jax.tree.unflatten(treedef, out), state

    tx = Optimizer(init, update)
    shown = ", ".join(f"{k}={v!r}" for k, v in defaults.items())
    tx.described = f"{rule.options.name}({[g['name'] for g in options]}, {shown}, scheduler={scheduler!r})"
    return tx


def _init(rule: Rule, options: list[dict[str, Any]], schedulers: tuple[LRScheduler, ...], params: Any) -> OptState:
    leaves, treedef = jax.tree.flatten(params)
    names = paths(params)
    flags = tuple(tuple(sorted((f, group[f]) for f in rule.options.flags)) for group in options)
    group_of = assign(rule.options.name, options, names)
    group_names = tuple(group["name"] for group in options)
    layout = Layout(rule.options.name, group_names, group_of, tuple(names), flags, schedulers)
    numbers = {name: np.array([group[name] for group in options], np.float64) for name in rule.options.numbers}
    hyper, memories = _scheduler_init(schedulers, {name: constant(value) for name, value in numbers.items()})
    cycled = any(scheduler.cycles_momentum() for scheduler in schedulers)
    slots = rule.init(leaves, [options[g] for g in group_of], cycled)
    # Not jnp.zeros: the fences need a count that is no constant even where init is compiled into the step.
    count = unprovable_zero(leaves[0]) if leaves else jnp.zeros((), jnp.int32)
    return OptState(
        count=count,
        memory=rule.memory(len(leaves)),
        hyper=hyper,
        scheduler=memories,
        slots={name: jax.tree.unflatten(treedef, slot) for name, slot in slots.items()},
        layout=layout,
    )


def _leaves_up_to(rule: Rule, treedef: Any, updates: Any) -> list[Any]:
    """The gradient of each parameter, None where there is none."""
    try:
        return treedef.flatten_up_to(updates)
    except ValueError as error:
        raise ValueError(f"{rule.options.name}.update: updates must have the structure of params: {error}") from None


def _zero(state: OptState, grads: Sequence[Any]) -> jax.Array:
    """The zero of the fences: from the state's counter, or from data where the state is a constant of the trace."""
    tracing = [g for g in grads if isinstance(g, Tracer)]
    if tracing and not isinstance(state.count, Tracer):
        return unprovable_zero(tracing[0])
    return jnp.minimum(state.count, 0)


@partial(jax.jit, static_argnums=0, static_argnames="new_params", inline=True)
def _run(
    rule: Rule, params: list[Any], grads: list[Any], state: OptState, zero: jax.Array, *, new_params: bool
) -> tuple[list[Any], OptState]:
    """One update of every parameter that has a gradient."""
    layout, k = state.layout, Kernels(zero)
    has_grad = np.array([g is not None for g in grads])
    group_of = np.array(layout.group_of, np.int32)
    with jax.enable_x64(True):
        hyper = unpack_tree(state.hyper)
        per_param = {name: value[group_of] for name, value in hyper.items()}
        scalars, memory = rule.scalars(k, per_param, state.memory)
        memory = {name: jnp.where(has_grad, new, state.memory[name]) for name, new in memory.items()}
    slots = {name: jax.tree.flatten(tree) for name, tree in state.slots.items()}
    new = []
    for i, (p, g) in enumerate(zip(params, grads, strict=True)):
        if g is None:
            new.append(p if new_params else jnp.zeros_like(p))
            continue
        mine = {name: leaves[i] for name, (leaves, _) in slots.items()}
        with jax.enable_x64(True):
            c = {name: value[i] for name, value in scalars.items()}
            p_new, mine = rule.update(k.of(p), p, g.astype(p.dtype), mine, c, dict(layout.flags[layout.group_of[i]]))
        for name, value in mine.items():
            slots[name][0][i] = value
        new.append(p_new if new_params else p_new - p)
    count = state.count + 1
    hyper_now, memories = state.hyper, list(state.scheduler)
    for i, scheduler in enumerate(layout.schedulers):
        if scheduler.every is not None:
            old = (hyper_now, memories[i])
            stepped = scheduler_step(scheduler, k, *old, None)
            due = count % scheduler.every == 0
            hyper_now, memories[i] = jax.tree.map(lambda a, b, due=due: jnp.where(due, a, b), stepped, old)
    return new, OptState(
        count=count,
        memory=memory,
        hyper=hyper_now,
        scheduler=tuple(memories),
        slots={name: jax.tree.unflatten(treedef, leaves) for name, (leaves, treedef) in slots.items()},
        layout=layout,
    )


@partial(jax.jit, static_argnums=0)
def _scheduler_init(schedulers: tuple[LRScheduler, ...], hyper: dict[str, Float64]) -> tuple[dict[str, Float64], Any]:
    """What torch's constructors do to the groups, one after the other."""
    with jax.enable_x64(True):
        numbers, memories = unpack_tree(hyper), []
        for scheduler in schedulers:
            numbers, memory = scheduler.begin(Kernels(jnp.zeros((), jnp.int32)), numbers)
            memories.append(memory)
        return pack_tree(numbers), tuple(pack_tree(memories))


def scheduler_step(
    scheduler: LRScheduler, k: Kernels, hyper: dict[str, Float64], memory: Any, metric: Any
) -> tuple[dict[str, Float64], Any]:
    """One scheduler step: the new hyperparameters and the scheduler's new memory."""
    with jax.enable_x64(True):
        numbers, memory = scheduler.step(k, unpack_tree(hyper), unpack_tree(memory), metric)
        return pack_tree(numbers), pack_tree(memory)
