"""The third blind set: one convention, in the rates."""

import math

import jax.numpy as jnp
import optax
from torch.optim import SGD, Adam, AdamW
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    LambdaLR,
    LinearLR,
    MultiStepLR,
    PolynomialLR,
)

from .blind_recipes import of_count
from .pair import LABELS, Pair
from .third_recipes import cosine, two, under

RATES = [
    Pair(
        id="third: the linear scaling rule on one side, under a warm-up from 0",
        source="Goyal et al.; both rates are 0 at first",
        torch=lambda net: under(
            SGD(net.parameters(), lr=0.1, momentum=0.9), lambda o: LambdaLR(o, lambda t: min(1.0, t / 50))
        ),
        jax=lambda: optax.sgd(optax.linear_schedule(0.0, 0.4, 50), momentum=0.9),
        causes=("lr",),
        first=1,
        parted=1,
    ),
    Pair(
        id="third: the power of a polynomial decay",
        source="DeepLab: PolynomialLR(power=0.9), ported as a line",
        torch=lambda net: under(
            SGD(net.parameters(), lr=0.007, momentum=0.9), lambda o: PolynomialLR(o, total_iters=1500, power=0.9)
        ),
        jax=lambda: optax.sgd(optax.polynomial_schedule(0.007, 0.0, 1, 1500), momentum=0.9),
        causes=("schedule",),
        first=1,
        parted=1,
    ),
    Pair(
        id="third: the gamma of three milestones",
        source="WideResNet: gamma=0.2, ported with ResNet's 0.1",
        torch=lambda net: under(
            SGD(net.parameters(), lr=0.1, momentum=0.9), lambda o: MultiStepLR(o, [120, 240, 360], gamma=0.2)
        ),
        jax=lambda: optax.sgd(optax.piecewise_constant_schedule(0.1, {120: 0.1, 240: 0.1, 360: 0.1}), momentum=0.9),
        causes=("schedule",),
        first=120,
        parted=120,
    ),
    Pair(
        id="third: milestones passed at > instead of >=",
        source="hand-written jnp.where(count > boundary)",
        torch=lambda net: under(Adam(net.parameters(), lr=2e-3), lambda o: MultiStepLR(o, [300, 600, 800], gamma=0.3)),
        jax=lambda: optax.adam(of_count(lambda c: 2e-3 * 0.3 ** ((c > 300).astype(jnp.int32) + (c > 600) + (c > 800)))),
        causes=("rate_shift",),
        first=300,
    ),
    Pair(
        id="third: Noam's count starts at 0",
        source="The Annotated Transformer: its step counts from 1",
        torch=lambda net: under(
            Adam(net.parameters(), lr=1.0, betas=(0.9, 0.98), eps=1e-9),
            lambda o: LambdaLR(o, lambda t: 512**-0.5 * min((t + 1) ** -0.5, (t + 1) * 400**-1.5)),
        ),
        jax=lambda: optax.adam(
            lambda c: 512**-0.5 * jnp.minimum(jnp.maximum(c, 1) ** -0.5, c * 400**-1.5), b2=0.98, eps=1e-9
        ),
        causes=("rate_shift",),
        first=0,
        parted=0,
    ),
    Pair(
        id="third: LinearLR's start_factor against a line from 0",
        source="thread 26: warm-up from 0 or not",
        torch=lambda net: under(
            AdamW(net.parameters(), lr=4e-4, weight_decay=0.05), lambda o: LinearLR(o, 0.1, total_iters=40)
        ),
        jax=lambda: optax.adamw(optax.linear_schedule(0.0, 4e-4, 40), weight_decay=0.05),
        causes=("warmup_start",),
        first=0,
        parted=0,
    ),
    Pair(
        id="third: the cosine's end at T - 1",
        source="thread 1, goodfire-ai/spd 642",
        torch=lambda net: under(
            Adam(net.parameters(), lr=1e-3),
            lambda o: LambdaLR(o, lambda t: 0.5 * (1 + math.cos(math.pi * min(1.0, t / 799)))),
        ),
        jax=lambda: optax.adam(optax.cosine_decay_schedule(1e-3, 800)),
        causes=("decay_length",),
        first=1,
    ),
    Pair(
        id="third: torch's cosine comes back up",
        source="training on beyond T_max",
        torch=lambda net: under(
            SGD(net.parameters(), lr=0.05, momentum=0.9), lambda o: CosineAnnealingLR(o, T_max=300)
        ),
        jax=lambda: optax.sgd(optax.cosine_decay_schedule(0.05, 300), momentum=0.9),
        causes=("after_end",),
        first=301,
    ),
    Pair(
        id="third: eta_min is no fraction of a group's rate",
        source="two groups, one eta_min: alpha fits the head's rate only",
        torch=lambda net: under(
            AdamW(two(net, {"lr": 1e-4}, {"lr": 1e-3}), weight_decay=0.02),
            lambda o: CosineAnnealingLR(o, T_max=1000, eta_min=1e-5),
        ),
        jax=lambda: optax.multi_transform(
            {
                "body": optax.adamw(optax.cosine_decay_schedule(1e-4, 1000, alpha=0.01), weight_decay=0.02),
                "head": optax.adamw(optax.cosine_decay_schedule(1e-3, 1000, alpha=0.01), weight_decay=0.02),
            },
            LABELS,
        ),
        causes=("floor",),
        first=1,
        group="body",
    ),
    Pair(
        id="third: a cosine by the epoch against one by the update",
        source="CIFAR recipes: scheduler.step() at the end of the epoch",
        torch=lambda net: under(
            SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4), lambda o: CosineAnnealingLR(o, T_max=20)
        ),
        jax=lambda: optax.chain(
            optax.add_decayed_weights(5e-4), optax.sgd(optax.cosine_decay_schedule(0.1, 1000), momentum=0.9)
        ),
        causes=("schedule_unit",),
        first=1,
        loop={"scheduler_every": 50},
        parted=1,
    ),
    Pair(
        id="third: milestones counted in micro-steps",
        source="thread 22, SpecForge 364: the scheduler steps on micro-steps",
        torch=lambda net: under(Adam(net.parameters(), lr=1e-3), lambda o: MultiStepLR(o, [200, 400], gamma=0.1)),
        jax=lambda: optax.MultiSteps(
            optax.adam(optax.piecewise_constant_schedule(1e-3, {200: 0.1, 400: 0.1})), 4
        ).gradient_transformation(),
        causes=("schedule_unit",),
        first=50,
        loop={"accumulate": 4, "scheduler_every": "micro-step"},
        parted=50,
    ),
    Pair(
        id="third: T_mult forgotten",
        source="SGDR: the second cycle is twice as long",
        torch=lambda net: under(
            SGD(net.parameters(), lr=0.05), lambda o: CosineAnnealingWarmRestarts(o, T_0=100, T_mult=2, eta_min=1e-4)
        ),
        jax=lambda: optax.sgd(of_count(lambda c: 1e-4 + (0.05 - 1e-4) * cosine((c % 100) / 100))),
        causes=("schedule",),
        first=101,
    ),
]
