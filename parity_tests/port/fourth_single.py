"""The fourth blind set: one convention."""

import math

import jax.numpy as jnp
import optax
from torch.optim import SGD, Adadelta, Adagrad, Adam, Adamax, AdamW, NAdam, RMSprop
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    SequentialLR,
    StepLR,
)

from .fourth_recipes import THREE, by_count, three, torch_adagrad, torch_clip
from .pair import LABELS, Pair, both

SINGLE = [
    Pair(
        id="fourth: the head keeps optax's decay",
        source="AdamW's 1e-2 against adamw's 1e-4, in one group of two",
        torch=lambda net: AdamW(both(net, lr=1e-3)),
        jax=lambda: optax.partition({"body": optax.adamw(1e-4, weight_decay=0.01), "head": optax.adamw(1e-3)}, LABELS),
        causes=("weight_decay",),
        first=0,
        group="head",
        parted=0,
    ),
    Pair(
        id="fourth: PPO's eps is lost",
        source="lm-human-preference-details, pull 23; annealed and clipped",
        torch=lambda net: (o := Adam(net.parameters(), lr=2.5e-4, eps=1e-5), LambdaLR(o, lambda t: 1 - t / 2000)),
        jax=lambda: optax.chain(torch_clip(0.5), optax.adam(optax.linear_schedule(2.5e-4, 0.0, 2000))),
        causes=("eps",),
        first=0,
        loop={"clip_grad_norm": 0.5},
    ),
    Pair(
        id="fourth: the norm goes with the head",
        source="the labels of a fine-tuning, wrong in one line",
        torch=lambda net: SGD(both(net, lr=0.05, momentum=0.9)),
        jax=lambda: optax.partition(
            {"body": optax.sgd(0.005, momentum=0.9), "head": optax.sgd(0.05, momentum=0.9)}, {**LABELS, "norm": "head"}
        ),
        causes=("groups",),
        first=0,
        parted=0,
    ),
    Pair(
        id="fourth: A2C's RMSprop",
        source="optax issue 532, with eps=1e-5 and alpha given",
        torch=lambda net: (o := RMSprop(net.parameters(), lr=7e-4, eps=1e-5), ExponentialLR(o, 0.995)),
        jax=lambda: optax.rmsprop(optax.exponential_decay(7e-4, 1, 0.995), decay=0.99, eps=1e-5),
        causes=("eps_place",),
        first=0,
        parted=0,
    ),
    Pair(
        id="fourth: Adagrad by hand, with optax's first sum",
        source="a rewrite that took 0.1 over from optax",
        torch=lambda net: Adagrad(net.parameters(), lr=0.05, eps=1e-8),
        jax=lambda: torch_adagrad(0.05, eps=1e-8, start=0.1),
        causes=("initial_accumulator",),
        first=0,
        parted=0,
    ),
    Pair(
        id="fourth: Adamax at 1e-3",
        source="torch's default is 2e-3",
        torch=lambda net: (o := Adamax(net.parameters(), betas=(0.9, 0.99)), StepLR(o, 30, gamma=0.3)),
        jax=lambda: optax.adamax(optax.exponential_decay(1e-3, 30, 0.3, staircase=True), b2=0.99),
        causes=("lr",),
        first=0,
        parted=0,
    ),
    Pair(
        id="fourth: NAdam under its name",
        source="optax.nadam has no momentum_decay",
        torch=lambda net: (o := NAdam(net.parameters(), lr=1e-3), LinearLR(o, start_factor=0.5, total_iters=10)),
        jax=lambda: optax.nadam(optax.linear_schedule(5e-4, 1e-3, 10)),
        causes=("rule",),
        first=0,
        parted=0,
    ),
    Pair(
        id="fourth: Adadelta with Keras' rho",
        source="0.95 there, 0.9 in torch",
        torch=lambda net: (o := Adadelta(net.parameters(), lr=0.5), StepLR(o, 40, gamma=0.7)),
        jax=lambda: optax.adadelta(optax.exponential_decay(0.5, 40, 0.7, staircase=True), rho=0.95),
        causes=("rho",),
        first=0,
        parted=0,
    ),
    Pair(
        id="fourth: StepLR per epoch, the staircase per update",
        source="an epoch of 5 updates",
        torch=lambda net: (o := SGD(net.parameters(), lr=0.2, momentum=0.9), StepLR(o, 10, gamma=0.8)),
        jax=lambda: optax.sgd(optax.exponential_decay(0.2, 10, 0.8, staircase=True), momentum=0.9),
        causes=("schedule_unit",),
        first=10,
        loop={"scheduler_every": 5},
        parted=10,
    ),
    Pair(
        id="fourth: LinearLR's third",
        source="torchtitan pull 1261; start_factor left out",
        torch=lambda net: (o := AdamW(net.parameters(), weight_decay=0.1), LinearLR(o, total_iters=40)),
        jax=lambda: optax.adamw(optax.linear_schedule(0.0, 1e-3, 40), weight_decay=0.1),
        causes=("warmup_start",),
        first=0,
        parted=0,
    ),
    Pair(
        id="fourth: decay_steps without the warm-up",
        source="T_max=180 after 20 updates, given as decay_steps=180",
        torch=lambda net: (
            o := AdamW(net.parameters(), lr=1e-3, weight_decay=0.05),
            SequentialLR(
                o, [LinearLR(o, start_factor=0.1, total_iters=20), CosineAnnealingLR(o, T_max=180)], milestones=[20]
            ),
        ),
        jax=lambda: optax.adamw(
            optax.warmup_cosine_decay_schedule(1e-4, 1e-3, warmup_steps=20, decay_steps=180), weight_decay=0.05
        ),
        causes=("decay_length",),
        first=21,
        loop={"rate_steps": 200},
    ),
    Pair(
        id="fourth: one alpha for two rates",
        source="eta_min=1e-5 is a tenth of the body's rate",
        torch=lambda net: (o := AdamW(both(net, lr=1e-3)), CosineAnnealingLR(o, T_max=1000, eta_min=1e-5)),
        jax=lambda: optax.partition(
            {
                "body": optax.adamw(optax.cosine_decay_schedule(1e-4, 1000, alpha=0.01), weight_decay=0.01),
                "head": optax.adamw(optax.cosine_decay_schedule(1e-3, 1000, alpha=0.01), weight_decay=0.01),
            },
            LABELS,
        ),
        causes=("floor",),
        group="body",
    ),
    Pair(
        id="fourth: trained on past T_max",
        source="200 updates on a cosine of 150",
        torch=lambda net: (o := SGD(net.parameters(), lr=0.1, nesterov=True, momentum=0.9), CosineAnnealingLR(o, 150)),
        jax=lambda: optax.sgd(optax.cosine_decay_schedule(0.1, 150), momentum=0.9, nesterov=True),
        causes=("after_end",),
        first=151,
        loop={"rate_steps": 220},
        parted=151,
    ),
    Pair(
        id="fourth: each group clips by its own norm",
        source="clip_by_global_norm inside partition, with torch's 1e-6",
        torch=lambda net: SGD(both(net, lr=0.1, momentum=0.9)),
        jax=lambda: optax.partition(
            {
                "body": optax.chain(torch_clip(1.0), optax.sgd(0.01, momentum=0.9)),
                "head": optax.chain(torch_clip(1.0), optax.sgd(0.1, momentum=0.9)),
            },
            LABELS,
        ),
        causes=("clip_kind",),
        first=0,
        loop={"clip_grad_norm": 1.0},
    ),
    Pair(
        id="fourth: clipped behind the L2 decay",
        source="add_decayed_weights put first in the chain",
        torch=lambda net: SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=0.01),
        jax=lambda: optax.chain(optax.add_decayed_weights(0.01), torch_clip(1.0), optax.sgd(0.05, momentum=0.9)),
        causes=("clip_order",),
        first=0,
        loop={"clip_grad_norm": 1.0},
        parted=0,
    ),
    Pair(
        id="fourth: the loss is not divided",
        source="backward four times, MultiSteps; L2 decay tells it from the rate",
        torch=lambda net: SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-3),
        jax=lambda: optax.MultiSteps(
            optax.chain(optax.add_decayed_weights(1e-3), optax.sgd(0.01, momentum=0.9)), 4
        ).gradient_transformation(),
        causes=("accumulation_mean",),
        first=0,
        loop={"accumulate": 4, "accumulate_by": "sum"},
    ),
    Pair(
        id="fourth: the rate enters RMSprop's momentum",
        source="optax.rmsprop, all else given",
        torch=lambda net: (o := RMSprop(net.parameters(), lr=1e-3, momentum=0.9), StepLR(o, 35, gamma=0.1)),
        jax=lambda: optax.rmsprop(
            optax.piecewise_constant_schedule(1e-3, {35 * (i + 1): 0.1 for i in range(28)}),
            decay=0.99,
            momentum=0.9,
            eps_in_sqrt=False,
        ),
        causes=("rate_inside",),
        first=35,
        parted=35,
    ),
    Pair(
        id="fourth: Adamax's L2 ported as AdamW's",
        source="torch's Adamax adds the decay to the gradient",
        torch=lambda net: Adamax(net.parameters(), weight_decay=0.01),
        jax=lambda: optax.chain(
            optax.scale_by_adamax(), optax.add_decayed_weights(0.01), optax.scale_by_learning_rate(2e-3)
        ),
        causes=("decay_form",),
        first=0,
        parted=0,
    ),
    Pair(
        id="fourth: beta1 of the third group",
        source="DCGAN's 0.5, forgotten for the head",
        torch=lambda net: Adam(three(net, lr=(2e-4, 2e-4, 4e-4)), betas=(0.5, 0.999)),
        jax=lambda: optax.partition(
            {"backbone": optax.adam(2e-4, b1=0.5), "norm": optax.adam(2e-4, b1=0.5), "head": optax.adam(4e-4)}, THREE
        ),
        causes=("betas",),
        group="head",
        parted=1,
    ),
    Pair(
        id="fourth: warm restarts at count + 1",
        source="a cosine by hand that asks for the step it is about to finish",
        torch=lambda net: (
            o := SGD(net.parameters(), lr=0.1, momentum=0.5, dampening=0.0),
            CosineAnnealingWarmRestarts(o, T_0=100),
        ),
        jax=lambda: optax.sgd(
            by_count(lambda t: 0.05 * (1 + jnp.cos(math.pi * jnp.mod(t + 1, 100) / 100))), momentum=0.5
        ),
        causes=("rate_shift",),
        first=0,
        parted=0,
    ),
]
