"""The fourth blind set: the same training, written differently."""

import math

import jax.numpy as jnp
import optax
from torch.optim import SGD, Adadelta, Adagrad, Adam, Adamax, AdamW, NAdam, RMSprop
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiStepLR,
    SequentialLR,
    StepLR,
)

from .fourth_recipes import THREE, by_count, decayed, matrices, three, torch_adagrad, torch_clip, torch_nadam
from .pair import LABELS, Pair, both


def _gpt(t: int) -> float:
    return (t + 1) / 101 if t < 100 else 0.1 + 0.45 * (1 + math.cos(math.pi * min(1.0, (t - 100) / 500)))


def _gpt_jax(t):
    cosine = 0.1 + 0.45 * (1 + jnp.cos(math.pi * jnp.minimum(1.0, (t - 100) / 500)))
    return 6e-4 * jnp.where(t < 100, (t + 1) / 101, cosine)


def _three_stages(lr: float):
    return optax.join_schedules(
        [optax.linear_schedule(0.2 * lr, lr, 10), optax.cosine_decay_schedule(lr, 990)], boundaries=[10]
    )


EQUAL = [
    Pair(
        id="fourth: nanoGPT's two groups as one adamw with a mask",
        source="nanoGPT; torch's clipping by hand",
        torch=lambda net: (o := AdamW(decayed(net, 0.1), lr=6e-4, betas=(0.9, 0.95)), LambdaLR(o, _gpt)),
        jax=lambda: optax.chain(
            torch_clip(1.0), optax.adamw(by_count(_gpt_jax), b2=0.95, weight_decay=0.1, mask=matrices)
        ),
        causes=(),
        loop={"clip_grad_norm": 1.0},
    ),
    Pair(
        id="fourth: SGD with Nesterov from its links",
        source="WideResNet",
        torch=lambda net: (
            o := SGD(net.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4),
            MultiStepLR(o, [60, 120, 160], gamma=0.2),
        ),
        jax=lambda: optax.chain(
            optax.add_decayed_weights(5e-4),
            optax.trace(0.9, nesterov=True),
            optax.scale_by_schedule(optax.piecewise_constant_schedule(-0.1, {60: 0.2, 120: 0.2, 160: 0.2})),
        ),
        causes=(),
    ),
    Pair(
        id="fourth: RMSprop with the rate behind the momentum",
        source="EfficientNet in torch; values clipped",
        torch=lambda net: (
            o := RMSprop(net.parameters(), lr=0.016, alpha=0.9, eps=1e-3, momentum=0.9),
            StepLR(o, 24, gamma=0.97),
        ),
        jax=lambda: optax.chain(
            optax.clip(0.5),
            optax.scale_by_rms(decay=0.9, eps=1e-3, eps_in_sqrt=False),
            optax.trace(0.9),
            optax.scale_by_learning_rate(optax.exponential_decay(0.016, 24, 0.97, staircase=True)),
        ),
        causes=(),
        loop={"clip_grad_value": 0.5},
    ),
    Pair(
        id="fourth: Adagrad by hand, started at 0.1",
        source="DLRM; initial_accumulator_value in torch",
        torch=lambda net: Adagrad(both(net, lr=0.02), initial_accumulator_value=0.1),
        jax=lambda: optax.partition(
            {"body": torch_adagrad(0.002, start=0.1), "head": torch_adagrad(0.02, start=0.1)}, LABELS
        ),
        causes=(),
    ),
    Pair(
        id="fourth: Adamax under a linear warm-up",
        source="Glow; LinearLR and linear_schedule",
        torch=lambda net: (o := Adamax(net.parameters()), LinearLR(o, start_factor=0.1, total_iters=20)),
        jax=lambda: optax.adamax(optax.linear_schedule(2e-4, 2e-3, 20)),
        causes=(),
    ),
    Pair(
        id="fourth: Adadelta with ExponentialLR and L2",
        source="torch's MNIST example, a decay per update",
        torch=lambda net: (o := Adadelta(net.parameters(), rho=0.95, weight_decay=1e-3), ExponentialLR(o, 0.99)),
        jax=lambda: optax.chain(
            optax.add_decayed_weights(1e-3),
            optax.scale_by_adadelta(rho=0.95, eps=1e-6),
            optax.scale_by_learning_rate(optax.exponential_decay(1.0, 1, 0.99)),
        ),
        causes=(),
    ),
    Pair(
        id="fourth: clip and step inside MultiSteps",
        source="accumulate, then clip, then AdamW",
        torch=lambda net: (
            o := AdamW(net.parameters(), lr=2e-4, weight_decay=0.05),
            CosineAnnealingLR(o, T_max=1000, eta_min=1e-5),
        ),
        jax=lambda: optax.MultiSteps(
            optax.chain(
                torch_clip(0.5),
                optax.scale_by_adam(),
                optax.add_decayed_weights(0.05),
                optax.scale_by_learning_rate(optax.cosine_decay_schedule(2e-4, 1000, alpha=0.05)),
            ),
            every_k_schedule=4,
        ).gradient_transformation(),
        causes=(),
        loop={"accumulate": 4, "clip_grad_norm": 0.5},
    ),
    Pair(
        id="fourth: Adam with L2, three rates under SequentialLR",
        source="layer-wise rates in fine-tuning",
        torch=lambda net: (
            o := Adam(three(net, lr=(1e-4, 5e-4, 1e-3)), weight_decay=1e-3),
            SequentialLR(
                o, [LinearLR(o, start_factor=0.2, total_iters=10), CosineAnnealingLR(o, T_max=990)], milestones=[10]
            ),
        ),
        jax=lambda: optax.chain(
            optax.add_decayed_weights(1e-3),
            optax.partition(
                {
                    "backbone": optax.adam(_three_stages(1e-4)),
                    "norm": optax.adam(_three_stages(5e-4)),
                    "head": optax.adam(_three_stages(1e-3)),
                },
                THREE,
            ),
        ),
        causes=(),
    ),
    Pair(
        id="fourth: torch's NAdam by hand",
        source="timm's nadam, written again in JAX with momentum_decay",
        torch=lambda net: (o := NAdam(net.parameters(), lr=1e-3), StepLR(o, 50, gamma=0.5)),
        jax=lambda: torch_nadam(by_count(lambda t: 1e-3 * 0.5 ** jnp.floor(t / 50))),
        causes=(),
    ),
    Pair(
        id="fourth: SGD inside inject_hyperparams",
        source="DeepLab's polynomial, the rate injected",
        torch=lambda net: (
            o := SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4),
            LambdaLR(o, lambda t: max(0.0, 1 - t / 800) ** 0.9),
        ),
        jax=lambda: optax.chain(
            optax.add_decayed_weights(1e-4),
            optax.inject_hyperparams(optax.sgd, static_args=("momentum",))(
                learning_rate=optax.polynomial_schedule(0.01, 0.0, 0.9, 800), momentum=0.9
            ),
        ),
        causes=(),
    ),
]
