"""Ports with one convention different, in the schedule."""

import optax
from torch.optim import SGD, Adam, AdamW
from torch.optim.lr_scheduler import CosineAnnealingLR, OneCycleLR, StepLR

from .pair import Pair
from .pairs_after_recipes import factor, hugging_face, scheduled, spd_factor, torchvision_warmup_cosine

RATES = [
    Pair(
        id="the count raised before the schedule is read",
        source="thread 27",
        torch=lambda net: scheduled(
            SGD(net.parameters(), lr=0.1, momentum=0.9), lambda o: CosineAnnealingLR(o, T_max=1000)
        ),
        jax=lambda: optax.sgd(lambda count: optax.cosine_decay_schedule(0.1, 1000)(count + 1), momentum=0.9),
        causes=("rate_shift",),
        first=0,
    ),
    Pair(
        id="torchvision's warm-up from a hundredth, ported as a warm-up from zero",
        source="thread 26; torchvision references/classification, --lr-warmup-decay 0.01",
        torch=lambda net: scheduled(
            SGD(net.parameters(), lr=0.5, momentum=0.9, weight_decay=2e-5), torchvision_warmup_cosine(100, 1000, 0.01)
        ),
        jax=lambda: optax.chain(
            optax.add_decayed_weights(2e-5),
            optax.sgd(optax.warmup_cosine_decay_schedule(0.0, 0.5, 100, 1000), momentum=0.9),
        ),
        causes=("warmup_start",),
        first=0,
    ),
    Pair(
        id="OneCycleLR through cosine_onecycle_schedule, whose peak is one update later",
        source="torch OneCycleLR recipe",
        torch=lambda net: scheduled(
            AdamW(net.parameters(), lr=1e-3, weight_decay=0.01),
            lambda o: OneCycleLR(o, max_lr=1e-3, total_steps=1000, cycle_momentum=False),
        ),
        jax=lambda: optax.adamw(optax.cosine_onecycle_schedule(1000, 1e-3), weight_decay=0.01),
        causes=("warmup_length",),
        first=1,
    ),
    Pair(
        id="a cosine that torch ends in its last update and optax one later",
        source="thread 1",
        torch=lambda net: scheduled(AdamW(net.parameters(), lr=1e-3, weight_decay=0.0), factor(spd_factor)),
        jax=lambda: optax.adam(optax.cosine_decay_schedule(1e-3, 1000)),
        causes=("decay_length",),  # 5e-9 of the rate in update 1: below the rounding of optax's schedule
    ),
    Pair(
        id="training on after the end of the cosine",
        source="CIFAR recipe, CosineAnnealingLR(T_max=400), trained for longer",
        torch=lambda net: scheduled(
            SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4), lambda o: CosineAnnealingLR(o, T_max=400)
        ),
        jax=lambda: optax.chain(
            optax.add_decayed_weights(5e-4), optax.sgd(optax.cosine_decay_schedule(0.1, 400), momentum=0.9)
        ),
        causes=("after_end",),
        first=401,
    ),
    Pair(
        id="the floor of the cosine forgotten",
        source="transformers, cosine_with_min_lr",
        torch=lambda net: scheduled(
            AdamW(net.parameters(), lr=2e-4, weight_decay=0.1),
            hugging_face("get_cosine_with_min_lr_schedule_with_warmup", 100, 1000, min_lr_rate=0.1),
        ),
        jax=lambda: optax.adamw(optax.warmup_cosine_decay_schedule(0.0, 2e-4, 100, 1000), weight_decay=0.1),
        causes=("floor",),
        first=101,
    ),
    Pair(
        id="StepLR ported to an exponential decay without its staircase",
        source="torch StepLR recipe",
        torch=lambda net: scheduled(Adam(net.parameters(), lr=1e-3), lambda o: StepLR(o, 50, gamma=0.7)),
        jax=lambda: optax.adam(optax.exponential_decay(1e-3, 50, 0.7)),
        causes=("schedule",),
        first=1,
    ),
    Pair(
        id="a schedule behind MultiSteps, which counts micro-steps",
        source="thread 22",
        torch=lambda net: scheduled(Adam(net.parameters(), lr=1e-3), lambda o: CosineAnnealingLR(o, T_max=1000)),
        jax=lambda: optax.chain(
            optax.MultiSteps(optax.scale_by_adam(), every_k_schedule=4).gradient_transformation(),
            optax.scale_by_learning_rate(optax.cosine_decay_schedule(1e-3, 1000)),
        ),
        causes=("schedule_unit",),
        first=0,
        loop={"accumulate": 4},
    ),
]
