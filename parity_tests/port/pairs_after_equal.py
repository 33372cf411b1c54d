"""Ports that are right."""

import optax
from torch.optim import SGD, AdamW, RMSprop
from torch.optim.lr_scheduler import CosineAnnealingLR, MultiStepLR, StepLR

import lrjax

from .pair import Pair, both
from .pairs_after_recipes import (
    decay_groups,
    factor,
    hugging_face,
    linear_warmup_decay,
    matrices,
    nanogpt_factor,
    scheduled,
)

EQUAL = [
    Pair(
        id="fine-tuning with two groups and StepLR, ported with lrjax",
        source="fine-tuning recipe: the body at a tenth of the head's rate",
        torch=lambda net: scheduled(AdamW(both(net, lr=1e-3), weight_decay=0.05), lambda o: StepLR(o, 200, gamma=0.1)),
        jax=lambda: lrjax.AdamW(
            [{"params": ["backbone/**", "norm/**"], "lr": 1e-4, "name": "body"}, {"params": "head/**", "name": "head"}],
            lr=1e-3,
            weight_decay=0.05,
            scheduler=lrjax.StepLR(step_size=200, gamma=0.1, every=1),
        ),
        causes=(),
    ),
    Pair(
        id="nanoGPT with its warm-up from 1/(n + 1), its mask and torch's clipping",
        source="nanoGPT, train.py",
        torch=lambda net: scheduled(AdamW(decay_groups(net, 0.1), lr=6e-4, betas=(0.9, 0.95)), factor(nanogpt_factor)),
        jax=lambda: optax.chain(
            lrjax.ClipGradNorm(1.0),
            optax.adamw(
                optax.warmup_cosine_decay_schedule(6e-4 / 101, 6e-4, 100, 1000, end_value=6e-5),
                b2=0.95,
                weight_decay=0.1,
                mask=matrices,
            ),
        ),
        causes=(),
        loop={"clip_grad_norm": 1.0},
    ),
    Pair(
        id="BERT fine-tuning, linear warm-up and decay written with join_schedules",
        source="transformers, run_glue.py",
        torch=lambda net: scheduled(
            AdamW(net.parameters(), lr=5e-5, weight_decay=0.01),
            hugging_face("get_linear_schedule_with_warmup", 100, 1000),
        ),
        jax=lambda: optax.adamw(linear_warmup_decay(5e-5, 100, 1000), weight_decay=0.01),
        causes=(),
    ),
    Pair(
        id="ResNet: L2 decay before the momentum, the rate dropped at two milestones",
        source="torchvision references/classification",
        torch=lambda net: scheduled(
            SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4), lambda o: MultiStepLR(o, [300, 600])
        ),
        jax=lambda: optax.chain(
            optax.add_decayed_weights(1e-4),
            optax.sgd(optax.piecewise_constant_schedule(0.1, {300: 0.1, 600: 0.1}), momentum=0.9),
        ),
        causes=(),
    ),
    Pair(
        id="EfficientNet's RMSprop taken apart, so that the rate stays outside the buffer",
        source="threads 7 and 19",
        torch=lambda net: scheduled(
            RMSprop(net.parameters(), lr=0.016, alpha=0.9, eps=1e-3, momentum=0.9, weight_decay=1e-5),
            lambda o: StepLR(o, 24, gamma=0.97),
        ),
        jax=lambda: optax.chain(
            optax.add_decayed_weights(1e-5),
            optax.scale_by_rms(decay=0.9, eps=1e-3, eps_in_sqrt=False),
            optax.trace(0.9),
            optax.scale_by_learning_rate(optax.exponential_decay(0.016, 24, 0.97, staircase=True)),
        ),
        causes=(),
    ),
    Pair(
        id="accumulation of four micro-steps, clipped once, inside MultiSteps",
        source="thread 20",
        torch=lambda net: scheduled(
            AdamW(net.parameters(), lr=3e-4, weight_decay=0.1), lambda o: CosineAnnealingLR(o, T_max=1000)
        ),
        jax=lambda: optax.MultiSteps(
            optax.chain(
                lrjax.ClipGradNorm(1.0), optax.adamw(optax.cosine_decay_schedule(3e-4, 1000), weight_decay=0.1)
            ),
            every_k_schedule=4,
        ).gradient_transformation(),
        causes=(),
        loop={"accumulate": 4, "clip_grad_norm": 1.0},
    ),
]
