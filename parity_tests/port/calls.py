"""What the tests of ``lrparity.compare`` share."""

from typing import Any

import optax
import torch

import lrparity

from .pair import Net, params

GOOD = optax.adamw(1e-3, weight_decay=1e-2)


def adamw(net: Net) -> torch.optim.Optimizer:
    """torch's AdamW over one group."""
    return torch.optim.AdamW(net.parameters(), lr=1e-3)


def compare(optimizer: Any, tx: Any = GOOD, schedulers: Any = None, tree: Any = None, **options: Any) -> Any:
    """A short comparison."""
    options = {"steps": 30, "rate_steps": 60, **options}
    return lrparity.compare(optimizer, schedulers, tx, params() if tree is None else tree, **options)
