"""Batch statistics measured anew for averaged weights: ``torch.optim.swa_utils.update_bn`` for flax."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from typing import Any

import jax
import jax.numpy as jnp

from lrspec import check

_WHERE = "update_bn"


def update_bn(loader: Iterable[Any], model: Any, variables: Any = None, *, unbiased: bool = True) -> Any:
    """Measure the running mean and variance of every flax BatchNorm anew, as the mean over the batches of ``loader``.

    ``torch.optim.swa_utils.update_bn``: averaged weights have other activations than any weights of the run, so their
    batch statistics have to be measured. With s the statistic of the k-th batch, counted from 1::

        running = (1 - 1 / k) * running + 1 / k * s

    Args:
        loader: batches; of a list or tuple the first element is taken, as in torch.
        model: an ``nnx.Module``, which is changed in place (its random counts as well); or, for linen, a function
            ``(variables, batch) -> changed collections``, which is compiled, such as
            ``lambda v, x: model.apply(v, x, train=True, mutable=["batch_stats"])[1]``.
        variables: linen's, with the collection ``batch_stats``; None for nnx.
        unbiased: the variance of n values is divided by n - 1, as torch's BatchNorm does for the running variance.
            flax's BatchNorm divides by n: False keeps that. With a mask, which n does not know of, give False.

    Returns:
        The variables with new ``batch_stats``; None for nnx. Means and variances are those of torch but for the order
        in which a batch is summed.

    Raises:
        ImportError: flax is not installed.
        TypeError: a model that is neither, or a loader that cannot be iterated over.
        ValueError: no batch, no ``batch_stats``, a BatchNorm that uses its running average, or one value only.
    """
    check.flag(_WHERE, "unbiased", unbiased)
    flax = _flax()
    if isinstance(model, flax.nnx.Module):
        return _update_nnx(flax.nnx, _batches(loader), model, unbiased=unbiased)
    if isinstance(model, type | flax.linen.Module) or not callable(model):
        rule = "must be an nnx.Module, or a function (variables, batch) -> changed collections"
        check.fail(_WHERE, "model", rule, model, TypeError)
    if not isinstance(variables, Mapping) or "batch_stats" not in variables:
        check.fail(_WHERE, "variables", "must be linen's, with batch_stats", variables)
    return _update_linen(flax.linen, _batches(loader), model, variables, unbiased=unbiased)


def _flax() -> Any:
    try:
        import flax.linen
        import flax.nnx
    except ModuleNotFoundError as error:
        if error.name != "flax":
            raise
        raise ImportError("update_bn: flax is not installed; type: pip install lrjax[finetune]") from error
    return flax


def _batches(loader: Any) -> Iterator[Any]:
    """The arrays of the batches, of which there must be one."""
    if isinstance(loader, str | bytes | Mapping) or not isinstance(loader, Iterable):
        check.fail(_WHERE, "loader", "must be batches to iterate over", loader, TypeError)
    batches = (batch[0] if isinstance(batch, list | tuple) else batch for batch in loader)
    for first in batches:
        return chain([first], batches)
    return check.fail(_WHERE, "loader", "must have at least one batch", loader)


def _update_linen(
    linen: Any, batches: Iterator[Any], apply: Callable[..., Any], variables: Any, *, unbiased: bool
) -> dict[str, Any]:
    @jax.jit
    def step(variables: Any, batch: Any, share: Any) -> dict[str, Any]:
        with linen.intercept_methods(partial(_measured, linen.BatchNorm, share, unbiased)):
            changed = apply(variables, batch)
        if not isinstance(changed, Mapping) or "batch_stats" not in changed:
            rule = "must return the changed collections: model.apply(..., mutable=['batch_stats'])[1]"
            check.fail(_WHERE, "model", rule, changed)
        return dict(changed)

    for count, batch in enumerate(batches, 1):
        variables = {**variables, **step(dict(variables), batch, 1 / count)}
    return variables


def _measured(kind: Any, share: Any, unbiased: bool, call: Any, args: Any, kwargs: Any, context: Any) -> Any:
    """A method of a linen module; of a BatchNorm with the mean over the batches in place of its running average."""
    norm = context.module
    if not isinstance(norm, kind) or context.method_name != "__call__":
        return call(*args, **kwargs)
    old = {name: norm.get_variable("batch_stats", name) for name in ("mean", "var")}
    for name, x in old.items():
        norm.put_variable("batch_stats", name, jnp.zeros_like(x))
    object.__setattr__(norm, "momentum", 0.0)  # of the bound copy, which lives for this call
    zeros = norm.get_variable("batch_stats", "var")
    out = call(*args, **kwargs)
    new = {name: norm.get_variable("batch_stats", name) for name in old}
    _require_batch_statistics(zeros, new["var"])
    for name, x in _with_share(old, new, share, _bessel(norm, args[0] if args else kwargs["x"], unbiased)).items():
        norm.put_variable("batch_stats", name, x)
    return out


def _update_nnx(nnx: Any, batches: Iterator[Any], model: Any, *, unbiased: bool) -> None:
    graph, state = nnx.split(model)

    @jax.jit
    def step(state: Any, batch: Any, share: Any) -> Any:
        copy = nnx.merge(graph, state)
        copy.train()
        ends = [_measure(m, share, unbiased=unbiased) for _, m in nnx.iter_graph(copy) if isinstance(m, nnx.BatchNorm)]
        copy(batch)
        for end in ends:
            end()
        return nnx.state(copy)

    for count, batch in enumerate(batches, 1):
        state = step(state, batch, 1 / count)
    nnx.update(model, state)


def _measure(norm: Any, share: Any, *, unbiased: bool) -> Callable[[], None]:
    """Prepare a BatchNorm of nnx for a pass; what comes back is to be called after it."""
    names, seen, promote = ("mean", "var"), [], norm.promote_dtype
    old = {name: getattr(norm, name)[...] for name in names}
    for name, x in old.items():
        getattr(norm, name)[...] = jnp.zeros_like(x)
    zeros = norm.var[...]

    def promoted(arrays: Any, **options: Any) -> Any:
        seen.append(arrays[0])  # the input: the one place where a BatchNorm of nnx shows it
        return promote(arrays, **options)

    def end() -> None:
        if seen:
            new = {name: getattr(norm, name)[...] for name in names}
            _require_batch_statistics(zeros, new["var"])
            old.update(_with_share(old, new, share, _bessel(norm, seen[-1], unbiased)))
        for name, x in old.items():
            getattr(norm, name)[...] = x

    norm.momentum, norm.promote_dtype = 0.0, promoted
    return end


def _with_share(old: Any, new: Any, share: Any, bessel: float) -> dict[str, Any]:
    """The mean over the batches so far; the first one's does not look at what was there."""
    new = {"mean": new["mean"], "var": new["var"] * bessel}
    return {name: jnp.where(share == 1, x, (1 - share) * old[name] + share * x) for name, x in new.items()}


def _require_batch_statistics(before: Any, after: Any) -> None:
    if before is after:
        rule = "must compute batch statistics (train=True or use_running_average=False)"
        check.fail(_WHERE, "model", rule, "a BatchNorm that uses its running average")


def _bessel(norm: Any, x: Any, unbiased: bool) -> float:
    """n / (n - 1) for a BatchNorm of n values for each feature."""
    if not unbiased:
        return 1.0
    axes = norm.axis if isinstance(norm.axis, list | tuple) else [norm.axis]
    n = math.prod(x.shape) // math.prod(x.shape[axis] for axis in axes)
    if n < 2:
        check.fail(_WHERE, "loader", "must have batches with more than one value for each feature", x)
    if norm.axis_name is not None:
        rule = "must have no BatchNorm over several devices (give unbiased=False)"
        check.fail(_WHERE, "model", rule, f"axis_name={norm.axis_name!r}")
    return n / (n - 1)
