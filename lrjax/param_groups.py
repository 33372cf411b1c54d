"""Parameter groups by path pattern: which parameter takes which rate.

The pattern language is in ``lrspec/patterns.py``. The first group that matches takes the parameter; every
parameter must be in a group, and every pattern must match something.
"""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from lrspec import check
from lrspec.description import Description, row
from lrspec.groups import assign, label_groups
from lrspec.scheduler_arguments import FromMetric
from lrspec.types import ParamGroup as ParamGroup

from ._tree_paths import paths as paths
from .arithmetic.float64 import on_host
from .optim._batches import batch_of
from .optim._engine import fence_zero
from .optim._groups import as_option
from .optim._nested_states import named_states
from .optim._schedulers import step_one, steps_taken
from .optim._state import OptState


def labels(groups: Any) -> Callable[[Any], Any]:
    """The group name of each leaf: the ``param_labels`` argument of ``optax.multi_transform``.

    Args:
        groups: what ``lrjax.SGD`` takes; only "params" and "name" are read.

    Returns:
        A function from a parameter tree to a tree of the same structure with a str at each leaf.

    Raises:
        ValueError: as ``lrjax.SGD`` does, when the groups do not fit the parameters.
    """

    def label(params: Any) -> Any:
        read = label_groups(groups)
        index = assign("labels", read, paths(params))
        return jax.tree.unflatten(jax.tree.structure(params), [read[i]["name"] for i in index])

    return label


def describe(opt_state: Any, params: Any, num_steps: int | None = None) -> Description:
    """The groups: tensors, parameters, dtype, frozen or not, rate and other hyperparameters.

    Args:
        opt_state: a state of an lrjax optimizer (nested in optax or not).
        params: the parameters it was made for; of a vmapped state those of all runs, or of one.
        num_steps: show the rates ahead, too, over so many scheduler steps, or to the schedule's end (of one run, and of
            schedulers that need no metric).

    Returns:
        A list with a dict per group; ``print`` shows it as a table. In a stacked group a layer counts as a tensor. For
        a vmapped state tensors and parameters are those of one run, the hyperparameters float64 arrays with a number
        for each run; printed, their range.

    Raises:
        TypeError: no lrjax state in ``opt_state``.
        ValueError: params that are not the state's; num_steps below 1.
    """
    where, described = "describe", Description()
    num_steps = None if num_steps is None else check.integer(where, "num_steps", num_steps, 1)
    leaves: dict[str, Any] = dict(zip(paths(params), jax.tree.leaves(params), strict=True))
    for names, state in zip(*named_states(opt_state, where), strict=True):
        layout, numbers = state.layout, {name: on_host(value) for name, value in state.hyper.items()}
        for path in layout.paths:
            if not hasattr(leaves.get(path), "shape"):
                check.fail(where, "params", f"must hold the array {path}, as the state does", list(leaves))
        batch = {name: batch_of(where, state, name) for name in state.hyper}
        shapes = _shapes_of_one(max(batch.values(), key=len), [np.shape(leaves[path]) for path in layout.paths])
        members: list[list[tuple[int, str]]] = [[] for _ in names]
        for i, path in enumerate(layout.paths):
            owners = layout.groups_of(i)
            for group in owners:
                members[group].append((int(np.prod(shapes[i])) // len(owners), str(leaves[path].dtype)))
        ahead = None if num_steps is None or batch["lr"] else _ahead(state, num_steps)
        for i, name in enumerate(names):
            hyper = {
                key: as_option(key, np.moveaxis(value, len(batch[key]), 0)[i], len(batch[key]))
                for key, value in numbers.items()
            }
            coming = None if ahead is None else ahead[:, i]
            described.append(row(name, layout.patterns[i], members[i], layout.frozen[i], hyper, coming))
    return described


def _ahead(state: OptState, num_steps: int) -> np.ndarray | None:
    """The rates of the updates to come, shape=(num_steps, groups), where every scheduler steps without a metric."""
    schedulers = state.layout.schedulers
    if not schedulers or any(isinstance(one, FromMetric) for one in schedulers):
        return None
    zero = fence_zero(state)
    for scheduler, its in zip(schedulers, state.scheduler, strict=False):
        if (last := scheduler.last_step()) is not None:
            num_steps = min(num_steps, max(0, last - int(steps_taken(its))) + 1)

    def step(carry: Any, _: None) -> Any:
        hyper, states = carry[0], list(carry[1])
        for i, scheduler in enumerate(schedulers):
            hyper, states[i] = step_one(scheduler, zero, hyper, states[i], None)
        return (hyper, tuple(states)), carry[0]["lr"]

    own = state.scheduler[: len(schedulers)]
    _, rates = jax.jit(lambda carry: jax.lax.scan(step, carry, length=num_steps))((state.hyper, own))
    return on_host(rates)


def _shapes_of_one(batch: tuple[int, ...], shapes: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """The parameters' shapes in one run: without the axes of ``batch``, if all have them."""
    of_all = all(shape[: len(batch)] == batch for shape in shapes)
    return [shape[len(batch) :] for shape in shapes] if of_all else shapes
