"""Relatives of the third blind set that are equal: the same chain in other words."""

import jax
import jax.numpy as jnp
import optax
from torch.optim import SGD, Adagrad, Adam, Adamax, AdamW, RMSprop
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    ExponentialLR,
    LinearLR,
    MultiStepLR,
)

from .pair import LABELS, Pair
from .pairs_third_equal import SHORT
from .third_recipes import by_decay, clip_as_torch, matrices, two, under

LONG = {"steps": 80, "rate_steps": 400}

CHAINS = [
    Pair(
        id="momentum as a trace, the rate as a scale",
        source="relative: optax.sgd taken apart",
        torch=lambda net: SGD(net.parameters(), lr=0.05, momentum=0.9),
        jax=lambda: optax.chain(optax.trace(0.9), optax.scale(-0.05)),
        causes=(),
        loop=SHORT,
    ),
    Pair(
        id="the rate before the trace, constant",
        source="relative: two links that commute while the rate stays",
        torch=lambda net: SGD(net.parameters(), lr=0.05, momentum=0.9, nesterov=True, weight_decay=1e-3),
        jax=lambda: optax.chain(optax.add_decayed_weights(1e-3), optax.scale(-0.05), optax.trace(0.9, nesterov=True)),
        causes=(),
        loop=SHORT,
    ),
    Pair(
        id="scale_by_schedule with a minus sign",
        source="relative: how many chains were written before scale_by_learning_rate",
        torch=lambda net: under(AdamW(net.parameters(), lr=1e-3), lambda o: CosineAnnealingLR(o, 500)),
        jax=lambda: optax.chain(
            optax.scale_by_adam(),
            optax.add_decayed_weights(0.01),
            optax.scale_by_schedule(lambda c: -0.5e-3 * (1 + jnp.cos(jnp.pi * c / 500))),
        ),
        causes=(),
        loop=LONG,
    ),
    Pair(
        id="a schedule of shares, then the rate, then the sign",
        source="relative: three scales for one",
        torch=lambda net: under(Adam(net.parameters(), lr=2e-3), lambda o: MultiStepLR(o, [100, 200], 0.1)),
        jax=lambda: optax.chain(
            optax.scale_by_adam(),
            optax.scale_by_schedule(optax.piecewise_constant_schedule(1.0, {100: 0.1, 200: 0.1})),
            optax.scale(2e-3),
            optax.scale(-1.0),
        ),
        causes=(),
        loop=LONG,
    ),
    Pair(
        id="AdamW's decay behind a constant rate, as a number of its own",
        source="relative: lr times weight_decay by hand",
        torch=lambda net: AdamW(net.parameters(), lr=1e-3, weight_decay=0.1),
        jax=lambda: optax.chain(optax.scale_by_adam(), optax.scale(-1e-3), optax.add_decayed_weights(-1e-4)),
        causes=(),
        loop=SHORT,
    ),
    Pair(
        id="plain SGD's L2 decay, decoupled",
        source="relative: without momentum the two are one",
        torch=lambda net: SGD(net.parameters(), lr=0.1, weight_decay=5e-3),
        jax=lambda: optax.chain(optax.identity(), optax.add_decayed_weights(5e-3), optax.scale_by_learning_rate(0.1)),
        causes=(),
        loop=SHORT,
    ),
    Pair(
        id="two decays, a mask and its complement",
        source="relative: a decay for matrices, another for the rest",
        torch=lambda net: AdamW(
            [{**g, "weight_decay": d} for g, d in zip(by_decay(net, 0.1), (0.1, 0.02), strict=True)]
        ),
        jax=lambda: optax.chain(
            optax.scale_by_adam(),
            optax.add_decayed_weights(0.1, matrices),
            optax.add_decayed_weights(0.02, lambda tree: jax.tree.map(lambda p: p.ndim <= 1, tree)),
            optax.scale_by_learning_rate(1e-3),
        ),
        causes=(),
        loop=SHORT,
    ),
    Pair(
        id="the decay twice in halves",
        source="relative: a chain put together from two",
        torch=lambda net: SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-3),
        jax=lambda: optax.chain(
            optax.add_decayed_weights(5e-4), optax.add_decayed_weights(5e-4), optax.sgd(0.1, momentum=0.9)
        ),
        causes=(),
        loop=SHORT,
    ),
    Pair(
        id="ascent by the sign at the end, and by the sign in front",
        source="relative: maximize=True; the body one way, the head the other",
        torch=lambda net: SGD(two(net, {"lr": 0.01}, {"lr": 0.1}), momentum=0.9, maximize=True),
        jax=lambda: optax.multi_transform(
            {
                "body": optax.chain(optax.trace(0.9), optax.scale(0.01)),
                "head": optax.chain(optax.scale(-1.0), optax.sgd(0.1, momentum=0.9)),
            },
            LABELS,
        ),
        causes=(),
        loop=SHORT,
    ),
    Pair(
        id="Adam with beta1 of 0 as a corrected RMSprop",
        source="relative: WGAN-GP's betas, optax.rmsprop(bias_correction=True)",
        torch=lambda net: Adam(net.parameters(), lr=1e-4, betas=(0.0, 0.9)),
        jax=lambda: optax.rmsprop(1e-4, decay=0.9, eps_in_sqrt=False, bias_correction=True),
        causes=(),
        loop=SHORT,
    ),
    Pair(
        id="inject_hyperparams around a chain with a mask",
        source="relative: rates that can be logged",
        torch=lambda net: under(AdamW(by_decay(net, 0.1), lr=1e-3), lambda o: LinearLR(o, 0.1, total_iters=50)),
        jax=lambda: optax.inject_hyperparams(optax.adamw, static_args=("mask",))(
            learning_rate=optax.linear_schedule(1e-4, 1e-3, 50), weight_decay=0.1, mask=matrices
        ),
        causes=(),
        loop=SHORT,
    ),
    Pair(
        id="apply_if_finite and flatten around Adam",
        source="relative: wrappers that change nothing",
        torch=lambda net: Adam(net.parameters(), lr=3e-4, eps=1e-5),
        jax=lambda: optax.apply_if_finite(optax.flatten(optax.adam(3e-4, eps=1e-5)), 5),
        causes=(),
        loop=SHORT,
    ),
    Pair(
        id="MultiSteps of a single micro-step, and a clip before it",
        source="relative: an accumulation that is switched off",
        torch=lambda net: SGD(net.parameters(), lr=0.1, momentum=0.9),
        jax=lambda: optax.chain(
            clip_as_torch(1.0), optax.MultiSteps(optax.sgd(0.1, momentum=0.9), 1).gradient_transformation()
        ),
        causes=(),
        loop={"clip_grad_norm": 1.0, **SHORT},
    ),
    Pair(
        id="Adamax in one line",
        source="relative: optax.adamax is torch's",
        torch=lambda net: under(Adamax(net.parameters()), lambda o: ExponentialLR(o, 0.99)),
        jax=lambda: optax.adamax(optax.exponential_decay(2e-3, 1, 0.99)),
        causes=(),
        loop=SHORT,
    ),
    Pair(
        id="Adagrad without eps, from a tenth",
        source="relative: with eps of 0 its place is nowhere",
        torch=lambda net: Adagrad(net.parameters(), lr=0.05, initial_accumulator_value=0.1, eps=0.0),
        jax=lambda: optax.adagrad(0.05, eps=0.0),
        causes=(),
        loop=SHORT,
    ),
    Pair(
        id="centered RMSprop with momentum, the rate behind",
        source="relative: scale_by_stddev and a trace",
        torch=lambda net: RMSprop(net.parameters(), lr=1e-3, alpha=0.95, eps=1e-3, centered=True, momentum=0.9),
        jax=lambda: optax.chain(
            optax.scale_by_stddev(decay=0.95, eps=1e-3, eps_in_sqrt=False), optax.trace(0.9), optax.scale(-1e-3)
        ),
        causes=(),
        loop=SHORT,
    ),
]
