"""The batches of a range test in their order, and the random states, which are as before when it is over."""

import random
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Any

import numpy as np

from .. import check
from .methods import WHERE

_RULE = "must be a list, a loader, or arrays stacked along their first axis (nothing that is used up by going through)"


def is_stacked(batches: Any) -> bool:
    """Whether it is one tree of arrays, a batch at each index of their first axis: an array, a tuple or a dict."""
    return isinstance(batches, tuple | Mapping) or hasattr(batches, "shape")


def taken(batches: Iterable[Any], count: int) -> Iterator[Any]:
    """The first ``count`` batches; where there are fewer, they are gone through again, as in another epoch.

    Raises:
        TypeError: what cannot be gone through, or only once: then its place could not be as before.
        ValueError: no batch.
    """
    if isinstance(batches, str | bytes) or not isinstance(batches, Iterable):
        check.fail(WHERE, "batches", _RULE, batches, TypeError)
    if isinstance(batches, Iterator):
        hint = "; take what it gives first: list(itertools.islice(batches, 100))"
        check.fail(WHERE, "batches", _RULE, type(batches).__name__, TypeError, hint=hint)
    return _cycled(batches, count)


def _cycled(batches: Iterable[Any], count: int) -> Iterator[Any]:
    left = count
    while left:
        before = left
        for batch in islice(batches, left):
            left -= 1
            yield batch
        if left == before:
            check.fail(WHERE, "batches", "must have at least one batch", batches)


def check_first_axis(argument: str, shapes: Iterable[tuple[int, ...]], what: str, count: int | None = None) -> int:
    """The length of the first axis that all shapes have.

    Raises:
        ValueError: no array, an array without axes, or other lengths.
    """
    lengths = {shape[0] if shape else None for shape in shapes}
    wanted = {count} if count is not None else lengths
    if len(lengths) != 1 or lengths != wanted or None in lengths or lengths == {0}:
        size = "of one length" if count is None else f"of length {count}"
        got = ", ".join(sorted("none" if one is None else str(one) for one in lengths)) or "no array"
        check.fail(WHERE, argument, f"must have {what} as the first axis of every array, {size}", got)
    return int(next(iter(lengths)))  # type: ignore[arg-type]


@contextmanager
def kept_random_states(batches: Any) -> Iterator[None]:
    """Put back the random states: Python's, NumPy's, torch's where it is loaded, and a torch loader's own."""
    generators = list(_generators(batches))
    states = [generator.get_state() for generator in generators]
    python, numpy = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
        for generator, state in zip(generators, states, strict=True):
            generator.set_state(state)


def _generators(batches: Any) -> Iterator[Any]:
    for owner in (batches, getattr(batches, "sampler", None)):
        generator = getattr(owner, "generator", None)
        if hasattr(generator, "get_state") and hasattr(generator, "set_state"):
            yield generator
    torch = sys.modules.get("torch")  # its loaders draw from its generator, in a JAX project, too
    if torch is not None:
        yield torch.default_generator
        if torch.cuda.is_available() and torch.cuda.is_initialized():
            yield from torch.cuda.default_generators
