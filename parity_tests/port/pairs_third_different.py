"""Relatives of the third blind set that differ: each of what it showed the tool had missed, in another program."""

import jax.numpy as jnp
import optax
from torch.optim import SGD, Adadelta, Adagrad, Adam, Adamax, AdamW
from torch.optim.lr_scheduler import CosineAnnealingWarmRestarts, ExponentialLR, LambdaLR, LinearLR

from .blind_recipes import of_count
from .pair import LABELS, Pair
from .pairs_third_equal import PROBED, SHORT, backbone, frozen, gathered, probe, summed
from .pairs_third_spelled import LONG
from .third_recipes import adamax_uncorrected, clip_as_torch, cosine, two, under

GATHERED = [
    Pair(
        id="a sum as a mean times six, whose decay was divided by six",
        source="relative: the decay is not of the loss",
        torch=lambda net: SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=3e-4),
        jax=lambda: gathered(
            optax.chain(optax.scale(6.0), optax.add_decayed_weights(5e-5), optax.sgd(0.01, momentum=0.9)), 6
        ),
        causes=("weight_decay",),
        first=0,
        parted=0,
        loop=summed(6),
    ),
    Pair(
        id="a sum on both sides, at twice the rate",
        source="relative: use_grad_mean=False, and another rate",
        torch=lambda net: SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-3),
        jax=lambda: gathered(
            optax.chain(optax.add_decayed_weights(1e-3), optax.sgd(0.02, momentum=0.9)), 4, mean=False
        ),
        causes=("lr",),
        first=0,
        loop=summed(4),
    ),
    Pair(
        id="a mean that is clipped in torch, a sum in JAX",
        source="relative: the limit tells the two apart",
        torch=lambda net: SGD(net.parameters(), lr=0.05, momentum=0.9),
        jax=lambda: gathered(optax.chain(clip_as_torch(0.5), optax.sgd(0.05, momentum=0.9)), 4, mean=False),
        causes=("accumulation_mean",),
        first=0,
        loop={"accumulate": 4, "clip_grad_norm": 0.5, **SHORT},
    ),
    Pair(
        id="Adadelta of a sum, averaged by MultiSteps",
        source="relative: loss / accumulate forgotten",
        torch=lambda net: Adadelta(net.parameters(), lr=1.0),
        jax=lambda: gathered(optax.adadelta(1.0), 3),
        causes=("accumulation_mean",),
        first=0,
        loop=summed(3),
    ),
    Pair(
        id="apply_every behind a momentum",
        source="relative: the trace moves at every micro-step",
        torch=lambda net: SGD(net.parameters(), lr=0.05, momentum=0.9),
        jax=lambda: optax.chain(optax.trace(0.9), optax.apply_every(4), optax.scale(-0.05)),
        causes=("accumulation",),
        first=0,
        parted=0,
        loop=summed(4),
    ),
    Pair(
        id="apply_every before Adam",
        source="relative: Adam sees zeros between the sums",
        torch=lambda net: Adam(net.parameters(), lr=1e-3),
        jax=lambda: optax.chain(optax.apply_every(3), optax.adam(1e-3)),
        causes=("accumulation",),
        first=0,
        loop=summed(3),
    ),
]

STILL = [
    Pair(
        id="a backbone that torch's optimizer has not, trained in JAX",
        source="relative: adam over the whole tree",
        torch=lambda net: Adam(probe(net), lr=1e-3),
        jax=lambda: optax.adam(1e-3),
        causes=("groups",),
        loop=SHORT,
    ),
    Pair(
        id="a backbone without gradients in torch, trained in JAX",
        source="relative: requires_grad=False under Adam(model.parameters())",
        torch=lambda net: AdamW(frozen(net).parameters(), lr=1e-3),
        jax=lambda: optax.adamw(1e-3, weight_decay=0.01),
        causes=("groups",),
        loop=SHORT,
    ),
    Pair(
        id="a frozen backbone that decays",
        source="relative: masked gradients, and add_decayed_weights for everything",
        torch=lambda net: SGD(probe(net), lr=0.1, weight_decay=1e-3),
        jax=lambda: optax.chain(
            optax.masked(optax.set_to_zero(), backbone), optax.add_decayed_weights(1e-3), optax.sgd(0.1)
        ),
        causes=("groups",),
        loop=SHORT,
    ),
    Pair(
        id="raw gradients for what optax.masked leaves out",
        source="relative: masked(adam) hands the others on",
        torch=lambda net: Adam(probe(net), lr=1e-3),
        jax=lambda: optax.masked(optax.adam(1e-3), {"backbone": False, "norm": True, "head": True}),
        causes=("groups",),
        loop=SHORT,
    ),
    Pair(
        id="a clip that counts the gradients of a frozen backbone",
        source="relative: torch has no gradients there, jax.grad has",
        torch=lambda net: SGD(frozen(net).parameters(), lr=0.1),
        jax=lambda: optax.chain(
            clip_as_torch(0.5), optax.multi_transform({"body": optax.set_to_zero(), "head": optax.sgd(0.1)}, PROBED)
        ),
        causes=("clip_kind",),
        loop={"clip_grad_norm": 0.5, **SHORT},
    ),
    Pair(
        id="a frozen backbone on both sides, half the rate for the rest",
        source="relative: what is left is compared as ever",
        torch=lambda net: AdamW(probe(net), lr=2e-3),
        jax=lambda: optax.multi_transform(
            {"body": optax.set_to_zero(), "head": optax.adamw(1e-3, weight_decay=0.01)}, PROBED
        ),
        causes=("lr",),
        first=0,
        parted=0,
        loop=SHORT,
        note="never moved",
    ),
]

