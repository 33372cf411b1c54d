"""One convention of the loop: clipping, schedule, groups, accumulation."""

import jax.numpy as jnp
import optax
import torch
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    ExponentialLR,
    LambdaLR,
    StepLR,
)

import lrjax

from .pair import LABELS, Pair, both
from .recipes import C, adamw, chain, cosine_to, sequential, warm, with_

SINGLE_LOOPS = [
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
        0,  # the first update is made at the fourth micro-step, by when the scheduler has stepped three times
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
