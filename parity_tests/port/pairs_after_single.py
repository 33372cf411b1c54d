"""Ports with one convention different, in the optimizer or in what is done to its gradients."""

import optax
from torch.optim import SGD, Adam, AdamW, RMSprop
from torch.optim.lr_scheduler import MultiStepLR, StepLR

import lrjax

from .pair import LABELS, Pair, both
from .pairs_after_recipes import decay_groups, decay_without_rate, matrices, scheduled

DECAY = [
    Pair(
        id="the head's adamw left at optax's weight decay",
        source="fine-tuning recipe with two groups",
        torch=lambda net: AdamW(both(net, lr=1e-3), weight_decay=0.05),
        jax=lambda: optax.multi_transform(
            {"body": optax.adamw(1e-4, weight_decay=0.05), "head": optax.adamw(1e-3)}, LABELS
        ),
        causes=("weight_decay",),
        first=0,
        group="head",
    ),
    Pair(
        id="Adam with weight_decay ported to adamw",
        source="thread 9",
        torch=lambda net: Adam(net.parameters(), lr=1e-3, weight_decay=1e-2),
        jax=lambda: optax.adamw(1e-3, weight_decay=1e-2),
        causes=("decay_form",),
        first=0,
    ),
    Pair(
        id="decay that is not multiplied by the rate",
        source="threads 10 and 18",
        torch=lambda net: AdamW(net.parameters(), lr=1e-3, weight_decay=1e-2),
        jax=lambda: optax.chain(optax.adam(1e-3), decay_without_rate(1e-2)),
        causes=("decay_form",),
        first=0,
    ),
    Pair(
        id="biases and norms masked in JAX only",
        source="ViT recipe: net.parameters() against big_vision's mask",
        torch=lambda net: AdamW(net.parameters(), lr=1e-3, weight_decay=0.05),
        jax=lambda: optax.adamw(1e-3, weight_decay=0.05, mask=matrices),
        causes=("decay_mask",),
        first=0,
    ),
]

MOMENTS = [
    Pair(
        id="RMSprop with eps inside the root",
        source="thread 7",
        torch=lambda net: RMSprop(net.parameters(), lr=1e-3, alpha=0.9, eps=1e-3),
        jax=lambda: optax.rmsprop(1e-3, decay=0.9, eps=1e-3),
        causes=("eps_place",),
        first=0,
    ),
    Pair(
        id="eps forgotten in the port of a PPO agent",
        source="thread 14",
        torch=lambda net: Adam(net.parameters(), lr=2.5e-4, eps=1e-5),
        jax=lambda: optax.adam(2.5e-4),
        causes=("eps",),
        first=0,
    ),
    Pair(
        id="nanoGPT with adamw's own b2",
        source="nanoGPT, configure_optimizers",
        torch=lambda net: AdamW(decay_groups(net, 0.1), lr=6e-4, betas=(0.9, 0.95)),
        jax=lambda: optax.adamw(6e-4, weight_decay=0.1, mask=matrices),
        causes=("betas",),
        first=0,
    ),
    Pair(
        id="EfficientNet through optax.rmsprop, with the decaying rate in the momentum buffer",
        source="thread 19",
        torch=lambda net: scheduled(
            RMSprop(net.parameters(), lr=0.016, alpha=0.9, eps=1e-3, momentum=0.9, weight_decay=1e-5),
            lambda o: StepLR(o, 24, gamma=0.97),
        ),
        jax=lambda: optax.chain(
            optax.add_decayed_weights(1e-5),
            optax.rmsprop(
                optax.exponential_decay(0.016, 24, 0.97, staircase=True),
                decay=0.9,
                eps=1e-3,
                momentum=0.9,
                eps_in_sqrt=False,
            ),
        ),
        causes=("rate_inside",),
    ),
    Pair(
        id="SGD whose nesterov was lost",
        source="timm, --opt sgd (nesterov=True)",
        torch=lambda net: SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=2e-5, nesterov=True),
        jax=lambda: optax.chain(optax.add_decayed_weights(2e-5), optax.sgd(0.05, momentum=0.9)),
        causes=("nesterov",),
        first=0,
    ),
    Pair(
        id="SGD with a dampening that optax has not",
        source="a Lua Torch recipe, dampening=0.9",
        torch=lambda net: scheduled(
            SGD(net.parameters(), lr=0.1, momentum=0.9, dampening=0.9), lambda o: MultiStepLR(o, [400, 800])
        ),
        jax=lambda: optax.sgd(optax.piecewise_constant_schedule(0.1, {400: 0.1, 800: 0.1}), momentum=0.9),
        causes=("dampening",),
        first=1,
    ),
]

GRADIENTS = [
    Pair(
        id="clipping at a small limit without torch's 1e-6",
        source="thread 2",
        torch=lambda net: AdamW(net.parameters(), lr=5e-4, weight_decay=0.0),
        jax=lambda: optax.chain(optax.clip_by_global_norm(0.01), optax.adam(5e-4)),
        causes=("clip_eps",),
        loop={"clip_grad_norm": 0.01},
    ),
    Pair(
        id="every micro-step clipped, not their mean",
        source="thread 20",
        torch=lambda net: AdamW(decay_groups(net, 0.1), lr=6e-4, betas=(0.9, 0.95)),
        jax=lambda: optax.chain(
            lrjax.ClipGradNorm(1.0),
            optax.MultiSteps(
                optax.adamw(6e-4, b2=0.95, weight_decay=0.1, mask=matrices), every_k_schedule=4
            ).gradient_transformation(),
        ),
        causes=("clip_order",),
        loop={"accumulate": 4, "clip_grad_norm": 1.0},
    ),
    Pair(
        id="MultiSteps that sums",
        source="thread 21",
        torch=lambda net: SGD(net.parameters(), lr=0.01, momentum=0.9),
        jax=lambda: optax.MultiSteps(
            optax.sgd(0.01, momentum=0.9), every_k_schedule=8, use_grad_mean=False
        ).gradient_transformation(),
        causes=("accumulation_mean",),
        first=0,
        loop={"accumulate": 8},
    ),
    Pair(
        id="the head's bias labelled as body",
        source="fine-tuning recipe with two groups",
        torch=lambda net: AdamW(both(net, lr=2e-3), weight_decay=0.01),
        jax=lambda: optax.multi_transform(
            {"body": optax.adamw(2e-4, weight_decay=0.01), "head": optax.adamw(2e-3, weight_decay=0.01)},
            {**LABELS, "head": {"kernel": "head", "bias": "body"}},
        ),
        causes=("groups",),
        first=0,
        group="head",
    ),
]
