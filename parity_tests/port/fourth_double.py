"""The fourth blind set: two conventions."""

import optax
from torch.optim import SGD, Adadelta, Adagrad, Adam, Adamax, AdamW, NAdam, RMSprop
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, MultiStepLR, PolynomialLR, StepLR

from .fourth_recipes import THREE, decayed, three, torch_clip, torch_nadam
from .pair import LABELS, Pair, both

DOUBLE = [
    Pair(
        id="fourth: NAdam by hand with Keras' eps and a longer warm-up",
        source="eps=1e-7; 100 updates instead of 50",
        torch=lambda net: (o := NAdam(net.parameters(), lr=1e-3), LinearLR(o, start_factor=0.1, total_iters=50)),
        jax=lambda: torch_nadam(optax.linear_schedule(1e-4, 1e-3, 100), eps=1e-7),
        causes=("eps", "warmup_length"),
    ),
    Pair(
        id="fourth: RMSprop with optax's decay and no momentum",
        source="both left out",
        torch=lambda net: (o := RMSprop(net.parameters(), lr=1e-3, momentum=0.9), StepLR(o, 100, gamma=0.5)),
        jax=lambda: optax.rmsprop(optax.exponential_decay(1e-3, 100, 0.5, staircase=True), eps_in_sqrt=False),
        causes=("alpha", "momentum"),
        first=0,
        parted=0,
    ),
    Pair(
        id="fourth: nanoGPT without its beta2 and its mask",
        source="nanoGPT, clipped as torch does",
        torch=lambda net: AdamW(decayed(net, 0.1), lr=3e-4, betas=(0.9, 0.95)),
        jax=lambda: optax.chain(torch_clip(1.0), optax.adamw(3e-4, weight_decay=0.1)),
        causes=("betas", "decay_mask"),
        first=0,
        loop={"clip_grad_norm": 1.0},
    ),
    Pair(
        id="fourth: no Nesterov, and optax's clipping at 0.05",
        source="goodfire-ai/spd issue 643, with SGD",
        torch=lambda net: (
            o := SGD(net.parameters(), lr=0.5, momentum=0.9, nesterov=True),
            MultiStepLR(o, [50, 150], gamma=0.1),
        ),
        jax=lambda: optax.chain(
            optax.clip_by_global_norm(0.05),
            optax.sgd(optax.piecewise_constant_schedule(0.5, {50: 0.1, 150: 0.1}), momentum=0.9),
        ),
        causes=("clip_eps", "nesterov"),
        first=0,
        loop={"clip_grad_norm": 0.05},
        parted=0,
    ),
    Pair(
        id="fourth: optax.adagrad at the same eps",
        source="starts at 0.1, and adds eps inside the root",
        torch=lambda net: Adagrad(both(net, lr=0.05), eps=1e-3),
        jax=lambda: optax.partition(
            {"body": optax.adagrad(0.005, eps=1e-3), "head": optax.adagrad(0.05, eps=1e-3)}, LABELS
        ),
        causes=("eps_place", "initial_accumulator"),
        first=0,
        parted=0,
    ),
    Pair(
        id="fourth: scheduler per micro-step, loss not divided",
        source="SpecForge issue 364",
        torch=lambda net: (
            o := SGD(net.parameters(), lr=0.02, momentum=0.9, weight_decay=1e-3),
            StepLR(o, 40, gamma=0.8),
        ),
        jax=lambda: optax.MultiSteps(
            optax.chain(
                optax.add_decayed_weights(1e-3),
                optax.sgd(optax.exponential_decay(0.02, 40, 0.8, staircase=True), momentum=0.9),
            ),
            4,
        ).gradient_transformation(),
        causes=("accumulation_mean", "schedule_unit"),
        first=0,
        loop={"accumulate": 4, "accumulate_by": "sum", "scheduler_every": "micro-step"},
    ),
    Pair(
        id="fourth: a rate in one group, a decay in another",
        source="three groups of Adamax, two slips",
        torch=lambda net: Adamax(three(net, lr=(2e-3, 1e-3, 4e-3), weight_decay=(1e-3, 0.0, 1e-2))),
        jax=lambda: optax.partition(
            {
                "backbone": optax.chain(optax.add_decayed_weights(1e-3), optax.adamax(2e-3)),
                "norm": optax.adamax(2e-3),
                "head": optax.chain(optax.add_decayed_weights(1e-3), optax.adamax(4e-3)),
            },
            THREE,
        ),
        causes=("lr", "weight_decay"),
        first=0,
        group="norm",
    ),
    Pair(
        id="fourth: Adadelta as Keras has it",
        source="rho=0.95 and eps=1e-7",
        torch=lambda net: (o := Adadelta(net.parameters()), StepLR(o, 60, gamma=0.7)),
        jax=lambda: optax.adadelta(optax.exponential_decay(1.0, 60, 0.7, staircase=True), rho=0.95, eps=1e-7),
        causes=("eps", "rho"),
        first=0,
        parted=0,
    ),
    Pair(
        id="fourth: no AMSGrad and no eta_min",
        source="Adam(amsgrad=True) under a cosine",
        torch=lambda net: (
            o := Adam(net.parameters(), lr=1e-3, amsgrad=True),
            CosineAnnealingLR(o, T_max=1000, eta_min=1e-4),
        ),
        jax=lambda: optax.adam(optax.cosine_decay_schedule(1e-3, 1000)),
        causes=("amsgrad", "floor"),
    ),
    Pair(
        id="fourth: not centred, and a shorter line",
        source="RMSprop(centered=True) under PolynomialLR",
        torch=lambda net: (
            o := RMSprop(net.parameters(), lr=1e-3, centered=True, eps=1e-4),
            PolynomialLR(o, total_iters=600),
        ),
        jax=lambda: optax.rmsprop(optax.linear_schedule(1e-3, 0.0, 500), decay=0.99, eps=1e-4, eps_in_sqrt=False),
        causes=("centered", "decay_length"),
        first=0,
        parted=0,
    ),
]
