"""Discriminative rates: fastai's slices and ULMFiT's ratio, over groups in the order of the layers."""

import math
from collections.abc import Sequence
from typing import Any

from . import check
from .groups import read_groups
from .layer_decay import Groups
from .types import ParamGroup


def discriminative(groups: Sequence[Any], lr: float | slice, factor: float | None = None) -> Groups:
    """Rates that grow from group to group: fastai's slices, and ULMFiT's ratio.

    Group i of n, from 0 nearest the input:

    - ``lr=slice(a, b)``: ``a * ((b / a) ** (1 / (n - 1))) ** i``, fastai's geometric spread; one group has b;
    - ``lr=slice(b)``: b / 10 for all but the last, b for the last, fastai's other slice;
    - ``lr=b, factor=2.6``: ``b / factor ** (n - 1 - i)``, ULMFiT's discriminative rates.

    Args:
        groups: a list, nearest the input first, with a pattern or a list of patterns for each group.
        lr: a slice of rates above 0, or with ``factor`` the rate of the last group, not negative.
        factor: the ratio of neighbouring rates, above 0; only with a plain ``lr``.

    Returns:
        The groups for an optimizer, a list of dicts; ``print`` shows a table.

    Raises:
        TypeError: groups or patterns of a wrong type.
        ValueError: a rate or factor out of its range, or both a slice and a factor, or a bad group.

    >>> [group["lr"] for group in discriminative(["embed", "body", "head"], lr=slice(0.25, 4.0))]
    [0.25, 1.0, 4.0]
    >>> print(discriminative(["embed", "body", "head"], lr=1.0, factor=2))
    group  lr    weight_decay  params
    embed  0.25                embed
    body   0.5                 body
    head   1                   head
    """
    where = "discriminative"
    if isinstance(groups, str | bytes) or not isinstance(groups, Sequence):
        check.fail(where, "groups", "must be a list of patterns", groups, TypeError)
    read = read_groups(where, [{"params": patterns} for patterns in groups], ())
    rates = _spread(where, lr, factor, len(read))
    return Groups(ParamGroup(params=list(g["params"]), name=g["name"], lr=r) for g, r in zip(read, rates, strict=True))


def _spread(where: str, lr: Any, factor: float | None, n: int) -> list[float]:
    """The rate of each of n groups."""
    if factor is not None:
        if isinstance(lr, slice):
            check.fail(where, "lr", "must be a plain rate with factor", lr)
        ratio, last = check.between(where, "factor", factor, 0.0, math.inf, ends="()"), check.rate(where, lr)
        if (n - 1) * math.log2(ratio) > 1000:  # a rate that no float holds
            check.fail(where, "factor", f"must leave the first of {n} groups a rate", factor)
        return [last / ratio ** (n - 1 - i) for i in range(n)]
    if not isinstance(lr, slice) or lr.step is not None:
        check.fail(where, "lr", "must be slice(low, high) or slice(high), or a rate with factor", lr)
    last = check.between(where, "lr.stop", lr.stop, 0.0, math.inf, ends="()")
    if lr.start is None:
        return [last / 10] * (n - 1) + [last]
    first = check.between(where, "lr.start", lr.start, 0.0, math.inf, ends="()")
    if n == 1:
        return [last]
    step = (last / first) ** (1 / (n - 1))
    return [first * step**i for i in range(n)]
