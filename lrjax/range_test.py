"""The learning rate range test, compiled: one ``scan`` through all rates, or each rate by itself under ``vmap``."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.core import Tracer

from lrspec import check
from lrspec.documentation import documented
from lrspec.lr_finder.arguments import ARGUMENTS, RAISES, RETURNS
from lrspec.lr_finder.batches import check_first_axis, is_stacked, kept_random_states, taken
from lrspec.lr_finder.methods import WHERE, Plan, Settings, read_plan, read_settings
from lrspec.lr_finder.result import RangeTest, recorded, result
from lrspec.types import Number

from .arithmetic.float64 import Float64, from_host, on_host
from .optim._nested_states import map_states, named_states, states_of
from .stepping import step

_ARGUMENTS = ARGUMENTS | {
    "tx": "an lrjax optimizer, or one around it that ``lrjax.step`` takes.",
    "params": "the parameters to begin from.",
    "loss": "``loss(params, batch)``, one number, compiled; or a pair of it and of anything else, which is not used. "
    "With ``buffers`` it is ``loss(params, buffers, batch)``, and gives the number and the new buffers.",
    "opt_state": "the state to begin from; None: ``tx.init(params)``.",
    "buffers": "what the loss changes besides: linen's ``batch_stats``, the other state of an ``nnx`` module, a key "
    "for dropout that it splits.",
    "runs": "so many runs at once, for a band: every array of ``params`` (and of ``opt_state`` and ``buffers``) then "
    "has them as its first axis, as ``jax.vmap(init)(keys)`` makes it.",
}
_DESCRIPTION = """Nothing is changed: parameters, state and batches are as they were, and so are the random states of
Python, NumPy and a loader of torch. No scheduler steps. Every group's rate is scaled, so that their ratios stay. A
compiled run cannot stop early: it goes through all rates, and what follows a loss that has diverged is left out.
The batches are put on the device, at most ``num_iter`` of them. With ``parallel`` each rate has a copy of parameters
and state of its own."""


@documented(_ARGUMENTS, description=_DESCRIPTION, returns=RETURNS, raises=RAISES)
def lr_find(
    tx: optax.GradientTransformation,
    params: Any,
    loss: Callable[..., Any],
    batches: Any,
    *,
    opt_state: Any = None,
    buffers: Any = None,
    method: str = "fastai",
    start_lr: Number | None = None,
    end_lr: Number | None = None,
    num_iter: int = 100,
    grid: str | None = None,
    mode: str = "exponential",
    smooth: str | None = None,
    stop: str | None = None,
    threshold: Number | None = None,
    suggest: str | None = None,
    group: str | None = None,
    parallel: int | None = None,
    runs: int | None = None,
) -> RangeTest:
    """The learning rate range test: train through growing rates, and suggest one from the losses."""
    options = (method, start_lr, end_lr, num_iter, grid, mode, smooth, stop, threshold, suggest, group, parallel, runs)
    settings = read_settings(*options)
    start = _start(tx, params, opt_state, buffers, settings)
    plan, rates = _plan(settings, start[1])
    arrays, order = _batches(batches, settings)
    loss = _checked(loss, start, arrays, settings)
    losses = _compiled(tx, loss, settings.parallel is not None, runs is not None, start, rates, arrays, order)
    return result(plan, (recorded(plan, run) for run in np.atleast_2d(np.asarray(losses, np.float64)).tolist()))


def _start(tx: Any, params: Any, opt_state: Any, buffers: Any, settings: Settings) -> tuple[Any, Any, Any]:
    """Parameters, state and buffers, with the runs as their first axis where there are some."""
    if not (hasattr(tx, "init") and hasattr(tx, "update")):
        check.fail(WHERE, "tx", "must be an lrjax optimizer", tx, TypeError)
    for argument, tree in (("params", params), ("opt_state", opt_state), ("buffers", buffers)):
        _check_arrays(argument, tree, settings)
    if opt_state is None:
        opt_state = (tx.init if settings.runs is None else jax.vmap(tx.init))(params)
    for state in states_of(opt_state, WHERE):
        axes = () if settings.runs is None else (settings.runs,)
        if np.shape(state.count) != axes:
            rule = f"must be the state of {settings.runs or 'one run'}{' runs' * bool(axes)} (see runs=)"
            check.fail(WHERE, "opt_state", rule, f"a count of shape {np.shape(state.count)}")
    return params, opt_state, buffers


def _check_arrays(argument: str, tree: Any, settings: Settings) -> None:
    leaves = jax.tree.leaves(tree)
    if any(isinstance(x, Tracer) for x in leaves):
        check.fail(WHERE, argument, "must be known: call it outside of jit, vmap and grad", "traced arrays", TypeError)
    if odd := [x for x in leaves if not _is_array(x)]:
        check.fail(WHERE, argument, "must be a tree of arrays", odd[0], TypeError)
    if argument == "params" and not leaves:
        check.fail(WHERE, argument, "must have at least one array", tree)
    if any(isinstance(x, jax.Array) and x.is_deleted() for x in leaves):
        check.fail(WHERE, argument, "must be there still", "arrays that were donated to a compiled function")
    if settings.runs is not None and leaves:
        check_first_axis(argument, map(np.shape, leaves), f"the {settings.runs} runs (runs=)", settings.runs)


def _plan(settings: Settings, opt_state: Any) -> tuple[Plan, Float64]:
    """The plan, and the rates of all groups: shape=(num_iter, groups)."""
    base: dict[str, float] = {}
    frozen: dict[str, bool] = {}
    for names, state in zip(*named_states(opt_state, WHERE), strict=True):
        rates = on_host(state.hyper["lr"])
        rates = rates if settings.runs is None else rates[0]
        base |= dict(zip(names, rates.tolist(), strict=True))
        frozen |= dict(zip(names, state.layout.frozen, strict=True))
    plan = read_plan(settings, base, frozen)
    return plan, from_host([list(plan.rates(lr).values()) for lr in plan.lrs])


def _batches(batches: Any, settings: Settings) -> tuple[Any, np.ndarray]:
    """The batches stacked, and which of them each iteration takes."""
    needed = settings.num_iter if settings.parallel is None else settings.parallel + 1
    if not is_stacked(batches):
        few = min(needed, len(batches)) if isinstance(batches, list) and batches else needed
        with kept_random_states(batches):
            batches = _stacked(list(taken(batches, few)))
    length = check_first_axis("batches", map(np.shape, jax.tree.leaves(batches)), "the batches")
    return jax.tree.map(_as_array, batches), np.arange(needed) % length


def _stacked(batches: list[Any]) -> Any:
    first = jax.tree.structure(batches[0])
    shapes = {(jax.tree.structure(one), tuple(map(np.shape, jax.tree.leaves(one)))) for one in batches}
    if len(shapes) > 1:
        rule = "must have one shape, for the test is one compiled loop (leave out the last one where it is smaller)"
        sizes = sorted({str(list(sizes)) for _, sizes in shapes})
        check.fail(WHERE, "batches", rule, " and ".join(sizes) if len(sizes) > 1 else "trees of other structures")
    rows = zip(*map(jax.tree.leaves, batches), strict=True)
    return first.unflatten([_one(row) for row in rows])


def _one(row: Any) -> Any:
    return jnp.stack(row) if isinstance(row[0], jax.Array) else np.stack([np.asarray(x) for x in row])


def _is_array(x: Any) -> bool:
    if isinstance(x, np.ndarray | np.generic):
        return x.dtype.kind not in "OSU"  # objects and text
    return isinstance(x, jax.Array | float) or (isinstance(x, int) and abs(x) <= check.MOST)


def _as_array(x: Any) -> Any:
    if not isinstance(x, jax.Array) and not _is_array(x := np.asarray(x)):
        check.fail(WHERE, "batches", "must hold arrays of numbers", x, TypeError)
    return jnp.asarray(x)


class _Loss:
    """``(params, buffers, batch) -> number, buffers`` from the user's function.

    Two of one function are the same to ``jit``, so that a second test compiles nothing.
    """

    def __init__(self, function: Callable[..., Any], has_buffers: bool) -> None:
        self.function, self.has_buffers = function, has_buffers
        method = getattr(function, "__func__", function), getattr(function, "__self__", None)  # a new one at each dot
        self._key = (*map(id, method), has_buffers)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Loss) and self._key == other._key

    def __call__(self, params: Any, buffers: Any, batch: Any) -> tuple[Any, Any]:
        has_buffers = self.has_buffers
        buffers = jax.tree.map(lambda x: x, buffers)  # nnx changes a variable only under the trace that made it
        found = self.function(params, buffers, batch) if has_buffers else self.function(params, batch)
        if has_buffers and not (isinstance(found, tuple | list) and len(found) == 2):
            check.fail(WHERE, "loss", "must give a pair with buffers: the number and the new buffers", found, TypeError)
        value, rest = found if isinstance(found, tuple | list) and len(found) == 2 else (found, None)
        if value is None or np.shape(value) != () or not jnp.issubdtype(jnp.result_type(value), jnp.floating):
            rule = "must give one number, or a pair that begins with one"
            check.fail(WHERE, "loss", rule, value, TypeError)
        return value, rest if has_buffers else buffers


def _checked(loss: Any, start: Any, arrays: Any, settings: Settings) -> _Loss:
    """The loss, tried without computing anything."""
    if not callable(loss) or isinstance(loss, type):
        check.fail(WHERE, "loss", "must be a function", loss, TypeError)
    first = (lambda tree: tree) if settings.runs is None else partial(jax.tree.map, lambda x: x[0])
    made = _Loss(loss, start[2] is not None)
    one = lambda params, buffers, arrays: made(params, buffers, _at(arrays, 0))[1]  # noqa: E731
    after = jax.eval_shape(one, *(jax.eval_shape(first, start[i]) for i in (0, 2)), arrays)
    before = jax.eval_shape(first, start[2])
    kinds = [
        (jax.tree.structure(tree), [(x.shape, x.dtype) for x in jax.tree.leaves(tree)]) for tree in (after, before)
    ]
    if kinds[0] != kinds[1]:
        check.fail(WHERE, "loss", "must give buffers in the structure, shapes and dtypes that they had", after)
    return made


def _at(batches: Any, i: Any) -> Any:
    return jax.tree.map(lambda x: x[i], batches)


@partial(jax.jit, static_argnums=(0, 1, 2, 3))
def _compiled(tx: Any, loss: _Loss, parallel: bool, runs: bool, start: Any, *rest: Any) -> jax.Array:
    """The losses: shape=(num_iter,), with the runs in front."""
    one = partial(_each_alone if parallel else _growing, tx, loss)
    mapped = jax.vmap(lambda start: one(start, *rest)) if runs else lambda start: one(start, *rest)
    return mapped(start)


def _growing(tx: Any, loss: _Loss, start: Any, rates: Float64, batches: Any, order: jax.Array) -> jax.Array:
    """One run: the rate of each update is the next one."""

    def iteration(carry: Any, x: Any) -> Any:
        rate, i = x
        return _updated(tx, loss, carry, rate, _at(batches, i))

    return jax.lax.scan(iteration, start, (rates, order))[1]


def _each_alone(tx: Any, loss: _Loss, start: Any, rates: Float64, batches: Any, order: jax.Array) -> jax.Array:
    """For every rate: some updates at that rate from the start, then the loss of the next batch."""

    def at(rate: Float64) -> jax.Array:
        iteration = lambda carry, i: _updated(tx, loss, carry, rate, _at(batches, i))  # noqa: E731
        (params, _, buffers), _ = jax.lax.scan(iteration, start, order[:-1])
        return _wide(loss(params, buffers, _at(batches, order[-1]))[0])

    return jax.vmap(at)(rates)


def _updated(tx: Any, loss: _Loss, carry: Any, rate: Float64, batch: Any) -> tuple[Any, jax.Array]:
    params, opt_state, buffers = carry
    (value, buffers), grads = jax.value_and_grad(loss, has_aux=True)(params, buffers, batch)
    opt_state = _with_rates(opt_state, rate)
    params, new = step(tx, grads, opt_state, params)
    return (params, _as_set(new, opt_state), buffers), _wide(value)


def _wide(value: Any) -> jax.Array:
    return jnp.asarray(value, jnp.float64 if jnp.result_type(value) == jnp.float64 else jnp.float32)


def _with_rates(opt_state: Any, rates: Float64) -> Any:
    """The state with these rates, one for each group of all lrjax states in it."""
    ends = np.cumsum([len(state.layout.names) for state in states_of(opt_state, WHERE)])
    parts = iter(jnp.split(rates.value, ends[:-1])), iter(jnp.split(rates.rest, ends[:-1]))

    def changed(state: Any) -> Any:
        return replace(state, hyper={**state.hyper, "lr": Float64(*map(next, parts))})

    return map_states(changed, opt_state)


def _as_set(opt_state: Any, before: Any) -> Any:
    """The state with the hyperparameters and schedulers that it had: what a scheduler did is undone."""
    old = iter(states_of(before, WHERE))

    def kept(state: Any) -> Any:
        was = next(old)
        return replace(state, hyper=was.hyper, scheduler=was.scheduler)

    return map_states(kept, opt_state)
