"""A pair put before the tool, and whether it said what was planted."""

from typing import Any, NamedTuple

import torch

import lrparity

from .pair import Net, Pair, params


class Judged(NamedTuple):
    """What the tool said of a pair."""

    pair: Pair
    result: Any
    named: bool  # equal or not, exactly the planted causes, and the note where the pair states one
    step: bool  # the first update, and the first whose parameters differ, where the pair states them
    group: bool  # the group, where the pair states it

    @property
    def right(self) -> bool:
        """Whether all of it is right."""
        return self.named and self.step and self.group


def judged(pair: Pair) -> Judged:
    """Compare the two programs of a pair."""
    torch.manual_seed(0)
    net = Net()
    made = pair.torch(net)
    optimizer, schedulers = made if isinstance(made, tuple) else (made, None)
    result = lrparity.compare(optimizer, schedulers, pair.jax(), params(), names=net, **pair.loop)
    said = {cause.convention for cause in result.causes}
    groups = {cause.group for cause in result.causes}
    return Judged(
        pair,
        result,
        said == set(pair.causes) and result.equal == (not pair.causes) and _noted(pair, result),
        (pair.first is None or (result.first is not None and result.first.step == pair.first))
        and pair.parted in (None, result.parted),
        not pair.group or bool(groups & {pair.group, "all"}),
    )


def _noted(pair: Pair, result: Any) -> bool:
    return any(pair.note in note for note in result.notes) or not pair.note