RATES = [
    Pair(
        id="cycles that double, ported as cycles that triple",
        source="relative: T_mult",
        torch=lambda net: under(
            SGD(net.parameters(), lr=0.05), lambda o: CosineAnnealingWarmRestarts(o, T_0=30, T_mult=2)
        ),
        jax=lambda: optax.sgd(
            of_count(
                lambda c: 0.05 * cosine(jnp.where(c < 30, c / 30, jnp.where(c < 120, (c - 30) / 90, (c - 120) / 270)))
            )
        ),
        causes=("schedule",),
        first=31,
        loop={"steps": 80, "rate_steps": 390},
    ),
    Pair(
        id="a warm-up by (t + 1) / n four times as long, Adam",
        source="relative: nothing but the warm-up",
        torch=lambda net: under(
            Adam(net.parameters(), lr=1e-3), lambda o: LambdaLR(o, lambda t: min(1.0, (t + 1) / 30))
        ),
        jax=lambda: optax.adam(lambda c: 1e-3 * jnp.minimum(1.0, (c + 1) / 120)),
        causes=("warmup_length",),
        first=0,
        parted=0,
        loop=LONG,
    ),
    Pair(
        id="a warm-up from 0 half as long, decoupled decay lost",
        source="relative: a constant rate after it",
        torch=lambda net: under(
            AdamW(net.parameters(), lr=1e-3, weight_decay=0.1), lambda o: LambdaLR(o, lambda t: min(1.0, t / 80))
        ),
        jax=lambda: optax.adam(optax.linear_schedule(0.0, 1e-3, 40)),
        causes=("warmup_length", "weight_decay"),
        first=1,
        loop=LONG,
    ),
    Pair(
        id="LinearLR over 20 updates against 60, from a tenth on both sides",
        source="relative: the same start, another length",
        torch=lambda net: under(SGD(net.parameters(), lr=0.1), lambda o: LinearLR(o, 0.1, total_iters=20)),
        jax=lambda: optax.sgd(optax.linear_schedule(0.01, 0.1, 60)),
        causes=("warmup_length",),
        first=1,
        loop=LONG,
    ),
]

NUMBERS = [
    Pair(
        id="Adagrad's eps in the root, from a tenth on both sides",
        source="relative: optax.adagrad with torch's numbers",
        torch=lambda net: Adagrad(net.parameters(), lr=0.02, initial_accumulator_value=0.1, eps=1e-4),
        jax=lambda: optax.adagrad(0.02, eps=1e-4),
        causes=("eps_place",),
        first=0,
        parted=0,
        loop=SHORT,
    ),
    Pair(
        id="Adagrad's eps in the root, and optax's number",
        source="relative: 1e-10 in torch, 1e-7 in optax",
        torch=lambda net: Adagrad(net.parameters(), lr=0.02),
        jax=lambda: optax.adagrad(0.02, initial_accumulator_value=0.0),
        causes=("eps_place", "eps"),
        first=0,
        parted=0,
        loop=SHORT,
    ),
    Pair(
        id="Adamax without its correction, at twice the rate",
        source="relative: 1 - beta1^t on the rate, and a factor",
        torch=lambda net: under(Adamax(net.parameters(), lr=1e-3), lambda o: ExponentialLR(o, 0.99)),
        jax=lambda: optax.chain(
            adamax_uncorrected(), optax.scale_by_learning_rate(optax.exponential_decay(2e-3, 1, 0.99))
        ),
        causes=("bias_correction", "lr"),
        first=0,
        parted=0,
        loop=SHORT,
    ),
    Pair(
        id="Adamax without its correction, two groups and a decay of the head",
        source="relative: a hand-written Adamax in one group of two",
        torch=lambda net: Adamax(two(net, {"lr": 1e-3}, {"lr": 2e-3, "weight_decay": 0.05})),
        jax=lambda: optax.multi_transform(
            {
                "body": optax.chain(adamax_uncorrected(), optax.scale(-1e-3)),
                "head": optax.chain(optax.add_decayed_weights(0.05), optax.adamax(2e-3)),
            },
            LABELS,
        ),
        causes=("bias_correction",),
        first=0,
        group="body",
        parted=0,
        loop=SHORT,
    ),
]
