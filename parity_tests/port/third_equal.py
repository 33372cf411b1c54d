"""The third blind set: programs written differently that are the same training."""

import math

import jax.numpy as jnp
import optax
from torch.optim import SGD, Adadelta, Adagrad, Adam, Adamax, AdamW, NAdam, RMSprop
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiplicativeLR,
    SequentialLR,
    StepLR,
)

from .blind_recipes import of_count
from .pair import LABELS, Pair
from .third_recipes import (
    adagrad_as_torch,
    by_decay,
    clip_as_torch,
    cosine,
    matrices,
    nadam_as_torch,
    three,
    two,
    under,
)


def nano_gpt(t: int) -> float:
    """The rate of nanoGPT's get_lr over the full one: warm-up (t + 1) / (W + 1), a cosine to a tenth, then that."""
    if t < 37:
        return (t + 1) / 38
    if t > 900:
        return 0.1
    return 0.1 + 0.9 * 0.5 * (1.0 + math.cos(math.pi * (t - 37) / (900 - 37)))


EQUAL = [
    Pair(
        id="third: nanoGPT's AdamW spelled out, kernels decayed by a mask",
        source="nanoGPT train.py and configure_optimizers",
        torch=lambda net: under(AdamW(by_decay(net, 0.1), lr=6e-4, betas=(0.9, 0.95)), lambda o: LambdaLR(o, nano_gpt)),
        jax=lambda: optax.chain(
            clip_as_torch(1.0),
            optax.scale_by_adam(b2=0.95),
            optax.add_decayed_weights(0.1, mask=matrices),
            optax.scale_by_learning_rate(
                of_count(
                    lambda c: jnp.where(
                        c < 37,
                        6e-4 * (c + 1) / 38,
                        6e-5 + 5.4e-4 * cosine(jnp.clip((c - 37) / 863, 0.0, 1.0)),
                    )
                )
            ),
        ),
        causes=(),
        loop={"clip_grad_norm": 1.0},
    ),
    Pair(
        id="third: SequentialLR as join_schedules",
        source="torchvision references/classification: linear warm-up, cosine, nesterov",
        torch=lambda net: under(
            SGD(net.parameters(), lr=0.5, momentum=0.9, nesterov=True, weight_decay=2e-5),
            lambda o: SequentialLR(
                o, [LinearLR(o, 0.01, total_iters=30), CosineAnnealingLR(o, 970, eta_min=1e-4)], milestones=[30]
            ),
        ),
        jax=lambda: optax.chain(
            optax.add_decayed_weights(2e-5),
            optax.sgd(
                optax.join_schedules(
                    [optax.linear_schedule(0.005, 0.5, 30), optax.cosine_decay_schedule(0.5, 970, alpha=2e-4)], [30]
                ),
                momentum=0.9,
                nesterov=True,
            ),
        ),
        causes=(),
    ),
    Pair(
        id="third: four micro-steps, then the clip, then Adam",
        source="thread 20, done right: the loss over 4, clip_grad_norm_ before the step",
        torch=lambda net: Adam(net.parameters(), lr=3e-4),
        jax=lambda: optax.MultiSteps(
            optax.chain(clip_as_torch(0.25), optax.adam(3e-4)), every_k_schedule=4
        ).gradient_transformation(),
        causes=(),
        loop={"clip_grad_norm": 0.25, "accumulate": 4},
    ),
    Pair(
        id="third: summed micro-steps as a mean times their number",
        source="loops that forget loss / accumulate, ported knowingly",
        torch=lambda net: SGD(two(net, {"lr": 0.002}, {"lr": 0.03}), momentum=0.85, weight_decay=3e-4),
        jax=lambda: optax.MultiSteps(
            optax.chain(
                optax.scale(6.0),
                optax.multi_transform(
                    {
                        key: optax.chain(optax.add_decayed_weights(3e-4), optax.trace(0.85), optax.scale(-lr))
                        for key, lr in (("body", 0.002), ("head", 0.03))
                    },
                    LABELS,
                ),
            ),
            every_k_schedule=6,
        ).gradient_transformation(),
        causes=(),
        loop={"accumulate": 6, "accumulate_by": "sum"},
    ),
    Pair(
        id="third: RMSprop with momentum, the rate behind the trace",
        source="timm's EfficientNet, with eps where torch has it",
        torch=lambda net: under(
            RMSprop(net.parameters(), lr=0.016, alpha=0.9, eps=1e-3, momentum=0.9, weight_decay=1e-5),
            lambda o: ExponentialLR(o, 0.97),
        ),
        jax=lambda: optax.chain(
            optax.add_decayed_weights(1e-5),
            optax.scale_by_rms(decay=0.9, eps=1e-3, eps_in_sqrt=False),
            optax.trace(0.9),
            optax.scale_by_learning_rate(of_count(lambda c: 0.016 * 0.97 ** (c // 48))),
        ),
        causes=(),
        loop={"scheduler_every": 48},
    ),
    Pair(
        id="third: Adagrad's lr_decay as a schedule",
        source="torch.optim.Adagrad(lr_decay=...), sparse features",
        torch=lambda net: Adagrad(net.parameters(), lr=0.04, lr_decay=0.013, eps=1e-7),
        jax=lambda: optax.chain(adagrad_as_torch(1e-7), optax.scale_by_learning_rate(lambda c: 0.04 / (1 + 0.013 * c))),
        causes=(),
    ),
    Pair(
        id="third: Adamax upwards with L2, three groups",
        source="RL objectives that are maximised; MultiplicativeLR",
        torch=lambda net: under(
            Adamax(
                three(net, backbone={"lr": 1e-4}, norm={"lr": 7e-4, "weight_decay": 0.0}, head={"lr": 3e-3}),
                lr=2e-3,
                weight_decay=0.02,
                maximize=True,
            ),
            lambda o: MultiplicativeLR(o, lambda _: 0.996),
        ),
        jax=lambda: optax.chain(
            optax.scale(-1.0),
            optax.masked(optax.add_decayed_weights(0.02), {"backbone": True, "norm": False, "head": True}),
            optax.scale_by_adamax(),
            optax.multi_transform(
                {
                    key: optax.scale_by_learning_rate(optax.exponential_decay(lr, 1, 0.996))
                    for key, lr in (("backbone", 1e-4), ("norm", 7e-4), ("head", 3e-3))
                },
                {"backbone": "backbone", "norm": "norm", "head": "head"},
            ),
        ),
        causes=(),
    ),
    Pair(
        id="third: a frozen backbone, left out of torch's optimizer",
        source="linear probing: filter(requires_grad) against set_to_zero",
        torch=lambda net: Adam([*net.norm.parameters(), *net.head.parameters()], lr=1e-3, weight_decay=5e-4),
        jax=lambda: optax.multi_transform(
            {"body": optax.set_to_zero(), "head": optax.chain(optax.add_decayed_weights(5e-4), optax.adam(1e-3))},
            {"backbone": "body", "norm": "head", "head": "head"},
        ),
        causes=(),
    ),
    Pair(
        id="third: torch's MNIST example, Adadelta and StepLR by the epoch",
        source="pytorch/examples mnist: Adadelta(lr=1.0), StepLR(1, gamma=0.7) after each of 938 updates",
        torch=lambda net: under(Adadelta(net.parameters(), lr=1.0), lambda o: StepLR(o, step_size=1, gamma=0.7)),
        jax=lambda: optax.adadelta(optax.exponential_decay(1.0, 938, 0.7, staircase=True), rho=0.9, eps=1e-6),
        causes=(),
        loop={"scheduler_every": 938, "rate_steps": 3000},
    ),
    Pair(
        id="third: torch's NAdam written anew, decay decoupled",
        source="MLCommons' NAdamW",
        torch=lambda net: NAdam(net.parameters(), lr=1.7e-3, weight_decay=0.03, decoupled_weight_decay=True),
        jax=lambda: optax.chain(
            nadam_as_torch(), optax.add_decayed_weights(0.03), optax.scale_by_learning_rate(1.7e-3)
        ),
        causes=(),
    ),
]
