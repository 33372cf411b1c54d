"""Relatives of the third blind set that are equal: the same rates by other means."""

import math
from typing import Any

import jax.numpy as jnp
import optax
from torch.optim import SGD, Adam, AdamW
from torch.optim.lr_scheduler import (
    ChainedScheduler,
    ConstantLR,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiStepLR,
    OneCycleLR,
    PolynomialLR,
    SequentialLR,
)

from .blind_recipes import of_count
from .pair import LABELS, Pair
from .pairs_third_spelled import LONG
from .third_recipes import cosine, two, under


def _cycle(count: Any) -> Any:
    """The number of the cycle of cycles that double, the first of 32 counts."""
    return jnp.floor(jnp.log2((count + 32) / 32))


def _share(t: int) -> float:
    return (t + 1) / 40 if t < 40 else 0.5 * (1 + math.cos(math.pi * (t - 40) / 400))


RATES = [
    Pair(
        id="a warm-up and milestones, joined",
        source="relative: SequentialLR as join_schedules of pieces",
        torch=lambda net: under(
            SGD(net.parameters(), lr=0.1),
            lambda o: SequentialLR(o, [LinearLR(o, 0.1, total_iters=20), MultiStepLR(o, [100, 200], 0.1)], [20]),
        ),
        jax=lambda: optax.sgd(
            optax.join_schedules(
                [optax.linear_schedule(0.01, 0.1, 20), optax.piecewise_constant_schedule(0.1, {100: 0.1, 200: 0.1})],
                [20],
            )
        ),
        causes=(),
        loop=LONG,
    ),
    Pair(
        id="(count + 1) / n, then a cosine, by jnp.where",
        source="relative: a warm-up as people write it",
        torch=lambda net: under(Adam(net.parameters(), lr=1e-3), lambda o: LambdaLR(o, _share)),
        jax=lambda: optax.adam(of_count(lambda c: 1e-3 * jnp.where(c < 40, (c + 1) / 40, cosine((c - 40) / 400)))),
        causes=(),
        loop=LONG,
    ),
    Pair(
        id="a rate that waits, then falls",
        source="relative: transition_begin for a ConstantLR before the ExponentialLR",
        torch=lambda net: under(
            SGD(net.parameters(), lr=0.1, momentum=0.9),
            lambda o: SequentialLR(o, [ConstantLR(o, 1.0, 1), ExponentialLR(o, 0.98)], [50]),
        ),
        jax=lambda: optax.sgd(optax.exponential_decay(0.1, 1, 0.98, transition_begin=50), momentum=0.9),
        causes=(),
        loop=LONG,
    ),
    Pair(
        id="a power of two thirds over 300 updates",
        source="relative: polynomial_schedule is PolynomialLR",
        torch=lambda net: under(SGD(net.parameters(), lr=0.1), lambda o: PolynomialLR(o, 300, power=2 / 3)),
        jax=lambda: optax.sgd(optax.polynomial_schedule(0.1, 0.0, 2 / 3, 300)),
        causes=(),
        loop=LONG,
    ),
    Pair(
        id="a half of the rate for twenty updates, times a decay",
        source="relative: ChainedScheduler as a product",
        torch=lambda net: under(
            SGD(net.parameters(), lr=0.1),
            lambda o: ChainedScheduler([ConstantLR(o, 0.5, total_iters=20), ExponentialLR(o, 0.99)]),
        ),
        jax=lambda: optax.sgd(of_count(lambda c: 0.1 * 0.99**c * jnp.where(c < 20, 0.5, 1.0))),
        causes=(),
        loop=LONG,
    ),
    Pair(
        id="warm restarts whose cycles double, by a logarithm",
        source="relative: SGDR with T_mult=2",
        torch=lambda net: under(
            SGD(net.parameters(), lr=0.05), lambda o: CosineAnnealingWarmRestarts(o, T_0=32, T_mult=2, eta_min=1e-4)
        ),
        jax=lambda: optax.sgd(
            of_count(lambda c: 1e-4 + (0.05 - 1e-4) * cosine((c + 32 - 32 * 2 ** _cycle(c)) / (32 * 2 ** _cycle(c))))
        ),
        causes=(),
        loop=LONG,
    ),
    Pair(
        id="OneCycleLR without its momentum, from its formula",
        source="relative: cycle_momentum=False",
        torch=lambda net: under(
            SGD(net.parameters(), lr=0.1, momentum=0.9),
            lambda o: OneCycleLR(o, 0.1, total_steps=301, pct_start=101 / 301, cycle_momentum=False),
        ),
        jax=lambda: optax.sgd(
            of_count(
                lambda c: jnp.where(
                    c <= 100,
                    0.1 - (0.1 - 0.004) * cosine(c / 100),
                    4e-7 + (0.1 - 4e-7) * cosine((c - 100) / 200),
                )
            ),
            momentum=0.9,
        ),
        causes=(),
        loop={"steps": 80, "rate_steps": 301},
    ),
    Pair(
        id="two groups of one cosine with a floor each",
        source="relative: eta_min as alpha, reckoned for each rate",
        torch=lambda net: under(
            AdamW(two(net, {"lr": 1e-4}, {"lr": 1e-3})), lambda o: CosineAnnealingLR(o, 399, eta_min=1e-5)
        ),
        jax=lambda: optax.multi_transform(
            {
                key: optax.adamw(optax.cosine_decay_schedule(lr, 399, alpha=1e-5 / lr), weight_decay=0.01)
                for key, lr in (("body", 1e-4), ("head", 1e-3))
            },
            LABELS,
        ),
        causes=(),
        loop=LONG,
    ),
    Pair(
        id="a warm-up over nothing",
        source="relative: zero warm-up steps, in both",
        torch=lambda net: under(SGD(net.parameters(), lr=0.1), lambda o: LambdaLR(o, lambda t: max(0.0, 1 - t / 200))),
        jax=lambda: optax.sgd(
            optax.join_schedules([optax.constant_schedule(9.0), optax.linear_schedule(0.1, 0, 200)], [0])
        ),
        causes=(),
        loop=LONG,
    ),
]
