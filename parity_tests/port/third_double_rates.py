"""The third blind set: two conventions, at least one of them in the rates."""

import math

import jax.numpy as jnp
import optax
from torch.optim import SGD, Adam, AdamW
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, LinearLR, SequentialLR

from .pair import LABELS, Pair
from .third_recipes import by_decay, clip_as_torch, two, under

RATES_TOO = [
    Pair(
        id="third: twice the warm-up, and decay for everything",
        source="warm-up by (t + 1) / W; no_decay forgotten",
        torch=lambda net: under(
            AdamW(by_decay(net, 0.1), lr=1e-3), lambda o: LambdaLR(o, lambda t: min(1.0, (t + 1) / 50))
        ),
        jax=lambda: optax.adamw(lambda c: 1e-3 * jnp.minimum(1.0, (c + 1) / 100), weight_decay=0.1),
        causes=("warmup_length", "decay_mask"),
        first=0,
        group="no_decay",
        parted=0,
    ),
    Pair(
        id="third: Noam's count starts at 0, and eps at its default",
        source="The Annotated Transformer: eps=1e-9",
        torch=lambda net: under(
            Adam(net.parameters(), lr=1.0, betas=(0.9, 0.98), eps=1e-9),
            lambda o: LambdaLR(o, lambda t: 256**-0.5 * min((t + 1) ** -0.5, (t + 1) * 300**-1.5)),
        ),
        jax=lambda: optax.adam(lambda c: 256**-0.5 * jnp.minimum(jnp.maximum(c, 1) ** -0.5, c * 300**-1.5), b2=0.98),
        causes=("rate_shift", "eps"),
        first=0,
        parted=0,
    ),
    Pair(
        id="third: the body's floor, and no clip",
        source="one eta_min for two groups; the loop's clip forgotten",
        torch=lambda net: under(
            SGD(two(net, {"lr": 0.01}, {"lr": 0.1}), momentum=0.9),
            lambda o: CosineAnnealingLR(o, T_max=1200, eta_min=1e-3),
        ),
        jax=lambda: optax.multi_transform(
            {
                "body": optax.sgd(optax.cosine_decay_schedule(0.01, 1200, alpha=0.01), momentum=0.9),
                "head": optax.sgd(optax.cosine_decay_schedule(0.1, 1200, alpha=0.01), momentum=0.9),
            },
            LABELS,
        ),
        causes=("floor", "clip"),
        first=0,
        group="body",
        loop={"clip_grad_norm": 2.0, "rate_steps": 1201},
        parted=0,
    ),
    Pair(
        id="third: the cosine's end at T - 1, and beta2 at its default",
        source="thread 1; betas=(0.9, 0.95) of the GPT recipes",
        torch=lambda net: under(
            AdamW(net.parameters(), lr=3e-4, betas=(0.9, 0.95), weight_decay=0.1),
            lambda o: LambdaLR(o, lambda t: 0.5 * (1 + math.cos(math.pi * min(1.0, t / 599)))),
        ),
        jax=lambda: optax.adamw(optax.cosine_decay_schedule(3e-4, 600), weight_decay=0.1),
        causes=("decay_length", "betas"),
        first=0,  # of the second moment, which the correction hides from the first update
        parted=1,
    ),
    Pair(
        id="third: optax's warmup_cosine for torch's SequentialLR",
        source="torchvision's warm-up from a hundredth; torch's cosine rises again after 300",
        torch=lambda net: under(
            SGD(net.parameters(), lr=0.2, momentum=0.9),
            lambda o: SequentialLR(
                o, [LinearLR(o, 0.01, total_iters=20), CosineAnnealingLR(o, T_max=280)], milestones=[20]
            ),
        ),
        jax=lambda: optax.sgd(optax.warmup_cosine_decay_schedule(0.0, 0.2, 20, 300), momentum=0.9),
        causes=("warmup_start", "after_end"),
        first=0,
        parted=0,
    ),
    Pair(
        id="third: micro-steps clipped one by one, and a scheduler that counts them",
        source="threads 20 and 22 in one program",
        torch=lambda net: under(
            SGD(net.parameters(), lr=0.05, momentum=0.9), lambda o: CosineAnnealingLR(o, T_max=3000)
        ),
        jax=lambda: optax.chain(
            clip_as_torch(1.0),
            optax.MultiSteps(
                optax.sgd(optax.cosine_decay_schedule(0.05, 3000), momentum=0.9), 2
            ).gradient_transformation(),
        ),
        causes=("clip_order", "schedule_unit"),
        first=0,
        loop={"clip_grad_norm": 1.0, "accumulate": 2, "scheduler_every": "micro-step"},
        parted=0,
    ),
]
