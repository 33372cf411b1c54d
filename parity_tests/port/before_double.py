"""Two conventions at once, and none."""

import optax
import torch
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    MultiStepLR,
    PolynomialLR,
)

import lrjax

from .pair import Pair, both
from .recipes import adamw, chain, cosine_to, sequential, warm, with_

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
        ("decay_mask", "eps"),
        0,
    ),
    Pair(
        "clip and accumulation",
        "thread 20",
        lambda net: adamw(net),
        lambda: optax.MultiSteps(chain(lrjax.ClipGradNorm(2.0), optax.adamw(1e-3, weight_decay=1e-2)), 2),
        ("accumulation", "clip"),
        0,
        loop={"accumulate": 4, "clip_grad_norm": 1.0},
    ),
]
