"""Relatives of what the blind pairs had missed: the same kinds of differences with other optimizers."""

import jax.numpy as jnp
import optax
from torch.optim import SGD, Adadelta, Adagrad, Adam, Adamax, AdamW, RMSprop
from torch.optim.lr_scheduler import (
    ChainedScheduler,
    CosineAnnealingLR,
    CyclicLR,
    ExponentialLR,
    LinearLR,
    PolynomialLR,
    StepLR,
)

import lrjax

from .blind_recipes import accumulated, of_count, ramp, scale_by_plain_adagrad, scale_by_torch_rmsprop, triangle
from .pair import LABELS, Pair, both
from .pairs_after_recipes import decay_groups, factor, hugging_face, matrices, scheduled

SOURCE = "relative of a blind pair"

EQUAL_RELATIVES = [
    Pair(
        id="a line computed in float32, through Adadelta",
        source=SOURCE,
        torch=lambda net: scheduled(
            Adadelta(net.parameters(), lr=0.7), lambda o: PolynomialLR(o, total_iters=1500, power=1.0)
        ),
        jax=lambda: optax.adadelta(
            of_count(lambda count: jnp.float32(0.7) * (1 - jnp.float32(count) / jnp.float32(1500))), rho=0.9, eps=1e-6
        ),
        causes=(),
        note="JAX computes the schedule in float32",
    ),
    Pair(
        id="Adamax under a clip at 40",
        source=SOURCE,
        torch=lambda net: Adamax(net.parameters(), lr=2e-3),
        jax=lambda: optax.chain(lrjax.ClipGradNorm(40.0), optax.adamax(2e-3)),
        causes=(),
        loop={"clip_grad_norm": 40.0},
    ),
]

CLIPPING_RELATIVES = [
    Pair(
        id="Adam clipped behind its L2 decay",
        source=SOURCE,
        torch=lambda net: Adam(net.parameters(), lr=1e-3, weight_decay=1e-2),
        jax=lambda: optax.chain(optax.add_decayed_weights(1e-2), lrjax.ClipGradNorm(1.0), optax.adam(1e-3)),
        causes=("clip_order",),
        first=0,
        loop={"clip_grad_norm": 1.0},
    ),
    Pair(
        id="RMSprop clipped by value behind the decay of its matrices",
        source=SOURCE,
        torch=lambda net: RMSprop(decay_groups(net, 1e-3), lr=1e-3, eps=1e-5),
        jax=lambda: optax.chain(
            optax.add_decayed_weights(1e-3, mask=matrices),
            optax.clip(0.5),
            scale_by_torch_rmsprop(0.99, 1e-5),
            optax.scale(-1e-3),
        ),
        causes=("clip_order",),
        first=0,
        loop={"clip_grad_value": 0.5},
    ),
    Pair(
        id="four micro-steps, their mean clipped behind the decay",
        source=SOURCE,
        torch=lambda net: SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-2, nesterov=True),
        jax=lambda: accumulated(
            optax.chain(
                optax.add_decayed_weights(1e-2), lrjax.ClipGradNorm(1.0), optax.sgd(0.05, momentum=0.9, nesterov=True)
            ),
            4,
        ),
        causes=("clip_order",),
        first=0,
        loop={"clip_grad_norm": 1.0, "accumulate": 4},
    ),
    Pair(
        id="Adadelta clipped behind its decay by optax's norm",
        source=SOURCE,
        torch=lambda net: Adadelta(net.parameters(), lr=1.0, weight_decay=1e-2),
        jax=lambda: optax.chain(
            optax.add_decayed_weights(1e-2),
            optax.clip_by_global_norm(0.25),
            optax.adadelta(1.0, rho=0.9, eps=1e-6),
        ),
        causes=("clip_order", "clip_eps"),
        first=0,
        loop={"clip_grad_norm": 0.25},
    ),
    Pair(
        id="Adadelta's rho, its clip forgotten",
        source=SOURCE,
        torch=lambda net: Adadelta(net.parameters(), lr=1.0, rho=0.95),
        jax=lambda: optax.adadelta(1.0, rho=0.9, eps=1e-6),
        causes=("rho", "clip"),
        first=0,
        loop={"clip_grad_norm": 5.0},
    ),
]

DECAY_RELATIVES = [
    Pair(
        id="Adagrad whose vectors decay in JAX alone",
        source=SOURCE,
        torch=lambda net: Adagrad(decay_groups(net, 1e-2), lr=0.01),
        jax=lambda: optax.chain(optax.add_decayed_weights(1e-2), scale_by_plain_adagrad(), optax.scale(-0.01)),
        causes=("decay_mask",),
        first=0,
        group="1",
    ),
    Pair(
        id="a body that does not decay in JAX, and another beta2",
        source=SOURCE,
        torch=lambda net: AdamW(both(net, lr=1e-3), weight_decay=0.05),
        jax=lambda: optax.multi_transform(
            {
                "body": optax.adamw(1e-4, b2=0.95, weight_decay=0.0),
                "head": optax.adamw(1e-3, b2=0.95, weight_decay=0.05),
            },
            LABELS,
        ),
        causes=("decay_mask", "betas"),
        first=0,
    ),
    Pair(
        id="no decay at all in JAX, of two groups of which one decays in torch",
        source=SOURCE,
        torch=lambda net: Adamax(decay_groups(net, 1e-2), lr=2e-3),
        jax=lambda: optax.adamax(2e-3),
        causes=("weight_decay",),
        first=0,
        group="0",
    ),
]

