"""Pairs written while the tool was written: conventions one by one, and in pairs."""

from typing import Any

import jax
import jax.numpy as jnp
import optax
import torch
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiStepLR,
    PolynomialLR,
    SequentialLR,
    StepLR,
)

import lrjax

from .pair import LABELS, Net, Pair, both

chain = optax.chain
C = optax.scale_by_learning_rate


def adamw(net: Net, lr: float = 1e-3, **options: Any) -> torch.optim.Optimizer:
    """torch's AdamW over one group."""
    return torch.optim.AdamW(net.parameters(), lr=lr, **options)


def cosine_to(steps: int, floor: float = 0.0, lr: float = 1e-3) -> Any:
    """torch's cosine as an optax schedule, held at its end."""
    return lambda count: floor + (lr - floor) * (1 + jnp.cos(jnp.pi * jnp.minimum(count, steps) / steps)) / 2


def warm(n: int, start: float, lr: float, then: Any) -> Any:
    """A linear warm-up over ``n`` counts, then another schedule."""
    return lambda count: jnp.where(count < n, start + (lr - start) * count / n, then(count - n))


def two(make: Any) -> Any:
    """The two groups of ``both``."""
    return optax.multi_transform({"body": make(1e-4), "head": make(1e-3)}, LABELS)


def sequential(optimizer: Any, warm_up: int, total: int) -> Any:
    """torch's linear warm-up and cosine."""
    parts = [LinearLR(optimizer, 1 / warm_up, 1.0, warm_up), CosineAnnealingLR(optimizer, total - warm_up)]
    return SequentialLR(optimizer, parts, [warm_up])


def with_(make: Any, optimizer: torch.optim.Optimizer) -> tuple[torch.optim.Optimizer, Any]:
    """An optimizer and its scheduler."""
    return optimizer, make(optimizer)


SHORT = {"rate_steps": 200}

EQUAL = [
    Pair(
        "lrjax AdamW, two groups, cosine",
        "lrjax",
        lambda net: with_(lambda o: CosineAnnealingLR(o, 300), torch.optim.AdamW(both(net, lr=1e-3))),
        lambda: lrjax.AdamW(
            [{"params": "head/**", "lr": 1e-3}, {"params": "**", "lr": 1e-4}],
            lr=1e-3,
            scheduler=lrjax.CosineAnnealingLR(300, every=1),
        ),
        (),
    ),
    Pair(
        "lrjax SGD with momentum and clipping",
        "lrjax",
        lambda net: torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, nesterov=True),
        lambda: chain(lrjax.ClipGradNorm(1.0), lrjax.SGD("**", lr=0.1, momentum=0.9, nesterov=True)),
        (),
        loop={"clip_grad_norm": 1.0},
    ),
    Pair("optax adamw with torch's decay", "thread 10", adamw, lambda: optax.adamw(1e-3, weight_decay=1e-2), ()),
    Pair(
        "optax sgd with momentum",
        "torchvision",
        lambda net: torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9),
        lambda: optax.sgd(0.1, momentum=0.9),
        (),
    ),
    Pair(
        "optax rmsprop as torch's",
        "thread 7",
        lambda net: torch.optim.RMSprop(net.parameters(), lr=1e-3),
        lambda: optax.rmsprop(1e-3, decay=0.99, eps_in_sqrt=False),
        (),
    ),
    Pair(
        "lrjax Rprop, whose rule the probes do not know",
        "lrjax",
        lambda net: torch.optim.Rprop(net.parameters(), lr=1e-3),
        lambda: lrjax.Rprop("**", lr=1e-3),
        (),
    ),
]

