"""A pair of programs, one in PyTorch and one in optax, with what differs between them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jax
import torch

SHAPES = {"backbone": (6, 5), "norm": (6,), "head": (3, 6)}  # torch's, (out, in)


class Net(torch.nn.Module):
    """A backbone, a norm and a head."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = torch.nn.Linear(5, 6)
        self.norm = torch.nn.LayerNorm(6)
        self.head = torch.nn.Linear(6, 3)


def params() -> dict[str, Any]:
    """The same parameters as Flax keeps them."""
    make = jax.ShapeDtypeStruct
    return {
        "backbone": {"kernel": make((5, 6), "float32"), "bias": make((6,), "float32")},
        "norm": {"scale": make((6,), "float32"), "bias": make((6,), "float32")},
        "head": {"kernel": make((6, 3), "float32"), "bias": make((3,), "float32")},
    }


@dataclass(frozen=True)
class Pair:
    """What is compared and what the tool must say.

    ``torch`` gets a ``Net`` and returns the optimizer, or (optimizer, scheduler or list of them). ``jax`` returns the
    transformation. ``loop`` holds what the PyTorch loop does: ``clip_grad_norm=1.0``, ``accumulate=4``, ...
    """

    id: str
    source: str  # the thread or the recipe
    torch: Callable[[Net], Any]
    jax: Callable[[], Any]
    causes: tuple[str, ...]  # conventions, keys of ``lrparity.port.explanations.EXPLANATIONS``; empty: they are equal
    first: int | None = None  # the update of the first quantity that differs; None: not asked
    group: str = ""  # the group in which they part; "": not asked ("all" counts as any)
    loop: dict[str, Any] = field(default_factory=dict)
    parted: int | None = None  # the first update whose parameters differ, where it comes later; None: not asked
    note: str = ""  # what a note must say; "": not asked


def both(net: Net, **options: Any) -> list[dict[str, Any]]:
    """Two groups, "body" (backbone and norm) at a tenth of the rate, and "head"."""
    lr = options.pop("lr")
    body = [*net.backbone.parameters(), *net.norm.parameters()]
    return [
        {"params": body, "lr": lr / 10, "name": "body", **options},
        {"params": [*net.head.parameters()], "lr": lr, "name": "head", **options},
    ]


LABELS = {
    "backbone": "body",
    "norm": "body",
    "head": "head",
}
