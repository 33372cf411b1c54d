"""How the axes of a parameter lie on both sides."""

import re
from typing import NamedTuple

import numpy as np

from lrspec import check

Shape = tuple[int, ...] | None  # None: not known
Axes = tuple[int, ...] | None

_TRANSPOSED = ("kernel", "w")  # flax and haiku: inputs first, outputs last
_AS_IN_TORCH = ("embedding", "embeddings", "scale", "bias", "b", "offset", "mean", "var")


class Link(NamedTuple):
    """One parameter on both sides."""

    name: str  # torch's
    path: str  # JAX's
    axes: Axes  # JAX's array is np.transpose(torch's, axes); None: the shapes do not say


class Fit(NamedTuple):
    """How one parameter's axes may lie."""

    fits: bool
    chosen: Axes
    conventional: bool  # whether they lie as the name says
    doubtful: bool  # whether they might as well lie otherwise


def fit(shape: Shape, path: str, wanted: Shape) -> Fit:
    """The axes of one parameter by its last word, where the shapes allow it."""
    word = last_word(path)
    known = shape if shape is not None else wanted
    if known is None:
        return Fit(True, None, True, False)
    same, swapped = tuple(range(len(known))), transposed(len(known))
    if shape is None or wanted is None:
        decided = word in _TRANSPOSED or word in _AS_IN_TORCH or len(known) < 2
        return Fit(True, (swapped if word in _TRANSPOSED else same) if decided else None, True, False)
    order = (swapped, same) if word in _TRANSPOSED else (same, swapped)
    fits = [axes for axes in dict.fromkeys(order) if permuted(shape, axes) == wanted]
    if not fits:
        return Fit(False, None, False, False)
    return Fit(True, fits[0], fits[0] == order[0], len(fits) > 1)


def last_word(name: str) -> str:
    """What the parameter is called within its module."""
    return re.split(r"[./]", name)[-1]


def transposed(n: int) -> tuple[int, ...]:
    """torch's (out, in, *space) as (*space, in, out)."""
    return (*range(2, n), 1, 0) if n > 1 else tuple(range(n))


def permuted(shape: tuple[int, ...], axes: tuple[int, ...]) -> tuple[int, ...] | None:
    """``shape`` in the order of ``axes``; None where that is no order of it."""
    return tuple(shape[a] for a in axes) if sorted(axes) == list(range(len(shape))) else None


def inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    """The order that undoes ``axes``."""
    return tuple(int(a) for a in np.argsort(axes))


def axes_of(where: str, link: Link) -> tuple[int, ...]:
    """The axes of a parameter that is about to be carried across."""
    if link.axes is None:
        rule = "must be known: give mapping=lrjax.match_names(model.state_dict(), params)"
        check.fail(where, f"the axes of {link.path}", rule, None)
    return link.axes