SINGLE = [
    Pair("decay left at optax's default", "thread 10", adamw, lambda: optax.adamw(1e-3), ("weight_decay",), 0),
    Pair(
        "eps inside the root",
        "thread 5",
        lambda net: adamw(net, eps=1e-6),
        lambda: optax.adamw(1e-3, eps=0.0, eps_root=1e-6, weight_decay=1e-2),
        ("eps_place",),
        0,
    ),
    Pair(
        "eps forgotten",
        "thread 14",
        lambda net: adamw(net, eps=1e-5),
        lambda: optax.adamw(1e-3, weight_decay=1e-2),
        ("eps",),
        0,
    ),
    Pair(
        "beta2 of another paper",
        "nanoGPT",
        lambda net: adamw(net, betas=(0.9, 0.95)),
        lambda: optax.adamw(1e-3, weight_decay=1e-2),
        ("betas",),
        0,
    ),
    Pair(
        "L2 in torch, decoupled in JAX",
        "thread 9",
        lambda net: torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-2),
        lambda: optax.adamw(1e-3, weight_decay=1e-2),
        ("decay_form",),
        0,
    ),
    Pair(
        "decay not times the rate",
        "thread 10",
        lambda net: with_(lambda o: CosineAnnealingLR(o, 1000), adamw(net, weight_decay=0.1)),
        lambda: chain(optax.scale_by_adam(), C(cosine_to(1000)), optax.add_decayed_weights(-1e-4)),
        ("decay_form",),
        1,
    ),
    Pair(
        "decay of kernels only",
        "nanoGPT",
        adamw,
        lambda: optax.adamw(
            1e-3, weight_decay=1e-2, mask=lambda p: {k: {n: n == "kernel" for n in v} for k, v in p.items()}
        ),
        ("decay_mask",),
        0,
    ),
    Pair(
        "no bias correction of adam",
        "thread 8",
        lambda net: adamw(net, weight_decay=0.0),
        lambda: chain(uncorrected_adam(), C(1e-3)),
        ("bias_correction",),
        0,
    ),
    Pair(
        "nesterov",
        "torchvision",
        lambda net: torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9),
        lambda: optax.sgd(0.1, momentum=0.9, nesterov=True),
        ("nesterov",),
        0,
    ),
    Pair(
        "momentum as a moving average",
        "optax.ema",
        lambda net: torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9),
        lambda: chain(optax.ema(0.9, debias=False), C(0.1)),
        ("dampening",),
        0,
    ),
    Pair(
        "dampening",
        "torch",
        lambda net: torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, dampening=0.5),
        lambda: optax.sgd(0.1, momentum=0.9),
        ("dampening",),
        1,
    ),
    Pair(
        "another momentum",
        "torchvision",
        lambda net: torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9),
        lambda: optax.sgd(0.1, momentum=0.99),
        ("momentum",),
        1,
    ),
    Pair(
        "rmsprop eps inside",
        "thread 7",
        lambda net: torch.optim.RMSprop(net.parameters(), lr=1e-3),
        lambda: optax.rmsprop(1e-3, decay=0.99),
        ("eps_place",),
        0,
    ),
    Pair(
        "rmsprop decay default",
        "thread 19",
        lambda net: torch.optim.RMSprop(net.parameters(), lr=1e-3),
        lambda: optax.rmsprop(1e-3, eps_in_sqrt=False),
        ("alpha",),
        0,
    ),
    Pair(
        "rmsprop centered",
        "torch",
        lambda net: torch.optim.RMSprop(net.parameters(), lr=1e-3, centered=True),
        lambda: optax.rmsprop(1e-3, decay=0.99, eps_in_sqrt=False),
        ("centered",),
        0,
    ),
    Pair(
        "the rate inside the momentum buffer",
        "optax.rmsprop",
        lambda net: with_(
            lambda o: ExponentialLR(o, 0.99), torch.optim.RMSprop(net.parameters(), lr=1e-3, momentum=0.9)
        ),
        lambda: optax.rmsprop(lambda t: 1e-3 * 0.99**t, decay=0.99, eps_in_sqrt=False, momentum=0.9),
        ("rate_inside",),
        1,
    ),
    Pair(
        "adagrad from 0.1",
        "optax.adagrad",
        lambda net: torch.optim.Adagrad(net.parameters(), lr=1e-2, eps=1e-7),
        lambda: chain(rss(0.1, 1e-7), C(1e-2)),
        ("initial_accumulator",),
        0,
    ),
    Pair(
        "amsgrad forgotten",
        "torch",
        lambda net: adamw(net, amsgrad=True),
        lambda: optax.adamw(1e-3, weight_decay=1e-2),
        ("amsgrad",),
    ),
    Pair(
        "amsgrad of the corrected moment",
        "optax.amsgrad",
        lambda net: torch.optim.Adam(net.parameters(), lr=1e-3, amsgrad=True),
        lambda: optax.amsgrad(1e-3),
        ("amsgrad",),
    ),
    Pair(
        "another algorithm",
        "thread 17",
        lambda net: torch.optim.Adam(net.parameters(), lr=1e-3),
        lambda: optax.sgd(1e-3),
        ("rule",),
        0,
    ),
    Pair(
        "adadelta's rho",
        "torch",
        lambda net: torch.optim.Adadelta(net.parameters(), lr=1.0),
        lambda: optax.adadelta(1.0, rho=0.95),
        ("rho",),
        0,
    ),
    Pair(
        "adamax's eps",
        "torch",
        lambda net: torch.optim.Adamax(net.parameters(), lr=1e-3),
        lambda: optax.adamax(1e-3, eps=1e-6),
        ("eps",),
        0,
    ),
    Pair(
        "clip without 1e-6",
        "thread 2",
        lambda net: adamw(net),
        lambda: chain(optax.clip_by_global_norm(1.0), optax.adamw(1e-3, weight_decay=1e-2)),
        ("clip_eps",),
        None,
        loop={"clip_grad_norm": 1.0},
    ),
    Pair(
        "clip forgotten",
        "nanoGPT",
        lambda net: adamw(net),
        lambda: optax.adamw(1e-3, weight_decay=1e-2),
        ("clip",),
        None,
        loop={"clip_grad_norm": 1.0},
    ),
    Pair(
        "clip at another limit",
        "thread 2",
        lambda net: adamw(net),
        lambda: chain(lrjax.ClipGradNorm(0.5), optax.adamw(1e-3, weight_decay=1e-2)),
        ("clip",),
        None,
        loop={"clip_grad_norm": 1.0},
    ),
    Pair(
        "clip by value",
        "torch",
        lambda net: adamw(net),
        lambda: chain(optax.clip(1.0), optax.adamw(1e-3, weight_decay=1e-2)),
        ("clip_kind",),
        None,
        loop={"clip_grad_norm": 1.0},
    ),
    Pair(
        "clip by tensor",
        "optax",
        lambda net: adamw(net),
        lambda: chain(optax.clip_by_block_rms(1.0), optax.adamw(1e-3, weight_decay=1e-2)),
        ("clip_kind",),
        None,
        loop={"clip_grad_norm": 1.0},
    ),
    Pair("another base rate", "thread 11", adamw, lambda: optax.adamw(3e-4, weight_decay=1e-2), ("lr",), 0),
    Pair(
        "cosine of n - 1",
        "thread 1",
        lambda net: with_(lambda o: CosineAnnealingLR(o, 999), adamw(net)),
        lambda: optax.adamw(cosine_to(1000), weight_decay=1e-2),
        ("decay_length",),
        1,
        loop={"rate_steps": 900},
    ),
    Pair(
        "cosine that climbs",
        "optax",
        lambda net: with_(lambda o: CosineAnnealingLR(o, 100), adamw(net)),
        lambda: optax.adamw(cosine_to(100), weight_decay=1e-2),
        ("after_end",),
        101,
    ),
    Pair(
        "warm-up from 0",
        "thread 26",
        lambda net: with_(lambda o: sequential(o, 50, 500), adamw(net)),
        lambda: optax.adamw(warm(50, 0.0, 1e-3, cosine_to(450)), weight_decay=1e-2),
        ("warmup_start",),
        0,
        loop={"rate_steps": 400},
    ),
    Pair(
        "one update early",
        "thread 27",
        lambda net: with_(lambda o: LambdaLR(o, lambda t: min(1.0, t / 100) * 0.999**t), adamw(net)),
        lambda: optax.adamw(lambda t: 1e-3 * jnp.minimum(1.0, (t + 1) / 100) * 0.999 ** (t + 1), weight_decay=1e-2),
        ("rate_shift",),
        0,
    ),
    Pair(
        "per epoch and per update",
        "thread 22",
        lambda net: with_(lambda o: ExponentialLR(o, 0.9), adamw(net)),
        lambda: optax.adamw(lambda t: 1e-3 * 0.9**t, weight_decay=1e-2),
        ("schedule_unit",),
        1,
        loop={"scheduler_every": 20},
    ),
    Pair(
        "a floor",
        "optax alpha",
        lambda net: with_(lambda o: CosineAnnealingLR(o, 500, eta_min=1e-5), adamw(net)),
        lambda: optax.adamw(cosine_to(500), weight_decay=1e-2),
        ("floor",),
        1,
        loop={"rate_steps": 500},
    ),
    Pair(
        "smooth and staircase",
        "optax.exponential_decay",
        lambda net: with_(lambda o: StepLR(o, 50, 0.5), adamw(net)),
        lambda: optax.adamw(optax.exponential_decay(1e-3, 50, 0.5), weight_decay=1e-2),
        ("schedule",),
        1,
    ),
    Pair(
        "one group has the other's rate",
        "fine-tuning",
        lambda net: torch.optim.AdamW(both(net, lr=1e-3)),
        lambda: optax.multi_transform(
            {"body": optax.adamw(1e-4, weight_decay=1e-2), "head": optax.adamw(1e-3, weight_decay=1e-2)},
            {"backbone": "body", "norm": "head", "head": "head"},
        ),
        ("groups",),
        0,
        "body",
    ),
    Pair(
        "the body frozen in JAX",
        "fine-tuning",
        lambda net: torch.optim.AdamW(both(net, lr=1e-3)),
        lambda: optax.multi_transform(
            {"body": optax.set_to_zero(), "head": optax.adamw(1e-3, weight_decay=1e-2)}, LABELS
        ),
        ("groups",),
        0,
        "body",
    ),
    Pair(
        "the head alone decays otherwise",
        "fine-tuning",
        lambda net: torch.optim.AdamW(both(net, lr=1e-3)),
        lambda: optax.multi_transform(
            {"body": optax.adamw(1e-4, weight_decay=1e-2), "head": optax.adamw(1e-3)}, LABELS
        ),
        ("weight_decay",),
        0,
        "head",
    ),
    Pair(
        "micro-steps",
        "thread 20",
        lambda net: adamw(net),
        lambda: optax.MultiSteps(optax.adamw(1e-3, weight_decay=1e-2), 2),
        ("accumulation",),
        None,
        loop={"accumulate": 4},
    ),
    Pair(
        "the schedule counts micro-steps",
        "thread 22",
        lambda net: with_(lambda o: CosineAnnealingLR(o, 1000), adamw(net)),
        lambda: optax.MultiSteps(optax.adamw(cosine_to(1000), weight_decay=1e-2), 4),
        ("schedule_unit",),
        1,
        loop={"accumulate": 4, "scheduler_every": "micro-step", "rate_steps": 200},
    ),
    Pair(
        "the sum of micro-steps in JAX",
        "thread 20",
        lambda net: torch.optim.Adam(net.parameters(), lr=0.1),
        lambda: optax.MultiSteps(optax.adam(0.1), 4, use_grad_mean=False),
        ("accumulation_mean",),
        0,
        loop={"accumulate": 4},
    ),
    Pair(
        "rmsprop for adam without momentum",
        "BERT",
        lambda net: torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.0),
        lambda: chain(optax.scale_by_rms(0.999, eps_in_sqrt=False), C(1e-3)),
        ("rule",),
        0,
    ),
    Pair(
        "the sum of micro-steps",
        "thread 20",
        lambda net: torch.optim.SGD(net.parameters(), lr=0.1),
        lambda: optax.MultiSteps(optax.sgd(0.1), 4),
        ("accumulation_mean",),
        0,
        loop={"accumulate": 4, "accumulate_by": "sum"},
    ),
]