RATE_RELATIVES = [
    Pair(
        id="a warm-up times a cosine, twice as long in JAX",
        source=SOURCE,
        torch=lambda net: scheduled(
            Adamax(net.parameters(), lr=2e-3),
            lambda o: ChainedScheduler([LinearLR(o, 0.1, total_iters=40), CosineAnnealingLR(o, 1200)]),
        ),
        jax=lambda: optax.adamax(
            of_count(lambda count: ramp(2e-4, 2e-3, 80)(count) * (1 + jnp.cos(jnp.pi * count / 1200)) / 2)
        ),
        causes=("warmup_length",),
        first=1,
    ),
    Pair(
        id="a warm-up from one part in fifty times a power, from zero in JAX",
        source=SOURCE,
        torch=lambda net: scheduled(
            RMSprop(net.parameters(), lr=1e-3),
            lambda o: ChainedScheduler([LinearLR(o, 0.02, total_iters=50), PolynomialLR(o, 1200, power=0.9)]),
        ),
        jax=lambda: optax.chain(
            scale_by_torch_rmsprop(0.99, 1e-8),
            optax.scale_by_learning_rate(
                of_count(lambda count: ramp(0.0, 1e-3, 50)(count) * (1 - count / 1200) ** 0.9)
            ),
        ),
        causes=("warmup_start",),
        first=0,
    ),
    Pair(
        id="a warm-up three times as long, and nesterov",
        source=SOURCE,
        torch=lambda net: scheduled(
            SGD(net.parameters(), lr=0.1, momentum=0.9), hugging_face("get_constant_schedule_with_warmup", 20)
        ),
        jax=lambda: optax.sgd(ramp(0.0, 0.1, 60), momentum=0.9, nesterov=True),
        causes=("warmup_length", "nesterov"),
        first=0,
        parted=1,  # the first rate is 0
    ),
    Pair(
        id="a linear decay twice as long under AMSGrad",
        source=SOURCE,
        torch=lambda net: scheduled(
            Adam(net.parameters(), lr=1e-3, amsgrad=True), lambda o: LinearLR(o, 1.0, 0.1, total_iters=300)
        ),
        jax=lambda: optax.adam(ramp(1e-3, 1e-4, 600)),
        causes=("decay_length", "amsgrad"),
        first=1,
    ),
    Pair(
        id="an ExponentialLR stepped with every micro-step",
        source=SOURCE,
        torch=lambda net: scheduled(RMSprop(net.parameters(), lr=1e-3), lambda o: ExponentialLR(o, 0.999)),
        jax=lambda: accumulated(
            optax.chain(
                scale_by_torch_rmsprop(0.99, 1e-8),
                optax.scale_by_learning_rate(of_count(lambda count: 1e-3 * 0.999**count)),
            ),
            2,
        ),
        causes=("schedule_unit",),
        first=0,
        loop={"accumulate": 2, "scheduler_every": "micro-step"},
    ),
    Pair(
        id="a StepLR stepped with every micro-step, in units of three",
        source=SOURCE,
        torch=lambda net: scheduled(Adagrad(net.parameters(), lr=1e-2), lambda o: StepLR(o, 90, gamma=0.5)),
        jax=lambda: accumulated(
            optax.chain(
                scale_by_plain_adagrad(),
                optax.scale_by_learning_rate(of_count(lambda count: 1e-2 * 0.5 ** (count // 90))),
            ),
            3,
        ),
        causes=("schedule_unit",),
        first=30,
        loop={"accumulate": 3, "scheduler_every": "micro-step"},
    ),
    Pair(
        id="a cycled momentum nobody saw, and nesterov lost",
        source=SOURCE,
        torch=lambda net: scheduled(
            SGD(net.parameters(), lr=0.01, momentum=0.9, nesterov=True),
            lambda o: CyclicLR(o, base_lr=0.01, max_lr=0.1, step_size_up=50),
        ),
        jax=lambda: optax.sgd(triangle(0.01, 0.1, 50), momentum=0.9),
        causes=("momentum", "nesterov"),
        first=0,
    ),
    Pair(
        id="a power of the rate counted from one, an eps lost",
        source=SOURCE,
        torch=lambda net: scheduled(Adamax(net.parameters(), lr=2e-3, eps=1e-4), factor(lambda t: 0.995**t)),
        jax=lambda: optax.adamax(of_count(lambda count: 2e-3 * 0.995 ** (count + 1))),
        causes=("lr", "eps"),
        first=0,
    ),
]

_ALL = [*CLIPPING_RELATIVES, *DECAY_RELATIVES, *RATE_RELATIVES]
SINGLE_RELATIVES = [pair for pair in _ALL if len(pair.causes) == 1]
DOUBLE_RELATIVES = [pair for pair in _ALL if len(pair.causes) == 2]
