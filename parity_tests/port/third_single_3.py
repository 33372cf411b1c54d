"""The third blind set: one convention, in clipping and accumulation."""

import optax
from torch.optim import SGD, Adam

from .pair import LABELS, Pair
from .third_recipes import clip_as_torch, two

GRADIENTS = [
    Pair(
        id="third: PPO's clip forgotten",
        source="CleanRL's PPO: clip_grad_norm_(0.5), Adam(eps=1e-5)",
        torch=lambda net: Adam(net.parameters(), lr=2.5e-4, eps=1e-5),
        jax=lambda: optax.adam(2.5e-4, eps=1e-5),
        causes=("clip",),
        first=0,
        loop={"clip_grad_norm": 0.5},
    ),
    Pair(
        id="third: the clip inside multi_transform, a norm for each group",
        source="chains in multi_transform, each with its own clip",
        torch=lambda net: SGD(two(net, {"lr": 0.01}, {"lr": 0.1}), momentum=0.9),
        jax=lambda: optax.multi_transform(
            {
                "body": optax.chain(clip_as_torch(1.0), optax.sgd(0.01, momentum=0.9)),
                "head": optax.chain(clip_as_torch(1.0), optax.sgd(0.1, momentum=0.9)),
            },
            LABELS,
        ),
        causes=("clip_kind",),
        first=0,
        loop={"clip_grad_norm": 1.0},
        parted=0,
    ),
    Pair(
        id="third: each micro-step clipped by itself",
        source="thread 20, the clip outside MultiSteps",
        torch=lambda net: SGD(net.parameters(), lr=0.05, momentum=0.9),
        jax=lambda: optax.chain(
            clip_as_torch(1.0), optax.MultiSteps(optax.sgd(0.05, momentum=0.9), 4).gradient_transformation()
        ),
        causes=("clip_order",),
        first=0,
        loop={"clip_grad_norm": 1.0, "accumulate": 4},
        parted=0,
    ),
    Pair(
        id="third: apply_every behind Adam",
        source="thread 20: apply_every gathers updates, not gradients",
        torch=lambda net: Adam(net.parameters(), lr=1e-3),
        jax=lambda: optax.chain(optax.scale_by_adam(), optax.apply_every(4), optax.scale(-1e-3)),
        causes=("accumulation",),
        first=0,
        loop={"accumulate": 4},
        parted=0,
    ),
    Pair(
        id="third: eight micro-steps summed in torch, averaged by MultiSteps",
        source="loops that forget loss / accumulate; the decay is not summed",
        torch=lambda net: SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-3),
        jax=lambda: optax.MultiSteps(
            optax.chain(optax.add_decayed_weights(1e-3), optax.sgd(0.01, momentum=0.9)), 8
        ).gradient_transformation(),
        causes=("accumulation_mean",),
        first=0,
        loop={"accumulate": 8, "accumulate_by": "sum"},
        parted=0,
    ),
]