DOUBLE = [
    Pair(
        "decay's default, and clip's eps",
        "threads 2, 10",
        lambda net: adamw(net),
        lambda: chain(optax.clip_by_global_norm(1.0), optax.adamw(1e-3)),
        ("weight_decay", "clip_eps"),
        0,
        loop={"clip_grad_norm": 1.0},
    ),
    Pair(
        "rmsprop as it comes",
        "thread 7",
        lambda net: torch.optim.RMSprop(net.parameters(), lr=1e-3),
        lambda: optax.rmsprop(1e-3),
        ("alpha", "eps_place"),
        0,
    ),
    Pair(
        "adagrad as it comes",
        "optax.adagrad",
        lambda net: torch.optim.Adagrad(net.parameters(), lr=1e-2, eps=1e-7),
        lambda: optax.adagrad(1e-2),
        ("initial_accumulator", "eps_place"),
        0,
    ),
    Pair(
        "betas and eps",
        "nanoGPT",
        lambda net: adamw(net, betas=(0.9, 0.95), eps=1e-6),
        lambda: optax.adamw(1e-3, weight_decay=1e-2),
        ("betas", "eps"),
        0,
    ),
    Pair(
        "L2 and a rate",
        "thread 9",
        lambda net: torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-2),
        lambda: optax.adamw(1e-4, weight_decay=1e-2),
        ("decay_form", "lr"),
        0,
    ),
    Pair(
        "nesterov and another momentum",
        "torchvision",
        lambda net: torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9),
        lambda: optax.sgd(0.1, momentum=0.95, nesterov=True),
        ("nesterov", "momentum"),
        0,
    ),
    Pair(
        "eps inside, and another decay",
        "threads 5, 10",
        adamw,
        lambda: optax.adamw(1e-3, eps=0.0, eps_root=1e-8),
        ("eps_place", "weight_decay"),
        0,
    ),
    Pair(
        "warm-up from 0, and a floor",
        "thread 26",
        lambda net: with_(lambda o: sequential(o, 50, 500), adamw(net)),
        lambda: optax.adamw(warm(50, 0.0, 1e-3, cosine_to(450, 1e-5)), weight_decay=1e-2),
        ("warmup_start", "floor"),
        0,
        loop={"rate_steps": 500},
    ),
    Pair(
        "one update early, and another rate",
        "thread 27",
        lambda net: with_(lambda o: PolynomialLR(o, 1000, 2.0), adamw(net)),
        lambda: optax.adamw(optax.polynomial_schedule(2e-3, 0.0, 2.0, 1000), weight_decay=1e-2),
        ("lr",),
        0,
        loop={"rate_steps": 900},
    ),
    Pair(
        "milestones off by one, and the factor",
        "detection",
        lambda net: with_(
            lambda o: MultiStepLR(o, [60, 80], 0.1), torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
        ),
        lambda: optax.sgd(optax.piecewise_constant_schedule(0.1, {61: 0.2, 81: 0.2}), momentum=0.9),
        ("schedule",),
        60,
    ),
    Pair(
        "no mask, and the default",
        "nanoGPT",
        lambda net: torch.optim.AdamW(
            [
                {"params": [p for p in net.parameters() if p.ndim > 1], "weight_decay": 0.1, "name": "decay"},
                {"params": [p for p in net.parameters() if p.ndim < 2], "weight_decay": 0.0, "name": "no decay"},
            ],
            lr=1e-3,
        ),
        lambda: optax.adamw(1e-3, eps=1e-6, weight_decay=0.1),
        ("weight_decay", "eps"),
        0,
    ),
    Pair(
        "clip and accumulation",
        "thread 20",
        lambda net: adamw(net),
        lambda: optax.MultiSteps(chain(lrjax.ClipGradNorm(2.0), optax.adamw(1e-3, weight_decay=1e-2)), 2),
        ("accumulation", "clip"),
        1,
        loop={"accumulate": 4, "clip_grad_norm": 1.0},
    ),
]


def uncorrected_adam() -> optax.GradientTransformation:
    """Adam without bias correction, as a user writes it."""

    def init(params: Any) -> Any:
        zeros = {name: {k: jnp.zeros_like(v) for k, v in tree.items()} for name, tree in params.items()}
        return optax.ScaleByAdamState(jnp.zeros((), jnp.int32), zeros, zeros)

    def update(g: Any, state: Any, params: Any = None) -> Any:
        del params
        mu = optax.tree.update_moment(g, state.mu, 0.9, 1)
        nu = optax.tree.update_moment(g, state.nu, 0.999, 2)
        out = jax.tree.map(lambda m, v: m / (jnp.sqrt(v) + 1e-8), mu, nu)
        return out, optax.ScaleByAdamState(state.count + 1, mu, nu)

    return optax.GradientTransformation(init, update)


def rss(initial: float, eps: float) -> optax.GradientTransformation:
    """Adagrad with torch's epsilon and an initial value."""

    def init(params: Any) -> Any:
        return optax.ScaleByRssState(optax.tree.full_like(params, initial))

    def update(g: Any, state: Any, params: Any = None) -> Any:
        del params
        total = jax.tree.map(lambda a, b: a * a + b, g, state.sum_of_squares)
        return jax.tree.map(lambda a, b: a / (jnp.sqrt(b) + eps), g, total), optax.ScaleByRssState(total)

    return optax.GradientTransformation(init, update)


PAIRS = [*EQUAL, *SINGLE, *DOUBLE]
